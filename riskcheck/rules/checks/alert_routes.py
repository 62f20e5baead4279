"""Routes of the Prometheus operator's ``AlertmanagerConfig``.
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.AlertmanagerConfig
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.nodes import at, items, pairs, text, word
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.weaknesses import Weakness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node

_HARMLESS: Final = frozenset({"Watchdog", "InfoInhibitor", "info", "none"})
"""Alerts and severities that are routed to nobody by design."""
MOST_DEPTH: Final = 20


class _Route(NamedTuple):
    """receiver: its own or the one above's. words: what its matchers ask for."""

    receiver: str | None
    node: Node
    words: frozenset[str]


def weaknesses(before: Resource, after: Resource | None) -> Iterator[Weakness]:
    """Routes that lead to a receiver which notifies nobody, and did not before."""
    if after is None:
        return
    silent_before, silent_after = _silent(before.body), _silent(after.body)
    old = dict(_routes(before.body.at("spec", "route"), ()))
    for key, route in _routes(after.body.at("spec", "route"), ()):
        if route.receiver not in silent_after or route.words & _HARMLESS:
            continue
        was = old.get(key)
        if was is not None and (was.receiver is None or was.receiver in silent_before):
            continue
        of = f" of {', '.join(key[-1])}" if key and key[-1] else ""
        to = f"alerts{of} go to {route.receiver}, which notifies nobody"
        yield Weakness(to, was.node if was is not None else None, route.node)


def _silent(body: Mapping) -> frozenset[str]:
    """Receivers without any ``…Configs``."""
    found = set()
    for receiver in items(body.at("spec", "receivers")):
        name = word(at(receiver, "name"))
        if name is not None and not any(
            key.raw.endswith("Configs") and items(node) for key, node in pairs(receiver)
        ):
            found.add(name)
    return frozenset(found)


_Key = tuple[tuple[str, ...], ...]


def _routes(node: Node | None, above: _Key, receiver: str | None = None) -> Iterator[tuple[_Key, _Route]]:
    """Each route under the matchers that lead to it."""
    if node is None or len(above) > MOST_DEPTH:
        return
    own = text(at(node, "receiver"))
    receiver = own.raw if own is not None else receiver
    asked = [
        (word(at(one, "name")) or "", word(at(one, "value")) or "") for one in items(at(node, "matchers"))
    ]
    key = (*above, tuple(sorted(f"{name}={value}" for name, value in asked)))
    yield key, _Route(receiver, own if own is not None else node, frozenset(value for _, value in asked))
    for child in items(at(node, "routes")):
        yield from _routes(child, key, receiver)
