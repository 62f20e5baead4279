"""Mermaid. https://mermaid.js.org/syntax/flowchart.html

Ids are made up; in labels every character that might mean something is written as an entity code, ``#91;`` for
``[``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.report.graph import words
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.charts import Chart

_ARROWS: Final = {"hard": "-->", "soft": "-.->", "build": "-.-o"}
_HARMLESS: Final = frozenset(" .,/:_-")


def render(chart: Chart) -> str:
    """A flowchart; arrows go from what needs to what is needed."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    ids = {one.service.name: f"s{number}" for number, one in enumerate(chart.members)}
    yield "flowchart LR"
    for member in chart.members:
        told = words.facts(member)
        label = _coded(member.service.name) + (f"<br/>{_coded(told)}" if told else "")
        look = ":::changed" if member.changed else ":::reached" if member.reached is not None else ""
        yield f'  {ids[member.service.name]}["{label}"]{look}'
    for link in chart.links:
        arrow = _ARROWS[link.coupling]
        told = _coded(link.edges[0].relation)
        yield f'  {ids[link.dependant]} {arrow}|"{told}"| {ids[link.dependency]}'
    yield "  classDef changed fill:#ffd6cc,stroke:#b33a1e,color:#222222"
    yield "  classDef reached fill:#fff3cc,stroke:#8a6d00,color:#222222"


def _coded(text: str) -> str:
    """`text` inside a quoted label."""
    return "".join(
        one if (one.isascii() and one.isalnum()) or one in _HARMLESS else f"#{ord(one)};"
        for one in plain(text)
    )
