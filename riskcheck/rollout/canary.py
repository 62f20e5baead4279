"""Canary evidence for each production environment that receives a change, found or missing, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskcheck.judged import CanaryEvidence
from riskcheck.rollout import pipeline, promoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.keypaths import NaturalKeys
    from riskcheck.models import Change, Environment, Pipeline, Resource
    from riskcheck.rollout.landing import Landings


@dataclass(frozen=True, slots=True, eq=False)
class CanaryFacts:
    """What canary evidence is read from.

    base: the resources of base, relatives of the changed ones included. now: seconds since the epoch.
    promotion: the only kind of promotion that counts where the policy declares one. landings: None without git.
    """

    base: Sequence[Resource]
    now: int
    promotion: str | None
    declared_order: bool
    landings: Landings | None
    pipelines: Sequence[Pipeline]
    natural_keys: Callable[[Resource], NaturalKeys]
    stage_of: Callable[[str], Environment]


def evidence(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> tuple[CanaryEvidence, ...]:
    """Evidence for the production environment of `change`; `changes` is the same edit in all environments."""
    found = []
    if facts.promotion in (None, "git"):
        found.append(promoted.evidence(change, facts))
    if facts.promotion in (None, "pipeline"):
        found.append(pipeline.evidence(change, changes, facts))
    if facts.promotion == "branch":
        detail = "the policy promotes by branch; what other branches run is not read yet"
        found.append(CanaryEvidence("promoted", False, change.environment.name, detail))
    found.append(_coverage(change, found, facts))
    return tuple(found)


def _coverage(change: Change, found: Sequence[CanaryEvidence], facts: CanaryFacts) -> CanaryEvidence:
    production = change.environment
    good = [one for one in found if one.found]
    where = f"{production.cell}"
    if good:
        return CanaryEvidence("coverage", True, production.name, f"{where} is covered: {good[0].detail}")
    return CanaryEvidence("coverage", False, production.name, f"nothing stands for {where}")
