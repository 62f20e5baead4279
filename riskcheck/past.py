"""Units as earlier commits had them: resolved anew behind each, each once per run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms import load
from riskcheck.rollout.sought import Snapshot
from riskcheck.trees import Footprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.models import Resource
    from riskcheck.platforms.base import Platform, Workspace
    from riskcheck.trees import History, Tree

_MOST_WORKSPACES: Final = 8
"""Workspaces that are kept: those of one unit's last commits, mostly."""


_MOST_REMOVALS: Final = 30
"""Commits that are looked at for units that are gone."""


class Past:
    """`riskcheck.rollout.sought.Past`: what is read behind the commits of `history`.

    present: the workspace of its newest commit, by whose environments and parsed documents the older ones are read.
    """

    def __init__(self, history: History, present: Workspace) -> None:
        self._history = history
        self._present = present
        self._workspaces: dict[int, Workspace] = {0: present}
        self._built: dict[tuple[str, str], tuple[Tree, object]] = {}
        self._snapshots: dict[tuple[str, str, int], Snapshot] = {}

    def unit(self, platform: str, unit: str, number: int) -> Snapshot:
        """Raises `CutOffError`."""
        key = (platform, unit, number)
        known = self._snapshots.get(key)
        if known is None:
            known = self._snapshots[key] = self._resolve(platform, unit, number)
        return known

    def units_reading(self, platform: str, paths: Collection[str], number: int) -> frozenset[str]:
        """Raises `CutOffError`."""
        return _platform(platform).units(self._workspace(number), paths)

    def vanished(self, platform: str, root: str, oldest: int) -> Iterator[tuple[Resource, ...]]:
        """What units below folder `root` held before files of theirs vanished, newest first, back to `oldest`
        (seconds since the epoch). Raises `CutOffError`."""
        below = Footprint(frozenset(), frozenset({root}))
        start = 0
        for _ in range(_MOST_REMOVALS):
            landing = self._history.latest(below, start, oldest)
            if landing is None:
                return
            start = landing.number + 1
            kept = self._workspace(landing.number).tree.entries()
            before = self._workspace(start).tree.entries()
            gone = [path for path in before if path not in kept and (not root or path.startswith(root + "/"))]
            for unit in sorted(self.units_reading(platform, gone, start)) if gone else ():
                yield self.unit(platform, unit, start).resources

    def _resolve(self, platform: str, unit: str, number: int) -> Snapshot:
        workspace = self._workspace(number)
        resolution = _platform(platform).resolve(workspace, [unit])
        paths = resolution.read | resolution.placed_by
        folders = {path.rpartition("/")[0] for path in resolution.read}
        folders.add("" if unit == "." else unit)
        documents = workspace.documents
        unread = next((path for path in sorted(paths) if documents.get(path).unreadable in _UNKNOWN), None)
        return Snapshot(resolution.resources, Footprint(paths, frozenset(folders)), unread)

    def _workspace(self, number: int) -> Workspace:
        known = self._workspaces.get(number)
        if known is None:
            tree = self._history.tree(number)
            present = self._present
            known = self._workspaces[number] = present._replace(
                tree=tree,
                documents=present.documents.beside(tree),
                touched=frozenset(),
                other=None,
                memory=None,
                built=self._built,
            )
            if len(self._workspaces) > _MOST_WORKSPACES:
                del self._workspaces[next(one for one in self._workspaces if one != 0)]
        return known


_UNKNOWN: Final = frozenset({"missing-blob", "corrupt", "too-large"})
"""Ways of being unreadable that leave open what was deployed."""


def _platform(name: str) -> Platform:
    return next(platform for platform in load() if platform.name == name)
