"""Values in the bodies of resources, and conditions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.network.coupled.model import Condition
    from riskcheck.nodes import Value

SELF: Final = "self"
OR: Final = "|"
"""Between paths of which any will do."""
_ABSENT: Final = "absent"
_PRESENT: Final = "present"


def nodes_at(body: Node, path: str) -> list[Node]:
    """The nodes below keys `path` (``a.b``), of every item where lists stand between; ``self``: `body`."""
    if OR in path:
        return [node for one in path.split(OR) for node in nodes_at(body, one)]
    found: list[Node] = [body]
    for step in path.split(".") if path != SELF else ():
        below: list[Node] = []
        for node in _items(found):
            child = node.get(step) if isinstance(node, Mapping) else None
            if child is not None:
                below.append(child)
        found = below
    return [node for node in found if not (isinstance(node, Sequence) and not node.items)]


def _items(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Sequence):
            yield from node.items
        else:
            yield node


def holds(body: Node, condition: Condition) -> bool:
    """Whether `condition` holds of `body`. What is not known is no value, and present."""
    nodes = [one for node in nodes_at(body, condition.path) for one in _items([node])]
    nodes = [one for one in nodes if not (isinstance(one, Scalar) and one.raw == "null")]
    for wanted in condition.values:
        if wanted == _ABSENT:
            if not nodes:
                return True
        elif wanted == _PRESENT:
            if nodes:
                return True
        elif any(_equals(node, wanted) for node in nodes):
            return True
    return False


def _equals(node: Node, wanted: Value) -> bool:
    if not isinstance(node, Scalar):
        return False
    text = text_of(node).lower()
    if isinstance(wanted, bool):
        return text == str(wanted).lower()
    if isinstance(wanted, str) and wanted.endswith("*"):
        return text.startswith(wanted[:-1].lower())
    return text == str(wanted).lower()


def text_of(node: Node) -> str:
    """A scalar as text; an expression as it is written."""
    if not isinstance(node, Scalar):
        return ""
    value = node.raw if node.tag == EXPRESSION else scalar_value(node, "yaml-1.2")
    return str(value).lower() if isinstance(value, bool) else str(value)
