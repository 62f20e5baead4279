"""The configuration of one unit of Terragrunt: what its files come to, together with those that they include."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.problems import readable
from riskcheck.platforms.terraform.effort import Effort
from riskcheck.platforms.terraform.evaluate import plain, text_of
from riskcheck.platforms.terraform.terragrunt.functions import FileScope, in_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Limitation
    from riskcheck.platforms.base import Workspace

_MOST_FILES: Final = 500
"""Files read for one unit, each time that one is."""

_MOST_NESTED: Final = 10
"""Files that read each other."""


class Reader:
    """What the files of one unit share. unit: its directory. variable: environment variables that the repository
    shows. Everything read is in `read`, and what could not be in `limitations`."""

    def __init__(self, workspace: Workspace, unit: str, variable: Callable[[str], str | None]) -> None:
        self.workspace = workspace
        self.unit = unit
        self.variable = variable
        self.effort = Effort()
        self.read: set[str] = set()
        self.limitations: dict[Limitation, None] = {}
        self.texts: dict[int, tuple[Node, str]] = {}
        self.seen: dict[str, Mapping | None] = {}
        self._files = 0

    def root(self, path: str) -> Mapping | None:
        """The file at `path`; None where there is none, or where the unit has too many."""
        self._files += 1
        if self._files > _MOST_FILES or self.workspace.tree.entry(path) is None:
            return None
        self.read.add(path)
        found = readable(self.workspace, path, self.limitations).root
        return found if isinstance(found, Mapping) else None


class File:
    """One file as read for a unit.

    context: the directory that functions start from: that of the unit, or of the file where it is read and not
    included. above: the directory of the file that is included, by label.
    """

    def __init__(
        self, reader: Reader, path: str, context: str, above: dict[str, str] | None = None, depth: int = 0
    ) -> None:
        self._reader = reader
        self.path = path
        self.context: str = context
        self.unit: str = reader.unit
        self._depth = depth
        self._above = above
        self._root = reader.root(path)
        self._locals: dict[str, Node | None] = {}
        self._included: list[tuple[str, str, File]] | None = None
        self.scope = FileScope(self, self._lookup, reader.effort)

    @property
    def is_there(self) -> bool:
        return self._root is not None

    @property
    def is_skipped(self) -> bool:
        """Whether ``skip`` keeps it from being applied."""
        written = self._root.get("skip") if self._root is not None else None
        return plain(self.evaluated(written)) is True

    def blocks(self, kind: str) -> tuple[Mapping, ...]:
        """The blocks of a kind, as they are written."""
        held = self._root.get(kind) if self._root is not None else None
        items = held.items if isinstance(held, Sequence) else (held,)
        return tuple(one for one in items if isinstance(one, Mapping))

    def evaluated(self, node: Node | None) -> Node | None:
        return None if node is None else self.scope.value(node)

    def inputs(self) -> Node | None:
        return self.evaluated(self._root.get("inputs")) if self._root is not None else None

    def includes(self) -> list[tuple[str, str, File]]:
        """(label, how it is merged, file) of each include."""
        if self._included is None:
            self._included = []
            for block in self.blocks("include") if self._depth < _MOST_NESTED else ():
                path = text_of(self.evaluated(block.get("path")))
                if path is None:
                    continue
                there = in_repository(self.context, path)
                strategy = text_of(self.evaluated(block.get("merge_strategy"))) or "shallow"
                above = {"": dirname(there)}
                file = File(self._reader, there, self.context, above, self._depth + 1)
                if file.is_there:
                    self._included.append((label_of(block), strategy, file))
        return self._included

    def _lookup(self, root: str, name: str) -> Node | None:
        if root == "local":
            if name not in self._locals:
                self._locals[name] = None  # what refers to itself stays unknown
                self._locals[name] = self._local(name)
            return self._locals[name]
        if root == "include":
            for label, _, file in self.includes():
                if label == name:
                    return file.exposed()
            if name in ("locals", "inputs") and len(self.includes()) == 1:
                whole = self.includes()[0][2].exposed()
                return whole.get(name) if whole is not None else None
        if root == "feature":
            return next((one for one in self.blocks("feature") if label_of(one) == name), None)
        return None

    def _local(self, name: str) -> Node | None:
        for block in self.blocks("locals"):
            found = self.evaluated(block.get(name))
            if found is not None:
                return None if isinstance(found, Scalar) and found.tag == EXPRESSION else found
        return None

    def exposed(self) -> Mapping | None:
        """What others see of it: locals and inputs, where they are known."""
        if self._root is None:
            return None
        found: list[tuple[Scalar, Node]] = []
        for key, _ in self._root.entries:
            if key.raw == "locals":
                for block in self.blocks("locals"):
                    known = [
                        (one, value)
                        for one, _ in block.entries
                        if (value := self._lookup("local", one.raw)) is not None
                    ]
                    found.append((key, block.with_entries(known)))
            elif key.raw == "inputs":
                inputs = self.inputs()
                if inputs is not None:
                    found.append((key, inputs))
        return self._root.with_entries(found)

    # What functions ask.

    def variable(self, name: str) -> str | None:
        return self._reader.variable(name)

    def exists(self, path: str) -> bool:
        return self._reader.workspace.tree.entry(path) is not None

    def included_from(self, label: str) -> str | None:
        """The directory of the file that is included, seen from either end."""
        if self._above is not None:
            return self._above.get(label, self._above.get(""))
        # Asked while the include itself is read, nothing is known yet.
        held = self._included or (self.includes() if self._included is None else [])
        named = [file for name, _, file in held if not label or name == label]
        return dirname(named[0].path) if named else None

    def document(self, path: str) -> Node | None:
        return self._reader.root(path)

    def content(self, path: str, near: Node) -> Node | None:
        """The text of a file, as a node that `decoded` knows."""
        if not self.exists(path):
            return None
        self._reader.read.add(path)
        document = self._reader.workspace.documents.get(path)
        if document.unreadable is not None:
            return None
        node = made(document.text, near)
        self._reader.texts[id(node)] = (node, path)
        return node

    def path_of(self, node: Node | None) -> str | None:
        """The file whose text a node is."""
        known = self._reader.texts.get(id(node))
        return known[1] if known is not None and known[0] is node else None

    def decoded(self, node: Node | None) -> Node | None:
        """The document whose text a node is."""
        path = self.path_of(node)
        if path is None or not path.endswith((".json", ".yaml", ".yml")):
            return None
        return self._reader.workspace.documents.get(path).root

    def read(self, path: str, near: Node) -> Node | None:
        if self._depth >= _MOST_NESTED or path == self.path:
            return None
        seen = self._reader.seen
        if path not in seen:
            seen[path] = None  # what reads itself stays unknown
            seen[path] = File(self._reader, path, dirname(path), None, self._depth + 1).exposed()
        return seen[path]


def label_of(block: Mapping) -> str:
    """The label of a block that may come several times."""
    labels = block.get("__labels__")
    first = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
    return first.raw if isinstance(first, Scalar) else ""


def merged(below: Node | None, above: Node | None, deep: bool) -> Node | None:
    """Inputs of an included file and those of the file that includes it, which win."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        if deep and isinstance(below, Sequence) and isinstance(above, Sequence):
            return above.with_items([*below.items, *above.items])
        return above if above is not None else below
    entries = {key.raw: (key, value) for key, value in below.entries}
    for key, value in above.entries:
        known = entries.get(key.raw)
        both = merged(known[1], value, deep) if deep and known is not None else value
        entries[key.raw] = (key, value if both is None else both)
    return above.with_entries(list(entries.values()))


def is_on(block: Mapping, name: str) -> bool:
    """Whether a setting of a block says yes."""
    return plain(block.get(name)) is True


def items_of(node: Node | None) -> Iterator[str]:
    """The known texts of a list."""
    for item in node.items if isinstance(node, Sequence) else ():
        text = text_of(item)
        if text is not None:
            yield text
