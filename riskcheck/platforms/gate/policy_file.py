"""The policy file as a resource: its values, and what its order and unnamed entries mean."""

from __future__ import annotations

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.platforms.gate.ci import at, items, mapping, text

ORDER = "promotion_order"
"""Made-up key: the names of the environments from first to last, where `promotion` gives the order a meaning."""


def body(root: Mapping) -> Mapping:
    """The document, with waivers and approvals named by what they are about, since lists of them have no names."""
    entries: list[tuple[str | Scalar, Node | None]] = []
    for key, node in root.entries:
        if key.raw == "waivers":
            node = _named(node, ("rule", "where"))
        elif key.raw == "approvals":
            node = _named(node, ("scope",))
        entries.append((key, node))
        if key.raw == "environments" and root.get("promotion") is not None:
            names = [text(at(item, "name")) for item in items(node)]
            order = " > ".join(name.raw for name in names if name is not None)
            entries.append((ORDER, made(order, node)))
    return mapping(root, entries)


def _named(node: Node, parts: tuple[str, ...]) -> Node:
    """A list as a mapping by the scalars `parts` of its items; several of one name are counted."""
    named: dict[str, Node] = {}
    for item in items(node):
        found = [text(at(item, part)) for part in parts]
        label = plain = " at ".join(str(scalar_value(part, "yaml-1.2")) for part in found if part is not None)
        number = 2
        while label in named:
            label = f"{plain} #{number}"
            number += 1
        named[label] = item
    return mapping(node, ((made(label, item), item) for label, item in named.items()))
