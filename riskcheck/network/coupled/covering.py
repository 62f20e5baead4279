"""The address ranges that resources state, as far as they are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.network.addresses import Addresses, addresses, span
from riskcheck.network.coupled.fields import nodes_at
from riskcheck.nodes import Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node

_OWN: Final = "address_prefixes|address_prefix|cidr_block|ip_cidr_range|ip_address|public_ip|address"
"""Fields in which subnets and public addresses of the clouds state their own range."""


def ranges_at(body: Node, path: str = _OWN) -> Addresses:
    """The ranges that are written at `path`; by default where a subnet or an address says its own."""
    return addresses(_texts(body, path))


def covers(body: Node, path: str, wanted: Addresses) -> bool:
    """Whether the ranges at `path` together hold all of `wanted`, of which there is some."""
    return not wanted.is_empty and ranges_at(body, path).covers(wanted)


def _texts(body: Node, path: str) -> Iterator[str]:
    for node in nodes_at(body, path):
        for _, one in walk(node):
            if isinstance(one, Scalar) and one.tag != EXPRESSION:
                text = one.raw.strip()
                if text in ("*", "Internet") or (("." in text or ":" in text) and span(text) is not None):
                    yield text
