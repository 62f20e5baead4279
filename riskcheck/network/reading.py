"""Reading resolved bodies of Terraform: what the readers of all providers share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.network.model import AddressList, Peer, Ports, TrafficRule
from riskcheck.nodes import Mapping, Scalar, Sequence, walk

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.network.model import Direction
    from riskcheck.nodes import Node

LAST_PORT: Final = 65_535

_MODULE: Final = r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*"
_REFERENCE: Final = r'(?<![\w.])([a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)(\[(?:\d+|"[^"\]]*")\])?'
_ARGUMENT: Final = rf"\$\{{{_REFERENCE}\.[a-z_]+\}}"
_OTHER: Final = r"\?|(?<![\w.])(?:var|local|module|data|each|count)\."
"""What makes a reference one of several things that an expression may come to."""

_PROTOCOLS: Final = {
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
    "58": "icmpv6",
    "any": "",
    "all": "",
    "-1": "",
    "*": "",
}


def blocks(body: Mapping, name: str) -> list[Mapping]:
    """Nested blocks called `name`; a single one may be the mapping itself."""
    held = body.get(name)
    if isinstance(held, Mapping):
        return [held]
    return [item for item in held.items if isinstance(item, Mapping)] if isinstance(held, Sequence) else []


def unwritten(body: Mapping, name: str) -> Mapping | Scalar | None:
    """What stands for blocks called `name` that are not known: a dynamic block, an expression; None without any."""
    held = body.get(name)
    if isinstance(held, Scalar) and is_expression(held):
        return held
    for block in blocks(body, "dynamic"):
        labels = block.get("__labels__")
        if isinstance(labels, Sequence) and any(
            isinstance(item, Scalar) and item.raw == name for item in labels.items
        ):
            return block
    return None


def is_expression(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.tag == EXPRESSION


def holds_expression(node: Node | None) -> bool:
    if isinstance(node, Sequence):
        return any(map(holds_expression, node.items))
    if isinstance(node, Mapping):
        return any(holds_expression(child) for _, child in node.entries)
    return is_expression(node)


def text(node: Node | None, *path: str) -> str:
    """The text below `path`; ``""`` where it is absent, null or no scalar."""
    found = node.at(*path) if path and isinstance(node, Mapping) else None if path else node
    return found.raw.strip() if isinstance(found, Scalar) and found.native is not None else ""


def is_true(node: Node | None, *path: str) -> bool:
    return text(node, *path).lower() == "true"


def is_false(node: Node | None, *path: str) -> bool:
    return text(node, *path).lower() == "false"


def number(node: Node | None, *path: str) -> int | None:
    """A whole number below `path`; None where there is none."""
    found = text(node, *path).removesuffix(".0")
    digits = found.removeprefix("-")
    return int(found) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def peers(*nodes: Node | None) -> tuple[Peer, ...]:
    """One for each address, tag or expression in attributes that hold one or a list of them."""
    found: list[Peer] = []
    for node in nodes:
        if isinstance(node, Sequence):
            found += peers(*node.items)
        elif isinstance(node, Scalar) and text(node):
            found.append(Peer(text(node), node))
    return tuple(found)


def separated(node: Node | None) -> tuple[Peer, ...]:
    """The same where a text may hold several, with commas between."""
    return tuple(
        Peer(part.strip(), one.node)
        for one in peers(node)
        for part in ([one.text] if one.is_expression else one.text.split(","))
        if part.strip()
    )


def protocol(name: str) -> str:
    """A protocol in lower case, by its name or number; ``""`` for all."""
    lower = name.lower()
    return _PROTOCOLS.get(lower, lower)


def port_range(first: int, last: int) -> tuple[Ports, ...]:
    """Empty for all of them."""
    low, high = max(first, 0), min(last, LAST_PORT)
    return () if low <= 1 and high == LAST_PORT else (Ports(low, high),)


def port_ranges(*nodes: Node | None) -> tuple[Ports, ...] | None:
    """Ports written as ``443``, ``8000-8100`` or ``*``; empty for all, None where one of them cannot be read."""
    found: list[Ports] = []
    for one in peers(*nodes):
        if one.text in ("*", "0-65535", "1-65535"):
            return ()
        first, _, last = one.text.partition("-")
        ends = [part.strip() for part in (first, last or first)]
        if not all(end.isascii() and end.isdigit() and len(end) < 6 for end in ends):
            return None
        found.append(Ports(*map(int, ends)))
    return tuple(found)


def joined_text(*nodes: Node | None) -> str:
    """What attributes are written as, in one text."""
    return " ".join(f"{one.text}" for node in nodes for one in peers(node))


def reference_to(node: Node | None) -> Node | None:
    """The reference by which a value came from an argument of another resource, ``${aws_vpc.main.name}``; else the
    value itself."""
    if not isinstance(node, Scalar) or is_expression(node):
        return node
    for one in reversed(node.via):
        if isinstance(one, Scalar) and is_expression(one) and re.fullmatch(_ARGUMENT, one.raw):
            return one
    return node


def address_of(resource: Resource, node: Node | None) -> str:
    """The address of the resource that an attribute of `resource` refers to, or the attribute's text, with the
    module in which an expression holds."""
    node = reference_to(node)
    written = text(node)
    if not is_expression(node):
        return written
    prefix = module_of(resource.name)
    found = dict.fromkeys(re.findall(_REFERENCE, written))
    if len(found) == 1 and not re.search(_OTHER, written):
        kind, name, key = next(iter(found))
        # The first of a count has no key, as for the resource itself.
        return f"terraform:{kind}.{prefix}{name}{'' if key == '[0]' else key}"
    return f"{prefix}{written}"


def module_of(name: str) -> str:
    """``module.net.`` of ``module.net.web``; ``""`` in the root."""
    found = re.match(_MODULE, name)
    return found.group() if found is not None else ""


def written(node: Node) -> str:
    """All that is written below `node`, in one text: the same for what is written the same."""
    return " ".join(one.raw for _, one in walk(node) if isinstance(one, Scalar))


def unknown_rule(resource: Resource, node: Node, group: str, direction: Direction) -> TrafficRule:
    """A rule, or several, of which only what is written is known."""
    peer = (Peer("${…}", node),)
    unread = f"{module_of(resource.name)}{written(node)}"
    return TrafficRule(
        resource, node, resource.name, group, direction, True, "", (), peer, peer, None, False, unread
    )


def address_list(
    resource: Resource,
    purpose: str,
    node: Node | None,
    entries: tuple[Peer, ...],
    *,
    allows: bool | None = True,
    enabled: bool = True,
    known: bool = True,
    group: str = "",
) -> AddressList:
    """A list of what `resource` states. node: None for the resource itself. group: its address if not given."""
    known = known and not any(one.is_expression for one in entries)
    place = resource.origin if node is None else node
    return AddressList(resource, place, purpose, allows, enabled, entries, known, group or resource.address)


def title_of(resource: Resource) -> str:
    """What it is called where it is deployed, or in its file where that is not known."""
    name = resource.body.get("name")
    return resource.name if is_expression(name) else text(name) or resource.name
