"""Alerts of Prometheus, in its own rule files and in objects of its operator.

https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.nodes import at, items, text, word
from riskcheck.durations import parse_duration
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.weaknesses import Weakness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

OBJECT: Final = "PrometheusRule"
_SLOWER: Final = 2
"""How many times longer an alert may wait before it counts as slower."""
_SHORTEST: Final = 60
"""Seconds; an alert that waits less counts as waiting so long."""
_RANKS: Final = {
    **dict.fromkeys(("critical", "page", "emergency", "fatal", "p1", "sev1"), 0),
    **dict.fromkeys(("error", "high", "major", "p2", "sev2"), 1),
    **dict.fromkeys(("warning", "warn", "medium", "ticket", "p3", "sev3"), 2),
    **dict.fromkeys(("info", "low", "minor", "none", "p4", "sev4"), 3),
}
"""Words of ``labels.severity``, the loudest first; of others nothing is known."""
_UNKNOWN: Final = 4


class _Alert(NamedTuple):
    name: str
    node: Node

    @property
    def expr(self) -> str:
        return " ".join((word(at(self.node, "expr")) or "").split())

    @property
    def severity(self) -> str | None:
        return word(at(self.node, "labels", "severity"))


def weaknesses(before: Resource, after: Resource | None, context: CheckContext) -> Iterator[Weakness]:
    """Alerts that are gone, wait longer or are less loud. An alert that moved to another group or object, or got
    another name, is there still."""
    old, new = _alerts(before), _alerts(after)
    if after is None and not any(context.head.find(unit=before.unit)):
        return  # Everything that it watched goes with it.
    there = [alert for one in _everywhere(before, context) for alert in _alerts(one)]
    pairs, left = _paired(old, new)
    gone = [alert for alert in left if not _lives_on(alert, there)]
    if gone and not _replaced(gone, before, context):
        names = listed(list(dict.fromkeys(alert.name for alert in gone)))
        what = (
            f"{'alert' if len(gone) == 1 else 'alerts'} {names} {'is' if len(gone) == 1 else 'are'} removed"
        )
        yield Weakness(what, before.origin if after is None else gone[0].node, None)
    for was, becomes in pairs:
        yield from _slower(was, becomes)
        yield from _quieter(was, becomes)


def kept(before: Resource, after: Resource) -> list[tuple[_Alert, _Alert]]:
    """Alerts that are there on both sides, as they were and as they are."""
    return _paired(_alerts(before), _alerts(after))[0]


def expressions(resource: Resource) -> Iterator[str]:
    """What the alerts of `resource` ask, each on one line."""
    yield from (alert.expr for alert in _alerts(resource))


def _alerts(resource: Resource | None) -> list[_Alert]:
    found = []
    for group in _groups(resource):
        for rule in items(at(group, "rules")):
            name = text(at(rule, "alert"))
            if name is not None:
                found.append(_Alert(name.raw, rule))
    return found


def _groups(resource: Resource | None) -> list[Node]:
    if resource is None:
        return []
    return items(
        resource.body.at("spec", "groups") if resource.kind == OBJECT else resource.body.get("groups")
    )


def _everywhere(resource: Resource, context: CheckContext) -> Iterator[Resource]:
    yield from context.head.find(
        platform=resource.platform, kind=resource.kind, environment=resource.environment.name
    )


def _paired(old: Sequence[_Alert], new: Sequence[_Alert]) -> tuple[list[tuple[_Alert, _Alert]], list[_Alert]]:
    """Alerts of both sides, and those of `old` that have no counterpart. Several of one name, as for two
    severities, are matched by expression, then by severity, then by order."""
    pairs: list[tuple[_Alert, _Alert]] = []
    free: dict[str, list[_Alert]] = {}
    for alert in new:
        free.setdefault(alert.name, []).append(alert)
    waiting = list(old)
    for alike in (_same_all, _same_expr, _same_severity, _same_name):
        rest: list[_Alert] = []
        for alert in waiting:
            candidates = free.get(alert.name, [])
            found = next((one for one in candidates if alike(alert, one)), None)
            if found is None:
                rest.append(alert)
            else:
                candidates.remove(found)
                pairs.append((alert, found))
        waiting = rest
    return pairs, waiting


def _same_all(one: _Alert, other: _Alert) -> bool:
    return _same_expr(one, other) and _same_severity(one, other)


def _same_expr(one: _Alert, other: _Alert) -> bool:
    return one.expr == other.expr


def _same_severity(one: _Alert, other: _Alert) -> bool:
    return one.severity == other.severity


def _same_name(one: _Alert, other: _Alert) -> bool:
    return True


def _lives_on(alert: _Alert, there: Sequence[_Alert]) -> bool:
    """Whether the same alert is somewhere else, or one that watches the same under another name."""
    return any(
        (one.name == alert.name and one.severity == alert.severity) or (alert.expr and one.expr == alert.expr)
        for one in there
    )


def _replaced(gone: Sequence[_Alert], before: Resource, context: CheckContext) -> bool:
    """Whether as many new alerts, as loud, come in the same unit: whether those watch less is not known."""
    known = {alert.name for one in _beside(before, context.base) for alert in _alerts(one)}
    coming = [
        alert for one in _beside(before, context.head) for alert in _alerts(one) if alert.name not in known
    ]
    return all(
        sum(_rank(alert) <= rank for alert in coming) >= sum(_rank(alert) <= rank for alert in gone)
        for rank in range(_UNKNOWN + 1)
    )


def _beside(resource: Resource, side: ResourceView) -> Iterator[Resource]:
    yield from side.find(unit=resource.unit, kind=resource.kind, environment=resource.environment.name)


def _rank(alert: _Alert) -> int:
    return _RANKS.get((alert.severity or "").lower(), _UNKNOWN)


def _slower(was: _Alert, becomes: _Alert) -> Iterator[Weakness]:
    before, after = at(was.node, "for"), at(becomes.node, "for")
    short, long = parse_duration(word(before) or "0s"), parse_duration(word(after) or "0s")
    if short is not None and long is not None and long > _SLOWER * max(short, _SHORTEST):
        what = f"alert {was.name} waits {word(after)} instead of {word(before) or 'firing at once'}"
        yield Weakness(what, before, after)


def _quieter(was: _Alert, becomes: _Alert) -> Iterator[Weakness]:
    old, new = was.severity, becomes.severity
    before, after = at(was.node, "labels", "severity"), at(becomes.node, "labels", "severity")
    loud = _RANKS.get((old or "").lower())
    if loud is None or old == new:
        return
    quiet = _RANKS.get((new or "").lower())
    if new is None:
        yield Weakness(f"alert {was.name} has no severity any more, was {old}", before, None)
    elif quiet is not None and quiet > loud:
        yield Weakness(f"alert {was.name} is {new} instead of {old}", before, after)
