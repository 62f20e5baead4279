"""Platforms whose files say what is: each is read by itself, and its change alone makes or loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Resolution
from riskcheck.platforms.problems import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from riskcheck.documents.store import Document
    from riskcheck.models import Action, Change, Limitation, Resource
    from riskcheck.platforms.base import Workspace


def resolution_of_files(
    workspace: Workspace,
    units: Collection[str],
    made: Callable[[Document], Iterable[Resource]],
    format: Callable[[str], str | None] = lambda _: None,
) -> Resolution:
    """What `made` makes of each of `units`, which are paths, where this side has it. format: as what a path is
    read, whatever its name says."""
    resources: list[Resource] = []
    limitations: dict[Limitation, None] = {}
    read: set[str] = set()
    for path in sorted(units):
        if workspace.tree.entry(path) is not None:
            read.add(path)
            resources.extend(made(readable(workspace, path, limitations, format(path))))
    return resolution_of(resources, limitations, read)


def resolution_of(
    resources: Sequence[Resource], limitations: Iterable[Limitation], read: Iterable[str]
) -> Resolution:
    """A resolution, with the environments of its resources in order of their names."""
    found = {one.environment.name: one.environment for one in resources}
    return Resolution(
        tuple(resources), tuple(found[name] for name in sorted(found)), tuple(limitations), frozenset(read)
    )


def action_of(changes: Collection[Change], gone: Action = "none") -> Action:
    """The action for all `changes` of one resource in one environment. gone: of one that is no longer declared."""
    for change in changes:
        if change.path == () and change.kind in ("added", "removed"):
            return "create" if change.kind == "added" else gone
    return "update" if changes else "none"
