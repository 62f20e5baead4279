"""The values behind the names of a condition: only those that it mentions, numbers as floats."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import KeyPath, Mapping, Node, Reading, Scalar, Sequence, _Missing, render_path
from riskcheck.rules.messages import key_of

if TYPE_CHECKING:
    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext
    from riskcheck.rules.terms import Wanted


class Variables:
    """Makes the variables of one evaluation and measures them on the way.

    nodes: scalars, lists and mappings handed in. widest: items of the largest of them. characters: of text.
    """

    __slots__ = ("characters", "nodes", "widest")

    def __init__(self) -> None:
        self.nodes = 0
        self.widest = 0
        self.characters = 0

    def of_change(
        self,
        wanted: MappingOf[str, Wanted | None],
        change: Change,
        context: CheckContext,
        match: Match | None,
    ) -> dict[str, object]:
        """What a condition about one change asks for."""
        data: dict[str, object] = {}
        for name, members in wanted.items():
            if name == "before":
                data[name] = self._value(change.before)
            elif name == "after":
                data[name] = self._value(change.after)
            elif name == "present_before":
                data[name] = not isinstance(change.before, _Missing)
            elif name == "present_after":
                data[name] = not isinstance(change.after, _Missing)
            elif name in ("resource", "resource_before"):
                resource = change.resource_after if name == "resource" else change.resource_before
                data[name] = self._resource(resource, members)
            elif name in ("parent", "parent_before"):
                data[name] = self._parent(change, context, members, in_head=name == "parent")
            else:
                data[name] = self._value(_described(name, change, context, match))
        return data

    def of_match(
        self, wanted: MappingOf[str, Wanted | None], context: CheckContext, match: Match
    ) -> dict[str, object]:
        """What a condition about no single change may ask for."""
        known = {"match": match.values or {}, "options": context.options}
        return {name: self._value(known[name]) for name in wanted}

    def _resource(self, resource: Resource | None, members: Wanted | None) -> object:
        return {} if resource is None else self._node(resource.body, resource.reading, members)

    def _parent(
        self, change: Change, context: CheckContext, members: Wanted | None, *, in_head: bool
    ) -> object:
        resource = change.resource_after if in_head else change.resource_before
        if resource is None:
            return {}
        parent = enclosing(
            resource, change.path, change.node_after if in_head else change.node_before, context
        )
        return {} if parent is None else self._node(parent, resource.reading, members)

    def _node(self, node: Node, reading: Reading, members: Wanted | None) -> object:
        self.nodes += 1
        if isinstance(node, Scalar):
            return self._scalar(scalar_value(node, reading))
        if isinstance(node, Sequence):
            self.widest = max(self.widest, len(node.items))
            return [self._node(item, reading, None) for item in node.items]
        assert isinstance(node, Mapping)
        if members is not None:
            index = node.index
            return {
                key: self._node(index[key], reading, below) for key, below in members.items() if key in index
            }
        self.widest = max(self.widest, len(node.entries))
        return {key.raw: self._node(child, reading, None) for key, child in node.entries}

    def _value(self, value: object) -> object:
        self.nodes += 1
        if isinstance(value, MappingOf):
            self.widest = max(self.widest, len(value))
            return {key: self._value(held) for key, held in value.items()}
        if isinstance(value, list | tuple):
            self.widest = max(self.widest, len(value))
            return [self._value(item) for item in value]
        return self._scalar(value)

    def _scalar(self, value: object) -> object:
        if isinstance(value, str):
            self.characters += len(value)
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value) if abs(value) < _HUGE else float("inf")
        return None if isinstance(value, _Missing) else value


_HUGE: Final = 1 << 1000
"""Integers from here on have no float."""


def _described(name: str, change: Change, context: CheckContext, match: Match | None) -> object:
    if name == "change":
        return {
            "kind": change.kind,
            "path": render_path(change.path),
            "key": key_of(change),
            "within": render_path(context.within) if context.within is not None else "",
        }
    if name == "environment":
        cell = change.environment
        return {"name": cell.name, "stage": cell.stage, "tier": cell.tier, "region": cell.region}
    if name == "service":
        service = context.service
        fields = ("name", "owner", "criticality", "rto", "rpo", "sla", "support", "scopes")
        return {field: getattr(service, field) for field in fields}
    if name == "siblings":
        return context.siblings(change)
    if name == "facts":
        return context.facts
    if name == "options":
        return context.options
    assert name == "match"
    return (match.values if match is not None else None) or {}


def enclosing(resource: Resource, path: KeyPath, node: Node | None, context: CheckContext) -> Mapping | None:
    """The mapping right around the value at `path`, whether or not the value is there on this side.

    node: the value itself, which tells items apart that have no name; None where it is absent.
    """
    trail = _trail(resource.body, path, node) if node is not None else None
    if trail is not None:
        return next((above for above in reversed(trail) if isinstance(above, Mapping)), None)
    for length in range(len(path) - 1, -1, -1):
        found = context.node(resource, path[:length])
        if found is None:
            return None
        if isinstance(found, Mapping):
            return found
    return None


def _trail(root: Node, path: KeyPath, target: Node) -> list[Node] | None:
    """The containers from `root` down to `target`, which lies at `path`; items are found by identity."""
    if not path:
        return [] if root is target else None
    step, rest = path[0], path[1:]
    if isinstance(root, Mapping):
        child = root.get(step.removeprefix("\\"))
        below = None if child is None else _trail(child, rest, target)
        return None if below is None else [root, *below]
    if isinstance(root, Sequence):
        for item in root.items:
            below = _trail(item, rest, target)
            if below is not None:
                return [root, *below]
    return None
