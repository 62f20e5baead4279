"""What a change adds to the monthly cost, against the cap of the policy (GOV-003).

An upper bound: the ratios are of the most that a cluster may grow to, a pattern counts by the ratio of its dearest
resource, and what gets cheaper is not set off. Where the policy states no cost, nothing is made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.causes import edited_place
from riskcheck.globs import wildcard
from riskcheck.models import Match, Related
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_cost import increases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change
    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import BudgetCap

COMPUTE: Final = frozenset(
    {"clusters", "jobs", "pipelines", "sql_warehouses", "model_serving_endpoints", "apps"}
)
"""Kinds that cost something as long as they run."""


class Rise(NamedTuple):
    """One resource that costs more. ratio: new over old; None where that is not known."""

    change: Change
    ratio: float | None


def above(cap: BudgetCap, changes: Sequence[Change], context: CheckContext) -> Iterator[Match]:
    """More than the cap in all, and what could not be put in numbers. Values: ``what``, ``share``."""
    rises = _rises(changes, context)
    if not rises:
        return
    counted, unknown = _counted(cap, rises)
    share = (
        sum(cost * (rise.ratio or 1) - cost for rise, cost in counted) / cap.monthly if cap.monthly else 0.0
    )
    if share > cap.max_increase:
        names = ", ".join(f"{rise.change.resource.name} {rise.ratio:.1f} times" for rise, _ in counted[:3])
        what = f"the monthly cost rises by up to {share:.0%}, the cap is {cap.max_increase:.0%} ({names})"
        yield _match(cap, [rise for rise, _ in counted], {"what": what, "share": share})
    if unknown:
        names = listed(dict.fromkeys(rise.change.resource.name for rise in unknown), 2)
        lack = "no `budget.monthly` is stated" if cap.monthly is None else "no cost of it is known"
        what = f"the increase in cost is undetermined, since {lack}: {names}"
        yield _match(cap, unknown, {"what": what, "share": 0.0, "undetermined": True})


def _match(cap: BudgetCap, rises: Sequence[Rise], values: dict[str, str | float | bool]) -> Match:
    places = [edited_place(rise.change) for rise in rises]
    return Match(
        dict(values),
        location=places[0],
        related=(Related("budget", cap.source),),
        resources=tuple(sorted({rise.change.resource.address for rise in rises})),
    )


def _counted(cap: BudgetCap, rises: Sequence[Rise]) -> tuple[list[tuple[Rise, float]], list[Rise]]:
    """The dearest rise of each part of the budget with that part's cost, worst first; and what no part tells of."""
    worst: dict[str, tuple[Rise, float]] = {}
    unknown: list[Rise] = []
    for rise in rises:
        address = rise.change.resource.address
        part = next(((where, cost) for where, cost in cap.resources if wildcard(where, address)), None)
        if rise.ratio is None or part is None:
            unknown.append(rise)
        elif part[0] not in worst or (worst[part[0]][0].ratio or 0) < rise.ratio:
            worst[part[0]] = (rise, part[1])
    return sorted(worst.values(), key=lambda one: -one[1] * ((one[0].ratio or 1) - 1)), unknown


def _rises(changes: Sequence[Change], context: CheckContext) -> list[Rise]:
    """Each resource that costs more than before, with its dearest part, or the first of unknown cost."""
    found: dict[tuple[str, str, str], Rise] = {}
    for change in changes:
        resource = change.resource
        if resource.platform != "databricks" or resource.kind not in COMPUTE:
            continue
        for ratio in _ratios(change, context):
            known = found.get(resource.key)
            if ratio is not None and ratio <= 1:
                continue
            if known is None or (known.ratio is not None and (ratio is None or ratio > known.ratio)):
                found[resource.key] = Rise(change, ratio)
    return list(found.values())


def _ratios(change: Change, context: CheckContext) -> Iterator[float | None]:
    if not change.path:
        if change.kind == "added":
            yield None
        return
    for increase in increases_of(change, context)[1]:
        yield increase.ratio
