"""How likely a change will have to be taken back: by the history of what it touches and the shape of its edits.

Additive points: 10 double the odds. Each term is a weight times evidence between 0 and 1; the terms of a family add
up to its cap at most, so that one cause does not count under five names. Nothing asks who wrote the change.

Logit p = logit(base rate of the repository) + (points - usual points) * slope.
"""

from __future__ import annotations

from math import exp, log, log1p, log2
from typing import TYPE_CHECKING, Final

from riskcheck.durations import DAY
from riskcheck.history.past import KINDS, places_of
from riskcheck.history.shapes import OFF, ON, TENFOLD, ZEROED
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.history.model import LandedChange
    from riskcheck.history.past import Kind, Past, Places

POINTS: Final = 10 / log(2)
"""Points of one unit of log-odds."""

PRIOR_RATE: Final = 0.013
"""Landed changes of configuration by people that are taken back: median of 28 public repositories."""

PRIOR_STRENGTH: Final = 200
"""How many changes that prior counts for against those of the repository itself."""

SOON: Final = 7.0
LONG: Final = 180.0
"""Half-lives, in days, in which a revert loses half of its weight."""


class Weight(NamedTuple):
    """points: what full evidence adds. family: see `CAPS`. words: the term, for people."""

    points: float
    family: str
    words: str


WEIGHTS: Final[Mapping[str, Weight]] = {
    "key-soon": Weight(5, "reverts", "the same key was just reverted"),
    "key-long": Weight(6, "reverts", "the same key was reverted before"),
    "file-soon": Weight(4, "reverts", "a change of the same file was just reverted"),
    "file-long": Weight(3, "reverts", "a change of the same file was reverted before"),
    "folder-soon": Weight(6, "reverts", "a change in the same folder was just reverted"),
    "folder-long": Weight(4, "reverts", "a change in the same folder was reverted before"),
    "component-soon": Weight(3, "reverts", "a change of the same component was just reverted"),
    "component-long": Weight(4, "reverts", "a change of the same component was reverted before"),
    "folder-rate": Weight(6, "rate", "changes in this folder are reverted more often than others"),
    "component-rate": Weight(4, "rate", "changes of this component are reverted more often than others"),
    "file-rate": Weight(1, "rate", "changes of this file are reverted more often than others"),
    "file-quiet": Weight(4, "quiet", "nobody has touched these files for long"),
    "folder-quiet": Weight(4, "quiet", "nobody has touched this folder for long"),
    "size": Weight(8, "size", "it edits many lines"),
    "again": Weight(5, "attempt", "its title says that it was tried before"),
    "toggle": Weight(4, "shape", "a switch is turned"),
    "tenfold": Weight(4, "shape", "a number changes ten times or more"),
    "zeroed": Weight(2, "shape", "a value goes to zero"),
    "commented": Weight(2, "shape", "lines become comments, or comments lines"),
    "wiring": Weight(1, "shape", "it edits what is put together from what"),
}

CAPS: Final[Mapping[str, float]] = {
    "reverts": 30,
    "rate": 12,
    "quiet": 8,
    "size": 8,
    "attempt": 5,
    "shape": 6,
}
"""Most points of a family."""


class Evidence(NamedTuple):
    """A term that holds. strength: from 0 to 1. points: what it adds, before the cap of its family."""

    name: str
    strength: float
    points: float


class Likelihood(NamedTuple):
    """points: of all terms, families capped. evidence: what adds to them, most first."""

    points: float
    evidence: tuple[Evidence, ...]


def likelihood(change: LandedChange, past: Past) -> Likelihood:
    """The points of `change`, landing after all that `past` knows."""
    strengths = strengths_of(change, past)
    found = [
        Evidence(name, strengths[name], weight.points * strengths[name])
        for name, weight in WEIGHTS.items()
        if strengths[name] * weight.points > 0
    ]
    return Likelihood(_capped(found), tuple(sorted(found, key=lambda one: (-one.points, one.name))))


def _capped(found: Iterable[Evidence]) -> float:
    families: dict[str, float] = {}
    for one in found:
        family = WEIGHTS[one.name].family
        families[family] = families.get(family, 0.0) + one.points
    return sum(min(points, CAPS[family]) for family, points in families.items())


def strengths_of(change: LandedChange, past: Past) -> dict[str, float]:
    """The evidence for each term of `WEIGHTS`, from 0 to 1."""
    places = places_of(change)
    shapes = {one.shape for one in change.keys if one.key}
    judged, reverted = past.totals()
    rate = base_rate(judged, reverted)
    found = {
        "size": min(log2(1 + change.lines) / 10, 1.0),
        "again": float("again" in change.signals),
        "toggle": float(ON in shapes or OFF in shapes),
        "tenfold": float(TENFOLD in shapes),
        "zeroed": float(ZEROED in shapes),
        "commented": float("commented" in change.signals),
        "wiring": float(any(is_wiring(one.key) for one in change.keys)),
        "file-quiet": _quiet("file", places, past, change.time),
        "folder-quiet": _quiet("folder", places, past, change.time),
    }
    for kind in KINDS:
        found[f"{kind}-soon"] = _recent(kind, places, past, change.time, SOON)
        found[f"{kind}-long"] = _recent(kind, places, past, change.time, LONG)
    for kind in KINDS[1:]:
        found[f"{kind}-rate"] = _rate(kind, places, past, rate)
    return found


def _recent(kind: Kind, places: Places, past: Past, now: int, half_life: float) -> float:
    """How recently, and how often, the worst of `places` was reverted: 0 for never, 1 for twice just now."""

    def weight(name: str) -> float:
        return sum(2 ** (-max(now - time, 0) / DAY / half_life) for time in past.reverts(kind, name))

    most = max((weight(name) for name in places.of(kind)), default=0.0)
    return min(log1p(4 * most) / log1p(8), 1.0)


def _rate(kind: Kind, places: Places, past: Past, usual: float) -> float:
    """How much more often than `usual` changes there are reverted, in the mean over all places: 0 for no more, 1
    for sixteen times. Ten changes of the usual kind are taken for granted, so that one revert proves little."""
    names = places.of(kind)
    if not names:
        return 0.0
    rates = [
        (len(past.reverts(kind, name)) + 10 * usual) / (past.touches(kind, name).number + 10)
        for name in names
    ]
    mean = sum(rates) / len(rates)
    return min(max(log2(mean / usual) / 4, 0.0), 1.0)


def _quiet(kind: Kind, places: Places, past: Past, now: int) -> float:
    """For how long nobody touched any of `places`: 0 for today, 1 for a year and for never."""
    times = [past.touches(kind, name).last for name in places.of(kind)]
    last = max((time for time in times if time is not None), default=None)
    if last is None:
        return 1.0
    return min(log1p(max(now - last, 0) / DAY) / log1p(365), 1.0)


_WIRES: Final = frozenset(
    {
        *(
            "resources",
            "components",
            "bases",
            "patches",
            "patchesStrategicMerge",
            "generators",
            "transformers",
        ),
        *("include", "dependencies", "helmCharts", "source", "sources", "repoURL", "targetRevision", "chart"),
    }
)


def is_wiring(key: str) -> bool:
    """Whether a key says what is put together from what."""
    return any(part.partition("[")[0] in _WIRES for part in key.rpartition(" ")[2].split("."))


def base_rate(judged: int, reverted: int) -> float:
    """Share of changes that are taken back, of this repository as far as it is known, else of others."""
    return (reverted + PRIOR_RATE * PRIOR_STRENGTH) / (judged + PRIOR_STRENGTH)


def probability(rate: float, points: float, usual: float, slope: float = 1.0) -> float:
    """p of a change with `points`, where the mean of odds over changes is that of `usual` points."""
    return 1 / (1 + exp(-(log(rate / (1 - rate)) + (points - usual) * slope / POINTS)))
