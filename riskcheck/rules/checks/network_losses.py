"""When Terraform destroys a resource of a network, alone or to create it anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import LOSING, Match, Related, location_of
from riskcheck.network.reading import address_of, is_true, module_of, title_of
from riskcheck.nodes import MISSING, Scalar, walk
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.replacing import fields_of, forces_new
from riskcheck.rules.checks.databricks_data import is_still_deployed, renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import MaybeValue, Node, Value
    from riskcheck.rules.context import CheckContext, ResourceView

TERRAFORM: Final = "terraform"
_MOST_FIELDS: Final = 3
_SHORT: Final = frozenset({"network", "subnetwork", "region", "project", "zone", "managed_zone", "router"})
"""Attributes of the google provider that take a name and the link that ends in it for the same."""


class Loss(NamedTuple):
    """What becomes of a resource of base. how: ``destroyed``, ``destroyed and created anew (subnet_id)``. fields:
    attributes that force it. recreated: whether it comes back. related: what replaces it, or guards it."""

    how: str
    fields: tuple[str, ...] = ()
    recreated: bool = False
    related: tuple[Related, ...] = ()


def loss_of(change: Change, context: CheckContext) -> Loss | None:
    """What `change` takes away, told once for each resource: where it is removed, or at the first attribute that
    forces a new one. A plan that destroys it counts too."""
    gone = change.resource_before
    if gone is None:
        return None
    after = change.resource_after
    if after is None:
        if change.path or not is_still_deployed(gone, context):
            return None
        twin = renamed(gone, context)
        if twin is None:
            return Loss("destroyed")
        return Loss(
            f"destroyed, and created as {twin.name}",
            recreated=True,
            related=(Related("created as", location_of(twin.origin)),),
        )
    if not change.path:
        return None
    mine = [one for one in context.changes_of(after) if one.path]
    forcing = [one for one in mine if forces_new(one) and is_another(one, context)]
    planned = context.facts.get("action") in LOSING
    speaking = forcing or (mine if planned else [])
    if not speaking or speaking[0] is not change:
        return None
    fields = tuple(dict.fromkeys(_named(one, forcing=bool(forcing)) for one in speaking))
    if planned and not forcing:
        foreseen = context.facts.get("fields")
        fields = tuple(map(str, foreseen)) if isinstance(foreseen, list) and foreseen else fields
    how = "destroyed" if context.facts.get("action") == "delete" else "destroyed and created anew"
    return Loss(f"{how} ({listed(fields, _MOST_FIELDS)})", fields, recreated=True)


def _named(change: Change, *, forcing: bool) -> str:
    path = fields_of(change.path)
    return ".".join(path) if forcing else path[0]


def is_another(change: Change, context: CheckContext) -> bool:
    """Whether the value is known to be another one than before: literals that differ, or references to two
    different things. An expression that cannot be followed may come to what stood there."""
    was, becomes = (
        _meanings(node, resource)
        for node, resource in (
            (change.node_before, change.resource_before),
            (change.node_after, change.resource_after),
        )
    )
    if MISSING in (change.before, change.after):
        return None not in (*was, *becomes)
    if _is_other_text(change.before, change.after):
        return True
    if len(was) != len(becomes):
        return not any(one is None for one in (*was, *becomes))
    pairs = list(zip(sorted(was, key=str), sorted(becomes, key=str), strict=True))
    if any(None in pair for pair in pairs):
        return False
    kind, field = change.resource.kind, fields_of(change.path)[-1]
    return any(
        _differ(one, other, kind, field, context, change)
        for one, other in pairs
        if one is not None and other is not None
    )


def _is_other_text(before: MaybeValue, after: MaybeValue) -> bool:
    """Whether two templates have the same expressions between texts that differ: ``${var.team}-a`` and ``-b``."""
    if not isinstance(before, str) or not isinstance(after, str) or "${" not in before:
        return False
    old, new = (re.split(r"(\$\{[^{}]*\})", one) for one in (before, after))
    return len(old) > 1 and old[1::2] == new[1::2] and old[::2] != new[::2]


def _meanings(node: Node | None, resource: Resource | None) -> list[str | None]:
    """What the scalars of a value mean: literals, addresses of what they refer to, None where that is open."""
    if node is None or resource is None:
        return []
    scalars = [one for _, one in walk(node) if isinstance(one, Scalar)]
    found = [address_of(resource, one) for one in scalars]
    return [None if "${" in one else one for one in found]


def _differ(was: str, becomes: str, kind: str, field: str, context: CheckContext, change: Change) -> bool:
    prefix = f"{TERRAFORM}:"
    if was.startswith(prefix) != becomes.startswith(prefix):
        return False
    if was.startswith(prefix):
        return _identity(was, change, context.base) != _identity(becomes, change, context.head)
    return spelled(was, kind, field) != spelled(becomes, kind, field)


def _identity(address: str, change: Change, view: ResourceView) -> str:
    """The oldest address that a resource is known to have had: a move is no other resource."""
    found = view.get(change.resource.unit, address, change.environment.name)
    return found.identity if found is not None and found.identity else address.removeprefix(f"{TERRAFORM}:")


def spelled(text: str, kind: str, field: str) -> str:
    """A value as the provider compares it."""
    lower = text.strip().lower().rstrip(".")
    if kind.startswith("azurerm_"):
        return lower.replace(" ", "") if field == "location" else lower
    if kind.startswith("google_") and field in _SHORT:
        return lower.rpartition("/")[2]
    return lower if kind.startswith("aws_route53") else text


def creates_first(resource: Resource | None) -> bool:
    """Whether the new one is created before the old one goes."""
    return resource is not None and is_true(resource.body, "lifecycle", "create_before_destroy")


def beside(resource: Resource, view: ResourceView, *kinds: str) -> Iterator[Resource]:
    """Resources of the same root and environment, of `kinds`, all without any."""
    for kind in kinds or (None,):
        yield from view.find(
            platform=TERRAFORM, kind=kind, unit=resource.unit, environment=resource.environment.name
        )


def goes_with(node: Node | None, gone: Resource, context: CheckContext) -> bool:
    """Whether what an attribute of `gone` refers to is destroyed by the same change, for good."""
    target = address_of(gone, node)
    if not target.startswith(f"{TERRAFORM}:"):
        return False
    key = (gone.unit, target, gone.environment.name)
    held = context.base.get(*key)
    if held is None or context.head.get(*key) is not None:
        return False
    return not any(
        one.identity == held.identity and one.identity for one in beside(gone, context.head, held.kind)
    )


def named(resource: Resource) -> str:
    """``module.net.web`` or the name that it is deployed under."""
    title = title_of(resource)
    return title if "${" not in title and not module_of(resource.name) else resource.name


def told(what: str, effect: str, severity: str) -> Match:
    """What a check of networks says. severity: ``P0`` to ``P3``."""
    values: dict[str, Value] = {"what": what, "effect": effect, "severity": severity}
    return Match(values=values)


def plain(text: str) -> str:
    """An address or expression as messages print it."""
    return text.replace(f"{TERRAFORM}:", "").replace("${", "").replace("}", "")


def is_removed(resource: Resource, context: CheckContext) -> bool:
    """Whether a resource of base is destroyed as it is no longer declared."""
    gone = any(change.kind == "removed" and not change.path for change in context.changes_of(resource))
    return gone and is_still_deployed(resource, context)
