"""What the formats say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.records import NamedTuple
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.charts import Chart, Link, Member
    from riskcheck.dependencies import Conflict, Cycle, Reached
    from riskcheck.models import Location

COMMIT: Final = 40
"""Characters of a whole commit id, at least."""
SHORT: Final = 12


class Missing(NamedTuple):
    """Something that is referred to and that nothing declares, with every place that does."""

    target: str
    places: tuple[str, ...]


def place(location: Location | None) -> str:
    """``path:line``; empty where nothing in the repository says so."""
    return "" if location is None else f"{plain(location.path)}:{location.line}"


def facts(member: Member) -> str:
    """``team-orders, tier-1``; what is not known is left out."""
    service = member.service
    slo = None if service.slo is None else f"SLO {service.slo * 100:.6g}%"
    said = (service.owner, service.criticality, *service.scopes, slo)
    return ", ".join(plain(one) for one in said if one)


def way(reached: Reached, arrow: str) -> str:
    """``orders <- pipeline gold <- volume landing``: from what is reached back to what changed."""
    return f" {arrow} ".join(plain(one) for one in reversed(reached.path))


def strength(reached: Reached) -> str:
    """``1.00, 2 hops``."""
    return f"{reached.strength:.2f}, {many(reached.hops, 'hop')}"


def coupling_counts(links: Iterable[Link]) -> str:
    """``15 hard, 3 soft``."""
    found: dict[str, int] = {}
    for link in links:
        found[link.coupling] = found.get(link.coupling, 0) + 1
    return ", ".join(f"{found[one]} {one}" for one in ("hard", "soft", "build") if one in found)


def headline(chart: Chart) -> str:
    """What the chart is about, in one line."""
    if chart.scope == "changed":
        changed = sum(one.changed for one in chart.members)
        reached = len(chart.members) - changed
        return f"{_short(chart.subject)}: {many(changed, 'service')} changed, {reached} more reached"
    if chart.scope == "service":
        return f"{plain(chart.subject)}: {many(len(chart.members) - 1, 'service')} around it"
    counts = coupling_counts(chart.links)
    return f"{many(len(chart.members), 'service')}, {many(len(chart.links), 'dependency')}" + (
        f" ({counts})" if counts else ""
    )


def _short(subject: str) -> str:
    """A range with its commits as people write them."""
    return "..".join(
        end[:SHORT] if len(end) >= COMMIT and end.isalnum() else plain(end) for end in subject.split("..")
    )


def label(chart: Chart, name: str) -> str:
    """What a vertex is called, for people."""
    return plain(chart.labels.get(name) or name.removeprefix("service:"))


def circle(chart: Chart, cycle: Cycle, arrow: str) -> str:
    """``orders -> ledger -> orders``."""
    names = [label(chart, name) for name in cycle.names]
    return f" {arrow} ".join((*names, names[0]))


def contradiction(conflict: Conflict) -> str:
    """``owner of orders: team-a (a.yaml:3) holds; b.yaml:7 says team-b``."""
    (first, where), *others = conflict.values
    said = "; ".join(f"{place(at)} says {plain(value)}" for value, at in others)
    return (
        f"{plain(conflict.field)} of {plain(conflict.service)}: {plain(first)} ({place(where)}) holds; {said}"
    )


def missing(chart: Chart) -> list[Missing]:
    """Dangling references by what they miss: one line of a manifest dangles in every environment."""
    found: dict[str, dict[str, None]] = {}
    for one in chart.dangling:
        found.setdefault(one.target, {}).setdefault(place(one.edge.location) or "?")
    return [Missing(plain(target), tuple(places)) for target, places in sorted(found.items())]
