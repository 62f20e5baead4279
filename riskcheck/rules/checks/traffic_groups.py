"""Rules of one group and lists that guard one thing, gathered from all resources of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.network.groups import Entry
from riskcheck.network.readers import address_lists, traffic_rules
from riskcheck.network.reading import address_of, text
from riskcheck.nodes import Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Change, Resource
    from riskcheck.network.model import AddressList, Direction
    from riskcheck.rules.context import CheckContext, ResourceView

_NAMED: Final = frozenset(
    {
        "azurerm_network_security_group",
        "azurerm_firewall",
        "azurerm_postgresql_server",
        "azurerm_mysql_server",
    }
)
"""Kinds whose rules may refer to them by a name that is written out."""

PARTIAL: Final = frozenset(
    {
        "AuthorizationPolicy",
        "CiliumClusterwideNetworkPolicy",
        "CiliumNetworkPolicy",
        "HelmValues",
        "file",
    }
)
"""Kinds of which a new or missing one lets nobody in or keeps nobody out by itself: without any policy everything
is allowed, and the file that holds a list may be another one."""

Key = tuple[str, "Direction"]


class Gathered(NamedTuple):
    """rules: by group and direction. lists: by group. own_rules, own_lists: by address of the resource."""

    rules: dict[Key, list[Entry]]
    lists: dict[str, list[AddressList]]
    own_rules: dict[str, list[Entry]]
    own_lists: dict[str, list[AddressList]]
    addresses: frozenset[str]

    def has(self, group: str) -> bool:
        """Whether the group is there, or is none of this configuration's own. What an output of a module names may
        have gone with the module, unless something else still names it."""
        if group.startswith("terraform:"):
            return _block(group) in self.addresses
        if "${" in group and "module." in group:
            return group in self.lists or any(name == group for name, _ in self.rules)
        return True


_NOTHING: Final = Gathered({}, {}, {}, {}, frozenset())
_gathered: WeakKeyDictionary[ResourceView, dict[tuple[str, str, str], Gathered]] = WeakKeyDictionary()
"""By platform, unit and environment, gathered once a run."""


def gathered(resource: Resource | None, view: ResourceView) -> Gathered:
    """What the resources beside `resource` state, itself included."""
    if resource is None:
        return _NOTHING
    known = _gathered.setdefault(view, {})
    place = (resource.platform, resource.unit, resource.environment.name)
    if place not in known:
        platform, unit, environment = place
        known[place] = _gather(list(view.find(platform=platform, unit=unit, environment=environment)))
    return known[place]


def _gather(resources: Iterable[Resource]) -> Gathered:
    found = Gathered({}, {}, {}, {}, frozenset(_block(one.address) for one in resources))
    names = {
        address_of(one, one.body.get("name")): one.address
        for one in resources
        if one.kind in _NAMED and text(one.body, "name")
    }
    for resource in resources:
        for rule in traffic_rules(resource):
            entry = Entry(rule._replace(group=names.get(rule.group, rule.group)))
            found.rules.setdefault((entry.rule.group, rule.direction), []).append(entry)
            found.own_rules.setdefault(resource.address, []).append(entry)
        for one in address_lists(resource):
            held = one._replace(group=names.get(one.group, one.group))
            found.lists.setdefault(held.group, []).append(held)
            found.own_lists.setdefault(resource.address, []).append(held)
    return found


def _block(address: str) -> str:
    """The address without the key of an instance, which references do not always tell."""
    return address.rpartition("[")[0] if address.endswith("]") else address


def leads(change: Change, context: CheckContext) -> bool:
    """Whether it is the first change of its resource: what the resource comes to is said once."""
    if change.resource.kind in PARTIAL and (change.resource_before is None or change.resource_after is None):
        return False
    changes = context.changes_of(change.resource)
    return bool(changes) and changes[0] is change


def both(change: Change, context: CheckContext) -> tuple[Gathered, Gathered]:
    """What the resources of both sides state, around the one that changed."""
    before, after = change.resource_before, change.resource_after
    return gathered(before or after, context.base), gathered(after or before, context.head)


def rules_of(resource: Resource | None, side: Gathered) -> list[Entry]:
    return [] if resource is None else side.own_rules.get(resource.address, [])


def lists_of(resource: Resource | None, side: Gathered) -> list[AddressList]:
    return [] if resource is None else side.own_lists.get(resource.address, [])


def ignores(resource: Resource | None, *fields: str) -> bool:
    """Whether ``lifecycle.ignore_changes`` keeps Terraform from changing one of `fields`."""
    held = None if resource is None else resource.body.at("lifecycle", "ignore_changes")
    told = held.items if isinstance(held, Sequence) else [] if held is None else [held]
    names = {text(one).removeprefix("${").removesuffix("}") for one in told}
    return "all" in names or any(name.partition("[")[0].partition(".")[0] in fields for name in names)


INLINE: Final = {
    "aws_default_network_acl": ("ingress", "egress"),
    "aws_default_security_group": ("ingress", "egress"),
    "aws_network_acl": ("ingress", "egress"),
    "aws_security_group": ("ingress", "egress"),
    "azurerm_network_security_group": ("security_rule",),
}
"""Kinds that hold rules in blocks, and what those are called."""


def is_left_alone(resource: Resource | None, direction: Direction) -> bool:
    """Whether a group states no block for `direction` at all: Terraform then leaves the rules that there are.

    Only an empty list takes them away.
    https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/network_security_group
    """
    if resource is None or resource.kind not in INLINE:
        return False
    fields = INLINE[resource.kind]
    field = fields[0] if len(fields) == 1 else direction
    return resource.body.get(field) is None or ignores(resource, field)


def title(group: str) -> str:
    """``security group web``: a group as messages call it."""
    kind, _, name = group.removeprefix("terraform:").partition(".")
    if not group.startswith("terraform:"):
        return _written(group)
    words = kind.split("_")[1:]
    noun = " ".join(words).replace("vpc ", "").replace("compute ", "")
    return f"{noun} {name}"


def _written(group: str) -> str:
    """A group that is none of this configuration's own, by the text that refers to it."""
    inner = group.partition("${")[2].rstrip("}") or group
    return f"group {inner[:60]}" if inner else "its group"
