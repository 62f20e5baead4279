"""What moved together with the change before, and is not part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Match, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import MissingPartner, RunFacts


def partner_missing(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """A learned rule expects a partner that the change leaves alone (GOV-020). Values: ``edited``, ``partner``,
    ``seen``, ``level``."""
    for one in subject.missing_partners():
        edited, partner = " and ".join(one.edited), one.partner
        if one.key:
            edited = f"{one.key} in {edited}"
        if one.rule.expect_key:
            partner = f"{one.rule.expect_key} in {partner}"
        yield Match(
            {
                "edited": edited,
                "partner": partner,
                "seen": _seen(one),
                "level": one.rule.level,
                "cause": f"{edited} {partner}",
            },
            location=one.location,
            related=(Related("partner", one.place),),
        )


def _seen(one: MissingPartner) -> str:
    """How often they moved together, and when last; what people say of it."""
    rule = one.rule
    parts = [f"the rules in {rule.source} expect both"]
    if rule.together is not None and rule.times is not None:
        parts = [f"{rule.together} of {rule.times} changes edited both"]
        if rule.last:
            parts[0] += f", last {', '.join(rule.last)}"
    if rule.kind == "parity":
        parts.append("it is the same file of another environment, which has not got this edit yet")
    if rule.note:
        parts.append(rule.note)
    return "; ".join(parts)
