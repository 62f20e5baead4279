"""The targets of the bundle that deploys a SQL file: by a task that runs it, or a pipeline that is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.databricks.discovery import ROOT_NAMES, below, bundles_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Environment
    from riskcheck.nodes import Node
    from riskcheck.platforms.base import Workspace

MOST_FILES: Final = 300
"""YAML files of one bundle that are searched for the name of a file."""


class Targets:
    """The bundles of one side, asked for files that lie in them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._texts: dict[str, str] = {}

    def of(self, path: str) -> tuple[Environment, ...]:
        """The targets of the innermost bundle around `path`, if any of its files names it; else ()."""
        tree = self._workspace.tree
        for directory in bundles_above(path):
            for name in ROOT_NAMES:
                root = below(directory, name)
                if tree.entry(root) is not None:
                    return tuple(self._targets(root)) if self._names(directory, path) else ()
        return ()

    def _names(self, directory: str, path: str) -> bool:
        """Whether the configuration of the bundle has the name of the file, or a pattern for its folder."""
        folder, _, name = path.rpartition("/")
        text = self._text(directory)
        above = folder.rpartition("/")[2]
        return name in text or (bool(above) and (f"{above}/**" in text or f"{above}/*" in text))

    def _text(self, directory: str) -> str:
        if directory not in self._texts:
            tree = self._workspace.tree
            prefix = below(directory, "")
            paths = [
                one for one in tree.entries() if one.startswith(prefix) and one.endswith((".yml", ".yaml"))
            ]
            tree.prefetch(paths[:MOST_FILES])
            texts = (self._workspace.documents.get(one).text for one in paths[:MOST_FILES])
            self._texts[directory] = "\n".join(texts)
        return self._texts[directory]

    def _targets(self, root: str) -> Iterator[Environment]:
        document = self._workspace.documents.get(root, merge="databricks")
        targets = document.root.get("targets") if isinstance(document.root, Mapping) else None
        for key, settings in targets.entries if isinstance(targets, Mapping) else ():
            host = _text(settings, "workspace", "host")
            yield self._workspace.environments.named(
                key.raw,
                source=f"{root}:{key.file_line}",
                hints=[host] if host and "${" not in host else [],
                mode=_text(settings, "mode") or None,
            )


def _text(node: Node, *path: str) -> str:
    found = node.at(*path) if isinstance(node, Mapping) else None
    return found.raw if isinstance(found, Scalar) else ""
