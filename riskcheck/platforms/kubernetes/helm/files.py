"""Values files of one tree, and what keeps them from being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import format_of
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping
from riskcheck.platforms.encrypted import without_ciphertext
from riskcheck.platforms.kubernetes.edit import is_null
from riskcheck.platforms.problems import problem_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.globs import Glob
    from riskcheck.nodes import Node
    from riskcheck.platforms.base import Workspace

_TEMPLATE: Final = ".gotmpl"


class Named(NamedTuple):
    """Paths that a file names, and patterns of such."""

    paths: frozenset[str]
    patterns: tuple[Glob, ...]


class Files:
    """The mappings of files, each read once. Nothing is said of files that the change leaves alone: they are the
    same on both sides.

    limitations, seen: what is found wrong, and what was read, are put into these.
    """

    def __init__(self, workspace: Workspace, limitations: dict[Limitation, None], seen: set[str]) -> None:
        self.workspace = workspace
        self.limitations = limitations
        self.seen = seen
        self.templates: dict[str, list[Mapping]] = {}
        """What was read of files that are Go templates, without executing them."""
        self.named: dict[str, Named] = {}
        """Directory to what the helmfiles in it name."""
        self._known: dict[str, Mapping | None] = {}

    def exists(self, path: str) -> bool:
        return self.workspace.tree.entry(path) is not None

    def mapping(self, path: str) -> Mapping | None:
        """The mapping of `path`, secrets of sops by their keys only. None where there is none: it is absent, empty,
        or cannot be read. One of the head that the change broke counts as it was in the base."""
        if path in self._known:
            found = self._known[path]
        else:
            found = self._known[path] = self._read(path) if self.exists(path) else None
        if self.exists(path):
            self.seen.add(path)
        return found

    def differs(self, path: str) -> bool:
        """Whether `path` is another file, or none, on the other side; without one it counts as another."""
        other = self.workspace.other
        if other is None:
            return True
        here, there = self.workspace.tree.entry(path), other.tree.entry(path)
        if here is None or there is None:
            return here is not there
        return here.blob is None or here.blob != there.blob

    def say(self, path: str, kind: str, message: str, node: Node | None = None) -> None:
        """Notes a limit of what can be known, where the change touches `path`: in head, where the file is there."""
        workspace = self.workspace
        gone = workspace.other is None or workspace.other.tree.entry(path) is None
        if path in workspace.touched and (workspace.side == "head" or gone):
            line = node.file_line if node is not None and node.source.path == path else None
            self.limitations.setdefault(Limitation(path, kind, message, line, self.workspace.side))

    def _read(self, path: str) -> Mapping | None:
        if path.endswith(_TEMPLATE):
            self.say(path, "unresolved-template", "a values file that is a template is not evaluated")
            return None
        wanted = None if format_of(path) in ("yaml", "json") else "yaml"
        document = self.workspace.documents.get(path, wanted)
        if path in self.workspace.touched:
            problem = problem_of(document, self.workspace.other)
            if problem is not None:
                self.limitations.setdefault(problem)
        root = document.root if document.error is None else self._before(path, wanted)
        if isinstance(root, Mapping):
            return without_ciphertext(root)
        if root is not None and not is_null(root):
            self.say(path, "invalid", "a values file whose content is no mapping")
        return None

    def _before(self, path: str, wanted: str | None) -> Node | None:
        other = self.workspace.other
        if other is None or self.workspace.side != "head" or path not in self.workspace.touched:
            return None
        before = other.get(path, wanted)
        return before.root if before.error is None else None
