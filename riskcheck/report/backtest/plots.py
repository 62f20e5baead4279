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
NAMES: Final = 200
FIGURES: Final = 116
LONGEST_NAME: Final = 30
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


LEFT, TOP, SIDE = 52, 14, 420


def square(
    lines: Sequence[Line], spots: Sequence[Spot], across: str, up: str, most: float = 1.0
) -> Iterator[str]:
    """Curves and spots over percentages from 0 to `most` on both axes, with the diagonal."""
    right, bottom = WIDTH - 20, TOP + SIDE
    for tick in range(TICK + 1):
        part = tick / TICK
        x, y = LEFT + part * (right - LEFT), bottom - part * SIDE
        said = f"{100 * most * part:.3g} %"
        yield f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield f'<text class="middle" x="{x:.1f}" y="{bottom + 17}">{said}</text>'
        yield f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{said}</text>'
    yield f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{bottom}H{right}"/>'
    yield f'<path class="chance" d="M{LEFT} {bottom}L{right} {TOP}"/>'
    for line in lines:
        last = max(1, len(line.heights) - 1)
        points = " ".join(
            f"{LEFT + at / last * (right - LEFT):.1f},{bottom - height * SIDE:.1f}"
            for at, height in enumerate(line.heights)
        )
        yield f'<polyline class="curve {line.look}" points="{points}"/>'
    for spot in spots:
        x, y = LEFT + spot.x / most * (right - LEFT), bottom - spot.y / most * SIDE
        yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        if spot.name:
            yield f'<text class="name" x="{x + 8:.1f}" y="{y + 4:.1f}">{text(spot.name)}</text>'
    yield f'<text class="middle" x="{(LEFT + right) / 2:.0f}" y="{bottom + 36}">{text(across)}</text>'
    yield (f'<text class="middle" transform="rotate(-90)" x="-{TOP + SIDE / 2:.0f}" y="13">{text(up)}</text>')


SQUARE_HEIGHT: Final = TOP + SIDE + 46


def upright(estimates: Sequence[tuple[float, Estimate]], most: float) -> Iterator[str]:
    """Intervals over a square plot: at x, from low to high."""
    right, bottom = WIDTH - 20, TOP + SIDE
    for place, one in estimates:
        if one.low is None or one.high is None:
            continue
        x = LEFT + place / most * (right - LEFT)
        low, high = (bottom - min(end, most) / most * SIDE for end in (one.low, one.high))
        yield f'<line class="range" x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}"/>'


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
