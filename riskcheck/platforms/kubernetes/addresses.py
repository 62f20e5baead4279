"""Services that texts of manifests address by their names in DNS.

https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

DNS: Final = regex(
    r"(?<![\w.-])([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.([a-z0-9][a-z0-9-]{0,62})\.svc(?![\w-])"
)
"""``service.namespace.svc``, whatever cluster domain follows."""


def addresses(node: Node) -> Iterator[tuple[str, Scalar]]:
    """``dns:service.namespace`` of each service that a text below `node` addresses, with that text."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            pending.extend([child for _, child in reversed(node.entries)])
        elif isinstance(node, Sequence):
            pending.extend(reversed(node.items))
        elif isinstance(node, Scalar) and ".svc" in node.raw:
            for match in DNS.finditer(node.raw):
                yield f"dns:{match[1]}.{match[2]}", node


class Addresses:
    """`addresses` of bodies whose parts stand in many: overlays share most of what they are made of."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, tuple[tuple[str, Scalar], ...]]] = {}

    def of(self, body: Mapping) -> Iterator[tuple[str, Scalar]]:
        for _, child in body.entries:
            if isinstance(child, Scalar):
                yield from addresses(child)
                continue
            known = self._known.get(id(child))
            if known is None:
                known = self._known[id(child)] = (child, tuple(addresses(child)))
            yield from known[1]
