"""What moved together with the change before, and is not part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Location, Match, Related
from riskcheck.phrases import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import MissingPartner, RunFacts


def partner_missing(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """A learned rule expects a partner that the change leaves alone (GOV-020). Values: ``edited``, ``partner``,
    ``seen``, ``level``."""
    for one in subject.missing_partners():
        edited, partner = " and ".join(one.edited), listed(one.partners)
        if one.key:
            edited = f"{one.key} in {edited}"
        if one.partner_keys:
            partner = f"{listed(one.partner_keys)} in {partner}"
        yield Match(
            {
                "edited": edited,
                "partner": partner,
                "seen": _seen(one),
                "level": one.rule.level,
                "cause": f"{edited} {partner}",
                "identity": f"{edited} {partner}",
            },
            location=one.location,
            related=tuple(Related("partner", Location(path, "head", 1, 1, 1, 1)) for path in one.partners),
        )


def _seen(one: MissingPartner) -> str:
    """How often they moved together, and when last; what people say of it."""
    rule = one.rule
    parts = [f"the rules in {rule.source} expect both"]
    if rule.seen is not None and rule.of is not None:
        parts = [f"{rule.seen} of {rule.of} changes edited both"]
        if rule.last:
            parts[0] += f", last {', '.join(rule.last)}"
    if rule.kind == "parity":
        parts.append("it is the same file of another environment, which has not got this edit yet")
    if rule.note:
        parts.append(rule.note)
    return "; ".join(parts)
