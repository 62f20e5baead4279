"""Evidence from a dry run: what the platform says that it would do."""

from __future__ import annotations

from riskcheck.judged import CanaryEvidence


def evidence(environment: str) -> CanaryEvidence:
    """Without a plan nothing is known of what would happen; that is said where a rule asks for it."""
    return CanaryEvidence("shadow", False, environment, "no plan was given", absent=True)
