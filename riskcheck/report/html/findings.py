"""The list of findings, with what filters them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS
from riskcheck.phrases import many
from riskcheck.report.facts import urgency
from riskcheck.report.html.finding import Around, brief, full
from riskcheck.report.html.markup import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.judged import Finding
    from riskcheck.results import Report

MOST_FULL: Final = 400
"""Findings told with everything; those behind them, in one line each."""
MOST_BRIEF: Final = 3_000
LONG: Final = 60
"""Findings from which the browser lays out only those in sight."""
MOST_CHOICES: Final = 1_000


def findings(report: Report) -> Iterator[str]:
    """Those that are not waived, causes with the worst first, as the run ordered them."""
    live = [one for one in report.findings if one.waiver is None]
    if not live:
        yield f'<p class="nothing">{"Nothing to report." if report.state else "No findings."}</p>'
        return
    yield from _filters(live)
    long = ' class="long"' if len(live) > LONG else ""
    around = Around(
        {one.service.name: one.service for one in report.services},
        tuple(sorted((one for one in report.services if not one.changed), key=urgency)),
        report.excerpts or {},
        report.state,
    )
    yield f'<div id="list"{long}>'
    before = None
    for number, one in enumerate(live[:MOST_FULL]):
        yield full(one, around, same=one.cause == before, opened=number == 0)
        before = one.cause
    for one in live[MOST_FULL : MOST_FULL + MOST_BRIEF]:
        yield brief(one)
    yield "</div>"
    yield '<p class="nothing" id="none" hidden>No finding fits the filters.</p>'
    if len(live) > MOST_FULL:
        more = len(live) - MOST_FULL
        told = f"{many(min(more, MOST_BRIEF), 'finding')} after the first {MOST_FULL} in one line each"
        left = f", {more - MOST_BRIEF} left out" if more > MOST_BRIEF else ""
        yield f'<p class="faint">{told}{left}; <code>--format json</code> has all of all.</p>'


def _filters(live: list[Finding]) -> Iterator[str]:
    """Shown by the script: without one there is nothing that could filter."""
    yield '<form id="filters" class="filters" role="search" aria-label="Filter the findings" hidden>'
    yield '<div class="levels" role="group" aria-label="Levels">'
    for level in reversed(LEVELS):
        number = sum(one.level == level for one in live)
        if number:
            yield (
                f'<button type="button" aria-pressed="true" data-level="{level}"><span class="level {level}">'
                f"{level}</span> {number}</button>"
            )
    yield "</div>"
    yield from _choice("service", "Service", (one.service for one in live))
    yield from _choice("environment", "Environment", (cell.name for one in live for cell in one.environments))
    yield from _choice("category", "Category", (one.category for one in live))
    yield (
        '<label class="search">Search <input type="search" id="q" name="q" autocomplete="off" spellcheck="false" '
        'aria-keyshortcuts="/"></label>'
    )
    yield '<button type="button" id="clear">Clear</button> <button type="button" id="all">Open all</button>'
    yield f'<output id="shown" aria-live="polite">{len(live)} of {len(live)}</output></form>'


def _choice(name: str, title: str, values: Iterable[str | None]) -> Iterator[str]:
    found = set(values)
    held = sorted(value for value in found if value)
    hidden = "" if len(found) > 1 else " hidden"
    options = "".join(
        f'<option value="{text(value)}">{text(value, 60)}</option>' for value in held[:MOST_CHOICES]
    )
    yield (
        f'<label{hidden}>{title} <select name="{name}" id="by-{name}"><option value="">all</option>'
        f"{options}</select></label>"
    )
