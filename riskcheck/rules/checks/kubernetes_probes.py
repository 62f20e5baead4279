"""Probes of serving containers: removed, slower to notice, or quicker to kill."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import same
from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Node, Reading, Value
from riskcheck.rules.checks.kubernetes_objects import is_first, mapping_at, number_at
from riskcheck.rules.checks.kubernetes_pods import container_name, container_path, is_partial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

PROBES: Final = {"readinessProbe": "readiness", "livenessProbe": "liveness", "startupProbe": "startup"}

_HANDLERS: Final = ("httpGet", "tcpSocket", "exec", "grpc")


def probe_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A probe of a container that stays. Values: container, problem.

    Defaults (period 10 s, 3 failures, no delay):
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
    """
    if any(is_partial(one) for one in (change.resource_before, change.resource_after) if one is not None):
        return
    where = container_path(change.path)
    if where is None or len(change.path) <= len(where) or change.path[len(where)] not in PROBES:
        return
    field = change.path[len(where)]
    before, after = (
        _as_mapping(context.node(one, where)) for one in (change.resource_before, change.resource_after)
    )
    if before is None or after is None or not is_first(change, context, (*where, field)):
        return
    name = container_name(after, where)
    if _is_sidecar(name, context.options.get("sidecars")):
        return
    reading = change.resource.reading
    found = list(weaknesses(field, before, after, reading, _factor(context.options.get("slower_than"))))
    if found:
        yield Match(values={"container": name, "problem": ", and ".join(found)})


def _as_mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def _is_sidecar(name: str, patterns: Value) -> bool:
    return isinstance(patterns, list) and any(fnmatchcase(name, str(pattern)) for pattern in patterns)


def _factor(option: Value) -> float:
    return float(option) if isinstance(option, int | float) else 3.0


def weaknesses(field: str, before: Mapping, after: Mapping, reading: Reading, factor: float) -> Iterator[str]:
    """What is weaker about probe `field` of container `after` than of container `before`."""
    old, new = mapping_at(before, field), mapping_at(after, field)
    probe = f"{PROBES[field]} probe"
    if new is None:
        if old is not None and not _harmless_removal(field, after):
            yield f"has no {probe} any more"
        return
    if old is not None and patience(new) > factor * patience(old):
        yield f"has a {probe} that gives up after {patience(new)} s instead of {patience(old)} s"
    if field == "readinessProbe":
        return
    if old is not None:
        yield from _kills_sooner(probe, old, new)
    if field == "startupProbe":
        return
    if old is not None and mapping_at(after, "startupProbe") is None:
        delay, least = _seconds(old, "initialDelaySeconds", 0), _seconds(new, "initialDelaySeconds", 0)
        if least < delay:
            yield f"has a liveness probe that starts after {least} s instead of {delay} s"
    if _kills_when_not_ready(after, reading) and not _kills_when_not_ready(before, reading):
        yield "has a liveness probe that asks the readiness endpoint and gives up no later"


def _kills_sooner(probe: str, old: Mapping, new: Mapping) -> Iterator[str]:
    """A probe that restarts gives up in less than half of the time, or takes a slow answer for none."""
    if 2 * patience(new) < patience(old):
        yield f"has a {probe} that restarts it after {patience(new)} s instead of {patience(old)} s"
    was, now = _seconds(old, "timeoutSeconds", 1), _seconds(new, "timeoutSeconds", 1)
    if 2 * now < was:
        yield f"has a {probe} that waits {now} s instead of {was} s for an answer"


def _harmless_removal(field: str, after: Mapping) -> bool:
    return field == "startupProbe" and mapping_at(after, "livenessProbe") is None


def patience(probe: Mapping) -> int:
    """Seconds of failure until the probe acts."""
    return _seconds(probe, "periodSeconds", 10) * _seconds(probe, "failureThreshold", 3)


def _seconds(probe: Mapping, field: str, default: int) -> int:
    """A 0 is what is not stated, too: SetDefaults_Probe in pkg/apis/core/v1/defaults.go of Kubernetes."""
    return number_at(probe, field) or default


def _kills_when_not_ready(container: Mapping, reading: Reading) -> bool:
    """Both probes ask the same, and the one that restarts is not the more patient: an overload that should
    only take the pod out of the service restarts it."""
    live, ready = mapping_at(container, "livenessProbe"), mapping_at(container, "readinessProbe")
    if live is None or ready is None or patience(live) > patience(ready):
        return False
    asked, wanted = _handler(live), _handler(ready)
    return asked is not None and wanted is not None and same(asked, wanted, reading)


def _handler(probe: Mapping) -> Node | None:
    return next((probe.get(name) for name in _HANDLERS if probe.get(name) is not None), None)
