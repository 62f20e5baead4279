"""The page around the parts: its policy, its style sheet, its scripts."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.report.html.aside import changed_resources, known, limits, notes, waived
from riskcheck.report.html.findings import findings
from riskcheck.report.html.library import Library, asset, library
from riskcheck.report.html.markup import data, text
from riskcheck.report.html.matrix import matrix
from riskcheck.report.html.reach import drawable, graph_data, reach
from riskcheck.report.html.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.results import Report

STYLE_ID: Final = "__________cytoscape_stylesheet"
"""The id that Cytoscape.js gives the style sheet that it adds: it finds ours, with its rule, and adds none."""
COMMIT: Final = 40
SHORT: Final = 12


class Part(NamedTuple):
    """A part of the page. short: its title where there is little room."""

    id: str
    title: str
    short: str
    lines: Iterable[str]


def page(report: Report) -> Iterator[str]:
    """The lines of the page."""
    found = library() if drawable(report) else None
    parts = _parts(report, walked=found is not None)
    style = asset("style.css")
    scripts = [asset("page.js")]
    if found is not None:
        scripts += [found.script, asset("graph.js")]
    title = f"{report.assessment.verdict.upper()}: {_compared(report)}"
    yield from head(style, scripts)
    yield f'<title>riskcheck: {text(title)}</title>\n<style id="{STYLE_ID}">{style}</style>\n</head>\n<body>'
    yield '<a class="skip" href="#content">Skip to the report</a>'
    yield from _bar(report, parts)
    yield '<main id="content" tabindex="-1">'
    yield from verdict(report)
    yield from sections(parts)
    yield "</main>"
    yield from _footer(report, found)
    if found is not None:
        yield f'<script type="application/json" id="graph-data">{data(graph_data(report))}</script>'
    yield from (f"<script>{script}</script>" for script in scripts)
    yield "</body>\n</html>"


def head(style: str, scripts: list[str]) -> Iterator[str]:
    """How the head of a page with these begins; its title and its style sheet come next."""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy(style, scripts)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">'


def sections(parts: Iterable[Part]) -> Iterator[str]:
    """The parts of a page, each under its title."""
    for part in parts:
        yield f'<section id="{part.id}" class="part" aria-labelledby="{part.id}-title">'
        yield f'<h2 id="{part.id}-title">{part.title}</h2>'
        yield from part.lines
        yield "</section>"


def policy(style: str, scripts: list[str]) -> str:
    """The content security policy of a page with these and nothing else."""
    allowed = " ".join(_digest(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _parts(report: Report, *, walked: bool) -> list[Part]:
    """Each part that has something to say. walked: there is a library that draws a graph to walk."""
    made = [
        Part("matrix", "Services and environments", "Matrix", matrix(report)),
        Part("reach", "Blast radius", "Blast radius", reach(report, walked=walked)),
        Part("findings", "Findings", "Findings", findings(report)),
        Part("limits", "What could not be read", "Limits", limits(report)),
        Part("waived", "Waived findings", "Waived", waived(report)),
        Part("known", "Known already", "Known", known(report)),
        Part("changed", "Changed resources", "Resources", changed_resources(report)),
        Part("notes", "Notes", "Notes", notes(report)),
    ]
    whole = [part._replace(lines=list(part.lines)) for part in made]
    return [part for part in whole if part.lines]


def _bar(report: Report, parts: Sequence[Part]) -> Iterator[str]:
    yield '<header class="bar">'
    yield f'<p class="brand"><b>riskcheck</b> <span>{text(_compared(report))}</span></p>'
    links = "".join(f'<a href="#{part.id}">{part.short}</a>' for part in parts)
    yield f'<nav aria-label="Parts of the report">{links}</nav>'
    yield (
        '<p class="tools"><button type="button" id="theme" hidden>Theme: auto</button>'
        '<button type="button" id="help" aria-haspopup="dialog" hidden>Keys</button></p>'
    )
    yield "</header>"


def _footer(report: Report, found: Library | None) -> Iterator[str]:
    yield "<footer>"
    yield f"<p>riskcheck {text(report.version)}, as of <time>{text(report.as_of)}</time>, rules "
    yield f"<code>{text(report.rules_digest[:19])}</code>. This file is complete: it loads nothing.</p>"
    if found is not None:
        yield f"<p>Graph: {found.name} {found.version} ({found.license}; its licence stands in its script).</p>"
    yield "</footer>"
    yield from _keys()


def _keys() -> Iterator[str]:
    keys = (
        ("/", "search"),
        ("j, k", "next, previous finding"),
        ("Enter", "open or close a finding"),
        ("x", "open or close all findings"),
        ("1, 2, 3, 4", "show or hide P0, P1, P2, P3"),
        ("c", "clear the filters"),
        ("g", "go to the graph; there arrows walk, Enter filters, + &minus; 0 zoom"),
        ("?", "this list"),
    )
    rows = "".join(f"<dt><kbd>{key}</kbd></dt><dd>{what}</dd>" for key, what in keys)
    yield '<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>'
    yield f'<dl>{rows}</dl><p><button type="button" id="keys-close">Close</button></p></dialog>'


def _compared(report: Report) -> str:
    if report.state:
        return _end(report.head)
    return f"{_end(report.base)} … {_end(report.head)}"


def _end(label: str) -> str:
    """A revision as people write it."""
    return label[:SHORT] if len(label) >= COMMIT and label.isalnum() else label
