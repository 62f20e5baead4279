"""Estates out of the text of configurations, and sets held against two of them."""

from __future__ import annotations

from collections.abc import Mapping

from riskcheck.changes.compare import compare
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resource, Side
from riskcheck.network.coupled.estate import Estate
from riskcheck.network.coupled.evaluate import Incomplete, Sides, incomplete
from riskcheck.network.coupled.read import set_of
from riskcheck.network.coupled.triggers import trigger_of
from riskcheck.nodes import Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.terraform import PLATFORM
from tests.support import MemoryTree

PATH = "live/prod/main.tf"


def resources(files: Mapping[str, str], side: Side = "head") -> tuple[Resource, ...]:
    tree = MemoryTree(files, side)
    environments = EnvironmentModel((), paths=lambda: tree.entries())
    space = Workspace(tree, DocumentStore(tree), environments, frozenset(tree.entries()))
    return PLATFORM.resolve(space, PLATFORM.units(space, list(files))).resources


def estate(text: str, more: Mapping[str, str] | None = None) -> Estate:
    return Estate(resources({PATH: text, **(more or {})}))


def the(held: Estate, address: str) -> Resource:
    (found,) = [one for one in held.resources if one.address == f"terraform:{address}"]
    return found


def evaluated(value: Mapping[str, Value], address: str, base: str, head: str) -> Incomplete | None:
    """What of the set in `value` did not follow the anchor at `address`."""
    old, new = resources({PATH: base}, "base"), resources({PATH: head})
    changed = {change.resource.key for change in compare(old, new, lambda _: lambda field: ())}
    sides = Sides(
        Estate(old),
        Estate(new),
        lambda other: other.key in changed,
        lambda kind: any(other.kind == kind for other in (*old, *new)),
    )
    one = set_of(value, "own.yaml")
    full = f"terraform:{address}"
    before = next((other for other in old if other.address == full), None)
    after = next((other for other in new if other.address == full), None)
    trigger = trigger_of(one, before, after, sides.base, sides.head)
    return None if trigger is None else incomplete(one, before, after, trigger, sides)
