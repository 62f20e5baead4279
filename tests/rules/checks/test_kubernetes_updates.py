"""How many pods an update takes away: percentages, fence posts, kinds that round the other way."""

from __future__ import annotations

import pytest

from riskcheck.platforms.kubernetes.defaults import with_defaults
from riskcheck.rules.checks.kubernetes_shutdown import pause_of
from riskcheck.rules.checks.kubernetes_updates import step_of
from tests.build import body, resource


@pytest.mark.parametrize(
    ("kind", "strategy", "replicas", "gone"),
    [
        ("Deployment", "{}", 2, 0),
        ("Deployment", "{}", 4, 1),
        ("Deployment", "{}", 10, 2),
        ("Deployment", "{maxUnavailable: 50%}", 1, 0),
        ("Deployment", "{maxUnavailable: 50%, maxSurge: 0}", 1, 1),
        ("Deployment", "{maxUnavailable: 0%, maxSurge: 0%}", 4, 1),
        ("Deployment", "{maxUnavailable: 0, maxSurge: 1%}", 4, 0),
        ("Deployment", "{maxUnavailable: 9}", 4, 4),
        ("Deployment", "{maxUnavailable: half}", 4, None),
        ("StatefulSet", "{}", 4, 1),
        ("StatefulSet", "{maxUnavailable: 10%}", 4, 1),
        ("StatefulSet", "{maxUnavailable: 51%}", 4, 3),
        ("Rollout", "{}", 3, 0),
        ("Rollout", "{maxUnavailable: 75%}", 4, 3),
    ],
)
def test_pods_that_an_update_takes_away(kind: str, strategy: str, replicas: int, gone: int | None) -> None:
    field = {"Deployment": "strategy", "StatefulSet": "updateStrategy", "Rollout": "strategy"}[kind]
    inner = "canary" if kind == "Rollout" else "rollingUpdate"
    step = step_of(resource(f"spec: {{{field}: {{{inner}: {strategy}}}}}\n", kind=kind), replicas)
    assert (step.gone if step is not None else None) == gone


@pytest.mark.parametrize(("stated", "share"), [("100%", 100), ("10%", 10), ("3", 0)])
def test_of_nodes_only_a_share_is_known(stated: str, share: int | None) -> None:
    text = f"spec: {{updateStrategy: {{rollingUpdate: {{maxUnavailable: {stated}}}}}}}\n"
    step = step_of(resource(text, kind="DaemonSet"), None)
    assert (step.share if step is not None else None) == share


def test_the_defaults_of_keda_are_filled_in() -> None:
    filled = with_defaults("keda.sh", "ScaledObject", body("{spec: {minReplicaCount: null}}"))
    found = [filled.at("spec", field) for field in ("minReplicaCount", "maxReplicaCount")]
    assert [getattr(node, "raw", None) for node in found] == ["0", "100"]


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [
        ("{sleep: {seconds: 5}}", 5),
        ('{exec: {command: [sh, -c, "sleep 5 && nginx -s quit"]}}', 5),
        ("{exec: {command: [/bin/sleep, '10']}}", 10),
        ("{exec: {command: [sleep, 1m]}}", None),
        ("{exec: {command: [asleep, '10']}}", None),
        ("{httpGet: {path: /drain}}", None),
        ("{exec: text}", None),
    ],
)
def test_seconds_that_a_hook_sleeps(hook: str, seconds: int | None) -> None:
    assert pause_of(body(hook)) == seconds
