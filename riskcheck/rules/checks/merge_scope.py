"""How many independent risky changes one merge brings (GOV-009)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.causes import Clusters
from riskcheck.models import Category, Match, Related
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_values import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import RiskyChange

FAMILIES: Final[Mapping[Category, str]] = {
    "network": "network",
    "security": "identity",
    "data": "data",
    "model": "data",
}
"""Categories that fail in ways of their own, so that two of them at once hide each other's effects."""


def independent(risky: Sequence[RiskyChange], context: CheckContext) -> Iterator[Match]:
    """At least `most` independent risky changes, or two of different families among network, identity and data.

    One edit is one change, however many services it reaches; the same edit made to several is one as well, and so
    is all that happens to one component. Values: ``count``, ``what``.
    """
    most = int(number(context.options.get("most")) or 3)
    groups = _groups(risky)
    families = [{FAMILIES[one.category] for one in group if one.category in FAMILIES} for group in groups]
    mixed = sorted(set().union(*families)) if len(groups) > 1 else []
    # Two groups of the same two families are no mixture of the merge but of each.
    apart = len(mixed) > 1 and any(one != other for one in families for other in families if one and other)
    if len(groups) < most and not apart:
        return
    firsts = [group[0] for group in groups]
    named = listed(f"{one.component} ({one.code})" for one in firsts)
    yield Match(
        {
            "count": len(groups),
            "what": named + (f"; {' and '.join(mixed)} at once" if apart else ""),
            "cause": "merge",
        },
        location=firsts[0].location,
        related=tuple(Related("part", one.location) for one in firsts[1:]),
        resources=tuple(sorted({one.resource for one in firsts})),
    )


def _groups(risky: Sequence[RiskyChange]) -> list[list[RiskyChange]]:
    """`risky` by what hangs together, in its order."""
    clusters = Clusters()
    for one in risky:
        clusters.join(("cause", one.cause), ("component", one.component))
        clusters.join(("cause", one.cause), ("edit", one.edit))
    found: dict[object, list[RiskyChange]] = {}
    for one in risky:
        found.setdefault(clusters.root(("cause", one.cause)), []).append(one)
    return list(found.values())
