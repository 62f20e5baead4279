"""Evidence from a dry run: what the platform says that it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.judged import CanaryEvidence
from riskcheck.models import LOSING

if TYPE_CHECKING:
    from riskcheck.models import Change
    from riskcheck.rollout.canary import CanaryFacts


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """A plan shows that a change is harmless where it keeps the resource, and counts where the policy trusts it:
    whoever makes a change could hand in the plan of another one."""
    environment = change.environment.name
    seen = facts.foreseen.get(change.resource.key)
    if seen is None:
        return CanaryEvidence("shadow", False, environment, "no plan was given", absent=True)
    if seen.action in LOSING:
        detail = f"{seen.source} says that it is {seen.action}d"
        return CanaryEvidence("shadow", False, environment, detail)
    kept = {"none": "left alone", "create": "created", "rename": "renamed"}.get(
        seen.action, "updated in place"
    )
    if not seen.trusted:
        detail = f"{seen.source} says that it is {kept}, but the policy does not trust its digest"
        return CanaryEvidence("shadow", False, environment, detail)
    return CanaryEvidence("shadow", True, environment, f"{seen.source} says that it is {kept}")
