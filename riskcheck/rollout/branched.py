"""Evidence that the branch of every lower environment already holds the value, and since when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.environments import order_of, stands_for
from riskcheck.judged import CanaryEvidence
from riskcheck.records import NamedTuple
from riskcheck.rollout.promoted import of_stages
from riskcheck.rollout.sought import sought_of
from riskcheck.rollout.wanted import Ran, Wanted
from riskcheck.trees import CutOffError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change, Environment, Resource
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.landing import Landings


class LowerBranch(NamedTuple):
    """One environment before production. landings: of its branch's history, None where the branch is not here, for
    the reason in `missing`."""

    environment: Environment
    branch: str
    landings: Landings | None
    missing: str


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """What the branches of every lower stage hold where production gets `change`."""
    production = change.environment
    below = [
        one
        for one in facts.branches
        if order_of(one.environment.stage) < order_of(production.stage)
        and stands_for(one.environment, production)
    ]
    if not below:
        detail = "no environment before it is declared with a branch"
        return CanaryEvidence("promoted", False, production.name, detail)
    wanted = Wanted(change, facts)
    return of_stages(production.name, [_ran(wanted, change, one) for one in _ordered(below)])


def holders(resource: Resource, facts: CanaryFacts) -> tuple[Environment, ...]:
    """The environments before production whose branch holds `resource`, or may: one that is not here is unknown."""
    return tuple(
        one.environment
        for one in _ordered(facts.branches)
        if order_of(one.environment.stage) < order_of(resource.environment.stage)
        and (one.landings is None or _may_hold(one.landings, one.environment, resource))
    )


def _may_hold(landings: Landings, environment: Environment, resource: Resource) -> bool:
    try:
        return landings.present(sought_of(resource)._replace(environment=environment)) is not None
    except CutOffError:
        return True


def _ran(wanted: Wanted, change: Change, lower: LowerBranch) -> Ran:
    environment = lower.environment
    if lower.landings is None:
        return Ran(
            environment.name, environment.stage, f"what {environment.name} runs is unknown: {lower.missing}"
        )
    sought = sought_of(change.resource)._replace(environment=environment)
    try:
        present = lower.landings.present(sought)
    except CutOffError:
        return Ran(environment.name, environment.stage, f"what {environment.name} runs is unknown")
    return wanted.ran(sought, present, lower.landings)


def _ordered(below: Sequence[LowerBranch]) -> list[LowerBranch]:
    return sorted(below, key=lambda one: (order_of(one.environment.stage), one.environment.name))
