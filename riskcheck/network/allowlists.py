"""Lists of addresses that files keep under names that say what they are for, in no format that is known.

A list counts where its key says who is let in (or kept out) and everything in it is an address: a list of subnets,
or of hosts, is none.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from riskcheck.network.model import AddressList, Peer
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath, Node

_WORD: Final = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LETTING: Final = frozenset(
    {"allow", "allowed", "allowlist", "allowlisted", "whitelist", "whitelisted", "whitelists", "allowlists"}
    | {"authorized", "authorised", "trusted", "permitted", "safelist"}
)
_KEEPING: Final = frozenset(
    {"deny", "denied", "denylist", "blocked", "blocklist", "blacklist", "blacklisted", "banned"}
)
_RANGES: Final = frozenset({("source", "ranges"), ("source", "range"), ("inbound", "cidrs")})
"""Neighbouring words of what load balancers take; without any range they let everybody in."""

_NAMES: Final = frozenset({"hosts", "origins", "domains", "host", "origin", "domain"})
"""Words after which a list is none of who may come."""

_ADDRESS_FIELDS: Final = (
    "cidr",
    "cidrBlock",
    "cidr_block",
    "ip",
    "address",
    "value",
    "range",
    "cidr_ip",
    "CidrIp",
)
_SEPARATORS: Final = regex(r"[\s,;]+")
INSIDE: Final = "#"
"""In the group of a list that is one of several in a file."""
_MOST_TEXT: Final = 100_000
_MOST_DEPTH: Final = 40


def lists_of(resource: Resource) -> Iterator[AddressList]:
    """The lists in the values of `resource`, each named by where it stands."""
    yield from _below(resource, resource.body, ())


def lists_in_file(resource: Resource) -> Iterator[AddressList]:
    """The same for a whole file, which may be one list and nothing else: then its name says what it is for."""
    stem = resource.unit.rpartition("/")[2].partition(".")[0]
    body = resource.body
    whole = body.get("items") if body.synthetic else body
    allows = purpose_of(stem)
    found = None if allows is None else entries_of(whole)
    if allows is not None and found:
        yield _made(resource, stem, whole or body, allows, found)
        return
    yield from _below(resource, body, ())


def purpose_of(name: str) -> bool | None:
    """Whether what is called `name` lets in (True) or keeps out (False) what it lists; None where it is silent."""
    words = [word.lower() for word in _WORD.findall(name[:256])]
    if not words or words[-1] in _NAMES:
        return None
    pairs = set(pairwise(words))
    if not _KEEPING.isdisjoint(words):
        return False
    return True if not _LETTING.isdisjoint(words) or pairs & _RANGES else None


def entries_of(node: Node | None) -> tuple[Peer, ...] | None:
    """The addresses in a list, in a text with separators or under names of people and places; None where something
    else is among them."""
    if isinstance(node, Scalar):
        return _of_text(node)
    if isinstance(node, Sequence):
        parts = [_of_item(item) for item in node.items]
    elif isinstance(node, Mapping):
        parts = [entries_of(child) for _, child in node.entries]
    else:
        return None
    if any(part is None for part in parts):
        return None
    return tuple(one for part in parts if part is not None for one in part)


def is_address(text: str) -> bool:
    """An address or a range of them, as a network or with its ends."""
    first, dash, last = text.partition("-")
    try:
        if dash:
            return ip_address(first.strip()).version == ip_address(last.strip()).version
        ip_network(text, strict=False)
    except ValueError:
        return False
    return "." in text or ":" in text


def _below(resource: Resource, node: Node, path: KeyPath) -> Iterator[AddressList]:
    if len(path) > _MOST_DEPTH:
        return
    if isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from _below(resource, item, (*path, f"[{number}]"))
    elif isinstance(node, Mapping):
        for key, child in node.entries:
            below = (*path, key.raw)
            allows = purpose_of(key.raw)
            found = None if allows is None else entries_of(child)
            if allows is None or found is None or (not found and not isinstance(child, Sequence)):
                yield from _below(resource, child, below)
            else:
                yield _made(resource, ".".join(below), child, allows, found)


def _made(
    resource: Resource, purpose: str, node: Node, allows: bool, entries: tuple[Peer, ...]
) -> AddressList:
    words = [word.lower() for word in _WORD.findall(purpose.rpartition(".")[2])]
    opens = not entries and not _RANGES.isdisjoint(pairwise(words))
    group = f"{resource.address}{INSIDE}{purpose.lower().replace('white', 'allow')}"
    return AddressList(resource, node, purpose, allows, not opens, entries, True, group)


def _of_text(node: Scalar) -> tuple[Peer, ...] | None:
    text = node.raw.strip()
    if not text:
        return ()
    if len(text) > _MOST_TEXT:
        return None
    parts = [part for part in _SEPARATORS.split(text) if part]
    return tuple(Peer(part, node) for part in parts) if all(map(is_address, parts)) else None


def _of_item(node: Node) -> tuple[Peer, ...] | None:
    """An item of a list: an address, or a mapping that says whose it is."""
    if isinstance(node, Mapping):
        held = next((found for field in _ADDRESS_FIELDS if (found := node.get(field)) is not None), None)
        return entries_of(held) or None
    return entries_of(node) or None
