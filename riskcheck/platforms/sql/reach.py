"""Which environments the statements of a file are run in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.cells import tell
from riskcheck.platforms.families import unnamed
from riskcheck.platforms.plain.layers import Layers
from riskcheck.platforms.sql.script import read_script
from riskcheck.platforms.sql.targets import Targets

if TYPE_CHECKING:
    from riskcheck.models import Environment
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.sql.script import Entry, Script


class Reach:
    """Told by the path of a file, as for other configuration; else by the bundle that deploys it; else by the
    catalogs that it names (``prod.sales.orders``); else unknown."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._layers = Layers(workspace.tree, workspace.environments)
        self._targets = Targets(workspace)

    def of(self, script: Script) -> dict[Environment, list[Entry]]:
        """Environment to the statements that run there. Those that the other side alone reaches have none, so that
        both sides have the same resources."""
        by_path = self._layers.of(script.path) or self._targets.of(script.path)
        if by_path:
            return {environment: list(script.entries) for environment in by_path}
        found: dict[Environment, list[Entry]] = {}
        for one in self._of_other_side(script):
            found.setdefault(one, [])
        for entry in script.entries:
            found.setdefault(self._of_catalog(entry, script.path), []).append(entry)
        return found or {unnamed(script.path): []}

    def _of_other_side(self, script: Script) -> list[Environment]:
        other = self._workspace.other
        if other is None:
            return []
        document = other.get(script.path)
        entries = read_script(script.path, document.side, document.text).entries
        return [self._of_catalog(entry, script.path) for entry in entries]

    def _of_catalog(self, entry: Entry, path: str) -> Environment:
        parts = entry.full.split(".")
        catalog = parts[0] if len(parts) == 3 or entry.object in ("CATALOG", "SCHEMA") else ""
        told = tell(catalog) if catalog else None
        if told is None or told.stage is None or not told.sure:
            return unnamed(path)
        source = f"catalog {catalog} in {path}"
        return self._workspace.environments.named(catalog, source=source)
