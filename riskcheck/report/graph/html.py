"""The service graph as one file for a browser: no network, no script, everything escaped.

The policy in the file itself allows its one style sheet, by digest, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.report.graph import words
from riskcheck.report.graph.drawing import drawing
from riskcheck.report.graph.sheet import SHEET
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from riskcheck.charts import Chart, Link, Member
    from riskcheck.dependencies import Edge

MOST_SERVICES: Final = 2_000
"""Services that are described one by one; JSON has them all."""
MOST_EDGES: Final = 20


def render(chart: Chart) -> str:
    """The whole page."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = _text(words.headline(chart))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>riskcheck: {title}</title>\n<style>{SHEET}</style>\n</head>\n<body>"
    yield f"<header>\n<h1>{_heading(chart)}</h1>\n<p>{title}</p>\n</header>\n<main>"
    yield from drawing(chart)
    yield from _problems(chart)
    yield from _services(chart)
    yield f"</main>\n<footer>riskcheck {escape(__version__)}</footer>\n</body>\n</html>"


def _heading(chart: Chart) -> str:
    return {
        "whole": "Service graph",
        "service": f"Around {_text(chart.subject)}",
        "changed": "What the change touches and reaches",
    }[chart.scope]


def _problems(chart: Chart) -> Iterator[str]:
    yield from _block(
        "Cycles",
        (
            f"{_text(words.circle(chart, one, '→'))}{_list(_said(chart, edge) for edge in one.edges)}"
            for one in chart.cycles
        ),
    )
    yield from _block("Contradictions", (_text(words.contradiction(one)) for one in chart.conflicts))
    yield from _block(
        "Dangling references",
        (
            f"<b>{_text(one.target)}</b> is declared nowhere{_list(map(_code, one.places[:MOST_EDGES]))}"
            for one in words.missing(chart)
        ),
    )
    yield from _block(
        "Not read",
        (
            f"{_code(plain(one.path) + (f':{one.line}' if one.line else ''))} {_text(one.message)}"
            for one in chart.limitations
        ),
    )
    yield from _block("Notes", (_text(one) for one in chart.notes))


def _block(title: str, rows: Iterable[str]) -> Iterator[str]:
    """A part that can be opened; nothing where it has no rows."""
    found = list(rows)
    if found:
        items = "".join(f"<li>{row}</li>" for row in found)
        yield f"<details><summary>{title} <span>{len(found)}</span></summary><ul>{items}</ul></details>"


def _services(chart: Chart) -> Iterator[str]:
    needs: dict[str, list[Link]] = {}
    needed: dict[str, list[Link]] = {}
    for link in chart.links:
        needs.setdefault(link.dependant, []).append(link)
        needed.setdefault(link.dependency, []).append(link)
    ids = {one.service.name: f"s{number}" for number, one in enumerate(chart.members)}
    yield "<h2>Services</h2>"
    for member in chart.members[:MOST_SERVICES]:
        name = member.service.name
        yield f'<section id="{ids[name]}" class="{_look(member)}">'
        yield f"<h3>{_text(name)}</h3>"
        told = words.facts(member)
        source = f" {_code(plain(member.service.source))}" if member.service.source else ""
        yield f"<p>{_text(told)}{source}</p>"
        if member.reached is not None and member.reached.hops:
            way = f"{words.way(member.reached, '←')} ({words.strength(member.reached)})"
            yield f"<p>Reached by {_text(way)}</p>"
        yield from _links("Needs", needs.get(name, ()), ids, needs=True)
        yield from _links("Needed by", needed.get(name, ()), ids, needs=False)
        parts = dict.fromkeys(
            f"{_text(one.label)} {_code(words.place(one.location))}" for one in member.parts
        )
        yield from _block("Resources", parts)
        yield "</section>"
    if len(chart.members) > MOST_SERVICES:
        yield f"<p>{len(chart.members) - MOST_SERVICES} more services are left out; --format json has them.</p>"


def _links(title: str, links: Iterable[Link], ids: Mapping[str, str], *, needs: bool) -> Iterator[str]:
    rows = []
    for link in links:
        other = link.dependency if needs else link.dependant
        edges = dict.fromkeys(
            f"{_text(one.relation)} {_code(words.place(one.location))}" for one in link.edges
        )
        said = _list(list(edges)[:MOST_EDGES])
        rows.append(f'<li><a href="#{ids[other]}">{_text(other)}</a> <i>{link.coupling}</i>{said}</li>')
    if rows:
        yield f"<h4>{title}</h4><ul>{''.join(rows)}</ul>"


def _look(member: Member) -> str:
    return "changed" if member.changed else "reached" if member.reached is not None else ""


def _said(chart: Chart, edge: Edge) -> str:
    ends = (
        f"{words.label(chart, edge.dependant)} {plain(edge.relation)} {words.label(chart, edge.dependency)}"
    )
    return f"{_text(ends)} {_code(words.place(edge.location))}"


def _list(rows: Iterable[str]) -> str:
    items = "".join(f"<li>{row}</li>" for row in rows)
    return f"<ul>{items}</ul>" if items else ""


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>" if text else ""


def _text(text: str) -> str:
    return escape(plain(text))
