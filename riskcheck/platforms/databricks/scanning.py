"""What the resolution of a resource depends on, told from how it is written, without resolving it.

Most resources of a large bundle have nothing to do with a change. Which references they hold decides what their
values depend on, and `pending` puts off the rest until somebody looks into one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import MISSING, Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import text_of
from riskcheck.platforms.databricks.edges import may_refer
from riskcheck.platforms.databricks.references import REFERENCE, undoubled
from riskcheck.platforms.databricks.shape import GRANTED

if TYPE_CHECKING:
    from collections.abc import Hashable

MAX_DEPTH: Final = 100
"""Nesting up to which a resource is put off: half of what resolution bears, the rest is for references."""

_AT_ONCE: Final = frozenset(("alerts", "model_serving_endpoints"))
"""Types that read other files, or whose old spellings may contradict each other."""

_LARGE: Final = {"jobs": ("tasks", "job_clusters"), "pipelines": ("clusters", "libraries")}
"""Lists that no setting of a target touches, and that hold most of a resource."""

_KEYED: Final = {
    "jobs": (("job_clusters", "job_cluster_key"), ("parameters", "name"), ("tasks", "task_key")),
    "pipelines": (("clusters", "label"),),
    **dict.fromkeys(GRANTED, (("grants", "principal"),)),
}
"""Lists whose items are merged by a key (`shape`), which may fail where two have the same one."""


NAMING: Final = frozenset(("name", "scope", "catalog_name", "schema_name", "catalog", "schema", "target"))
"""Fields at the top of a resource by which others find it."""


class Text:
    """A text with references. references: their paths, in order. whole: it is one reference and nothing else.

    odd: it holds a dollar sign beside them, so that putting values in may make new ones. volumes: what stands
    beside them may be a part of the path of a volume.
    """

    __slots__ = ("odd", "raw", "references", "volumes", "whole")

    def __init__(self, raw: str) -> None:
        raw = undoubled(raw)
        whole = REFERENCE.fullmatch(raw)
        beside = "" if whole is not None else REFERENCE.sub("\0", raw)
        self.raw = raw
        self.references = tuple(match[1] for match in REFERENCE.finditer(raw))
        self.whole = whole is not None
        self.odd = "$" in beside
        self.volumes = may_be_volume(beside)


def may_be_volume(part: str) -> bool:
    """Whether `part` of a text may be a part of ``/Volumes/`` in it, where nothing else brings the letter, or of
    the address of a model, ``models:/…``."""
    return "V" in part or "models:" in part


class Scan:
    """What one resource, as it is written, depends on.

    texts: its texts with references, each with how often it occurs. large: those of them in lists that can be
    resolved apart from the rest. refers: it may refer to something, whatever
    its references come to. plain: resolving it says nothing that its references do not say by themselves.
    """

    __slots__ = (
        "_named_plainly",
        "_names",
        "_rest",
        "_shape",
        "_skeleton",
        "kind",
        "large",
        "plain",
        "raw",
        "refers",
        "texts",
    )

    def __init__(self, kind: str, raw: Mapping, known: dict[str, Text]) -> None:
        """known: the texts of other resources, by how they are written."""
        self.kind = kind
        self.raw = raw
        self.texts: dict[Text, int] = {}
        self.large: dict[str, tuple[Text, ...]] = {}
        self.refers = False
        self._shape: Hashable = None
        self._skeleton: Mapping | None = None
        self._names: Mapping | None = None
        self._rest: Mapping | None = None
        self._named_plainly: bool | None = None
        deepest = 0
        apart = _LARGE.get(kind, ())
        for name, child in raw.entries:
            if name.raw in apart and isinstance(child, Sequence):
                others, self.texts = self.texts, {}
                deepest = max(deepest, self._walk(child, name.raw, kind, known, 1))
                self.large[name.raw] = tuple(self.texts)
                for found, often in self.texts.items():
                    others[found] = others.get(found, 0) + often
                self.texts = others
            else:
                deepest = max(deepest, self._walk(child, name.raw, kind, known, 1))
        self.plain = (
            kind not in _AT_ONCE
            and deepest <= MAX_DEPTH
            and not any(text.odd for text in self.texts)
            and all(_distinct(raw.get(field), key) for field, key in _KEYED.get(kind, ()))
        )

    def _walk(self, node: Node, key: str, above: str, known: dict[str, Text], level: int) -> int:
        """Returns the deepest level at or below `node`."""
        if isinstance(node, Scalar):
            raw = node.raw
            if "${" in raw:
                found = known.get(raw)
                if found is None:
                    found = known[raw] = Text(raw)
                self.texts[found] = self.texts.get(found, 0) + 1
                if found.volumes or "${resources." in raw:
                    self.refers = True
            if not self.refers and may_refer(key, above, raw):
                self.refers = True
            return level
        deepest = level
        if level > MAX_DEPTH:
            return level
        if isinstance(node, Mapping):
            for name, child in node.entries:
                deepest = max(deepest, self._walk(child, name.raw, key, known, level + 1))
        elif isinstance(node, Sequence):
            for item in node.items:
                deepest = max(deepest, self._walk(item, key, above, known, level + 1))
        return deepest

    @property
    def skeleton(self) -> Mapping:
        """The part of the resource that may refer to anything, with what decides its shape."""
        if self._skeleton is None:
            kept = _kept(self.raw, self.kind, "")
            assert isinstance(kept, Mapping)
            self._skeleton = kept
        return self._skeleton

    @property
    def rest(self) -> Mapping:
        """The resource without its `large` lists."""
        if self._rest is None:
            self._rest = self.raw.with_entries(
                [pair for pair in self.raw.entries if pair[0].raw not in self.large]
            )
        return self._rest

    @property
    def names(self) -> Mapping:
        """The part of the resource by which others find it."""
        if self._names is None:
            self._names = self.raw.with_entries([pair for pair in self.raw.entries if pair[0].raw in NAMING])
        return self._names

    @property
    def named_plainly(self) -> bool:
        """Whether the names of the resource hold no references."""
        if self._named_plainly is None:
            self._named_plainly = all(
                isinstance(one, Scalar) and "${" not in one.raw for _, one in self.names.entries
            )
        return self._named_plainly

    @property
    def shape(self) -> Hashable:
        """Equal where what is written is equal, in files of the same path."""
        if self._shape is None:
            self._shape = (self.kind, signature(self.raw))
        return self._shape


def signature(node: Node | None) -> Hashable:
    """Equal for equal values written in files of the same path: relative paths in them mean the same, too."""
    if isinstance(node, Scalar):
        native = None if node.native is MISSING else (node.native,)
        return (node.raw, node.style, node.tag, native, node.source.path)
    if isinstance(node, Mapping):
        return ("{", *((key.raw, signature(child)) for key, child in node.entries))
    if isinstance(node, Sequence):
        return ("[", *map(signature, node.items))
    return None


def _distinct(node: Node | None, key: str) -> bool:
    """Whether the items of a list all have a `key` of their own, known without resolving anything."""
    if node is None:
        return True
    if not isinstance(node, Sequence):
        return False
    seen: set[str] = set()
    for item in node.items:
        if not isinstance(item, Mapping):
            return False
        name = text_of(item.get(key)).lower() or "default"
        if name in seen or "${" in name:
            return False
        seen.add(name)
    return True


_KEPT: Final = frozenset(key for lists in _KEYED.values() for _, key in lists)
_KEPT_ON_TOP: Final = frozenset(
    ("git_source", "catalog_name", "schema_name", "catalog", "schema", "target", "output_schema_name", "name")
)


def _kept(node: Node, key: str, above: str, top: bool = True) -> Node | None:
    if isinstance(node, Scalar):
        raw = node.raw
        found = Text(raw) if "${" in raw else None
        refers = found is not None and (found.volumes or "${resources." in raw)
        return node if refers or may_refer(key, above, raw) else None
    if isinstance(node, Mapping):
        entries = []
        inside = False
        for name, child in node.entries:
            kept = _kept(child, name.raw, key, top=False)
            if kept is not None:
                inside = True
            elif name.raw in _KEPT or (top and name.raw in _KEPT_ON_TOP):
                kept = child
            if kept is not None:
                entries.append((name, kept))
        return node.with_entries(entries) if inside or top else None
    assert isinstance(node, Sequence)
    items = [kept for item in node.items if (kept := _kept(item, key, above, top=False)) is not None]
    return node.with_items(items) if items else None
