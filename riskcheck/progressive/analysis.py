"""Argo Rollouts analysis: what its templates measure, and whether a measurement can fail an update.

Semantics as in https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/analysis/analysis.go and
https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/utils/evaluate/evaluate.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.model import Metric, Problem
from riskcheck.progressive.namepatterns import is_found
from riskcheck.progressive.values import as_number, body_of, go_seconds
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.models import Resource
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

_DEPTH: Final = 8
_UNJUDGED: Final = ("job", "kayenta")
"""Providers that judge by themselves: a failed Job fails its measurement, a Kayenta score has its own threshold."""

_ARGUMENT: Final = r"\{\{\s*args\.([\w.-]+)\s*\}\}"
_WORD: Final = r"result(?:\[0\])?\s*(>=?|<=?)\s*([0-9]+(?:\.[0-9]+)?)\s*\Z"


class Gate(NamedTuple):
    """What one use of analysis templates comes to. seconds: how long it measures at least, None where unknown."""

    metrics: tuple[Metric, ...]
    problems: tuple[Problem, ...]
    seconds: int | None = None


def gate_of(analysis: Part, owner: Resource, around: Surroundings, named: str = "templates") -> Gate:
    """The gate that the analysis block `analysis` of a Rollout (or of an experiment step) declares.

    named: the list that holds the references to templates.
    """
    metrics: list[Metric] = []
    problems: list[Problem] = []
    times: list[int | None] = []
    dry = _dry(analysis)
    # Rollouts before 1.0 name one template in the analysis itself.
    alone = [analysis] if analysis.at("templateName") is not None else []
    for reference in (*analysis.parts(named), *alone):
        given = _arguments(analysis) | _arguments(reference)
        for template, part in _templates(reference, owner, around, problems):
            off = dry | _dry(part)
            values = _arguments(part) | given
            for one in part.parts("metrics"):
                metric, problem, takes = _metric(one, off, values, template)
                metrics.append(metric)
                problems.extend(problem)
                times.append(takes)
    if not metrics and not problems and analysis:
        problems.append(Problem("no-analysis", "the analysis names no metric", analysis.place))
    known = [one for one in times if one is not None]
    whole = len(known) == len(times) and not any(one.code == "template-unread" for one in problems)
    return Gate(tuple(metrics), tuple(problems), max(known, default=0) if whole else None)


def metrics_of(template: Resource, part: Part) -> Gate:
    """The gate that an AnalysisTemplate is by itself, whoever uses it. part: its ``spec``."""
    metrics, problems = [], []
    values = _arguments(part)
    for one in part.parts("metrics"):
        metric, problem, _ = _metric(one, _dry(part), values, template)
        metrics.append(metric)
        problems.extend(problem)
    return Gate(tuple(metrics), tuple(problems))


def _templates(
    reference: Part, owner: Resource, around: Surroundings, problems: list[Problem], depth: int = 0
) -> Iterator[tuple[Resource, Part]]:
    """The templates that `reference` leads to, those that they are made of included."""
    name = reference.text("templateName")
    kind = "ClusterAnalysisTemplate" if reference.flag("clusterScope") else "AnalysisTemplate"
    found = around.find(kind, name, owner) if name else None
    if found is None:
        text = f"{kind} {name or '(unnamed)'} is out of reach, so whether it can fail is unknown"
        problems.append(Problem("template-unread", text, reference.place))
        return
    spec = body_of(found).part("spec")
    yield found, spec
    if depth < _DEPTH:
        for inner in spec.parts("templates"):
            yield from _templates(inner, found, around, problems, depth + 1)


def _metric(
    part: Part, dry: frozenset[str], given: Mapping[str, str], template: Resource
) -> tuple[Metric, list[Problem], int | None]:
    name = part.text("name") or "(unnamed)"
    interval = go_seconds(_filled(part.text("interval"), given))
    count = _limit(part, "count", given)
    if not part.at("count") and interval is None and not part.text("interval"):
        count = 1
    limit = 0 if part.at("failureLimit") is None else _limit(part, "failureLimit", given)
    problems = list(_faults(part, name, count, limit, dry, given))
    metric = Metric(
        name,
        not problems,
        part.node,
        interval,
        count or None,
        limit,
        _detects(part, name, given),
        _unclear(part, given),
    )
    return metric, problems, _takes(part, interval, count, given)


def _unclear(part: Part, given: Mapping[str, str]) -> int | None:
    """How many measurements may meet neither condition; None where each meets one, or it is not known."""
    if not part.text("successCondition") or not part.text("failureCondition"):
        return None
    return 0 if part.at("inconclusiveLimit") is None else _limit(part, "inconclusiveLimit", given)


def _takes(part: Part, interval: int | None, count: int | None, given: Mapping[str, str]) -> int | None:
    """Seconds from start to last measurement; None where it measures without end, or a Job takes its time."""
    if any(part.at("provider", provider) is not None for provider in _UNJUDGED):
        return None
    delay = (
        go_seconds(_filled(part.text("initialDelay"), given)) if part.at("initialDelay") is not None else 0
    )
    if delay is None or not count or (count > 1 and interval is None):
        return None
    return delay + (interval or 0) * (count - 1)


def _faults(
    part: Part, name: str, count: int | None, limit: int | None, dry: frozenset[str], given: Mapping[str, str]
) -> Iterator[Problem]:
    """Why the metric cannot fail an update. A template argument that is not known here is no fault."""
    place = part.place
    if any(is_found(pattern, name) for pattern in dry):
        yield Problem("dry-run", f"metric {name} is a dry run", place)
    judged = any(part.at("provider", provider) is not None for provider in _UNJUDGED)
    if not judged and not part.text("successCondition") and not part.text("failureCondition"):
        yield Problem("no-condition", f"metric {name} has no condition that could fail", place)
    needed = _limit(part, "consecutiveSuccessLimit", given) if part.at("consecutiveSuccessLimit") else 0
    if needed != 0:
        return
    if limit is not None and limit < 0:
        yield Problem(
            "failures-unlimited", f"metric {name} lets every failure pass (failureLimit {limit})", place
        )
    elif limit and count and limit >= count:
        times = "once" if count == 1 else f"{count} times"
        text = f"metric {name} is measured {times} and may fail {limit} times (failureLimit {limit})"
        yield Problem("failures-unreachable", text, place)


def _dry(part: Part) -> frozenset[str]:
    """Expressions that are looked for in the names of metrics.

    https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/utils/analysis/helpers.go
    """
    named = (one.text("metricName") for one in part.parts("dryRun"))
    return frozenset(name for name in named if name)


def _arguments(part: Part) -> dict[str, str]:
    return {one.text("name"): one.text("value") for one in part.parts("args") if one.at("value") is not None}


def _filled(text: str, given: Mapping[str, str]) -> str:
    """`text` with its one template argument, if it is one."""
    inner = text.strip()
    if inner.startswith("{{") and inner.endswith("}}"):
        return given.get(inner[2:-2].strip().removeprefix("args."), "")
    return text


def _limit(part: Part, field: str, given: Mapping[str, str]) -> int | None:
    found = as_number(_filled(part.text(field), given))
    return None if found is None else int(found)


def _detects(part: Part, name: str, given: Mapping[str, str]) -> float | None:
    """Smallest error rate that a threshold on a success or an error rate claims to see."""
    import re

    label = name.lower()
    for field, passes in (("successCondition", True), ("failureCondition", False)):
        condition = re.sub(_ARGUMENT, lambda match: given.get(match[1], match[0]), part.text(field))
        found = re.search(_WORD, condition.strip())
        if found is None:
            continue
        share = detected(label, float(found[2]), good_above=found[1].startswith(">") is passes)
        if share is not None:
            return share
    return None


def detected(label: str, threshold: float, *, good_above: bool) -> float | None:
    """Error rate (0..1) behind `threshold` of a metric called `label`, in per cent or as a fraction; None where its
    name says neither success nor error rate.

    good_above: values above the threshold are the good ones.
    """
    share: float | None = None
    if good_above and ("success" in label or "availab" in label):
        share = 1 - (threshold if threshold <= 1 else threshold / 100)
    elif not good_above and ("error" in label or "5xx" in label or "fail" in label):
        # One per cent: to let every request fail would be no threshold.
        share = threshold if threshold < 1 else threshold / 100
    return round(share, 6) if share is not None and 0 < share < 1 else None
