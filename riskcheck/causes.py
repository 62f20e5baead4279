"""Which findings come from the same edit.

An edit is the place that somebody typed at: the line of the variable, not the forty places that read it. Two
hits share a cause when they come from the same place, or from the same part of the same resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Location, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.nodes import Sequence as SequenceNode

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from riskcheck.nodes import KeyPath


def edited_node(change: Change) -> Node:
    """The node whose text was edited: the value itself, or what it was interpolated from."""
    if not change.path:
        return change.resource.origin
    before, after = change.node_before, change.node_after
    if before is None or after is None:
        return _key_or_value(change)
    if isinstance(before, Scalar) and isinstance(after, Scalar):
        edited = _edited_on_the_way(before, after)
        if edited is not None:
            return edited
        added = _put_before(before, after)
        if added is not None:
            return added
        if _stands_in(before, after):
            return after
        if _stands_in(after, before) or (after.synthetic and not before.synthetic):
            return before
    return after


def _stands_in(original: Scalar, result: Scalar) -> bool:
    """Whether `result` is what something made of `original`, which is still written where it was: an image whose
    tag an overlay replaces. Then nobody typed at the original."""
    return result.synthetic and any(
        isinstance(one, Scalar) and one.raw == original.raw and one.source.path == original.source.path
        for one in result.via
    )


def _edited_on_the_way(before: Scalar, after: Scalar) -> Node | None:
    """The variable that was put into a text, or the reference that stands where another value stood."""
    if not before.via and after.via and isinstance(after.via[0], Scalar) and "${" in after.via[0].raw:
        return after.via[0]
    if len(before.via) == len(after.via):
        for old, new in zip(before.via, after.via, strict=True):
            if isinstance(old, Scalar) and isinstance(new, Scalar) and old.raw != new.raw:
                return new
    return None


def _put_before(before: Scalar, after: Scalar) -> Scalar | None:
    """What one side puts before a text that the other has as it is written: the name prefix of a target."""
    for bare, longer in ((before, after), (after, before)):
        prefix = longer.via[-1] if len(longer.via) == len(bare.via) + 1 else None
        if (
            isinstance(prefix, Scalar)
            and bare.raw
            and longer.raw.endswith(bare.raw)
            and (prefix.source.path, prefix.file_line) != (longer.source.path, longer.file_line)
            and "${" not in prefix.raw
        ):
            return prefix
    return None


def _key_or_value(change: Change) -> Node:
    node = change.node
    if node.synthetic and node.via:
        return node.via[0]
    return node


def edited_place(change: Change) -> Location:
    """Where the edit stands: in head where it does, else in base. Whole resources: the key that declares them."""
    return location_of(edited_node(change))


def written_in(change: Change) -> Iterator[str]:
    """The files that a change of a value is written in, on either side."""
    yield edited_place(change).path
    for node in (change.node_after, change.node_before):
        yield from _sources(node)
    for resource in (change.resource_after, change.resource_before):
        if resource is not None and not change.path:
            yield resource.origin.source.path


def _sources(node: Node | None) -> Iterator[str]:
    if node is not None:
        yield node.source.path
        for via in node.via:
            yield via.source.path


def place_key(location: Location) -> tuple[str, str, int, int]:
    return (location.side, location.path, location.line, location.column)


def node_at_key(change: Change) -> Node:
    """The key scalar above the changed value where it can be found, for added and removed mapping entries."""
    resource = change.resource_after if change.node_after is not None else change.resource_before
    if resource is None or not change.path or change.path[-1].startswith("["):
        return change.node
    name = change.path[-1].removeprefix("\\")
    for holder in _along(resource.body, change.path[:-1]):
        if isinstance(holder, Mapping) and holder.get(name) is change.node:
            return holder.key(name) or change.node
    return change.node


def _along(node: Node, path: KeyPath) -> Iterator[Node]:
    """The nodes at `path`, any item standing for a list item whose natural key is not known here."""
    if not path:
        yield node
    elif isinstance(node, Mapping) and not path[0].startswith("["):
        below = node.get(path[0].removeprefix("\\"))
        if below is not None:
            yield from _along(below, path[1:])
    elif isinstance(node, SequenceNode) and path[0].startswith("["):
        for item in node.items:
            yield from _along(item, path[1:])


class Clusters:
    """Union-find over hashable names, with the least name of each cluster as its representative."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def root(self, name: Hashable) -> Hashable:
        """The representative of `name`'s cluster."""
        parent = self._parent
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(self, one: Hashable, other: Hashable) -> None:
        """Makes the clusters of `one` and `other` one."""
        left, right = self.root(one), self.root(other)
        if left != right:
            first, second = sorted((left, right), key=repr)
            self._parent[second] = first
