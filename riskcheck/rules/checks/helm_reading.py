"""What the rules on values of Helm releases share: the values around a change, and what a finding says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import ChartValues, ReadBy, deleting, read_by, values_of
from riskcheck.models import Change, Match
from riskcheck.nodes import KeyPath, Mapping, Node, render_path
from riskcheck.rules.checks.kubernetes_objects import starts_with, text_at

if TYPE_CHECKING:
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

ON: Final = frozenset({"true", "True", "yes", "on"})
OFF: Final = frozenset({"false", "False", "no", "off"})
SCALERS: Final = ("autoscaling", "hpa", "keda", "horizontalPodAutoscaler")
"""Keys below which charts have an autoscaler."""


def sides_of(change: Change, context: CheckContext) -> tuple[Mapping, Mapping] | None:
    """The mappings around a changed value, where both sides have one."""
    if not change.path or change.resource_before is None or change.resource_after is None:
        return None
    around = change.path[:-1]
    before, after = (
        as_mapping(context.node(one, around)) for one in (change.resource_before, change.resource_after)
    )
    return None if before is None or after is None else (before, after)


def as_mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def switched_off(change: Change, context: CheckContext) -> bool:
    """Whether the change turns a value of a release from true to false."""
    sides = sides_of(change, context)
    if sides is None:
        return False
    before, after = sides
    key = change.path[-1]
    return text_at(before, key) in ON and text_at(after, key) in OFF


def said(change: Change, path: KeyPath, problem: str, **more: Value) -> Match:
    """A match of a problem at `path`. Values: problem, how, known, and `more`."""
    values = values_of(change.resource_after)
    told = read_by(values, path)
    key = deleting(values, path)
    given: dict[str, Value] = {
        "problem": problem,
        "how": told.said,
        "known": _is_known(values, told, path),
        **more,
    }
    return Match(values=given, node=key or _override(change), related=told.places)


def lowered(change: Change, was: str, now: str, **more: Value) -> Match:
    """A match of a number that goes down. Values: what, was, now, how, known, and `more`."""
    values = values_of(change.resource_after)
    told = read_by(values, change.path)
    given: dict[str, Value] = {
        "what": render_path(change.path),
        "was": was,
        "now": now,
        "how": told.said,
        "known": _is_known(values, told, change.path),
        **more,
    }
    return Match(values=given, node=_override(change), related=told.places)


def _override(change: Change) -> Node | None:
    """The value that was written, where taking it away lets one of another file count: that one nobody edited."""
    before, after = change.node_before, change.node_after
    if before is None or after is None or before.source.side == "head":
        return None
    return before if before.source.path != after.source.path else None


def _is_known(values: ChartValues | None, told: ReadBy, path: KeyPath) -> bool:
    """Whether something declares that the chart gets the value, and its templates show which objects read it:
    themselves, or as a part of what they take as a whole (``resources``, ``workerResources``, a probe)."""
    if values is None or values.by_convention or not told.kinds:
        return False
    return told.exact or any(step.lower().endswith(("resources", "probe")) for step in path)


def covers(path: KeyPath) -> bool:
    """Whether another rule about values speaks of what is at `path` when it is switched off or set to null."""
    covered = {"persistence", "persistentVolume", "ingress", "networkPolicy", "podDisruptionBudget", "pdb"}
    probes = {"readinessProbe", "livenessProbe", "startupProbe"}
    return any(step in covered | probes for step in path) or any(
        starts_with(path[index:], (name, "enabled")) for name in SCALERS for index in range(len(path))
    )
