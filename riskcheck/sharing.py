"""The units of a whole tree, shared out to processes.

Each process resolves units of its own, and hands back what the graph asks of their resources: `handing`. Bases and
the overlays that are built on them mostly lie in one folder, so the folders are what is shared out.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.handing import Handed, handed, taken
from riskcheck.models import Resolution
from riskcheck.workers import can_fork, count, is_copy, spread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.platforms.base import Platform, Workspace

PAYS: Final = 40
"""Units from which on sharing them out pays."""

DIVISIBLE: Final = frozenset({"kubernetes", "terraform"})
"""Platforms that resolve each unit on its own, and many of them in a tree."""

_FEW: Final = 8
"""Units of one folder that are never torn: its base is read and built once."""

_PARTS_EACH: Final = 8
"""Parts for each process, as far as folders allow."""


def resolve_shared(platform: Platform, workspace: Workspace, units: Collection[str], jobs: int) -> Resolution:
    """What `platform` makes of `units`, by up to `jobs` processes, 0 for as many as pay.

    Resources come in the order of one process; those of another one have no values.
    """
    jobs = count(jobs, pays=True)
    if jobs == 1 or platform.name not in DIVISIBLE or len(units) < PAYS or not can_fork():
        return platform.resolve(workspace, sorted(units))

    def work(folder: list[str]) -> Resolution | Handed:
        resolution = platform.resolve(workspace, folder)
        return handed(resolution) if is_copy() else resolution

    done = spread(work, _folders(units, jobs), jobs)
    return _joined([taken(one) if isinstance(one, Handed) else one for one in done], sorted(units))


def _folders(units: Iterable[str], jobs: int) -> list[list[str]]:
    """`units` by folder, those with most first: what takes long is not left to the end."""
    ordered = sorted(units)
    most = max(_FEW, len(ordered) // (jobs * _PARTS_EACH))
    parts: list[list[str]] = []
    for folder in _divided(ordered, 1, most):
        if parts and len(parts[-1]) + len(folder) <= most:
            parts[-1] += folder
        else:
            parts.append(folder)
    return sorted(parts, key=len, reverse=True)


def _divided(units: list[str], steps: int, most: int) -> Iterator[list[str]]:
    """`units`, which are sorted, by the first `steps` of their paths, by more where a part has over `most`."""
    for _, found in groupby(units, lambda unit: unit.split("/")[:steps]):
        folder = list(found)
        if len(folder) > most and any(unit.count("/") >= steps for unit in folder):
            yield from _divided(folder, steps + 1, most)
        else:
            yield folder


def _joined(parts: Iterable[Resolution], units: list[str]) -> Resolution:
    place = {unit: number for number, unit in enumerate(units)}
    resources = [one for part in parts for one in part.resources]
    resources.sort(key=lambda one: place.get(one.unit, 0))
    limitations = dict.fromkeys(one for part in parts for one in part.limitations)
    return Resolution(
        tuple(resources),
        limitations=tuple(limitations),
        read=frozenset().union(*(part.read for part in parts)),
    )
