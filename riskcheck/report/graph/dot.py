"""Graphviz. https://graphviz.org/doc/info/lang.html

Ids are made up; what the repository says stands only in quoted labels, in which ``\\`` and ``"`` are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.report.graph import words
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.charts import Chart, Member

_STYLES: Final = {"hard": "solid", "soft": "dashed", "build": "dotted"}


def render(chart: Chart) -> str:
    """A digraph; edges go from what needs to what is needed."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    ids = {one.service.name: f"s{number}" for number, one in enumerate(chart.members)}
    yield f"digraph {_quoted(words.headline(chart))} {{"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=9];'
    for member in chart.members:
        yield f"  {ids[member.service.name]} [label={_quoted(*_label(member))}{_look(member)}];"
    for link in chart.links:
        first = link.edges[0]
        ends = f"{ids[link.dependant]} -> {ids[link.dependency]}"
        told = f"label={_quoted(first.relation)}, tooltip={_quoted(words.place(first.location))}"
        yield f"  {ends} [style={_STYLES[link.coupling]}, {told}];"
    yield "}"


def _label(member: Member) -> tuple[str, ...]:
    told = words.facts(member)
    return (member.service.name, told) if told else (member.service.name,)


def _look(member: Member) -> str:
    if member.changed:
        return ', fillcolor="#ffd6cc"'
    if member.reached is not None:
        return ', fillcolor="#fff3cc"'
    return ", penwidth=2" if member.service.criticality == "tier-1" else ""


def _quoted(*lines: str) -> str:
    r"""`lines` as one quoted string, with ``\n`` between them."""
    safe = (plain(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(safe) + '"'
