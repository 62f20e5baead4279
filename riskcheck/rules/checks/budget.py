"""What a change adds to the monthly cost, against the cap of the policy (GOV-003).

An upper bound: of the most that a cluster may grow to, and what gets cheaper is not set off against what gets
dearer. Where the policy states neither costs nor prices, what is known of the whole estate's compute is the
measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.causes import edited_place
from riskcheck.compute.delta import delta_of, share_of
from riskcheck.compute.prices import monthly
from riskcheck.compute.usage import usage_of
from riskcheck.globs import wildcard
from riskcheck.models import Match, Related
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_bill import added_money, rounded, usages
from riskcheck.rules.checks.databricks_compute import block_of
from riskcheck.rules.checks.databricks_cost import increases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.compute.delta import Share
    from riskcheck.models import Change, Resource
    from riskcheck.pricetable import Prices
    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import BudgetCap, RunFacts

COMPUTE: Final = frozenset(
    {"clusters", "jobs", "pipelines", "sql_warehouses", "model_serving_endpoints", "apps", "instance_pools"}
)
"""Kinds that cost something as long as they run."""


class Rise(NamedTuple):
    """One resource that costs more. ratio: new over old, None if not known. money: what it adds a month."""

    change: Change
    ratio: float | None
    money: float | None = None

    @property
    def name(self) -> str:
        return self.change.resource.name

    @property
    def told(self) -> str:
        return f"{self.name} {self.ratio:.1f} times" if self.ratio is not None else f"{self.name} anew"


def above(cap: BudgetCap, facts: RunFacts, context: CheckContext) -> Iterator[Match]:
    """More than the cap in all, and what could not be put in numbers. Values: ``what``, ``share``."""
    rises = _rises(facts.changes, context, cap.prices)
    if not rises:
        return
    if cap.monthly is None and (share := _of_estate(rises, facts, context, cap.prices)) is not None:
        yield from _above_share(cap, rises, share)
        return
    counted, unknown = _counted(cap, rises)
    added = sum(cost for _, cost in counted)
    share_added = added / cap.monthly if cap.monthly else 0.0
    if share_added > cap.max_increase:
        names = ", ".join(rise.told for rise, _ in counted[:3])
        what = f"the monthly cost rises by up to {share_added:.0%}{_in_money(rises, cap)}"
        what += f", the cap is {cap.max_increase:.0%} ({names})"
        yield _match(cap, [rise for rise, _ in counted], {"what": what, "share": share_added})
    if unknown:
        names = listed(dict.fromkeys(rise.name for rise in unknown), 2)
        lack = "no `budget.monthly` is stated" if cap.monthly is None else "no cost of it is known"
        what = f"the increase in cost is undetermined, since {lack}: {names}"
        yield _match(cap, unknown, {"what": what, "share": 0.0, "undetermined": True})


def _above_share(cap: BudgetCap, rises: Sequence[Rise], share: Share) -> Iterator[Match]:
    increase = share.increase or 0.0
    if increase <= cap.max_increase:
        return
    names = ", ".join(rise.told for rise in rises[:3])
    basis = "" if share.hours else "; each run counted alike"
    left_out = f"; {share.left_out} resources not counted" if share.left_out else ""
    what = f"the compute of all that is deployed rises by about {increase:.0%}{_in_money(rises, cap)}"
    what += f", the cap is {cap.max_increase:.0%} ({names}{basis}{left_out})"
    yield _match(cap, rises, {"what": what, "share": increase})


def _in_money(rises: Sequence[Rise], cap: BudgetCap) -> str:
    """What all that rises adds a month; "" where the price of any of it is not known."""
    if cap.prices is None:
        return ""
    amounts = [rise.money for rise in rises if rise.money is not None]
    if len(amounts) < len(rises):
        return ""
    return f", about {rounded(sum(amounts))} {cap.prices.currency} a month"


def _of_estate(
    rises: Sequence[Rise], facts: RunFacts, context: CheckContext, prices: Prices | None
) -> Share | None:
    """The compute of everything deployed, before and after; None where that of what rises is not in it.

    The files that the change does not touch are read for it, and only where what rises is known.
    """
    if any(rise.ratio is None and rise.money is None for rise in rises):
        return None
    changed = {rise.change.resource.key for rise in rises}
    before, after = (
        [one for one in view.find(platform="databricks") if one.key in changed]
        for view in (context.base, context.head)
    )
    known = share_of(before, after, prices)
    if known.left_out or known.increase is None:
        return None
    # What gets cheaper is taken as it was: it is not set off.
    others = [one for one in context.base.find(platform="databricks") if one.key not in changed]
    others += facts.untouched()
    return share_of((*before, *others), (*after, *others), prices)


def _match(cap: BudgetCap, rises: Sequence[Rise], values: dict[str, str | float | bool]) -> Match:
    places = [edited_place(rise.change) for rise in rises]
    return Match(
        dict(values),
        location=places[0],
        related=(Related("budget", cap.source),),
        resources=tuple(sorted({rise.change.resource.address for rise in rises})),
    )


def _counted(cap: BudgetCap, rises: Sequence[Rise]) -> tuple[list[tuple[Rise, float]], list[Rise]]:
    """The dearest rise of each part of the budget with what it adds a month, worst first, and each rise that has a
    price; and what nothing tells of. A part that the policy states goes before a price."""
    worst: dict[str, tuple[Rise, float]] = {}
    priced: list[tuple[Rise, float]] = []
    unknown: list[Rise] = []
    for rise in rises:
        address = rise.change.resource.address
        part = next(((where, cost) for where, cost in cap.resources if wildcard(where, address)), None)
        if rise.ratio is not None and part is not None:
            added = part[1] * (rise.ratio - 1)
            if part[0] not in worst or worst[part[0]][1] < added:
                worst[part[0]] = (rise, added)
        elif rise.money is not None and cap.monthly is not None:
            priced.append((rise, rise.money))
        else:
            unknown.append(rise)
    return sorted((*worst.values(), *priced), key=lambda one: -one[1]), unknown


def _rises(changes: Sequence[Change], context: CheckContext, prices: Prices | None) -> list[Rise]:
    """Each resource that costs more than before, in the order of the changes: all of its compute, or what of it is
    billed in a dearer way."""
    found: dict[tuple[str, str, str], Rise] = {}
    for change in changes:
        resource = change.resource
        if resource.platform != "databricks" or resource.kind not in COMPUTE or resource.key in found:
            continue
        rise = _rise(change, context, prices)
        if rise is not None:
            found[resource.key] = rise
    return list(found.values())


def _rise(change: Change, context: CheckContext, prices: Prices | None) -> Rise | None:
    """What a resource costs more, told at `change` where that is part of the reason."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return Rise(change, None, _price(after, prices)) if change.kind == "added" else None
    block = block_of(change, context)
    reasons = increases_of(block, context) if block is not None and change.path else ()
    dearer = [one for one in reasons if one.ratio is None or one.ratio > 1]
    if not dearer:
        return None
    both = usages(before, after)
    money = added_money(after.address, both, prices) if both is not None else None
    if money is not None and money <= 0:
        return None
    if any(one.ratio is None for one in dearer):
        return Rise(change, None, money)
    ratio = delta_of(*both).ratio if both is not None else dearer[0].ratio
    return None if ratio is not None and ratio <= 1 else Rise(change, ratio, money)


def _price(resource: Resource | None, prices: Prices | None) -> float | None:
    usage = usage_of(resource) if resource is not None else None
    if resource is None or usage is None or prices is None:
        return None
    return monthly(prices, resource.address, usage)
