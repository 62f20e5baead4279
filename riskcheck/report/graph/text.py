"""The service graph for a terminal: readable at 80 columns, bounded, and saying what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed, many
from riskcheck.report.graph import words
from riskcheck.report.safe import plain
from riskcheck.report.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.charts import Chart, Link, Member
    from riskcheck.dependencies import Edge
    from riskcheck.report.style import Style

MOST_SERVICES: Final = 40
"""Services of a whole graph that are listed, the ones that most others need first."""
MOST_LINKS: Final = 12
MOST_EDGES: Final = 3
MOST_ROWS: Final = 10
_INDENT: Final = 12


def render(chart: Chart, style: Style, width: int = 80) -> str:
    """The chart, ending in a newline."""
    lines = [style.label(words.headline(chart)), ""]
    if chart.scope == "changed":
        lines.extend(_changed(chart, style, width))
    elif chart.scope == "service":
        lines.extend(_service(chart, style, width))
    else:
        lines.extend(_whole(chart, style, width))
    lines.extend(_aside(chart, style, width))
    while lines[-1] == "":
        lines.pop()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _whole(chart: Chart, style: Style, width: int) -> Iterator[str]:
    needs, needed = _by_end(chart)
    linked = [one for one in chart.members if one.service.name in needs or one.service.name in needed]
    linked.sort(key=lambda one: (-len(needed.get(one.service.name, ())), one.service.name))
    for member in linked[:MOST_SERVICES]:
        yield from _title(member, style, width)
        yield from _links(chart, needs.get(member.service.name, ()), "needs", style, width)
        users = [plain(link.dependant) for link in needed.get(member.service.name, ())]
        if users:
            yield from _row("needed by", listed(users, MOST_LINKS), style, width)
        yield ""
    if len(linked) > MOST_SERVICES:
        text = (
            f"{len(linked) - MOST_SERVICES} services with dependencies; see --service NAME or --format json"
        )
        yield from _row("left out", text, style, width)
    known = {one.service.name for one in linked}
    alone = [plain(one.service.name) for one in chart.members if one.service.name not in known]
    if alone:
        yield from _row("alone", listed(alone, MOST_SERVICES), style, width)
        yield ""


def _service(chart: Chart, style: Style, width: int) -> Iterator[str]:
    needs, needed = _by_end(chart)
    member = next(one for one in chart.members if one.changed)
    name = member.service.name
    yield from _title(member, style, width)
    yield from _parts(member, style, width)
    yield from _links(chart, needs.get(name, ()), "needs", style, width)
    beyond = _beyond(name, needs)
    if beyond:
        yield from _row("and so", listed([plain(one) for one in beyond], MOST_LINKS), style, width)
    yield from _links(chart, needed.get(name, ()), "needed by", style, width)
    far = [one for one in _by_strength(chart.members) if one.reached is not None and one.reached.hops > 1]
    for one in far[:MOST_LINKS]:
        yield from _reached(one, style, width)
    if len(far) > MOST_LINKS:
        text = f"{len(far) - MOST_LINKS} more services that hang off it (--format json)"
        yield from _row("left out", text, style, width)
    yield ""


def _changed(chart: Chart, style: Style, width: int) -> Iterator[str]:
    for member in chart.members:
        if member.changed:
            yield from _row("changed", _named(member), style, width)
            if member.parts:
                parts = list(dict.fromkeys(plain(part.label) for part in member.parts))
                yield from _row("", listed(parts, MOST_LINKS), style, width)
    reached = [one for one in _by_strength(chart.members) if not one.changed]
    for member in reached[:MOST_SERVICES]:
        yield from _reached(member, style, width)
        said = [edge for edge in member.reached.edges if edge.location] if member.reached is not None else []
        for edge in said[:MOST_ROWS]:
            yield from _row("", _said(chart, edge), style, width)
    if len(reached) > MOST_SERVICES:
        yield from _row("left out", f"{len(reached) - MOST_SERVICES} services reached", style, width)
    yield ""


def _title(member: Member, style: Style, width: int) -> Iterator[str]:
    where = plain(member.service.source)
    told = words.facts(member)
    first = plain(member.service.name) + (f"  {told}" if told else "")
    gap = width - len(first) - len(where)
    if where and gap >= 2:
        yield first + " " * gap + style.dim(where)
    else:
        yield first
        if where:
            yield from _row("described", where, style, width)


def _named(member: Member) -> str:
    told = words.facts(member)
    return plain(member.service.name) + (f" ({told})" if told else "")


def _parts(member: Member, style: Style, width: int) -> Iterator[str]:
    parts = list(dict.fromkeys(plain(part.label) for part in member.parts))
    if parts:
        yield from _row("parts", listed(parts, MOST_LINKS), style, width)


def _links(chart: Chart, links: Sequence[Link], word: str, style: Style, width: int) -> Iterator[str]:
    most = MOST_EDGES if chart.scope == "service" else 1
    for link in links[:MOST_LINKS]:
        other = link.dependency if word == "needs" else link.dependant
        edges = list(dict.fromkeys((edge.relation, words.place(edge.location)) for edge in link.edges))
        said = listed((f"{plain(relation)} {where}".strip() for relation, where in edges), most)
        yield from _row(word, f"{plain(other)} ({link.coupling}): {said}", style, width)
    if len(links) > MOST_LINKS:
        yield from _row(word, f"{len(links) - MOST_LINKS} more", style, width)


def _reached(member: Member, style: Style, width: int) -> Iterator[str]:
    assert member.reached is not None
    yield from _row("reaches", f"{_named(member)}: strength {words.strength(member.reached)}", style, width)
    yield from _row("", words.way(member.reached, "←" if style.unicode else "<-"), style, width)


def _said(chart: Chart, edge: Edge) -> str:
    ends = (
        f"{words.label(chart, edge.dependant)} {plain(edge.relation)} {words.label(chart, edge.dependency)}"
    )
    where = words.place(edge.location)
    return f"{ends}: {where}" if where else ends


def _aside(chart: Chart, style: Style, width: int) -> Iterator[str]:
    for cycle in chart.cycles[:MOST_ROWS]:
        yield from _row("cycle", words.circle(chart, cycle, style.to), style, width)
        for edge in cycle.edges:
            yield from _row("", _said(chart, edge), style, width)
    yield from _more("cycle", len(chart.cycles), style, width)
    for conflict in chart.conflicts[:MOST_ROWS]:
        yield from _row("conflict", words.contradiction(conflict), style, width)
    yield from _more("conflict", len(chart.conflicts), style, width)
    lost = words.missing(chart)
    for one in lost[:MOST_ROWS]:
        more = f" and {many(len(one.places) - 1, 'other place')}" if len(one.places) > 1 else ""
        verb = "need" if more else "needs"
        text = f"nothing declares {one.target}, which {one.places[0]}{more} {verb}"
        yield from _row("dangling", text, style, width)
    yield from _more("dangling", len(lost), style, width)
    for limit in chart.limitations[:MOST_ROWS]:
        line = f":{limit.line}" if limit.line else ""
        yield from _row("limit", f"{plain(limit.path)}{line}: {plain(limit.message)}", style, width)
    yield from _more("limit", len(chart.limitations), style, width)
    for note in chart.notes:
        yield from _row("note", plain(note), style, width)


def _more(word: str, number: int, style: Style, width: int) -> Iterator[str]:
    if number > MOST_ROWS:
        yield from _row(word, f"{number - MOST_ROWS} more (--format json)", style, width)


def _row(word: str, text: str, style: Style, width: int) -> Iterator[str]:
    prefix = f"  {style.dim(word)}{' ' * (_INDENT - 2 - len(word))}"
    yield from hanging(prefix, text, width, _INDENT)


def _by_end(chart: Chart) -> tuple[dict[str, list[Link]], dict[str, list[Link]]]:
    needs: dict[str, list[Link]] = {}
    needed: dict[str, list[Link]] = {}
    for link in chart.links:
        needs.setdefault(link.dependant, []).append(link)
        needed.setdefault(link.dependency, []).append(link)
    return needs, needed


def _by_strength(members: Sequence[Member]) -> list[Member]:
    reached = [one for one in members if one.reached is not None]
    return sorted(
        reached, key=lambda one: (-one.reached.strength, one.service.name) if one.reached else (0, "")
    )


def _beyond(name: str, needs: dict[str, list[Link]]) -> list[str]:
    """What `name` needs by way of others only."""
    direct = {link.dependency for link in needs.get(name, ())}
    seen = {name, *direct}
    waiting = list(direct)
    while waiting:
        for link in needs.get(waiting.pop(), ()):
            if link.dependency not in seen:
                seen.add(link.dependency)
                waiting.append(link.dependency)
    return sorted(seen - direct - {name})
