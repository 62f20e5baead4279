"""Reading resolved bundle resources: what the checks of the Databricks pack share.

A bundle target is a resource too (kind ``targets``, named like the target): its settings are what the
resources of the environment are deployed with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value, scalar_value
from riskcheck.kinds import SECTIONS
from riskcheck.models import Change, Related, Resource, location_of
from riskcheck.nodes import MISSING, KeyPath, Mapping, MaybeValue, Node, Scalar, Sequence, walk
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.rules.context import CheckContext, ResourceView

PLATFORM: Final = "databricks"
TERRAFORM: Final = "terraform"

_NOUNS: Final = {
    "cluster_policies": "compute policy",
    "databricks_permissions": "permissions",
    "model_serving_endpoints": "serving endpoint",
    "postgres_branches": "Lakebase branch",
    "postgres_databases": "Lakebase database",
    "postgres_projects": "Lakebase project",
    "sql_warehouses": "SQL warehouse",
    "vector_search_indexes": "vector search index",
}

_REFERENCE: Final = regex(r"\$\{resources\.([a-z_]+)\.([^.{}\s]+)\.([a-z_]+)\}")
"""A value that is exactly one field of another resource of the bundle."""

_ATTRIBUTE: Final = regex(r"\$\{(databricks_[a-z_]+)\.([\w-]+)\.([a-z_]+)\}")
"""The same in Terraform. Instances of resources that have several are not told apart."""

_MOST: Final = 1e9

_MOST_HOPS: Final = 4
"""Resources through which a reference is followed: a volume names a schema, which names a catalog."""


def noun(kind: str) -> str:
    """What people call one resource of `kind`: ``volumes`` is a volume."""
    return _NOUNS.get(kind, kind.removesuffix("s").replace("_", " "))


def subject(resource: Resource) -> str:
    """``volume landing``: a resource as messages name it."""
    return f"{noun(resource.section)} {resource.name}"


def node_at(resource: Resource | None, *path: str) -> Node | None:
    """The node below mapping keys `path`; None where the resource or a step is missing."""
    return None if resource is None else resource.body.at(*path)


def value_at(resource: Resource | None, *path: str) -> MaybeValue:
    """The plain value below mapping keys `path`; `MISSING` where the resource or a step is missing."""
    node = node_at(resource, *path)
    return MISSING if node is None or resource is None else plain_value(node, resource.reading)


def text_at(resource: Resource | None, *path: str) -> str:
    """The text below mapping keys `path`; ``""`` where it is absent, null or no scalar."""
    node = node_at(resource, *path)
    return node.raw if isinstance(node, Scalar) and node.native is not None else ""


def mapping_along(context: CheckContext, resource: Resource | None, path: KeyPath) -> Mapping | None:
    """The mapping at `path`, whose list items are named as changes name them; None where there is none."""
    node = context.node(resource, path)
    return node if isinstance(node, Mapping) else None


def entry(mapping: Mapping | None, key: str, resource: Resource | None) -> MaybeValue:
    """The scalar value under `key`; `MISSING` where it is absent or no scalar."""
    node = mapping.get(key) if mapping is not None else None
    if not isinstance(node, Scalar) or resource is None:
        return MISSING
    return scalar_value(node, resource.reading)


def number(value: MaybeValue) -> float | None:
    """A count, size or percentage; None for anything else, and for what no platform would accept as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MOST else None


def items(resource: Resource | None, *path: str) -> Iterator[Mapping]:
    """The mappings in the list below mapping keys `path`."""
    node = node_at(resource, *path)
    if isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Mapping))


def speaks_for(change: Change, context: CheckContext, block: KeyPath, fields: SequenceOf[KeyPath]) -> bool:
    """Whether a finding about `block` hangs on `change`, of all changes to `fields` below it.

    A check that judges a block as a whole is called for each of its fields that changed, and speaks once: for
    the first of `fields` that changed, came or went with a larger block.
    """
    changes = [
        one for one in context.changes_of(change.resource) if one.path[: len(block)] == block[: len(one.path)]
    ]
    for field in fields:
        path = (*block, *field)
        for other in changes:
            side = change.resource_after if other.kind == "added" else change.resource_before
            rest = other.path[len(block) :]
            if field[: len(rest)] == rest and (field == rest or context.node(side, path) is not None):
                return change.path == path
    return False


def dereferenced(text: str, resource: Resource, view: ResourceView) -> str:
    """`text`, or the value it stands for if it refers to a field of another resource of the bundle."""
    for _ in range(_MOST_HOPS):
        target, field = _target(text, resource, view)
        value = text_at(target, field)
        if not value:
            break
        text = value
    return text


def _target(text: str, resource: Resource, view: ResourceView) -> tuple[Resource | None, str]:
    """The resource that a text of `resource` refers to, and which field of it."""
    terraform = resource.platform == TERRAFORM
    match = (_ATTRIBUTE if terraform else _REFERENCE).fullmatch(text)
    if match is None:
        return None, ""
    kind, name, field = match.groups()
    prefix = module_of(resource) if terraform else ""
    address = f"{resource.platform}:{kind}.{prefix}{name}"
    return view.get(resource.unit, address, resource.environment.name), field


def module_of(resource: Resource) -> str:
    """``module.net.`` of a Terraform resource in a module; "" in the root."""
    match = re.match(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*", resource.name)
    return match[0] if match else ""


def referenced(text: str) -> tuple[str, str] | None:
    """Kind and key of the resource that ``${resources.<kind>.<key>.<field>}`` names, or Terraform's notation."""
    match = _REFERENCE.fullmatch(text)
    if match is None and (match := _ATTRIBUTE.fullmatch(text)) is not None:
        return SECTIONS.get(match[1], match[1]), match[2]
    return (match[1], match[2]) if match else None


def deployer(resource: Resource) -> str:
    """Who takes a resource under another key for another one."""
    return "Terraform" if resource.platform == TERRAFORM else "a bundle"


def neighbours(resource: Resource, kind: str, view: ResourceView) -> Iterator[Resource]:
    """The resources of `kind`, a section of a bundle, that are deployed together with `resource`."""
    for other in view.find(
        platform=resource.platform, environment=resource.environment.name, unit=resource.unit
    ):
        if other.section == kind:
            yield other


def target_of(resource: Resource, view: ResourceView) -> Resource | None:
    """The bundle target that deploys `resource`, as `view` knows it."""
    if resource.platform != PLATFORM:
        return None
    environment, unit = resource.environment.name, resource.unit
    found = view.find(platform=PLATFORM, kind="targets", environment=environment, unit=unit)
    return next(iter(found), None)


def counterpart(resource: Resource, view: ResourceView) -> Resource | None:
    """The resource under the same key on another side."""
    return view.get(resource.unit, resource.address, resource.environment.name)


def state_location(target: Resource) -> tuple[str, str]:
    """Host and folder that hold the deployment state of `target`: what makes it one deployment.

    Other spellings of a host compare equal; those of a folder already do.
    """
    host = text_at(target, "workspace", "host").lower().removeprefix("https://")
    return host.split("?", 1)[0].rstrip("/"), text_at(target, "workspace", "state_path").rstrip("/")


def moved_away(before: Resource, after: Resource) -> bool:
    """Whether the deployment of a target looks for its state elsewhere than before, and so finds none."""
    (old_host, old_state), (new_host, new_state) = state_location(before), state_location(after)
    return (bool(old_host and new_host) and old_host != new_host) or old_state != new_state


def deployed_elsewhere(target: Resource, view: ResourceView) -> Resource | None:
    """A target of another bundle root with the same deployment state: the bundle's folder was moved."""
    wanted = (text_at(target, "bundle", "name"), state_location(target))
    for other in view.find(platform=PLATFORM, kind="targets", environment=target.environment.name):
        if other.unit != target.unit and (text_at(other, "bundle", "name"), state_location(other)) == wanted:
            return other
    return None


def likeness(one: Resource, other: Resource) -> float:
    """Share of stated scalar fields that both have with the same value, 0..1. Defaults do not count.

    Names and paths that spell out a resource's own key are the same where only the key differs.
    """
    left, right = _stated(one), _stated(other)
    every = left.keys() | right.keys()
    same = [
        path
        for path in left.keys() & right.keys()
        if left[path] == right[path]
        or left[path].replace(one.name, "\0") == right[path].replace(other.name, "\0")
    ]
    return len(same) / len(every) if every else 0.0


def _stated(resource: Resource) -> dict[KeyPath, str]:
    return {
        path: node.raw
        for path, node in walk(resource.body)
        if isinstance(node, Scalar) and not node.synthetic
    }


def is_guarded(resource: Resource | None) -> bool:
    """Whether ``lifecycle.prevent_destroy`` stands on the resource."""
    return value_at(resource, "lifecycle", "prevent_destroy") is True


def guard_of(resource: Resource | None) -> tuple[Related, ...]:
    """The place of the deletion guard that stands on `resource`, as a related location."""
    node = node_at(resource, "lifecycle", "prevent_destroy")
    return (Related("guard", location_of(node)),) if node is not None and is_guarded(resource) else ()


def shown(value: MaybeValue) -> str:
    """A value as messages print it."""
    if value is MISSING or value is None or value == "":
        return "unset"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def listed(names: list[str], most: int = 4) -> str:
    """``a, b and c``; what exceeds `most` is counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
