"""Evidence that a representative part of the target tier runs the value before the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.judged import CanaryEvidence, CanaryStrength
from riskcheck.progressive.limits import TOLERANCE
from riskcheck.progressive.values import percent
from riskcheck.rollout import independence, promoted, ring
from riskcheck.rollout.wanted import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change, Environment, Resource
    from riskcheck.rollout.canary import CanaryFacts


def evidence(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence:
    """Whether a cell with a part of the users, of the same tier, runs it already, or is the only one to get it now.

    `changes` is the same edit in all environments.
    """
    production = change.environment
    if facts.promotion not in (None, "git"):
        detail = (
            f"the policy promotes by {facts.promotion}: which cell gets it first is not in the repository"
        )
        return CanaryEvidence("subset", False, production.name, detail, absent=True)
    alone = _first_part(change, changes, facts)
    if alone is not None:
        strength = CanaryStrength(share=production.share)
        return CanaryEvidence("subset", True, production.name, alone, strength=strength)
    parts = [
        one for one in ring.relatives(change.resource, facts.base) if _is_part(one.environment, production)
    ]
    if not parts:
        tier = f" of tier {production.tier}" if production.tier else ""
        detail = f"no cell{tier} with a part of the users gets it first"
        return CanaryEvidence("subset", False, production.name, detail, absent=True)
    reasons: list[str] = []
    for part in sorted(parts, key=lambda one: one.environment.name):
        detail, since = promoted.told(change, part, facts)
        doubt = independence.same_fate(change, part.environment)
        if since is not None and not (doubt and doubt.void):
            beside = f"; {doubt.text}" if doubt else ""
            text = f"{detail}{_of_users(part.environment)}{beside}"
            return CanaryEvidence(
                "subset",
                True,
                production.name,
                text,
                stamp(since),
                (part.environment.name,),
                strength=CanaryStrength(share=part.environment.share, independent=False if doubt else None),
            )
        reasons.append(doubt.text if since is not None and doubt else detail)
    # Of canary cells, evidence of promotion says the same.
    repeated = all(part.environment.stage == "canary" for part in parts)
    return CanaryEvidence("subset", False, production.name, reasons[0], absent=repeated)


def _is_part(one: Environment, production: Environment) -> bool:
    """Whether `one` holds some of the users of the tier: a canary cell, or a production cell with a share."""
    if one.tier != production.tier:
        return False
    return one.stage == "canary" or (one.stage == "prod" and one.share is not None and one.share < 1)


def _of_users(one: Environment) -> str:
    return "" if one.share is None else f", with {percent(one.share)} of the users"


def _first_part(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> str | None:
    """Where the cell that gets it is itself a small part of its tier: no other production cell gets it too, and
    none of the tier has it yet."""
    production = change.environment
    share = production.share
    if share is None or share > facts.limits.first + TOLERANCE:
        return None
    others: list[Resource] = [
        one
        for one in ring.relatives(change.resource, facts.base)
        if one.environment.stage == "prod" and one.environment.tier == production.tier
    ]
    receiving = {one.environment.name for one in changes if one.environment.stage == "prod"} - {
        production.name
    }
    if receiving or not others or any(promoted.runs(change, one, facts) for one in others):
        return None
    users = f"{percent(share)} of the users"
    return f"only {production.name} gets it, {users}, and no other cell of its tier has it yet"
