"""The service x environment matrix as a picture: columns grouped by stage, tier and region, findings marked."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS
from riskcheck.phrases import many
from riskcheck.records import NamedTuple
from riskcheck.report.html.markup import filter_link, left_out, named, text
from riskcheck.report.matrix import MARKS, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riskcheck.models import Environment, Level
    from riskcheck.results import MatrixCell, Report

MOST_CELLS: Final = 15_000
MOST_COLUMNS: Final = 150
FEW: Final = 8
"""Columns up to which their names stand upright."""


class Marks(NamedTuple):
    """Of one service in one environment: the worst level found there and how many findings."""

    level: Level
    number: int


def matrix(report: Report) -> Iterator[str]:
    """The table; nothing where nothing is deployed anywhere."""
    cells = {(cell.service, cell.environment): cell for cell in report.matrix}
    if not cells:
        return
    marks = _marks(report)
    columns = _columns(report, {name for _, name in cells})
    rows = _rows(cells, marks)
    shown_columns = columns[:MOST_COLUMNS]
    shown_rows = rows[: max(20, MOST_CELLS // len(shown_columns))]
    look = "matrix" if len(shown_columns) <= FEW else "matrix many"
    yield '<div class="scroll tall" tabindex="0" role="group" aria-label="Services and environments">'
    yield f'<table class="{look}"><thead>{"".join(_heads(shown_columns))}</thead><tbody>'
    for service in shown_rows:
        held = "".join(_cell(service, one, cells.get((service, one.name)), marks) for one in shown_columns)
        yield (
            f'<tr data-service="{text(service)}"><th scope="row"><a {filter_link(service=service)}>'
            f"{named(service, 60)}</a></th>{held}</tr>"
        )
    yield "</tbody></table></div>"
    yield from _legend(report, cells)
    yield left_out(len(rows) - len(shown_rows), "service")
    yield left_out(len(columns) - len(shown_columns), "environment")


def _columns(report: Report, present: set[str]) -> list[Environment]:
    """The environments of the matrix, those of one stage, tier and region side by side, in the order that each of
    these is first met."""
    known: dict[str, Environment] = {}
    for one in report.environments:
        known.setdefault(one.name, one)
    from riskcheck.models import Environment

    held = [one for name, one in known.items() if name in present]
    held += [Environment(name) for name in sorted(present - set(known))]
    first: dict[tuple[str | None, ...], int] = {}
    for number, one in enumerate(held):
        for cell in ((one.stage,), (one.stage, one.tier), (one.stage, one.tier, one.region)):
            first.setdefault(cell, number)
    return sorted(
        held,
        key=lambda one: (
            first[(one.stage,)],
            first[(one.stage, one.tier)],
            first[(one.stage, one.tier, one.region)],
        ),
    )


def _rows(cells: dict[tuple[str, str], MatrixCell], marks: dict[tuple[str | None, str], Marks]) -> list[str]:
    """Services, those with the worst findings first."""
    worst: dict[str | None, int] = {}
    for (service, _), mark in marks.items():
        worst[service] = max(worst.get(service, -1), LEVELS.index(mark.level))
    return sorted({service for service, _ in cells}, key=lambda one: (-worst.get(one, -1), one))


def _marks(report: Report) -> dict[tuple[str | None, str], Marks]:
    found: dict[tuple[str | None, str], Marks] = {}
    for finding in report.findings:
        if finding.level == "note" or finding.waiver is not None:
            continue
        for environment in finding.environments:
            key = (finding.service, environment.name)
            before = found.get(key, Marks(finding.level, 0))
            worse = max(before.level, finding.level, key=LEVELS.index)
            found[key] = Marks(worse, before.number + 1)
    return found


def _heads(columns: Sequence[Environment]) -> Iterator[str]:
    """One row each for stage, tier and region, where one is known, and one for the names."""
    stage: Callable[[Environment], tuple[str | None, ...]] = lambda one: (one.stage,)  # noqa: E731
    tier: Callable[[Environment], tuple[str | None, ...]] = lambda one: (one.stage, one.tier)  # noqa: E731
    region: Callable[[Environment], tuple[str | None, ...]] = lambda one: (one.stage, one.tier, one.region)  # noqa: E731
    for title, cell_of in (("Stage", stage), ("Tier", tier), ("Region", region)):
        if not any(cell_of(one)[-1] for one in columns):
            continue
        groups = []
        for cell, members in groupby(columns, cell_of):
            span = len(list(members))
            name = cell[-1] or ""
            shape = f' class="stage-{name}"' if title == "Stage" else ""
            groups.append(
                f'<th scope="colgroup" colspan="{span}"{shape}><span>{text(name, 40)}</span></th>'
                if name
                else f'<td colspan="{span}"></td>'
            )
        yield f'<tr class="group"><th scope="row">{title}</th>{"".join(groups)}</tr>'
    names = "".join(
        f'<th scope="col" title="{text(one.name)}"><a {filter_link(environment=one.name)}>'
        f"{named(one.name, 48)}</a></th>"
        for one in columns
    )
    yield f'<tr class="names"><th scope="col">Service</th>{names}</tr>'


def _cell(
    service: str,
    environment: Environment,
    cell: MatrixCell | None,
    marks: dict[tuple[str | None, str], Marks],
) -> str:
    state = "absent" if cell is None else cell.state
    mark = marks.get((service, environment.name))
    word = WORDS[state]
    if cell is not None and cell.since:
        word += f" since {text(cell.since)}"
    if mark is None:
        title = f' title="{word}"' if state == "already" else ""
        shown = f'<i aria-hidden="true">{MARKS[state]}</i><span class="vh">{word}</span>'
        return f'<td class="{state}"{title}>{shown}</td>'
    told = f"{word}, {many(mark.number, 'finding')}"
    return (
        f'<td class="{state}"><a class="level {mark.level}" title="{told}" '
        f"{filter_link(service=service, environment=environment.name)}>{mark.level}"
        f'<span class="vh">, {told}</span></a></td>'
    )


def _legend(report: Report, cells: dict[tuple[str, str], MatrixCell]) -> Iterator[str]:
    states = {cell.state for cell in cells.values()}
    shown = "".join(
        f'<li class="{state}"><i aria-hidden="true">{MARKS[state]}</i> {WORDS[state]}</li>'
        for state in MARKS
        if state in states
    )
    found = [one.level for one in report.findings if one.level != "note" and one.waiver is None]
    worst = max(found, key=LEVELS.index, default=None)
    marked = f'<li><span class="level {worst}">{worst}</span> its worst finding</li>' if worst else ""
    yield f'<ul class="legend">{shown}{marked}</ul>'
