"""How a rollout notices that it fails: deadlines, patience, whether anybody waits (K8S-023)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks.kubernetes_objects import TRUE, is_first, mapping_at, number_at, text_at, written
from riskcheck.rules.checks.kubernetes_pods import is_partial, replicas_of
from riskcheck.rules.checks.kubernetes_podspecs import Pods, containers_kept, pods_kept
from riskcheck.rules.checks.kubernetes_probes import patience
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.checks.gate_values import Weakening
    from riskcheck.rules.context import CheckContext

_ENDLESS = 2**31 - 1
"""The deadline that means none."""


def detection_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``blind`` where a failing rollout is noticed much later or not at all."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    if change.resource.platform == "gate":
        yield from _in_ci(change, context, before, after)
    elif after.kind == "HelmRelease":
        yield from matches(change, context, lambda: _of_release(before, after))
    elif not is_partial(before) and not is_partial(after):
        yield from matches(change, context, lambda: _of_workload(change, before, after, context))


def _of_workload(
    change: Change, before: Resource, after: Resource, context: CheckContext
) -> Iterator[Weakness]:
    if replicas_of(after, context.head) == 0:
        return
    old, new = _number(before, "minReadySeconds"), _number(after, "minReadySeconds")
    if old is not None and new is not None and new < old:
        said = f"a new pod counts as available after {new} s instead of {old} s"
        grade = "blind" if old >= _least(context) and 2 * new < old else ""
        yield Weakness(said, *_nodes(before, after, "minReadySeconds"), grade)
    was, now = (_number(one, "progressDeadlineSeconds") for one in (before, after))
    patient = (new or 0) > (old or 0) or any(_starts_later(pods) for pods in pods_kept(change))
    if was is not None and now is not None and now > 2 * was > 0 and not patient:
        said = f"a rollout that is stuck counts as failed after {now} s instead of {was} s"
        if now >= _ENDLESS:
            said = "a rollout that is stuck never counts as failed"
        yield Weakness(said, *_nodes(before, after, "progressDeadlineSeconds"), "blind")
    if text_at(after.body, "spec", "paused") in TRUE and text_at(before.body, "spec", "paused") not in TRUE:
        said = "rollouts are paused: what is merged from now on does not run"
        yield Weakness(said, *_nodes(before, after, "paused"), "blind")


def _least(context: CheckContext) -> float:
    option = context.options.get("least_ready_seconds")
    return float(option) if isinstance(option, int | float) else 10.0


def _number(resource: Resource, field: str) -> int | None:
    return number_at(resource.body, "spec", field)


def _nodes(before: Resource, after: Resource, field: str) -> tuple[Node | None, Node | None]:
    return before.body.at("spec", field), written(after.body.at("spec", field))


def _starts_later(pods: Pods) -> bool:
    """Whether a container may take longer to start than before, which a longer deadline is for."""
    for container in containers_kept(pods):
        old, new = (mapping_at(one, "startupProbe") for one in (container.before, container.after))
        if new is not None and (old is None or patience(new) > patience(old)):
            return True
        for probe in ("livenessProbe", "readinessProbe"):
            delays = [
                number_at(one, probe, "initialDelaySeconds") or 0
                for one in (container.before, container.after)
            ]
            if delays[1] > delays[0]:
                return True
    return False


def _of_release(before: Resource, after: Resource) -> Iterator[Weakness]:
    """A release of Flux that no longer waits for its pods, so that nothing is remediated.

    https://fluxcd.io/flux/components/helm/helmreleases/#configuring-failure-handling
    """
    for action in ("install", "upgrade"):
        for field in ("disableWait", "disableWaitForJobs"):
            path = ("spec", action, field)
            if text_at(after.body, *path) in TRUE and text_at(before.body, *path) not in TRUE:
                said = f"the {action} no longer waits for its {'jobs' if field.endswith('Jobs') else 'pods'}"
                yield Weakness(said, before.body.at(*path), after.body.at(*path), "blind")


def _in_ci(change: Change, context: CheckContext, before: Resource, after: Resource) -> Iterator[Match]:
    if after.kind != "Workflow":
        return
    for weakening in _weakenings(before, after):
        if is_first(change, context, weakening.path):
            yield Match(values={"what": weakening.what, "grades": ["blind"]})


@lru_cache(maxsize=8)
def _weakenings(before: Resource, after: Resource) -> tuple[Weakening, ...]:
    from riskcheck.rules.checks.gate_rollouts import waits_removed

    old, new = (plain_value(one.body, one.reading) for one in (before, after))
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ()
    return tuple(waits_removed(old, new))
