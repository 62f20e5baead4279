"""What a blocked change is scoped down to: proven to pass, and no more held back than needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.engine import Options, judged_run
from riskcheck.in_memory import judge_trees
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from riskcheck.scoping import MOST_RUNS, Trials, smallest, units, with_proven_scope, without
from riskcheck.sources import RangeSpec, open_comparison
from riskcheck.trees import MemoryTree, OverlayTree
from tests.cli.test_diff import riskcheck
from tests.gitrepo import EPOCH, GitRepo
from tests.manifests import VOLUME, WEB

RULES = load_rules(use_cache=False)
POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
services:
  - {name: shop, owner: team-shop, criticality: tier-1, paths: ["clusters/*/shop/**"]}
  - {name: docs, owner: team-docs, criticality: tier-4, paths: ["clusters/*/docs/**"]}
"""
FEWER = WEB.replace("replicas: 3", "replicas: 1")
MORE = WEB.replace("replicas: 3", "replicas: 4")
NO_VOLUME = VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]
KUSTOMIZATION = "resources: [web.yaml]\n"


def judged(base: dict[str, str], head: dict[str, str]) -> Report:
    files = [{path: text.encode() for path, text in side.items()} for side in (base, head)]
    run = judge_trees(files[0], files[1], RULES.rules)
    return with_proven_scope(run, RULES.rules, RULES.digest, Options())


def scope(report: Report) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    found = report.assessment.recommendation
    return found.action, found.safe_paths, found.held_paths


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {
            "riskcheck.yaml": POLICY,
            "clusters/prod/shop/kustomization.yaml": KUSTOMIZATION,
            "clusters/prod/shop/web.yaml": WEB,
            "clusters/prod/docs/web.yaml": WEB.replace("shop", "docs"),
            "lake/databricks.yml": VOLUME,
        }
    )
    return made


def recommended(repo: GitRepo, *arguments: str) -> dict[str, object]:
    done = riskcheck(repo.path, "diff", "--format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    return {"verdict": found["verdict"], **found["recommendation"]}


def test_what_can_go_ahead_is_named_and_goes_ahead(repo: GitRepo) -> None:
    repo.write(
        {"lake/databricks.yml": NO_VOLUME, "clusters/prod/docs/web.yaml": MORE.replace("shop", "docs")}
    )
    found = recommended(repo)
    assert (found["verdict"], found["action"]) == ("block", "scope-down")
    assert found["safe_paths"] == ["clusters/prod/docs/web.yaml"]
    assert found["held_paths"] == ["lake/databricks.yml"]
    text = riskcheck(repo.path, "diff").stdout
    assert "checked   the file to merge now was judged on its own: pass" in text
    repo.git("checkout", "--", "lake/databricks.yml")
    assert recommended(repo)["verdict"] == "pass"


def test_a_rest_that_breaks_without_its_partner_is_held_with_it(repo: GitRepo) -> None:
    repo.write(
        {
            "clusters/prod/shop/web.yaml": None,
            "clusters/prod/shop/front.yaml": FEWER,
            "clusters/prod/shop/kustomization.yaml": "resources: [front.yaml]\n",
            "clusters/prod/docs/web.yaml": MORE.replace("shop", "docs"),
        }
    )
    repo.add()
    found = recommended(repo, "--staged")
    assert found["action"] == "scope-down"
    assert found["held_paths"] == ["clusters/prod/shop/front.yaml", "clusters/prod/shop/kustomization.yaml"]
    assert found["safe_paths"] == ["clusters/prod/docs/web.yaml"]


TIERS = """\
version: 1
promotion: git
environments:
  - {name: canary-standard, stage: canary, tier: standard, soak: 4h, paths: ["clusters/canary-standard/**"]}
  - {name: canary-premium, stage: canary, tier: premium, soak: 4h, paths: ["clusters/canary-premium/**"]}
  - {name: prod-standard, stage: prod, tier: standard, paths: ["clusters/prod-standard/**"]}
  - {name: prod-premium, stage: prod, tier: premium, paths: ["clusters/prod-premium/**"]}
services:
  - {name: web, owner: team-web, criticality: tier-1, paths: ["clusters/**"]}
"""
CELLS = ("canary-standard", "canary-premium", "prod-standard", "prod-premium")


def in_cells(text: str, *cells: str) -> dict[str, str]:
    return {f"clusters/{cell}/web.yaml": text for cell in cells}


def test_a_tier_without_a_canary_is_held_and_the_covered_one_goes_ahead(tmp_path: Path) -> None:
    fewer = WEB.replace("replicas: 3", "replicas: 2")
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"riskcheck.yaml": TIERS, **in_cells(WEB, *CELLS)})
    repo.commit(in_cells(fewer, "canary-standard"), at=EPOCH + 86_400)
    repo.commit(in_cells(fewer, "prod-standard", "prod-premium"), at=EPOCH + 2 * 86_400)
    found = recommended(repo, "HEAD~1..HEAD")
    assert (found["verdict"], found["action"]) == ("block", "scope-down")
    assert found["safe_paths"] == ["clusters/prod-standard/web.yaml"]
    assert found["held_paths"] == ["clusters/prod-premium/web.yaml"]


def test_the_part_of_the_users_that_may_get_it_alone_goes_ahead(tmp_path: Path) -> None:
    policy = TIERS.replace("tier: standard", "tier: premium, share: 0.05")
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"riskcheck.yaml": policy, **in_cells(WEB, *CELLS[2:])})
    repo.commit(in_cells(WEB.replace("replicas: 3", "replicas: 2"), *CELLS[2:]), at=EPOCH + 86_400)
    found = recommended(repo, "HEAD~1..HEAD")
    assert found["safe_paths"] == ["clusters/prod-standard/web.yaml"]
    assert found["held_paths"] == ["clusters/prod-premium/web.yaml"]


def test_a_change_that_is_all_one_has_no_part_that_can_go_ahead(repo: GitRepo) -> None:
    repo.write({"lake/databricks.yml": NO_VOLUME, "README.md": "The lake.\n"})
    repo.add()
    found = recommended(repo, "--staged")
    assert (found["verdict"], found["action"], found["safe_paths"]) == ("block", "delay", [])


def test_a_freeze_of_one_service_holds_its_files_only(repo: GitRepo) -> None:
    frozen = POLICY + "freezes: [{name: sale, from: 2020-01-01, to: 2100-01-01, services: [shop]}]\n"
    repo.commit({"riskcheck.yaml": frozen})
    repo.write(
        {"clusters/prod/shop/web.yaml": MORE, "clusters/prod/docs/web.yaml": MORE.replace("shop", "docs")}
    )
    found = recommended(repo)
    assert (found["action"], found["held_paths"]) == ("scope-down", ["clusters/prod/shop/web.yaml"])
    everything = POLICY + "freezes: [{name: sale, from: 2020-01-01, to: 2100-01-01}]\n"
    repo.git("stash", "-q")
    repo.commit({"riskcheck.yaml": everything})
    repo.git("stash", "pop", "-q")
    assert recommended(repo)["action"] == "delay"


def test_what_passes_or_warns_is_left_alone() -> None:
    report = judged({"clusters/prod/web.yaml": WEB}, {"clusters/prod/web.yaml": MORE, "notes.yaml": "a: 1\n"})
    assert scope(report) == ("proceed", (), ())


def test_it_gives_up_after_the_runs_allowed_and_says_so() -> None:
    base = {f"lake{number}/databricks.yml": VOLUME for number in range(MOST_RUNS + 2)}
    head = {**dict.fromkeys(base, NO_VOLUME), "clusters/prod/web.yaml": WEB}
    report = judged({**base, "clusters/prod/web.yaml": MORE}, head)
    found = report.assessment.recommendation
    assert found.action == "scope-down"
    assert found.safe_paths == ("clusters/prod/web.yaml",)
    assert "not tried to the end" in found.proof[1]


def test_no_run_is_made_beyond_the_ones_allowed() -> None:
    base = {"lake/databricks.yml": VOLUME, "clusters/prod/web.yaml": WEB}
    head = {"lake/databricks.yml": NO_VOLUME, "clusters/prod/web.yaml": MORE}
    run = judge_trees(
        {path: text.encode() for path, text in base.items()},
        {path: text.encode() for path, text in head.items()},
        RULES.rules,
    )
    trials = Trials(run, lambda _: pytest.fail("a run too many"), 0)
    assert smallest(trials) is None
    assert trials.spent


def test_an_overlay_has_what_is_below_for_its_paths_only() -> None:
    upper = MemoryTree({"a": b"new", "b": b"new", "c": b"new"}, "head", "HEAD")
    lower = MemoryTree({"a": b"old", "d": b"old", "e": b"old"}, "base", "BASE")
    tree = OverlayTree(upper, lower, {"a", "b", "d"})
    assert {path: tree.read(path) for path in tree.entries()} == {"a": b"old", "c": b"new", "d": b"old"}
    assert (tree.side, tree.label, tree.entry("b"), tree.entry("e")) == ("head", "HEAD", None, None)


EDITS = {
    "lake/databricks.yml": (VOLUME, NO_VOLUME),
    "pond/databricks.yml": (VOLUME, NO_VOLUME),
    "sea/databricks.yml": (VOLUME, VOLUME.replace("name: landing", "name: arrivals")),
    "clusters/prod/shop/web.yaml": (WEB, FEWER),
    "clusters/staging/shop/web.yaml": (WEB, FEWER),
    "clusters/prod/docs/web.yaml": (WEB, MORE),
    "clusters/prod/shop/kustomization.yaml": (KUSTOMIZATION, "resources: [web.yaml, more.yaml]\n"),
    "clusters/prod/shop/more.yaml": ("", WEB.replace("name: web", "name: more")),
    "clusters/prod/broken.yaml": ("a: 1\n", "a: [\n"),
    "riskcheck.yaml": (POLICY, POLICY.replace("promotion: git\n", "")),
    "README.md": ("Shop.\n", "The shop.\n"),
}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(sorted(EDITS)), min_size=2))
def test_what_is_safe_passes_alone_and_nothing_held_could_go_too(edited: set[str]) -> None:
    base = {path: before for path, (before, _) in EDITS.items() if before}
    head = {path: EDITS[path][1] if path in edited else text for path, text in base.items()}
    head |= {path: EDITS[path][1] for path in edited}
    report = judged(base, head)
    action, safe, held = scope(report)
    if action != "scope-down":
        return
    assert {*safe, *held} == edited
    assert judged(base, {**base, **{path: EDITS[path][1] for path in safe}}).assessment.verdict != "block"
    if len(report.assessment.recommendation.proof) > 1:
        return  # It says itself that it was not tried to the end.
    for path in held:
        more = {**base, **{name: EDITS[name][1] for name in (*safe, path)}}
        assert judged(base, more).assessment.verdict == "block", path


def test_files_that_cannot_be_merged_apart_are_one(repo: GitRepo) -> None:
    repo.git("mv", "clusters/prod/docs/web.yaml", "clusters/prod/docs/front.yaml")
    repo.write({"riskcheck.yaml": POLICY + "\n", "lake/databricks.yml": None})
    repo.write({"lake/databricks.yml/README.md": "A folder.\n"})
    repo.add()
    found = units(open_comparison(RangeSpec(str(repo.path), staged=True, environ=repo.environ)))
    folder = frozenset({"lake/databricks.yml", "lake/databricks.yml/README.md"})
    alone = (frozenset({"riskcheck.yaml"}), frozenset({"clusters/prod/docs/front.yaml"}))
    assert set(found.values()) == {folder, *alone}


def test_a_missing_approval_holds_what_needs_it_only(repo: GitRepo) -> None:
    asks = POLICY.replace("criticality: tier-4,", "criticality: tier-4, scopes: [sox],")
    repo.commit({"riskcheck.yaml": asks + "approvals: [{scope: sox, teams: [team-controls]}]\n"})
    repo.write({f"clusters/prod/{name}/web.yaml": MORE.replace("shop", name) for name in ("shop", "docs")})
    found = recommended(repo)
    assert (found["action"], found["held_paths"]) == ("scope-down", ["clusters/prod/docs/web.yaml"])
    given = repo.path.parent / "given.json"
    given.write_text('[{"team": "team-controls", "scope": "sox", "at": "2020-01-01T00:00:00Z"}]')
    assert recommended(repo, "--approvals", str(given))["verdict"] == "pass"


def test_the_hook_does_not_keep_whoever_commits_waiting(repo: GitRepo) -> None:
    repo.write(
        {"lake/databricks.yml": NO_VOLUME, "clusters/prod/docs/web.yaml": MORE.replace("shop", "docs")}
    )
    repo.add()
    found = recommended(repo, "--hook")
    assert (found["verdict"], found["action"]) == ("block", "delay")


def test_a_rename_is_held_back_under_both_names(repo: GitRepo) -> None:
    repo.git("mv", "clusters/prod/docs/web.yaml", "clusters/prod/docs/front.yaml")
    comparison = open_comparison(RangeSpec(str(repo.path), staged=True, environ=repo.environ))
    (change,) = comparison.changes
    rest = without(comparison, {change.path})
    assert rest.changes == ()
    assert dict(rest.head.entries()).keys() == dict(comparison.base.entries()).keys()


def test_what_an_earlier_run_parsed_loses_no_limitation() -> None:
    """A file that stands in base as in head is parsed once for all trials: on which side something could not be
    resolved is still said of both."""
    called = 'module "logs" {\n  source = "example/logs/aws"\n}\n'
    files = {"infra/prod/main.tf": called, "infra/prod/web.tf": 'resource "x_web" "web" {\n  size = 3\n}\n'}
    base = {path: text.encode() for path, text in files.items()}
    head = base | {"infra/prod/web.tf": base["infra/prod/web.tf"].replace(b"3", b"4")}
    first = judge_trees(base, head, RULES.rules)
    texts: dict[object, object] = {}
    found = [
        judged_run(first.comparison, first.policy, RULES.rules, RULES.digest, Options(), texts)
        for _ in range(3)
    ]
    told = [[(one.kind, one.side) for one in run.report.limitations] for run in (first, *found)]
    assert told[0] and all(sorted(one) == sorted(told[0]) for one in told)
