"""Which kind of incident a finding would be, and which teams own what it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Category, Service

MOST_TEAMS: Final = 4
MOST_SERVICES: Final = 2
"""Of one team; its other services are counted."""


def incident_words(category: Category, reached: Sequence[Service]) -> str:
    """``data: team-orders (orders), team-web (checkout)``, the teams in the order of `reached`.

    Services whose owner nothing declares are named last, where others have one; where none has, only the kind
    of incident is told: a repository without owners is told so by `riskcheck lint`, not by each finding.
    """
    teams: dict[str, list[str]] = {}
    for service in reached:
        if service.owner:
            teams.setdefault(service.owner, []).append(service.name)
    if not teams:
        return category
    owned = [f"{team} ({listed(names, MOST_SERVICES)})" for team, names in teams.items()]
    text = f"{category}: {listed(owned, MOST_TEAMS)}"
    orphans = [service.name for service in reached if not service.owner]
    return f"{text}; nobody is declared for {listed(orphans, MOST_SERVICES)}" if orphans else text
