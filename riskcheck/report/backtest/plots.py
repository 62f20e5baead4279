"""Plots as SVG in the page: drawn by classes of its style sheet, each with its title and a description."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.report.html.markup import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riskcheck.backtests import Estimate

WIDTH: Final = 560
ROW: Final = 24
NAMES: Final = 216
FIGURES: Final = 112
LONGEST_NAME: Final = 36
TICK: Final = 5


class Line(NamedTuple):
    """A curve: shares caught at 0, 1 … 100 %. look: its class."""

    title: str
    look: str
    heights: Sequence[float]


class Spot(NamedTuple):
    """A place in a square plot, both from 0 to 1."""

    name: str
    x: float
    y: float


class Row(NamedTuple):
    """A number with its interval. told: the same in words. look: its class."""

    name: str
    estimate: Estimate
    told: str
    look: str


def drawn(key: str, title: str, description: str, height: int, parts: Iterator[str]) -> str:
    """The SVG element. key: its id."""
    inside = "".join(parts)
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{text(title)}</title><desc id="{key}-d">{text(description)}</desc>{inside}</svg>'
    )


LEFT: Final = 62
TOP: Final = 14
SIDE: Final = 420


RIGHT: Final = WIDTH - 20
BOTTOM: Final = TOP + SIDE
SQUARE_HEIGHT: Final = BOTTOM + 46
LEAST: Final = 0.001
"""Where the logarithmic axes of shares begin."""


def square(lines: Sequence[Line], spots: Sequence[Spot], across: str, up: str) -> Iterator[str]:
    """Curves and spots over percentages on both axes, with the diagonal."""
    yield from _axes([tick / TICK for tick in range(TICK + 1)], float, across, up)
    for line in lines:
        last = max(1, len(line.heights) - 1)
        points = " ".join(f"{_x(at / last):.1f},{_y(height):.1f}" for at, height in enumerate(line.heights))
        yield f'<polyline class="curve {line.look}" points="{points}"/>'
    for spot in spots:
        x, y = _x(spot.x), _y(spot.y)
        yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        yield f'<text class="name" x="{x + 8:.1f}" y="{y + 4:.1f}">{text(spot.name)}</text>'


def reliability(places: Sequence[tuple[float, Estimate]], across: str, up: str) -> Iterator[str]:
    """Shares with intervals over stated ones, on logarithmic axes: most of both are small."""
    yield from _axes((LEAST, 0.01, 0.1, 1.0), _tenfold, across, up)
    for stated, one in places:
        x = _x(_tenfold(stated))
        if one.low is not None and one.high is not None:
            low, high = _y(_tenfold(one.low)), _y(_tenfold(one.high))
            yield f'<line class="range" x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}"/>'
        if one.value is not None:
            yield f'<circle class="dot" cx="{x:.1f}" cy="{_y(_tenfold(one.value)):.1f}" r="5"/>'


def _axes(ticks: Sequence[float], place: Callable[[float], float], across: str, up: str) -> Iterator[str]:
    for tick in ticks:
        x, y = _x(place(tick)), _y(place(tick))
        yield f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{BOTTOM}"/>'
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}"/>'
        yield f'<text class="middle" x="{x:.1f}" y="{BOTTOM + 17}">{100 * tick:g} %</text>'
        yield f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{100 * tick:g} %</text>'
    yield f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>'
    yield f'<path class="chance" d="M{LEFT} {BOTTOM}L{RIGHT} {TOP}"/>'
    yield f'<text class="middle" x="{(LEFT + RIGHT) / 2:.0f}" y="{BOTTOM + 36}">{text(across)}</text>'
    yield f'<text class="middle" transform="rotate(-90)" x="-{TOP + SIDE / 2:.0f}" y="13">{text(up)}</text>'


def _x(part: float) -> float:
    return LEFT + part * (RIGHT - LEFT)


def _y(part: float) -> float:
    return BOTTOM - part * SIDE


def _tenfold(value: float) -> float:
    """Where a share stands on a logarithmic axis; less than `LEAST` stands at its end."""
    return 1 - math.log(max(value, LEAST)) / math.log(LEAST)


def height_of(rows: Sequence[Row]) -> int:
    return ROW * len(rows) + 52


def forest(
    rows: Sequence[Row], ticks: Sequence[float], chance: float, across: str, *, logarithmic: bool = False
) -> Iterator[str]:
    """Rows of numbers with intervals; what lies beyond the first and last of `ticks` is cut off there."""
    place = _logarithm if logarithmic else float
    low, high = place(ticks[0]), place(ticks[-1])
    right = WIDTH - FIGURES
    bottom = ROW * len(rows) + 10

    def at(value: float) -> float:
        part = (place(value) - low) / (high - low)
        return NAMES + min(1.0, max(0.0, part)) * (right - NAMES)

    for tick in ticks:
        yield f'<line class="grid" x1="{at(tick):.1f}" y1="6" x2="{at(tick):.1f}" y2="{bottom}"/>'
        yield f'<text class="middle" x="{at(tick):.1f}" y="{bottom + 16}">{tick:g}</text>'
    yield f'<path class="chance" d="M{at(chance):.1f} 6V{bottom}"/>'
    for number, row in enumerate(rows):
        yield from _interval(row, ROW * number + ROW / 2 + 6, at)
    middle = (NAMES + right) / 2
    yield f'<text class="middle" x="{middle:.0f}" y="{bottom + 34}">{text(across)}</text>'


def _interval(row: Row, y: float, at: Callable[[float], float]) -> Iterator[str]:
    yield f'<g class="{row.look}"><text class="name" x="8" y="{y + 4:.1f}">{text(row.name, LONGEST_NAME)}</text>'
    one = row.estimate
    if one.low is not None and one.high is not None:
        ends = at(one.low), at(one.high)
        yield f'<line class="range" x1="{ends[0]:.1f}" y1="{y:.1f}" x2="{ends[1]:.1f}" y2="{y:.1f}"/>'
    if one.value is not None:
        yield f'<circle class="dot" cx="{at(one.value):.1f}" cy="{y:.1f}" r="4.5"/>'
    yield f'<text class="end" x="{WIDTH - 6}" y="{y + 4:.1f}">{text(row.told)}</text></g>'


def _logarithm(value: float) -> float:
    return math.log(max(value, 1e-9))
