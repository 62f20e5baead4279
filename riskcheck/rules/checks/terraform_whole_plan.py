"""A plan of Terraform as a whole: how much it takes away, whether it is all, and what it sets back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.phrases import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import PlanFacts, RunFacts

_MOST_NAMED: Final = 3
_FEWEST: Final = 5
"""Resources from which a share of all says something."""


def large_or_partial(facts: RunFacts, context: CheckContext) -> Iterator[Match]:
    """A plan destroys or replaces much, does not cover all that is asked for, or sets manual edits back.

    Values: ``what``, ``large``.
    """
    for plan in facts.plans:
        most = context.options.get("lost", 10)
        share = context.options.get("lost_share", 0.2)
        large = _is_large(plan, most, share)
        told = [*_size(plan, large), *_gaps(plan), *_drift(plan)]
        if told:
            yield Match(
                values={"what": f"the plan of {plan.environment.name} {'; it '.join(told)}", "large": large},
                location=plan.place,
                environments=(plan.environment.name,),
                resources=plan.lost if large else tuple(address for address, _ in plan.drifted),
            )


def _is_large(plan: PlanFacts, most: object, share: object) -> bool:
    lost = len(plan.lost)
    many_of_all = (
        isinstance(share, int | float)
        and lost >= _FEWEST
        and plan.managed > 0
        and lost / plan.managed > share
    )
    return (isinstance(most, int | float) and lost > most) or many_of_all


def _size(plan: PlanFacts, large: bool) -> Iterator[str]:
    if large:
        yield f"destroys or replaces {len(plan.lost)} of {many(plan.managed, 'resource')}"


def _gaps(plan: PlanFacts) -> Iterator[str]:
    if plan.errored:
        yield "ended with an error, so that it is not all"
    elif plan.complete is False:
        yield "covers only a part of what the configuration asks for (-target, or deferred actions)"
    if plan.deferred:
        yield f"leaves {listed(plan.deferred, _MOST_NAMED)} to another run"
    if plan.failing:
        yield f"says that checks do not hold: {listed(plan.failing, _MOST_NAMED)}"


def _drift(plan: PlanFacts) -> Iterator[str]:
    if plan.drifted:
        names = []
        for address, fields in plan.drifted:
            shown = ", ".join(filter(None, fields[:_MOST_NAMED]))
            names.append(address.removeprefix("terraform:") + (f" ({shown})" if shown else ""))
        yield f"sets back what was changed by hand: {listed(names, _MOST_NAMED)}"
