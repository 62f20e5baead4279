"""The analysis of a canary: whether anything can still fail it, and how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.analysis import metrics_of
from riskcheck.progressive.read import read
from riskcheck.progressive.values import body_of, percent, spell
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.delivery_reading import Sides, around, counted, sides, summed
from riskcheck.rules.checks.kubernetes_objects import group_of, is_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.model import Metric, Problem, ProgressiveDelivery
    from riskcheck.rules.context import CheckContext

_PLACES: Final = (("spec", "strategy"), ("spec", "analysis"), ("spec", "canaryAnalysis"))
_TEMPLATES: Final = ("AnalysisTemplate", "ClusterAnalysisTemplate")
_INNOCENT: Final = frozenset(
    {"template-unread", "no-steps", "no-soak", "zero-pause", "scale-mismatch", "skipped", "suspended"}
)
"""Problems that say nothing about what an analysis can fail."""


class Weakness(NamedTuple):
    """lost: nothing can fail the canary any more. node: where it shows."""

    text: str
    node: Node | None
    lost: bool = False


def analysis_lax(change: Change, context: CheckContext) -> Iterator[Match]:
    """An analysis that is gone, cannot fail, or fails later than it did (CAN-009).

    Values: what (text), weakened (bool), lost (bool: nothing can fail the canary any more).
    """
    if change.resource_after is None:
        return
    if change.resource.kind in _TEMPLATES:
        yield from _template(change, context)
        return
    if not is_first(change, context, *_PLACES):
        return
    pair = sides(change.resource_before, change.resource_after, context)
    if pair.after is None or pair.after.strategy in ("rolling", "split"):
        return
    if pair.before is None:
        if change.resource_before is None:
            yield from _new(pair.after, context)
        return
    if pair.before.strategy != "rolling":
        alone = Sides(pair.before, _without_templates(pair.after, context))
        yield from _match(_weaknesses(alone, context), pair.before.resource)


def _without_templates(after: ProgressiveDelivery, context: CheckContext) -> ProgressiveDelivery:
    """What the edit of the declaration does by itself: an edited template is told where it stands."""
    alone = next(read(after.resource, around(context.base, after.resource.environment.name)), after)
    return after if alone.problem("template-unread") else alone


def _new(delivery: ProgressiveDelivery, context: CheckContext) -> Iterator[Match]:
    """A new canary that nothing can fail, or only after the service should be back."""
    rto, seconds = context.service.rto, delivery.abort_seconds
    if _undecided(delivery):
        problem = _reasons(delivery.problems)[0]
        yield Match({"what": problem.text, "weakened": False, "lost": False}, node=problem.node)
    elif rto is not None and seconds is not None and delivery.abort == "automatic" and seconds > rto:
        text = f"a bad canary is given up after {spell(seconds)}; the RTO is {spell(rto)}"
        yield Match({"what": text, "weakened": False, "lost": False}, node=_threshold(delivery))


def _threshold(delivery: ProgressiveDelivery) -> Node | None:
    return delivery.resource.body.at("spec", "analysis", "threshold")


def _match(weaknesses: Sequence[Weakness], before: Resource) -> Iterator[Match]:
    if not weaknesses:
        return
    node = next((one.node for one in weaknesses if one.node is not None), None)
    spec = before.body.at("spec", "analysis") or before.body.at("spec", "strategy")
    related = (Related("before", location_of(spec)),) if spec is not None and node is None else ()
    yield Match(
        {
            "what": summed(one.text for one in weaknesses),
            "weakened": True,
            "lost": any(one.lost for one in weaknesses),
        },
        node=node,
        related=related,
    )


def _undecided(delivery: ProgressiveDelivery) -> bool:
    """Whether neither a metric nor a person decides, as far as all of it can be read."""
    if delivery.abort != "none" or delivery.problem("template-unread"):
        return False
    return bool(_reasons(delivery.problems))


def _reasons(problems: Sequence[Problem]) -> list[Problem]:
    return [one for one in problems if one.code not in _INNOCENT]


def _weaknesses(pair: Sides, context: CheckContext) -> list[Weakness]:
    old, new = pair
    assert old is not None
    assert new is not None
    if not _can_fail(old.metrics) or new.problem("template-unread"):
        return []
    if not _can_fail(new.metrics):
        if new.manual and not old.manual:
            return []
        return [_lost(old, new)]
    found = _gone_metrics(old.metrics, new.metrics, new.problems)
    found += _looser(old.metrics, new.metrics)
    found += _ranges(old.resource, new.resource)
    late = _later_than_rto(old, new, context)
    return [*found, late] if late else found


def _can_fail(metrics: Sequence[Metric]) -> bool:
    return any(metric.failing for metric in metrics)


def _lost(old: ProgressiveDelivery, new: ProgressiveDelivery) -> Weakness:
    reasons = _reasons(new.problems)
    was = counted(len({metric.name for metric in old.metrics if metric.failing}), "metric")
    why = f": {reasons[0].text}" if reasons else ""
    only = ", only a person" if new.manual else ""
    place = reasons[0].node if reasons else None
    return Weakness(f"nothing can fail it any more ({was} could){only}{why}", place, not only)


def _gone_metrics(
    old: Sequence[Metric], new: Sequence[Metric], problems: Sequence[Problem]
) -> list[Weakness]:
    """Metrics that could fail the canary and no longer can, where fewer are left; renaming one is none."""
    before = {metric.name for metric in old if metric.failing}
    after = {metric.name for metric in new if metric.failing}
    if len(after) >= len(before):
        return []
    found = []
    there = {metric.name: metric for metric in new}
    for name in sorted(before - after):
        reason = next((one for one in _reasons(problems) if f"metric {name} " in one.text), None)
        if reason is not None:
            found.append(Weakness(reason.text, reason.node))
        elif name not in there:
            found.append(Weakness(f"metric {name} is gone", None))
    return found


def _looser(old: Sequence[Metric], new: Sequence[Metric]) -> list[Weakness]:
    """Thresholds on an error or success rate that see less, and failures that are let pass."""
    before = {metric.name: metric for metric in old if metric.failing}
    found = []
    for metric in new:
        was = before.get(metric.name)
        if was is None or not metric.failing:
            continue
        if was.detects_share and metric.detects_share and metric.detects_share > was.detects_share:
            sees = f"errors from {percent(metric.detects_share)}, not from {percent(was.detects_share)}"
            found.append(Weakness(f"metric {metric.name} sees {sees}", metric.node))
        limits = was.failure_limit, metric.failure_limit
        if limits[0] is not None and limits[1] is not None and limits[1] > limits[0] and _tolerates(metric):
            text = f"metric {metric.name} lets {limits[1]} of {metric.samples} fail, not {limits[0]}"
            found.append(Weakness(text, metric.node))
        if _may_all_be_unclear(metric) and was.unclear_limit is not None and not _may_all_be_unclear(was):
            text = f"metric {metric.name} passes though all {metric.samples} measurements are neither good nor bad"
            found.append(Weakness(f"{text} (inconclusiveLimit {metric.unclear_limit})", metric.node))
    return found


def _may_all_be_unclear(metric: Metric) -> bool:
    """Whether the canary goes on where no measurement meets a condition: only more than the limit pause it."""
    limit = metric.unclear_limit
    return bool(metric.samples) and limit is not None and limit >= (metric.samples or 0)


def _tolerates(metric: Metric) -> bool:
    """Whether half of all measurements or more may fail."""
    return bool(metric.samples and metric.failure_limit and metric.failure_limit * 2 >= metric.samples)


def _ranges(old: Resource, new: Resource) -> list[Weakness]:
    """Ranges of a Flagger metric that let more pass; those on a success or error rate are told as such."""
    before = {one.text("name"): one for one in body_of(old).part("spec", "analysis").parts("metrics")}
    found = []
    for one in body_of(new).part("spec", "analysis").parts("metrics"):
        name = one.text("name")
        was = before.get(name)
        if was is None or "success" in name or "error" in name:
            continue
        for side, wider in (("min", -1), ("max", 1)):
            low, high = was.number("thresholdRange", side), one.number("thresholdRange", side)
            if low is not None and high is not None and (high - low) * wider > 0:
                text = f"{side} of metric {name} goes from {low:g} to {high:g}"
                found.append(Weakness(text, one.at("thresholdRange", side)))
    return found


def _later_than_rto(
    old: ProgressiveDelivery, new: ProgressiveDelivery, context: CheckContext
) -> Weakness | None:
    """The way from the first bad measurement to the decision outlasts what the service may take to recover."""
    rto, now, was = context.service.rto, new.abort_seconds, old.abort_seconds
    if rto is None or now is None or was is None or now <= rto or now <= was:
        return None
    text = f"a bad canary is given up after {spell(now)} instead of {spell(was)}; the RTO is {spell(rto)}"
    return Weakness(text, _threshold(new))


def _template(change: Change, context: CheckContext) -> Iterator[Match]:
    """An AnalysisTemplate that judges less, whoever uses it."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or group_of(after) != "argoproj.io":
        return
    if not is_first(change, context, ("spec",)):
        return
    old, new = (metrics_of(one, body_of(one).part("spec")) for one in (before, after))
    if not _can_fail(old.metrics) or body_of(after).items("spec", "templates"):
        return
    if not _can_fail(new.metrics):
        reasons = _reasons(new.problems)
        text = reasons[0].text if reasons else "no metric is left"
        weakness = Weakness(text, reasons[0].node if reasons else None, True)
        yield from _match([weakness], before)
        return
    yield from _match(
        [*_gone_metrics(old.metrics, new.metrics, new.problems), *_looser(old.metrics, new.metrics)], before
    )
