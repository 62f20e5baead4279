"""Reading settings of Terraform resources by a path through their blocks, each of which comes once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.replacing import fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext, ResourceView


NO_RESOURCES: Final = frozenset(
    {"provider_lock", "orphaned_root", "emptied_root", "terragrunt_unit", "terraform_remote_state"}
)
"""Kinds that are named like types of resources and stand for something else."""


class Stated(NamedTuple):
    """value: None where nothing is stated. known: False for an expression, and for blocks of which nobody knows
    how many there are. node: where it is written."""

    value: bool | float | str | None
    known: bool
    node: Node | None = None

    @property
    def text(self) -> str:
        """``""`` where nothing is stated."""
        if self.value is None:
            return ""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


def stated(body: Mapping, path: SequenceOf[str]) -> Stated:
    """What stands at `path`."""
    node: Node | None = body
    for step in path:
        if isinstance(node, Sequence):
            if len(node.items) > 1:
                return Stated(None, known=False)
            node = node.items[0] if node.items else None
        if isinstance(node, Mapping) and "dynamic" in node.index and step not in node.index:
            return Stated(None, known=False)
        if isinstance(node, Scalar) and node.tag == EXPRESSION:
            return Stated(None, known=False)
        node = node.get(step) if isinstance(node, Mapping) else None
    if isinstance(node, Scalar):
        value = scalar_value(node, "yaml-1.2") if node.native is not None else None
        return Stated(
            value if isinstance(value, bool | int | float | str) else None, node.tag != EXPRESSION, node
        )
    return Stated(None, node is None, node)


def speaks_for_path(change: Change, path: SequenceOf[str], context: CheckContext) -> bool:
    """Whether of all changes that reach `path`, or the block around it, this one is asked: the first in head. A
    block whose only attribute differs is one that went and one that came."""
    wanted = tuple(path)
    reaching = [
        one for one in context.changes_of(change.resource) if one.path and _meet(fields_of(one.path), wanted)
    ]
    reaching.sort(key=lambda one: one.node_after is None)
    return bool(reaching) and reaching[0] is change


def _meet(steps: tuple[str, ...], path: tuple[str, ...]) -> bool:
    depth = min(len(steps), len(path))
    return steps[:depth] == path[:depth]


def is_applied(view: ResourceView, like: Resource) -> bool:
    """Whether the root and environment of `like` has resources of its own on a side: settings are none."""
    found = view.find(platform="terraform", unit=like.unit, environment=like.environment.name)
    return any("_" in one.kind and one.kind not in NO_RESOURCES for one in found)
