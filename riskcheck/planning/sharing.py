"""Files that reach several waves: they cannot be merged wave by wave, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import render_path
from riskcheck.phrases import listed
from riskcheck.planning.facts import Cell, cell_of
from riskcheck.plans import SharedFile, SharedLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Environment
    from riskcheck.planning.facts import PlanInput
    from riskcheck.planning.files import Line, Reach

MOST_PARTS = 3
"""Places that a sentence names."""


def shared_files(
    given: PlanInput, found: Mapping[str, Reach], waves: Sequence[Sequence[Environment]]
) -> tuple[SharedFile, ...]:
    """The files of `found` that reach more than one of `waves`, each with its way out."""
    number = {cell_of(one): at for at, members in enumerate(waves, 1) for one in members}
    files = []
    for path, reach in sorted(found.items()):
        numbers = sorted({number[cell] for cell in reach.cells})
        if len(numbers) < 2:
            continue
        shared = {
            line: cells for line, cells in reach.lines.items() if len({number[cell] for cell in cells}) > 1
        }
        lines = tuple(_line(given, path, line, _names(cells, waves)) for line, cells in shared.items())
        separable = bool(reach.lines) and not lines
        advice = (
            _parts(path, reach, waves) if separable else _advice(given, path, reach, lines, numbers, waves)
        )
        files.append(SharedFile(path, tuple(numbers), lines, separable, advice))
    return tuple(files)


def _line(given: PlanInput, path: str, line: Line, names: tuple[str, ...]) -> SharedLine:
    number, side = line
    key = render_path(given.key(path, side, number))
    return SharedLine(_place(path, number, side), key, given.line(path, side, number).strip(), names, side)


def _place(path: str, line: int, side: str) -> str:
    return f"{path}:{line}" if side == "head" else f"{path}:{line} (base)"


def _names(cells: Iterable[Cell], waves: Sequence[Sequence[Environment]]) -> tuple[str, ...]:
    wanted = set(cells)
    return tuple(one.name for members in waves for one in members if cell_of(one) in wanted)


def _parts(path: str, reach: Reach, waves: Sequence[Sequence[Environment]]) -> tuple[str, ...]:
    parts = [
        f"{_place(path, line, side)} for {', '.join(_names(cells, waves))}"
        for (line, side), cells in reach.lines.items()
    ]
    shown = listed(parts, MOST_PARTS, "; ")
    return (f"each edited line reaches one wave only: merge them one by one, {shown}",)


def _advice(
    given: PlanInput,
    path: str,
    reach: Reach,
    lines: Sequence[SharedLine],
    numbers: Sequence[int],
    waves: Sequence[Sequence[Environment]],
) -> tuple[str, ...]:
    advice = []
    first = [one for one in waves[numbers[0] - 1] if cell_of(one) in reach.cells]
    stated = [one for one in lines if one.side == "head"]
    if stated:
        advice.append(
            f"leave {_places(stated)} as in base and set the new value {_where(reach, stated, first)} first (wave "
            f"{numbers[0]}), then wave by wave; when all run it, move it here and drop the overrides"
        )
    gone = [one for one in lines if one.side == "base"]
    if gone:
        advice.append(
            f"state what {_places(gone)} held for each environment on its own instead, all but "
            f"{', '.join(one.name for one in first)} (wave {numbers[0]}), then take it out there wave by wave"
        )
    advice.append(_gated(given, path, [one for number in numbers[1:] for one in waves[number - 1]]))
    return tuple(advice)


def _places(lines: Sequence[SharedLine]) -> str:
    return listed((one.place for one in lines), MOST_PARTS)


def _where(reach: Reach, lines: Sequence[SharedLine], first: Sequence[Environment]) -> str:
    """Where an override for the environments `first` would stand."""
    platforms = {change.resource.platform for change in reach.changes}
    cells = {cell_of(one) for one in first}
    if platforms == {"databricks"}:
        rest = _below_target(lines[0].key) if len(lines) == 1 else ""
        return "under " + ", ".join(f"targets.{one.name}{rest}" for one in first)
    units = sorted(
        {
            change.resource.unit
            for change in reach.changes
            if cell_of(change.environment) in cells and change.resource.unit
        }
    )
    if platforms == {"kubernetes"} and units:
        return f"as a patch in {listed(units, MOST_PARTS)}"
    return "for " + ", ".join(one.name for one in first) + " alone"


def _below_target(key: str) -> str:
    """Where a bundle's target overrides what stands at `key` of its root."""
    if key.startswith("variables.") and key.endswith(".default"):
        return "." + key.removesuffix(".default")
    steps = key.split(".")
    return "." + ".".join(steps[:3]) if steps[0] == "resources" and len(steps) > 2 else ""


def _gated(given: PlanInput, path: str, later: Sequence[Environment]) -> str:
    """What a pipeline can do about it: stop between the waves."""
    partly = []
    for pipeline in given.pipelines:
        if pipeline.unit and not path.startswith(pipeline.unit + "/"):
            continue
        place = f"{pipeline.location.path}:{pipeline.location.line}"
        if later and all(one.name in pipeline.gated for one in later):
            return f"or merge it at once: {place} waits before each later wave; hold it there for the soak"
        held = [one.name for one in later if one.name in pipeline.gated]
        if held:
            free = ", ".join(one.name for one in later if one.name not in pipeline.gated)
            partly.append(f"{place} waits before {', '.join(held)}, and not before {free}")
    if partly:
        return f"or merge it at once: {partly[0]}; hold it there for the soak"
    return (
        "or merge it at once and have the pipeline wait between the waves: no CI definition that deploys them in "
        "order behind gates was found"
    )
