"""Which changed file reaches which environments, and by which of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from riskcheck.causes import edited_place, written_in
from riskcheck.planning.facts import Cell, cell_of
from riskcheck.plans import UNREAD, Unstaged
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.models import Change, Side
    from riskcheck.planning.facts import PlanInput
    from riskcheck.trees import PathChange

Line: TypeAlias = tuple[int, "Side"]
"""Number of a line, and the side it stands on."""


class Reach(NamedTuple):
    """What one changed file does. lines: edited lines to the environments that get something of them. changes: what
    comes of it; empty where only its place says whom it concerns."""

    cells: frozenset[Cell]
    lines: Mapping[Line, frozenset[Cell]]
    changes: tuple[Change, ...]


def reaches(given: PlanInput) -> dict[str, Reach]:
    """Changed paths (by their name in head) that deploy something to what they reach. Those that do nothing are not
    in it."""
    names = {name: one.path for one in given.paths for name in (one.old_path, one.path)}
    changes: dict[str, list[Change]] = {}
    lines: dict[str, dict[Line, set[Cell]]] = {}
    for change in given.changes:
        cell = cell_of(change.environment)
        place = edited_place(change)
        for path in {names[path] for path in written_in(change) if path in names}:
            changes.setdefault(path, []).append(change)
        if place.path in names:
            at = lines.setdefault(names[place.path], {})
            at.setdefault((place.line, place.side), set()).add(cell)
    found = {
        path: Reach(
            frozenset(cell_of(change.environment) for change in members),
            {line: frozenset(cells) for line, cells in sorted(lines.get(path, {}).items())},
            tuple(members),
        )
        for path, members in changes.items()
    }
    for one in given.paths:
        if one.path not in found and one.path in given.read and one.path not in given.undeployed:
            cells = _by_place(one.path, given.changes, changes)
            if cells:
                found[one.path] = Reach(cells, {}, ())
    return found


def _by_place(
    path: str, changes: Sequence[Change], written: Mapping[str, Sequence[Change]]
) -> frozenset[Cell]:
    """Whom a file concerns that no value stands in, such as the list of files of an overlay: the environments whose
    unit it lies in, else those that get something out of the same folder, else all."""
    folder = path.rpartition("/")[0]
    inside = [
        change
        for change in changes
        if change.resource.unit and f"{path}/".startswith(f"{change.resource.unit}/")
    ]
    if not inside:
        inside = [
            change
            for other, members in written.items()
            if other.rpartition("/")[0] == folder or other.startswith(f"{folder}/")
            for change in members
        ]
    return frozenset(cell_of(change.environment) for change in inside or changes)


def unstaged(given: PlanInput, found: Mapping[str, Reach]) -> tuple[Unstaged, ...]:
    """The changed files that belong to no wave."""
    unread = {limit.path for limit in given.report.limitations}
    return tuple(
        Unstaged(one.path, UNREAD if one.path in unread else _reason(one, given))
        for one in sorted(given.paths, key=lambda one: one.path)
        if one.path not in found
    )


def _reason(one: PathChange, given: PlanInput) -> str:
    if one.path in given.undeployed:
        return given.undeployed[one.path]
    if one.path in given.read:
        return "changes nothing that is deployed: any time"
    return "not read as configuration: any time"
