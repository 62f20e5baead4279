"""Canary evidence for each production environment that receives a change, found or missing, with the reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from riskcheck.progressive.limits import USUAL, Limits
from riskcheck.records import dataclass
from riskcheck.rollout import (
    branched,
    independence,
    metric,
    pipeline,
    promoted,
    shadow,
    split,
    subset,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from riskcheck.judged import CanaryEvidence
    from riskcheck.keypaths import NaturalKeys
    from riskcheck.models import Change, Environment, Pipeline, Resource
    from riskcheck.rollout.branched import LowerBranch
    from riskcheck.rollout.governing import Deliveries
    from riskcheck.rollout.landing import Landings
    from riskcheck.rollout.sought import Sought
    from riskcheck.runfacts import Foreseen


def _none_vanished(resource: Resource) -> Sequence[Sought]:
    return ()


_NOTHING_FORESEEN: Final[Mapping[tuple[str, str, str], Foreseen]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class CanaryFacts:
    """What canary evidence is read from.

    base: the resources of base, relatives of the changed ones included. now: seconds since the epoch.
    promotion: the only kind of promotion that counts where the policy declares one. landings: None without git.
    limits: how much a split may expose at once.
    """

    base: Sequence[Resource]
    now: int
    promotion: str | None
    declared_order: bool
    landings: Landings | None
    pipelines: Sequence[Pipeline]
    natural_keys: Callable[[Resource], NaturalKeys]
    stage_of: Callable[[str], Environment]
    deliveries: Deliveries
    limits: Limits = USUAL
    vanished: Callable[[Resource], Sequence[Sought]] = _none_vanished
    """Where a resource was in lower environments whose folders are gone by now."""
    branches: Sequence[LowerBranch] = ()
    """What the branches before production run, where the policy promotes by branch."""
    foreseen: Mapping[tuple[str, str, str], Foreseen] = _NOTHING_FORESEEN
    """What plan files say, by `Resource.key`."""


def evidence(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> tuple[CanaryEvidence, ...]:
    """Evidence for the production environment of `change`; `changes` is the same edit in all environments."""
    found = []
    if facts.promotion in (None, "git"):
        found.append(promoted.evidence(change, facts))
    if facts.promotion in (None, "pipeline"):
        found.append(pipeline.evidence(change, changes, facts))
    if facts.promotion == "branch":
        found.append(branched.evidence(change, facts))
    found = [independence.qualified(one, change, facts.base) for one in found]
    found.append(subset.evidence(change, changes, facts))
    found.append(shadow.evidence(change, facts))
    return tuple(found)


def of_resources(changes: Sequence[Change], facts: CanaryFacts) -> tuple[CanaryEvidence, ...]:
    """Evidence that each resource has for itself: `changes` is one edit in one production environment, in all that
    it reaches there."""
    representative = unit.evidence(changes, facts)
    live = (split.evidence(changes, facts), metric.evidence(changes, facts))
    return live if representative is None else (representative, *live)
