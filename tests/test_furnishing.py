"""What only pages say: how services hang together, and the order in which a change can go out."""

from __future__ import annotations

from functools import cache

from riskcheck.engine import JudgedRun, Options
from riskcheck.furnishing import rollout, service_links
from riskcheck.in_memory import judge_trees
from riskcheck.models import Rule
from riskcheck.results import ServiceLink
from riskcheck.rules.load import load_rules
from tests.acceptance.test_examples import EXAMPLES, files


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules(use_cache=False).rules)


@cache
def run(scenario: str) -> JudgedRun:
    folder = EXAMPLES / scenario
    return judge_trees(files(folder / "base"), files(folder / "risky"), rules())


def test_links_have_the_relation_and_the_line_that_states_it() -> None:
    assert service_links(run("jobs-control-plane")) == (
        ServiceLink("jobs-scheduler", "scheduled-jobs", "depends_on", "riskcheck.yaml:16"),
    )


def test_waves_go_from_the_lowest_environment_with_what_each_lacks() -> None:
    found = rollout(run("jobs-control-plane"), rules(), Options())
    assert [one.environments for one in found.waves] == [
        ("canary-standard",),
        ("prod-standard",),
        ("prod-premium",),
    ]
    assert found.waves[2].paths == ("clusters/prod-premium/scheduler.yaml",)
    assert not found.waves[1].missing
    assert "give it the change first" in found.waves[2].missing[0]
    assert found.split == ()


def test_a_file_that_reaches_several_waves_has_to_be_split() -> None:
    found = rollout(run("gitops-fleet"), rules(), Options())
    assert found.split == (("apps/session-store/storage.yaml", (1, 2, 3, 4)),)
