"""Deployment commands of CI steps: who waits for what, and who undoes it."""

from __future__ import annotations

import pytest

from riskcheck.nodes import Value
from riskcheck.rules.checks.gate_rollouts import waits_removed


def definition(*scripts: str) -> dict[str, Value]:
    steps: dict[str, Value] = {f"[{number}]": {"run": script} for number, script in enumerate(scripts)}
    return {"jobs": {"deploy": {"steps": steps}}}


def told(before: str, after: str) -> list[str]:
    return [one.what for one in waits_removed(definition(before), definition(after))]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("helm upgrade web chart --atomic", "helm upgrade web chart", ["helm upgrade web does not wait"]),
        ("helm upgrade -i web chart --atomic", "helm upgrade -i web chart --wait", ["does not undo"]),
        ("helm upgrade web chart --wait", "helm upgrade web chart --wait=hookOnly", ["does not wait"]),
        ("/usr/bin/helm upgrade web chart --wait", "/usr/bin/helm upgrade web chart", ["does not wait"]),
        ("helm upgrade web chart --atomic", "helm upgrade --rollback-on-failure web chart", []),
        ("helm upgrade web chart --wait", "helm upgrade web chart --atomic", []),
        ("helm upgrade web chart --atomic", "helm upgrade other chart", []),
        ("helm upgrade web chart --atomic --dry-run", "helm upgrade web chart --dry-run", []),
        ("helm template web chart --atomic", "helm template web chart", []),
        (
            "kubectl apply -f a\nkubectl rollout status deploy/web",
            "kubectl apply -f a",
            ["no longer waits for the rollout of deploy/web"],
        ),
        ("kubectl apply -f a\nkubectl rollout status deploy/web", "echo done", []),
        ("kubectl rollout status deploy/web", "kubectl rollout status -n shop --timeout=5m deploy/web", []),
        ("helm", "helm upgrade", []),
    ],
)
def test_commands_that_take_less_care(before: str, after: str, what: list[str]) -> None:
    found = told(before, after)
    assert len(found) == len(what)
    assert all(part in said for part, said in zip(what, found, strict=True))


def test_the_least_careful_command_of_a_release_counts() -> None:
    both = "helm upgrade web chart --atomic\nhelm upgrade web chart"
    assert told(both, "helm upgrade web chart") == []
    assert told("helm upgrade web chart --atomic", both) != []


def test_odd_definitions_say_nothing() -> None:
    assert list(waits_removed({"jobs": {"a": [1]}}, {"jobs": "x"})) == []
    assert list(waits_removed({}, {"jobs": {"a": {"steps": {"[0]": {"run": 3}}}}})) == []
