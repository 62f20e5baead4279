"""Positioned values: what every document is parsed into, whatever its format.

A node keeps the text it was written as and where. Resolution (merging a bundle target, applying a
kustomize patch) builds new mappings and sequences out of existing nodes, so the provenance of a
resolved value is the node itself and costs nothing.

Nodes are never mutated after they were built; resolvers make new containers that share children.
Plain slotted classes instead of dataclasses: hundreds of thousands are made per run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

Value: TypeAlias = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
"""A plain value, as JSON knows it. Dates and other YAML extras stay text."""

KeyPath: TypeAlias = tuple[str, ...]
"""Path inside a resource. A segment that starts with ``[`` is a list element, named by its natural key
(``[ingest]``) or by its 0-based index (``[3]``); a mapping key that starts with ``[`` is written ``\\[``."""

Reading: TypeAlias = Literal["yaml-1.1", "yaml-1.2", "databricks", "kustomize"]
"""How an unquoted scalar is understood. Kubernetes tools read YAML 1.1 (``yes`` is true, ``0644`` is
420); ``databricks`` is the bundle loader (``yes`` is text, leading-zero integers are decimal), ``kustomize``
what its builds hand on (``yes`` is text, ``0644`` is 420)."""

Style: TypeAlias = Literal["plain", "quoted", "block", "native"]
"""``native``: the format itself fixed the type (JSON, TOML, values made by a resolver)."""


class _Missing:
    """The type of `MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""No value at all: absent and null are different things."""

MaybeValue: TypeAlias = Value | _Missing


class Source:
    """Where nodes come from: one document of one file, at one side.

    path: repository-relative, with forward slashes. side: ``base`` or ``head``. ``first_line`` is added to
    the relative lines of the nodes, so that an unchanged document further down a file can be shared.
    """

    __slots__ = ("first_line", "path", "side")

    def __init__(self, path: str, side: Literal["base", "head"], first_line: int = 1) -> None:
        self.path = path
        self.side: Literal["base", "head"] = side
        self.first_line = first_line

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {self.side!r}, {self.first_line})"


class Node:
    """Base of the three node kinds. ``line`` and ``column`` are 0-based and relative to the source.

    ``via`` names the nodes through which the value came: a resolved ``${var.x}`` is the variable's own
    node with the reference as ``via``. ``synthetic`` marks a default that no file states.
    """

    __slots__ = ("column", "end_column", "end_line", "line", "source", "synthetic", "via")

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int
    via: tuple[Node, ...]
    synthetic: bool

    def _place(
        self,
        source: Source,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
        via: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.via = via
        self.synthetic = False

    @property
    def file_line(self) -> int:
        """1-based line of the file that the node begins at."""
        return self.source.first_line + self.line


class Scalar(Node):
    """One scalar. ``raw`` is its text after unquoting; ``native`` the typed value where the format gives one.

    ``tag`` is the explicit YAML tag (``!!str``, ``!Ref``) or None.
    """

    __slots__ = ("native", "raw", "style", "tag")

    def __init__(
        self,
        raw: str,
        source: Source,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
        style: Style = "plain",
        tag: str | None = None,
        native: MaybeValue = MISSING,
        via: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.via = via
        self.synthetic = False
        self.raw = raw
        self.style: Style = style
        self.tag = tag
        self.native = native

    def __repr__(self) -> str:
        return f"Scalar({self.raw!r} @ {self.source.path}:{self.file_line})"


class Mapping(Node):
    """An ordered mapping. ``entries`` pairs a key scalar with its node; keys are unique after parsing.

    Duplicate keys are reported by the parser and the last one wins, as in PyYAML and Go.
    """

    __slots__ = ("_index", "entries", "tag")

    def __init__(
        self,
        entries: list[tuple[Scalar, Node]],
        source: Source,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
        tag: str | None = None,
        via: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.via = via
        self.synthetic = False
        self.entries = entries
        self.tag = tag
        self._index: dict[str, Node] | None = None

    @property
    def index(self) -> dict[str, Node]:
        """Key text to node. Do not mutate."""
        index = self._index
        if index is None:
            index = self._index = {key.raw: node for key, node in self.entries}
        return index

    def get(self, key: str) -> Node | None:
        index = self._index
        return (self.index if index is None else index).get(key)

    def key(self, name: str) -> Scalar | None:
        """The key scalar called `name`: its position is that of the key, not of the value."""
        for key, _ in self.entries:
            if key.raw == name:
                return key
        return None

    def at(self, *path: str) -> Node | None:
        """The node below mapping keys `path`, or None where a step is missing or not a mapping."""
        node: Node | None = self
        for step in path:
            if not isinstance(node, Mapping):
                return None
            node = node.get(step)
        return node

    def with_entries(self, entries: list[tuple[Scalar, Node]]) -> Mapping:
        """A mapping at the same place with other entries."""
        copy = Mapping(
            entries, self.source, self.line, self.column, self.end_line, self.end_column, self.tag, self.via
        )
        copy.synthetic = self.synthetic
        return copy

    def __repr__(self) -> str:
        return f"Mapping({[key.raw for key, _ in self.entries]})"


class Deferred(Mapping):
    """A mapping that is parsed when it is first looked into: large, and mostly the same on both sides.

    load: gives the entries. keys: theirs, known beforehand. digest: of what it is made of, so that equal ones need
    not be looked into to be known as equal.
    """

    __slots__ = ("_load", "digest", "keys")

    def __init__(
        self,
        load: Callable[[], list[tuple[Scalar, Node]]],
        keys: frozenset[str],
        digest: Hashable,
        source: Source,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
    ) -> None:
        self._place(source, line, column, end_line, end_column)
        self.tag = None
        self.keys = keys
        self.digest = digest
        self._load = load
        self._index = None

    def __getattr__(self, name: str) -> list[tuple[Scalar, Node]]:
        # Reached only while the slot is empty.
        if name != "entries":
            raise AttributeError(name)
        self.entries = self._load()
        return self.entries

    def get(self, key: str) -> Node | None:
        return self.index.get(key) if key in self.keys else None

    def __repr__(self) -> str:
        return f"Deferred({self.source.path}:{self.file_line})"


class Pending(Deferred):
    """A mapping that is resolved when it is first looked into; its keys are not known before. written: what stands
    in the file in its place."""

    __slots__ = ()

    def __init__(
        self, load: Callable[[], list[tuple[Scalar, Node]]], digest: Hashable, written: Mapping
    ) -> None:
        place = (written.line, written.column, written.end_line, written.end_column)
        super().__init__(load, frozenset(), digest, written.source, *place)
        self.tag = written.tag
        self.via = written.via
        self.synthetic = written.synthetic

    def get(self, key: str) -> Node | None:
        return self.index.get(key)


class Sequence(Node):
    """An ordered list of nodes."""

    __slots__ = ("items", "tag")

    def __init__(
        self,
        items: list[Node],
        source: Source,
        line: int,
        column: int,
        end_line: int,
        end_column: int,
        tag: str | None = None,
        via: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.via = via
        self.synthetic = False
        self.items = items
        self.tag = tag

    def with_items(self, items: list[Node]) -> Sequence:
        """A sequence at the same place with other items."""
        copy = Sequence(
            items, self.source, self.line, self.column, self.end_line, self.end_column, self.tag, self.via
        )
        copy.synthetic = self.synthetic
        return copy

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)} items)"


class DeferredItems(Sequence):
    """A list whose values are put in when it is looked into.

    written: the list before, its items not yet merged by their keys. A field of an item there that holds no
    reference is the same in the item that is made of it.
    """

    __slots__ = ("_load", "written")

    def __init__(self, load: Callable[[], list[Node]], written: Sequence) -> None:
        self._place(
            written.source, written.line, written.column, written.end_line, written.end_column, written.via
        )
        self.synthetic = written.synthetic
        self.tag = written.tag
        self.written = written
        self._load = load

    def __getattr__(self, name: str) -> list[Node]:
        # Reached only while the slot is empty.
        if name != "items":
            raise AttributeError(name)
        self.items = self._load()
        return self.items


def arrived(node: Node, via: tuple[Node, ...]) -> Node:
    """The same value at the same place as it came through `via`."""
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    copy: Node
    if isinstance(node, Scalar):
        copy = Scalar(node.raw, *place, node.style, node.tag, node.native, via)
    elif isinstance(node, Mapping):
        copy = Mapping(node.entries, *place, node.tag, via)
    else:
        assert isinstance(node, Sequence)
        copy = Sequence(node.items, *place, node.tag, via)
    copy.synthetic = node.synthetic
    return copy


def made(value: str | int | float | bool | None, near: Node, via: tuple[Node, ...] = ()) -> Scalar:
    """A scalar that no file states as such (a default, an interpolated string), placed at `near`."""
    raw = "" if value is None else (str(value).lower() if isinstance(value, bool) else str(value))
    scalar = Scalar(
        raw, near.source, near.line, near.column, near.end_line, near.end_column, "native", None, value, via
    )
    scalar.synthetic = True
    return scalar


def walk(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """All nodes below `node`, itself included, in document order. List elements are named by index."""
    yield path, node
    if isinstance(node, Mapping):
        for key, child in node.entries:
            yield from walk(child, (*path, escape_key(key.raw)))
    elif isinstance(node, Sequence):
        for number, child in enumerate(node.items):
            yield from walk(child, (*path, f"[{number}]"))


def escape_key(key: str) -> str:
    """A mapping key as a `KeyPath` segment."""
    return "\\" + key if key.startswith(("[", "\\")) else key


def render_path(path: KeyPath) -> str:
    """``tasks[ingest].max_retries``: the form people read, and that fingerprints hash."""
    out: list[str] = []
    for segment in path:
        if segment.startswith("["):
            out.append(segment)
            continue
        text = segment[1:] if segment.startswith("\\") else segment
        text = f'"{text}"' if "." in text or text.startswith("[") else text
        out.append(f".{text}" if out else text)
    return "".join(out)
