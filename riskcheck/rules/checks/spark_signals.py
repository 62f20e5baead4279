"""What tells that a Spark application fails: metrics, event log, alerts on them, and what is left of it afterwards
(SPK-016, SPK-018).

Alerts that are removed, wait longer or page nobody are the business of GRF-005.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.regexes import regex
from riskcheck.rules.checks import alert_rules
from riskcheck.rules.checks.kubernetes_objects import TRUE, labels_of, mapping_at, name_of, number_at, text_at
from riskcheck.rules.checks.spark_reading import pair_of, speaks, subject
from riskcheck.rules.checks.weaknesses import Weakness, matches
from riskcheck.spark.operator import application
from riskcheck.spark.reading import DEFAULTS_FILE
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Mapping, Node, Value
    from riskcheck.rules.context import CheckContext
    from riskcheck.spark.settings import Settings

_DEBUG: Final = regex(r"(?:^|[^a-z])(?:debug|dev|test|sandbox|playground)(?:[^a-z]|$)")
_SERVLET: Final = "spark.ui.prometheus.enabled"
_SINK: Final = regex(r"spark\.metrics\.conf\.(?:\*|driver|executor)\.sink\.[^.]+\.class")
_EVENTS: Final = "spark.eventLog.enabled"
_EVENTS_DIR: Final = "spark.eventLog.dir"
_ABOVE: Final = regex(r"(?:>=?)\s*(?:bool\s+)?([0-9]+(?:\.[0-9]+)?(?:e[0-9]+)?)\s*$")


def signal_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A failure of an application is not seen any more. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    if before.kind in ("ConfigMap", DEFAULTS_FILE):
        yield from _unseen_by_default(change, context)
    elif before.kind in (alert_rules.OBJECT, "file"):
        yield from matches(change, context, lambda: _blunted(before, after, context))
    elif application_of(before) is not None and application_of(after) is not None and not _is_debug(after):
        yield from matches(change, context, lambda: _unseen(before, after))


def _unseen_by_default(change: Change, context: CheckContext) -> Iterator[Match]:
    """The same for what many applications take from one file."""
    pair = pair_of(change, context)
    if pair is not None and speaks(change, context, pair, (_EVENTS, _EVENTS_DIR)):
        for one in _event_log(pair.before, pair.after):
            yield Match(values={"what": f"{subject(change, pair)}: {one.what}"}, node=one.node)


def _is_debug(resource: Resource) -> bool:
    return any(_DEBUG.search(one.lower()) for one in (name_of(resource), *labels_of(resource).values()))


def _unseen(before: Resource, after: Resource) -> Iterator[Weakness]:
    old, new = (application(one.kind, one.body, one.reading) for one in (before, after))
    spec, now = application_of(before), application_of(after)
    if old is None or new is None or spec is None or now is None:
        return
    for role, field in (("driver", "exposeDriverMetrics"), ("executors", "exposeExecutorMetrics")):
        if _exposes(spec, field) and not _exposes(now, field) and not _has_other_way(new):
            what = f"metrics of the {role} are no longer exposed"
            yield Weakness(what, spec.at("monitoring", field), now.at("monitoring", field))
    lost = _ways(old) - _ways(new)
    if lost and not _ways(new) and not any(_exposes(now, one) for one in _BOTH):
        key = min(lost)
        yield Weakness(f"{key} is gone, and with it the metrics", old.values[key].node, _node(new, key))
    yield from _event_log(old, new)


_BOTH: Final = ("exposeDriverMetrics", "exposeExecutorMetrics")


def _exposes(spec: Mapping, field: str) -> bool:
    return text_at(spec, "monitoring", field) in TRUE


def _has_other_way(settings: Settings) -> bool:
    return bool(_ways(settings))


def _ways(settings: Settings) -> set[str]:
    """Properties by which Spark itself hands metrics out."""
    found = {key for key in settings.values if _SINK.fullmatch(key)}
    return found | {_SERVLET} if settings.flag(_SERVLET) else found


def _event_log(old: Settings, new: Settings) -> Iterator[Weakness]:
    if not old.flag(_EVENTS):
        return
    if new.flag(_EVENTS, default=False) is False:
        what = "the event log is off: the history server shows nothing of the next failure"
        yield Weakness(what, old.values[_EVENTS].node, _node(new, _EVENTS))
    elif _EVENTS_DIR in old.values and _EVENTS_DIR not in new.values:
        what = "the event log is written inside the pod and goes with it (no spark.eventLog.dir)"
        yield Weakness(what, old.values[_EVENTS_DIR].node, None)


def _node(settings: Settings, key: str) -> Node | None:
    setting = settings.values.get(key)
    return setting.node if setting is not None else None


def _blunted(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    """Alerts on Spark's own failures that ask for more of them, or for something else."""
    metrics = _words(context.options.get("metrics"))
    for was, becomes in alert_rules.kept(before, after):
        if was.expr == becomes.expr:
            continue
        gone = [one for one in metrics if one in was.expr and one not in becomes.expr]
        watched = [one for one in gone if not _is_watched(one, after, context)]
        nodes = (mapping_at(was.node), mapping_at(becomes.node))
        old, new = (node.get("expr") if node is not None else None for node in nodes)
        if watched:
            yield Weakness(f"alert {was.name} no longer watches {watched[0]}", old, new)
        elif not gone and any(one in was.expr for one in metrics):
            least, most = _threshold(was.expr), _threshold(becomes.expr)
            if least is not None and most is not None and most > least:
                yield Weakness(f"alert {was.name} fires above {most:g} instead of {least:g}", old, new)


def _is_watched(metric: str, resource: Resource, context: CheckContext) -> bool:
    everywhere = context.head.find(
        platform=resource.platform, kind=resource.kind, environment=resource.environment.name
    )
    return any(metric in expr for one in everywhere for expr in alert_rules.expressions(one))


def _threshold(expr: str) -> float | None:
    found = _ABOVE.search(expr)
    return float(found[1]) if found is not None else None


def _words(value: Value) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def evidence_shortened(change: Change, context: CheckContext) -> Iterator[Match]:
    """What is left of an application that ended is deleted sooner. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or context.options.get("central_logs") is True:
        return
    if application_of(before) is not None and application_of(after) is not None:
        yield from matches(change, context, lambda: _shortened(before, after, context))


def _shortened(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    spec, now = application_of(before), application_of(after)
    old, new = (number_at(one, "timeToLiveSeconds") for one in (spec, now))
    stated = context.options.get("least_seconds")
    least = stated if isinstance(stated, int) else 3600
    if (
        spec is not None
        and now is not None
        and new is not None
        and new < least
        and (old is None or new < old)
    ):
        left = "for good" if old is None else f"for {old} s"
        what = f"the application is deleted {max(new, 0)} s after it ended; it was kept {left}"
        yield Weakness(what, spec.get("timeToLiveSeconds"), now.get("timeToLiveSeconds"))
    was, becomes = (application(one.kind, one.body, one.reading) for one in (before, after))
    key = "spark.kubernetes.executor.deleteOnTermination"
    if was is not None and becomes is not None and was.flag(key) is False and becomes.flag(key, True):
        what = "executors that ended are deleted at once, and their logs with them"
        yield Weakness(what, _node(was, key), _node(becomes, key))
