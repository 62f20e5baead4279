"""Parser events into a tree of nodes: anchors, merge keys, duplicates and the bounds on all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from riskcheck.documents.errors import MAX_DEPTH, MAX_DUPLICATES, MAX_EXPANSION, Rejected
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Style
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MergeOrder: TypeAlias = Literal["yaml", "databricks"]
"""Who wins among merged mappings (an explicit key always wins over all of them).
``yaml``: in ``<<: [*a, *b]`` the earlier, as https://yaml.org/type/merge.html and PyYAML have it, and of two
``<<`` keys the later. ``databricks``: the bundle loader lets the later of a list win, refuses a second ``<<``
and a literal mapping (https://github.com/databricks/cli/blob/main/libs/dyn/yamlloader/loader.go)."""

_PROPERTIES: Final = regex(r"(?:[&!][^\s,\[\]{}]*+|\s++|#[^\n]*+)*+")
_STYLES: Final[dict[str, Style]] = {"'": "quoted", '"': "quoted", "|": "block", ">": "block"}
_CORE: Final = "tag:yaml.org,2002:"


class Duplicate(NamedTuple):
    """A key that its mapping already has; 0-based and relative to the document."""

    line: int
    column: int
    key: str


class Parsed(NamedTuple):
    """A document's tree (None where it is empty) and the keys it states twice."""

    root: Node | None
    duplicates: tuple[Duplicate, ...] = ()


_Opened: TypeAlias = tuple[list[Node], bool, bool, int, int, str | None, str | None]
"""A collection whose end has not come: children so far, is it a mapping, in flow style, line, column, tag,
anchor."""


def build(next_event: Callable[[], Any], text: str, source: Source, merge: MergeOrder) -> Parsed:
    """One document's tree from parser events, without recursion. Raises `Rejected` and parser errors."""
    from riskcheck.documents import _libyaml as yaml

    scalar_event, mapping_start, mapping_end = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.MappingEndEvent
    sequence_start, sequence_end = yaml.SequenceStartEvent, yaml.SequenceEndEvent
    alias_event, document_start = yaml.AliasEvent, yaml.DocumentStartEvent
    assembly = _Assembly(source, merge)
    anchors: dict[str, Node | None] = {}
    texts: dict[str, str] = {}
    roots: list[Node] = []
    children = roots
    stack: list[_Opened] = []
    documents = aliases = 0
    end_line = end_column = 0
    style: Style

    while (event := next_event()) is not None:
        kind = type(event)
        if kind is scalar_event:
            begin, end, raw = event.start_mark, event.end_mark, event.value
            line, column, end_line, end_column = begin.line, begin.column, end.line, end.column
            if event.style:
                style = _STYLES[event.style]
                if style == "block":
                    end_line, end_column = _trimmed(text, begin, end)
            else:
                style = "plain"
                # Keys and words repeat thousands of times; one string each is enough.
                raw = texts.setdefault(raw, raw)
            tag, anchor = event.ctag, event.anchor
            if tag is not None or anchor is not None:
                line, column = _after_properties(text, begin, end)
                tag = _short(tag)
            scalar = Scalar(raw, source, line, column, end_line, end_column, style, tag)
            if anchor is not None:
                anchors[anchor] = scalar
            children.append(scalar)
        elif kind is mapping_end or kind is sequence_end:
            content, is_mapping, flow, line, column, tag, anchor = stack.pop()
            if flow:
                end = event.end_mark
                end_line, end_column = end.line, end.column
            node: Node
            if is_mapping:
                entries = assembly.entries(content)
                node = Mapping(entries, source, line, column, end_line, end_column, tag)
            else:
                node = Sequence(content, source, line, column, end_line, end_column, tag)
            if anchor is not None:
                anchors[anchor] = node
            children = stack[-1][0] if stack else roots
            children.append(node)
        elif kind is mapping_start or kind is sequence_start:
            begin = event.start_mark
            line, column = begin.line, begin.column
            if len(stack) >= MAX_DEPTH:
                raise Rejected(line, column, f"nested deeper than {MAX_DEPTH} levels")
            tag, anchor = event.ctag, event.anchor
            if tag is not None or anchor is not None:
                line, column = _after_properties(text, begin, None)
                tag = _short(tag)
                if anchor is not None:
                    anchors[anchor] = None
            children = []
            stack.append((children, kind is mapping_start, event.flow_style, line, column, tag, anchor))
            end_line, end_column = line, column
        elif kind is alias_event:
            begin, end = event.start_mark, event.end_mark
            if event.anchor not in anchors:
                raise Rejected(begin.line, begin.column, f"alias *{event.anchor} has no anchor before it")
            target = anchors[event.anchor]
            if target is None:
                raise Rejected(begin.line, begin.column, f"alias *{event.anchor} contains itself")
            end_line, end_column = end.line, end.column
            children.append(target)
            aliases += 1
        elif kind is document_start:
            documents += 1
            if documents > 1:
                mark = event.start_mark
                raise Rejected(mark.line, mark.column, "a second document without a '---' line")

    root = roots[0] if roots else None
    if root is None or (isinstance(root, Scalar) and not root.raw and root.style == "plain"):
        return Parsed(None)
    if aliases:
        _check_expansion(root)
    return Parsed(root, tuple(assembly.duplicates))


class _Assembly:
    """Keys and values into the entries of a mapping: merge keys resolved, duplicates noted and dropped."""

    def __init__(self, source: Source, merge: MergeOrder) -> None:
        self.source = source
        self.merge: MergeOrder = merge
        self.duplicates: list[Duplicate] = []
        self._merged = 0

    def entries(self, children: list[Node]) -> list[tuple[Scalar, Node]]:
        """children: key, value, key, value …"""
        keys: list[Any] = children[::2]
        try:
            names = {key.raw for key in keys}
        except AttributeError:
            key = next(child for child in children[::2] if not isinstance(child, Scalar))
            raise Rejected(key.line, key.column, "a mapping or list cannot be a key") from None
        entries = list(zip(keys, children[1::2], strict=True))
        if "<<" in names:
            return self._with_merged(entries)
        return entries if len(names) == len(entries) else self._unique(entries)

    def _unique(self, entries: list[tuple[Scalar, Node]]) -> list[tuple[Scalar, Node]]:
        last: dict[str, tuple[Scalar, Node]] = {}
        for key, node in entries:
            if last.pop(key.raw, None) is not None and len(self.duplicates) < MAX_DUPLICATES:
                self.duplicates.append(Duplicate(key.line, key.column, key.raw))
            last[key.raw] = (key, node)
        return list(last.values())

    def _with_merged(self, entries: list[tuple[Scalar, Node]]) -> list[tuple[Scalar, Node]]:
        """Merged entries come after the mapping's own, which win."""
        merges = [(key, node) for key, node in entries if _is_merge(key)]
        merged = self._unique([(key, node) for key, node in entries if not _is_merge(key)])
        if len(merges) > 1:
            key = merges[1][0]
            if self.merge == "databricks":
                raise Rejected(key.line, key.column, "a second '<<' in one mapping; use '<<: [*a, *b]'")
            self.duplicates.append(Duplicate(key.line, key.column, "<<"))
        seen = {key.raw for key, _ in merged}
        for key, node in reversed(merges):
            for part in self._parts(key, node):
                self._merged += len(part.entries)
                if self._merged > MAX_EXPANSION:
                    raise Rejected(key.line, key.column, f"merge keys add more than {MAX_EXPANSION:,} values")
                for entry in part.entries:
                    if entry[0].raw not in seen:
                        seen.add(entry[0].raw)
                        merged.append(entry)
        return merged

    def _parts(self, key: Scalar, node: Node) -> list[Mapping]:
        """The mappings that ``key: node`` merges, the one that wins first."""
        databricks = self.merge == "databricks"
        parts = node.items if isinstance(node, Sequence) else [node]
        written_here = (node.line, node.column) > (key.line, key.column)
        if databricks and written_here and not isinstance(node, Sequence):
            raise Rejected(key.line, key.column, "'<<' takes an alias or a list of them, not a mapping")
        if not all(isinstance(part, Mapping) for part in parts):
            raise Rejected(key.line, key.column, "'<<' takes mappings only")
        return cast("list[Mapping]", parts[::-1] if databricks else parts)


def _is_merge(key: Scalar) -> bool:
    return key.raw == "<<" and (key.tag == "!!merge" or (key.tag is None and key.style == "plain"))


def _short(tag: object) -> str | None:
    """``!!str`` for the core types, other tags as they resolve."""
    if tag is None:
        return None
    text = str(tag)
    return "!!" + text[len(_CORE) :] if text.startswith(_CORE) else text


def _trimmed(text: str, begin: Any, end: Any) -> tuple[int, int]:
    """End of a block scalar's last line with text; the parser says where the next token begins."""
    written = text[begin.index : end.index].rstrip()
    breaks = written.count("\n")
    if not breaks:
        return begin.line, begin.column + len(written)
    return begin.line + breaks, len(written) - written.rfind("\n") - 1


def _after_properties(text: str, begin: Any, end: Any) -> tuple[int, int]:
    """Where a node itself begins; the parser counts from its anchor or tag."""
    found = _PROPERTIES.match(text, begin.index)
    stop = found.end() if found else begin.index
    if stop == begin.index or stop >= len(text) or (end is not None and stop > end.index):
        return begin.line, begin.column
    breaks = text.count("\n", begin.index, stop)
    if not breaks:
        return begin.line, begin.column + stop - begin.index
    return begin.line + breaks, stop - text.rfind("\n", begin.index, stop) - 1


def _check_expansion(root: Node) -> None:
    """Size and depth of `root` with every alias written out; each node is visited once."""
    extents: dict[int, tuple[int, int]] = {}
    stack: list[Node] = [root]
    while stack:
        node = stack[-1]
        if id(node) in extents:
            stack.pop()
            continue
        children = _children(node)
        missing = [child for child in children if id(child) not in extents]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        parts = [extents[id(child)] for child in children]
        extents[id(node)] = (
            1 + sum(size for size, _ in parts),
            1 + max((depth for _, depth in parts), default=0),
        )
        size, depth = extents[id(node)]
        if size > len(extents) + MAX_EXPANSION:
            raise Rejected(node.line, node.column, f"aliases add more than {MAX_EXPANSION:,} values")
        if depth > MAX_DEPTH + 1:
            raise Rejected(node.line, node.column, f"aliases nest deeper than {MAX_DEPTH} levels")


def _children(node: Node) -> list[Node]:
    if isinstance(node, Mapping):
        return [part for entry in node.entries for part in entry]
    return node.items if isinstance(node, Sequence) else []
