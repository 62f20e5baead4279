"""A report as what an editor shows, in terms of no particular library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.lsp.texts import Encoding, Span, Text, line_map
from riskcheck.lsp.words import explained
from riskcheck.records import NamedTuple
from riskcheck.report.safe import plain
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from riskcheck.documents.linemaps import LineMap
    from riskcheck.judged import Finding
    from riskcheck.models import Level, Limitation, Location
    from riskcheck.results import Report
    from riskcheck.trees import Comparison, Tree

Weight: TypeAlias = Literal["error", "warning", "information", "hint"]
WEIGHTS: Final[dict[Level, Weight]] = {
    "P0": "error",
    "P1": "error",
    "P2": "warning",
    "P3": "information",
    "note": "hint",
}
_GRAVEST_FIRST: Final[tuple[Weight, ...]] = ("error", "warning", "information", "hint")
MOST: Final = 1000
"""Remarks of one repository that are shown."""
_FIRST: Final = Span(0, 0, 0, 0)


class Beside(NamedTuple):
    """A second place that explains a remark."""

    path: str
    span: Span
    role: str


class Remark(NamedTuple):
    """One thing shown at one place. markdown: its explanation. href: where more is said, or ""."""

    path: str
    span: Span
    weight: Weight
    code: str
    message: str
    markdown: str
    href: str = ""
    beside: tuple[Beside, ...] = ()


class Shown(NamedTuple):
    """All remarks of a run, by path and place, and one line about the run."""

    remarks: tuple[Remark, ...]
    status: str


def shown(report: Report, comparison: Comparison, unit: Encoding) -> Shown:
    """What an editor shows of `report`, which was made of `comparison`. unit: what the editor counts columns in."""
    places = _Places(comparison, unit)
    remarks = [_of_finding(one, places) for one in report.findings]
    changed = {one.path for one in comparison.changes}
    told = {(one.path, one.line, one.kind, one.message): one for one in report.limitations}
    remarks += [_of_limitation(one, places) for one in told.values() if one.path in changed]
    remarks.sort(key=_order)
    return Shown(tuple(remarks[:MOST]), _status(report, len(remarks)))


def _order(one: Remark) -> tuple[object, ...]:
    """By place; at one place the gravest first, which is what some editors show alone."""
    return one.path, one.span, _GRAVEST_FIRST.index(one.weight), one.code, one.message


class _Places:
    """Where places of either side are in head."""

    def __init__(self, comparison: Comparison, unit: Encoding) -> None:
        self._comparison = comparison
        self._unit = unit
        self._texts: dict[tuple[str, str], Text | None] = {}
        self._maps: dict[str, LineMap] = {}
        self._renamed = {one.old_path: one.path for one in comparison.changes if one.head is not None}
        self._first = min((one.path for one in comparison.changes), default="")

    def of(self, place: Location) -> tuple[str, Span, str]:
        """Path and span in head, and what to say about it: "" where the place itself is there."""
        if not place.path:
            return self._first, _FIRST, " (about the change as a whole)"
        if place.side == "head":
            text = self._text("head", place.path)
            return place.path, _FIRST if text is None else self._span(text, place), ""
        path = self._renamed.get(place.path, place.path)
        before, after = self._text("base", place.path), self._text("head", path)
        if after is None:
            return path, _FIRST, f" (line {place.line} of a file that is deleted)"
        if before is None:
            return path, _FIRST, f" (line {place.line} before the change)"
        if path not in self._maps:
            self._maps[path] = line_map(before, after)
        near = self._maps[path].head_line(place.line) - 1
        span = after.whole_line(near, self._unit)
        same = before.lines[place.line - 1 : place.line] == after.lines[near : near + 1]
        return path, span, "" if same else f" (at line {place.line} before the change, which is gone)"

    def _span(self, text: Text, place: Location) -> Span:
        return text.span(place.line, place.column, place.end_line, place.end_column, self._unit)

    def _text(self, side: Literal["base", "head"], path: str) -> Text | None:
        key = (side, path)
        if key not in self._texts:
            tree = self._comparison.base if side == "base" else self._comparison.head
            self._texts[key] = _read(tree, path)
        return self._texts[key]


def _read(tree: Tree, path: str) -> Text | None:
    if tree.entry(path) is None:
        return None
    try:
        return Text(tree.read(path))
    except UnreadableError:
        return None


def _of_finding(finding: Finding, places: _Places) -> Remark:
    path, span, where = places.of(finding.location)
    waiver = finding.waiver
    said = f"{finding.level} {plain(finding.message)}{where}"
    if waiver is not None:
        told = (
            "known: in the baseline" if waiver.baseline else f"waived by {waiver.owner} until {waiver.until}"
        )
        said += f" ({plain(told)})"
    return Remark(
        path,
        span,
        WEIGHTS[finding.level] if waiver is None else "hint",
        finding.code,
        said,
        explained(finding),
        next((one for one in finding.references if re.fullmatch(r"https://[!-~]{1,2000}", one)), ""),
        tuple(_beside(finding, places)),
    )


def _beside(finding: Finding, places: _Places) -> list[Beside]:
    found: list[Beside] = []
    for one in finding.related[:10]:
        if one.location.path:
            path, span, where = places.of(one.location)
            found.append(Beside(path, span, f"{plain(one.role)}{where}"))
    return found


def _of_limitation(one: Limitation, places: _Places) -> Remark:
    from riskcheck.lsp.words import escaped
    from riskcheck.models import Location

    line = one.line or 1
    path, span, where = places.of(Location(one.path, one.side, line, 1, line, 1))
    message = f"not analysed: {plain(one.message)}{where}"
    return Remark(
        path, span, "information", plain(one.kind), message, f"**Not analysed**: {escaped(one.message)}"
    )


def _status(report: Report, remarks: int) -> str:
    assessment = report.assessment
    level = f" {assessment.level}" if assessment.level not in (None, "note") else ""
    parts = [f"{assessment.verdict}{level}, {len(report.findings)} findings"]
    if report.limitations:
        parts.append(f"{len(report.limitations)} limits of what could be analysed")
    if remarks > MOST:
        parts.append(f"the first {MOST} of {remarks} are shown")
    return ", ".join(parts)
