"""How one Compose file is read over another, after both were brought into their long forms.

| | |
|---|---|
| mappings | by key |
| lists | appended; what both have, once; mounts by their target, the later one whole |
| ``command``, ``entrypoint``, ``healthcheck.test`` | the later one |
| ``!reset``, ``!override`` | removed, replaced as a whole |

https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made

if TYPE_CHECKING:
    from collections.abc import Callable

_REPLACED: Final = frozenset({"command", "entrypoint", "test"})
_WHOLE: Final = frozenset({"volumes"})
"""Told apart by their target, the later one of which counts alone."""
_PAIRS: Final = frozenset({"environment", "labels", "annotations", "build_args", "sysctls", "extra_hosts"})
_READ_ONLY: Final = frozenset({"ro", "readonly"})


def merged(before: Node, after: Node, key: str = "") -> Node | None:
    """`after` read over `before`; None where it takes it away."""
    if _tag(after) == "!reset":
        return None
    if _tag(after) == "!override" or key in _REPLACED:
        return after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _mappings(before, after, whole=key in _WHOLE)
    if isinstance(before, Sequence) and isinstance(after, Sequence):
        held = [plain_value(item, "yaml-1.2") for item in before.items]
        new = [item for item in after.items if plain_value(item, "yaml-1.2") not in held]
        return before.with_items([*before.items, *new]) if new else before
    return after


def _tag(node: Node) -> str | None:
    return node.tag if isinstance(node, Scalar | Mapping | Sequence) else None


def _mappings(before: Mapping, after: Mapping, *, whole: bool) -> Mapping:
    """whole: the later entry of a key replaces the earlier one."""
    over = dict(after.index)
    keys = {key.raw: key for key, _ in after.entries}
    entries: list[tuple[Scalar, Node]] = []
    for key, node in before.entries:
        later = over.pop(key.raw, None)
        one = node if later is None else later if whole else merged(node, later, key.raw)
        if one is not None:
            entries.append((key if one is node else keys[key.raw], one))
    for name, node in over.items():
        if _tag(node) != "!reset":
            entries.append((keys[name], node))
    return before.with_entries(entries)


def long_form(service: Mapping) -> Mapping:
    """A service with its short forms spelled out, lists of things with a name as mappings by that name."""
    return service.with_entries(
        [
            (key, _SPELLED[key.raw](node) if key.raw in _SPELLED and isinstance(node, Sequence) else node)
            for key, node in service.entries
        ]
    )


def _mapping(entries: list[tuple[Scalar, Node]], near: Node, tag: str | None = None) -> Mapping:
    return Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column, tag)


def _pairs(node: Sequence) -> Node:
    """``[NAME=value, NAME]``."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    for item in node.items:
        if not isinstance(item, Scalar):
            return node
        name, equals, value = item.raw.partition("=")
        held = _at(item, value) if equals else made(None, item)
        entries[name] = (_at(item, name), held)
    return _mapping(list(entries.values()), node, node.tag)


def _conditions(node: Sequence) -> Node:
    """``[db]``: waits for the start of it."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    for item in node.items:
        if not isinstance(item, Scalar):
            return node
        condition = (made("condition", item), made("service_started", item))
        entries[item.raw] = (_at(item, item.raw), _mapping([condition], item))
    return _mapping(list(entries.values()), node, node.tag)


def _mounts(node: Sequence) -> Node:
    """``[data:/var/lib/db:ro]``, by the path in the container."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    for item in node.items:
        mount = _mount(item)
        if mount is None:
            return node
        target = mount.get("target")
        if isinstance(target, Scalar):
            entries[target.raw] = (_at(target, target.raw), mount)
    return _mapping(list(entries.values()), node, node.tag)


def _mount(item: Node) -> Mapping | None:
    if isinstance(item, Mapping):
        return item if isinstance(item.get("target"), Scalar) else None
    if not isinstance(item, Scalar):
        return None
    source, colon, rest = item.raw.partition(":")
    if not colon:
        return _mapping([(made("target", item), _at(item, source))], item)
    target, _, mode = rest.partition(":")
    kind = "bind" if source.startswith((".", "/", "~", "$")) else "volume"
    fields: list[tuple[Scalar, Node]] = [
        (made("type", item), made(kind, item)),
        (made("source", item), _at(item, source)),
        (made("target", item), _at(item, target)),
    ]
    if not _READ_ONLY.isdisjoint(mode.split(",")):
        fields.append((made("read_only", item), made(True, item)))
    return _mapping(fields, item)


def _at(near: Scalar, text: str) -> Scalar:
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return Scalar(text, *place, "quoted", via=near.via)


_SPELLED: Final[dict[str, Callable[[Sequence], Node]]] = {
    **dict.fromkeys(_PAIRS, _pairs),
    "depends_on": _conditions,
    "volumes": _mounts,
}
