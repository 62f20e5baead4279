"""Zones, links and what resolvers are told: how the names of a network are found.

https://learn.microsoft.com/azure/private-link/private-endpoint-dns,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html,
https://cloud.google.com/dns/docs/zones/zones-overview
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.reading import is_expression, is_true, peers, text
from riskcheck.nodes import Mapping, Sequence
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.network_coredns import corefile_changed, is_name_service
from riskcheck.rules.checks.network_losses import TERRAFORM, goes_with, is_another, loss_of, named, told
from riskcheck.rules.checks.network_records import record_changed
from riskcheck.rules.checks.stacks import also_for_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.checks.network_losses import Loss
    from riskcheck.rules.context import CheckContext

_PUBLIC: Final = "names resolve to public addresses or not at all"


class _Part(NamedTuple):
    """noun: what people call a resource. severity, effect: of its loss. ends: attributes that name what it joins;
    where one of these goes for good, it goes with it."""

    noun: str
    severity: str
    effect: str
    ends: tuple[str, ...] = ()


_ZONE: Final = "no name in it resolves until it is there again, under name servers of its own"
_PARTS: Final = {
    "azurerm_private_dns_zone": _Part("private DNS zone", "P0", _ZONE),
    "azurerm_dns_zone": _Part("DNS zone", "P0", _ZONE),
    "aws_route53_zone": _Part("hosted zone", "P0", _ZONE),
    "google_dns_managed_zone": _Part("managed zone", "P0", _ZONE),
    "azurerm_private_dns_zone_virtual_network_link": _Part(
        "zone link",
        "P0",
        f"in that network {_PUBLIC}",
        ("virtual_network_id", "private_dns_zone_id", "private_dns_zone_name"),
    ),
    "aws_route53_zone_association": _Part(
        "zone association", "P0", f"in that VPC {_PUBLIC}", ("vpc_id", "zone_id")
    ),
    "azurerm_private_dns_resolver_forwarding_rule": _Part(
        "forwarding rule",
        "P1",
        "names of its domain are no longer asked for where they are kept",
        ("dns_forwarding_ruleset_id",),
    ),
    "azurerm_private_dns_resolver_dns_forwarding_ruleset": _Part(
        "forwarding ruleset", "P1", "names of its domains are no longer asked for where they are kept"
    ),
    "azurerm_private_dns_resolver_virtual_network_link": _Part(
        "ruleset link",
        "P1",
        "that network no longer forwards names to where they are kept",
        ("virtual_network_id", "dns_forwarding_ruleset_id"),
    ),
    "azurerm_private_dns_resolver_inbound_endpoint": _Part(
        "inbound endpoint of the resolver", "P0", "whoever asks its address for names gets no answer"
    ),
    "aws_route53_resolver_endpoint": _Part(
        "resolver endpoint", "P0", "whoever asks or is asked through it gets no answer"
    ),
    "aws_route53_resolver_rule": _Part(
        "resolver rule", "P1", "names of its domain are no longer asked for where they are kept"
    ),
    "aws_route53_resolver_rule_association": _Part(
        "resolver rule association",
        "P1",
        "that VPC no longer forwards names to where they are kept",
        ("vpc_id", "resolver_rule_id"),
    ),
    "aws_vpc_dhcp_options_association": _Part(
        "association of DHCP options", "P1", "machines of that VPC ask other name servers", ("vpc_id",)
    ),
    "google_dns_response_policy": _Part("response policy", "P1", "names that it answered resolve otherwise"),
    "google_dns_policy": _Part("DNS policy", "P1", "names are no longer forwarded as it says"),
}

_SWITCHES: Final = {
    ("azurerm_private_dns_zone_virtual_network_link", "registration_enabled"): (
        "P1",
        "machines of the network lose their names in the zone",
    ),
    ("aws_vpc_endpoint", "private_dns_enabled"): (
        "P1",
        "the service's own name resolves to public addresses again",
    ),
    ("aws_vpc", "enable_dns_support"): ("P0", "the VPC resolves no names any more"),
    ("aws_vpc", "enable_dns_hostnames"): (
        "P1",
        "private zones and endpoint names no longer resolve in the VPC",
    ),
}
"""What is switched off, by type and attribute."""

_LISTS: Final = {
    ("azurerm_private_endpoint", "private_dns_zone_group.private_dns_zone_ids"): (
        "P0",
        "no longer writes its address into {items}",
        _PUBLIC,
    ),
    ("aws_route53_zone", "vpc"): ("P0", "is no longer seen from VPC {items}", f"there {_PUBLIC}"),
    ("google_dns_managed_zone", "private_visibility_config.networks"): (
        "P0",
        "is no longer seen from network {items}",
        f"there {_PUBLIC}",
    ),
    ("google_dns_managed_zone", "private_visibility_config.gke_clusters"): (
        "P0",
        "is no longer seen from cluster {items}",
        f"there {_PUBLIC}",
    ),
    ("google_dns_managed_zone", "forwarding_config.target_name_servers"): (
        "P1",
        "no longer asks {items}",
        "where no other server knows its names, they do not resolve",
    ),
    ("azurerm_virtual_network", "dns_servers"): (
        "P1",
        "no longer asks {items}",
        "names that only it knows are gone",
    ),
    ("azurerm_virtual_network_dns_servers", "dns_servers"): (
        "P1",
        "no longer asks {items}",
        "names that only it knows are gone",
    ),
    ("azurerm_private_dns_resolver_forwarding_rule", "target_dns_servers"): (
        "P1",
        "no longer asks {items}",
        "where no other server knows its names, they do not resolve",
    ),
    ("aws_route53_resolver_rule", "target_ip"): (
        "P1",
        "no longer asks {items}",
        "where no other server knows its names, they do not resolve",
    ),
}
"""Lists that lost an item: how bad, what, what follows."""


@also_for_stacks
def changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A zone, a link, a record or what resolvers are told is removed, created anew or changed.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    before = change.resource_before
    if before is None:
        return
    if before.platform != TERRAFORM:
        if is_name_service(change):
            yield from corefile_changed(change)
        return
    part = _PARTS.get(before.kind)
    loss = loss_of(change, context) if part is not None else None
    if part is not None and loss is not None:
        yield from _lost(part, loss, before, context)
    elif change.path:
        match = _switched(change, before) or _shortened(change, before, context)
        if match is not None:
            yield match
            return
    yield from record_changed(change, context)


def _lost(part: _Part, loss: Loss, before: Resource, context: CheckContext) -> Iterator[Match]:
    if not loss.recreated and any(goes_with(before.body.get(end), before, context) for end in part.ends):
        return
    effect = part.effect
    if part.effect is _ZONE and is_true(before.body, "force_destroy"):
        effect = f"its records go with it (force_destroy); {effect}"
    match = told(f"{part.noun} {named(before)} is {loss.how}", effect, part.severity)
    yield match._replace(related=loss.related)


def _switched(change: Change, before: Resource) -> Match | None:
    found = _SWITCHES.get((before.kind, ".".join(fields_of(change.path))))
    if found is None or change.after is not False:
        return None
    if change.before is not True and not before.kind.startswith("aws_vpc"):
        return None
    if change.before is not True and change.path[-1] != "enable_dns_support":
        return None
    severity, effect = found
    return told(f"{change.path[-1]} of {named(before)} goes to false", effect, severity)


def _shortened(change: Change, before: Resource, context: CheckContext) -> Match | None:
    """An item of one of `_LISTS` goes, alone or with the block around it, or gives way to another one."""
    path = ".".join(fields_of(change.path))
    for (kind, field), (severity, what, effect) in _LISTS.items():
        inside = path.startswith(f"{field}.")
        if kind != before.kind or not (field == path or inside or field.startswith(f"{path}.")):
            continue
        if change.kind == "added" or _is_open(change.node_after):
            return None
        if change.kind == "modified" and not is_another(change, context):
            return None
        held = change.node_before
        if field.startswith(f"{path}."):
            held = _below(held, field.removeprefix(f"{path}.").split("."))
        items = [one for one in _items(held) if one]
        if not items:
            return None
        said = what.format(items=listed(items))
        return told(f"{_called(before)} {named(before)} {said}", effect, severity)
    return None


def _called(resource: Resource) -> str:
    part = _PARTS.get(resource.kind)
    if part is not None:
        return part.noun
    return resource.kind.partition("_")[2].replace("_", " ")


def _is_open(node: Node | None) -> bool:
    return node is not None and is_expression(node)


def _below(node: Node | None, path: list[str]) -> Node | None:
    for step in path:
        held = node.items[0] if isinstance(node, Sequence) and node.items else node
        node = held.get(step) if isinstance(held, Mapping) else None
    return node


def _items(node: Node | None) -> Iterator[str]:
    """What the items of a list are called: texts, or the first attribute of blocks."""
    if isinstance(node, Mapping):
        names = (
            "vpc_id",
            "network_url",
            "gke_cluster_name",
            "ip",
            "ip_address",
            "ipv4_address",
            "domain_name",
        )
        yield (
            next((found for name in names if (found := text(node, name))), "")
            .replace("${", "")
            .replace("}", "")
        )
    elif isinstance(node, Sequence) and any(isinstance(item, Mapping) for item in node.items):
        for item in node.items:
            yield from _items(item)
    else:
        yield from (one.text.replace("${", "").replace("}", "") for one in peers(node))
