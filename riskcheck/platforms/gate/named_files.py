"""Files that are guards because the policy names them: rules of all kinds, prices, lists of addresses in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.filenames import POLICIES
from riskcheck.globs import matches_any
from riskcheck.nodes import Mapping, Node
from riskcheck.platforms.gate import ci
from riskcheck.platforms.gate.paths import Kind, is_rule
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.platforms.base import Workspace

_NAMING: Final = ("packs", "coupled", "learned", "prices", "known_addresses")


class _Named(NamedTuple):
    """What one side's policy names. rules: files and folders. prices: files. addresses: globs."""

    rules: tuple[str, ...]
    prices: frozenset[str]
    addresses: tuple[str, ...]

    def kind(self, path: str) -> Kind | None:
        if is_rule(path) and any(path == one or path.startswith(f"{one}/") for one in self.rules if one):
            return "Rule"
        if path in self.prices:
            return "Prices"
        return "Addresses" if self.addresses and matches_any(path, self.addresses) else None


def named_files(workspace: Workspace, paths: Collection[str]) -> set[str]:
    """Those of `paths` that the policy of this side names."""
    named = _named(workspace.documents, workspace.policy_path)
    return {path for path in paths if named.kind(path) is not None} if any(named) else set()


def kind_by_policy(workspace: Workspace, path: str) -> Kind:
    """What `path` is to the policy of either side: only one of them may name it."""
    for documents in (workspace.documents, workspace.other):
        kind = None if documents is None else _named(documents, workspace.policy_path).kind(path)
        if kind is not None:
            return kind
    return "Rule"


def _named(documents: DocumentStore, policy_path: str) -> _Named:
    rules: list[str] = []
    prices: set[str] = set()
    addresses: list[str] = []
    for name in dict.fromkeys((*POLICIES, policy_path)):
        if documents.tree.entry(name) is None:
            continue
        policy = documents.get(name)
        if not any(word in policy.text for word in _NAMING) or not isinstance(policy.root, Mapping):
            continue
        root = policy.root
        rules.extend(_paths(root.at("rules", "packs")))
        rules.extend(_paths(root.at("rules", "coupled")))
        rules.extend(_paths(root.at("rules", "learned")))
        prices.update(_paths(root.at("budget", "prices")))
        addresses.extend(one.raw for one in ci.scalars(root.get("known_addresses")))
    return _Named(tuple(rules), frozenset(prices), tuple(addresses))


def _paths(named: Node | None) -> Iterator[str]:
    return (one.raw.strip("/").removeprefix("./") for one in ci.scalars(named))
