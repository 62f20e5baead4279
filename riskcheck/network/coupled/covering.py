"""Address ranges in resources, and whether one list of them holds another."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.network.coupled.estate import nodes_at
from riskcheck.nodes import Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.nodes import Node

Network: TypeAlias = IPv4Network | IPv6Network

_OWN: Final = (
    "address_prefixes",
    "address_prefix",
    "cidr_block",
    "ip_cidr_range",
    "ip_address",
    "public_ip",
    "address",
)
"""Fields in which subnets and public addresses of the clouds state their own range."""


def network_of(text: str) -> Network | None:
    """The range that `text` writes; None where it is none."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def ranges_at(body: Node, path: str = "") -> Iterator[Network]:
    """The ranges that are written at `path`; by default where a subnet or an address says its own."""
    for each in (path,) if path else _OWN:
        for node in nodes_at(body, each):
            for _, one in walk(node):
                found = network_of(one.raw) if isinstance(one, Scalar) else None
                if found is not None:
                    yield found


def covers(body: Node, path: str, wanted: SequenceOf[Network]) -> bool:
    """Whether the ranges at `path` together hold each of `wanted`."""
    held = list(ranges_at(body, path))
    return bool(wanted) and all(any(_inside(one, other) for other in held) for one in wanted)


def _inside(one: Network, other: Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.subnet_of(other)
    return isinstance(other, IPv6Network) and one.subnet_of(other)
