"""A Terraform resource that goes while one that is as good as the same comes under another address.

Terraform knows a resource by its address. Without a ``moved`` block the old address is destroyed and the new one
created: https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Scalar, walk
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.terraform_reading import NO_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext, ResourceView

LEAST_LIKENESS: Final = 0.8
"""Share of the attributes with known values that have to be equal."""

_FEWEST_EQUAL: Final = 2
_MOST_CANDIDATES: Final = 200
_UNKNOWN_KEY: Final = "[*]"
_IGNORED: Final = frozenset({"lifecycle", "timeouts", "provisioner"})
"""Blocks that say how Terraform treats a resource, not what it is."""

_IDENTIFYING: Final = frozenset(
    (
        *("name", "display_name", "bucket", "identifier", "cluster_identifier", "cluster_id", "cluster_name"),
        *("function_name", "table_name", "domain_name", "domain", "account_id", "user_name", "group_name"),
        *("cidr_block", "address_prefix", "address_prefixes", "ip_cidr_range", "availability_zone", "alias"),
        *(
            "key_name",
            "role_id",
            "instance",
            "secret_id",
            "fqdn",
            "path",
            "url",
            "email",
            "topic",
            "endpoint",
        ),
    )
)
"""Attributes that tell one thing from another of its type: where they differ, both really exist."""

_Leaves = dict["KeyPath", Scalar]


class _Pair(NamedTuple):
    """likeness: 0..1. near: whether the last part of the address or the module stayed."""

    likeness: float
    near: int
    old: Resource
    new: Resource


_known: WeakKeyDictionary[ResourceView, dict[tuple[str, str, str], dict[str, Resource]]] = WeakKeyDictionary()
"""Renames by unit, environment and type, found once a run."""


def renamed_to(resource: Resource, context: CheckContext) -> Resource | None:
    """What a resource of base that goes has become: one of the same type, root and environment that is new in head,
    with at least `LEAST_LIKENESS` of its attributes, and no ``moved`` or ``removed`` block that says so. None where
    it stays, is really gone, or where its instances are not known.

    Both are then destroyed and created by an apply, though the edit reads like a rename.
    """
    cell = (resource.unit, resource.environment.name, resource.kind)
    known = _known.setdefault(context.head, {})
    if cell not in known:
        known[cell] = {pair.old.address: pair.new for pair in _paired(cell, context)}
    return known[cell].get(resource.address)


def local_name(resource: Resource) -> tuple[str, str]:
    """(module path with its last dot, name in it): ``("module.net.", "web")`` of ``module.net.web``."""
    whole = resource.name
    block, key = (
        (whole[: whole.rfind("[")], whole[whole.rfind("[") :]) if whole.endswith("]") else (whole, "")
    )
    module, dot, last = block.rpartition(".")
    return module + dot, last + key


def _paired(cell: tuple[str, str, str], context: CheckContext) -> Iterator[_Pair]:
    """The pairs of one type, the most alike first; each resource is in one only."""
    unit, environment, kind = cell
    if "_" not in kind or kind in NO_RESOURCES:
        return
    where = {"platform": "terraform", "kind": kind, "environment": environment, "unit": unit}
    gone = [
        one
        for one in context.base.find(**where)
        if _only(one, "removed", context) and _UNKNOWN_KEY not in one.name and is_still_deployed(one, context)
    ]
    fresh = [
        one
        for one in context.head.find(**where)
        if _only(one, "added", context) and _UNKNOWN_KEY not in one.name
    ]
    if not gone or not fresh:
        return
    found = sorted(
        _candidates(gone, fresh),
        key=lambda pair: (-pair.likeness, -pair.near, pair.old.name, pair.new.name),
    )
    taken: set[str] = set()
    left: set[str] = set()
    for pair in found:
        if pair.old.name not in left and pair.new.name not in taken:
            left.add(pair.old.name)
            taken.add(pair.new.name)
            yield pair


def _only(resource: Resource, kind: str, context: CheckContext) -> bool:
    return any(not change.path and change.kind == kind for change in context.changes_of(resource))


def _candidates(gone: list[Resource], fresh: list[Resource]) -> Iterator[_Pair]:
    leaves = {one.name: _leaves(one) for one in fresh}
    for old in gone:
        place, name = local_name(old)
        held = _leaves(old)
        nearest = sorted(fresh, key=lambda one: -_near(one, place, name))[:_MOST_CANDIDATES]
        for new in nearest:
            likeness = _likeness(held, leaves[new.name], together=local_name(new)[0] == place)
            if likeness >= LEAST_LIKENESS:
                yield _Pair(likeness, _near(new, place, name), old, new)


def _near(resource: Resource, place: str, name: str) -> int:
    where, own = local_name(resource)
    return 2 * (own == name) + (where == place) + (own.partition("[")[0] == name.partition("[")[0])


def _leaves(resource: Resource) -> _Leaves:
    return {
        path: node
        for path, node in walk(resource.body)
        if isinstance(node, Scalar) and path and path[0] not in _IGNORED
    }


def _likeness(old: _Leaves, new: _Leaves, *, together: bool) -> float:
    """Share of equal attributes. Two expressions that read differently may come to the same: they do not count,
    except of what tells one thing from another, where nothing is said on a guess.

    together: in the same module instance. Else the same expression may mean something else, and only what has the
    same name of its own is taken for the same.
    """
    equal, differing, certain, unclear = 0, 0, False, False
    for path in old.keys() | new.keys():
        before, after = old.get(path), new.get(path)
        if before is None or after is None:
            differing += 1
        elif before.raw != after.raw and _identifies(path[0]):
            return 0.0
        elif EXPRESSION in (before.tag, after.tag) and not (together and before.raw == after.raw):
            unclear = unclear or _identifies(path[0])
        elif before.raw == after.raw:
            equal += 1
            certain = certain or path[0] in _IDENTIFYING
        else:
            differing += 1
    return (
        equal / (equal + differing)
        if (certain and not unclear) or (together and equal >= _FEWEST_EQUAL)
        else 0.0
    )


def _identifies(field: str) -> bool:
    """Whether two resources that differ in it are two: by a name of their own, or of what they are in."""
    return field in _IDENTIFYING or field.endswith("_name")
