"""Parts that a resource states in blocks of its own and that other resources state for it, too.

Terraform then sees the others' as a difference and takes them away, and the next run puts them back.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/network_security_group
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.reading import address_of, blocks, is_expression, text, unwritten
from riskcheck.nodes import Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.traffic_groups import ignores, leads, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView


class _Style(NamedTuple):
    """field: the block of the parent. kind: the separate resource. refers: its attribute that names the parent.
    direction: what its ``type`` or ``egress`` must say, ``""`` for any."""

    field: str
    kind: str
    refers: str
    direction: str = ""


_GROUP: Final = (
    _Style("ingress", "aws_security_group_rule", "security_group_id", "ingress"),
    _Style("egress", "aws_security_group_rule", "security_group_id", "egress"),
    _Style("ingress", "aws_vpc_security_group_ingress_rule", "security_group_id"),
    _Style("egress", "aws_vpc_security_group_egress_rule", "security_group_id"),
)
_ACL: Final = (
    _Style("ingress", "aws_network_acl_rule", "network_acl_id", "ingress"),
    _Style("egress", "aws_network_acl_rule", "network_acl_id", "egress"),
)
_ROUTES: Final = (_Style("route", "aws_route", "route_table_id"),)

_STYLES: Final = {
    "aws_default_network_acl": _ACL,
    "aws_default_route_table": _ROUTES,
    "aws_default_security_group": _GROUP,
    "aws_ec2_managed_prefix_list": (_Style("entry", "aws_ec2_managed_prefix_list_entry", "prefix_list_id"),),
    "aws_network_acl": _ACL,
    "aws_route_table": _ROUTES,
    "aws_security_group": _GROUP,
    "azurerm_network_security_group": (
        _Style("security_rule", "azurerm_network_security_rule", "network_security_group_name"),
    ),
    "azurerm_route_table": (_Style("route", "azurerm_route", "route_table_name"),),
    "azurerm_storage_account": (
        _Style("network_rules", "azurerm_storage_account_network_rules", "storage_account_id"),
    ),
    "azurerm_virtual_network": (
        _Style("subnet", "azurerm_subnet", "virtual_network_name"),
        _Style("dns_servers", "azurerm_virtual_network_dns_servers", "virtual_network_id"),
    ),
}
"""By the kind of the parent. https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/subnet,
…/virtual_network, …/route_table; …/aws/latest/docs/resources/route_table, …/network_acl"""


def mixed(change: Change, context: CheckContext) -> Iterator[Match]:
    """The change makes it that both ways are used for one parent. Values: ``what``."""
    after = change.resource_after
    if after is None or not leads(change, context):
        return
    if after.kind in _STYLES:
        yield from _of_parent(after, change.resource_before, context)
    for kind, styles in _STYLES.items():
        for style in styles:
            if style.kind == after.kind and _is_of(after, style):
                yield from _of_child(after, kind, style, context)


def _of_parent(after: Resource, before: Resource | None, context: CheckContext) -> Iterator[Match]:
    """The parent got a block while there are separate resources."""
    for style in _STYLES[after.kind]:
        node = _block(after, style.field)
        if node is None or (before is not None and _block(before, style.field) is not None):
            continue
        children = _children(after, style, context.head)
        if children:
            yield _match(after, style, node, children[0], children[0].origin)
            return


def _of_child(child: Resource, kind: str, style: _Style, context: CheckContext) -> Iterator[Match]:
    """A separate resource came to a parent that has such a block, as the first one of its kind."""
    for parent in _beside(child, kind, context.head):
        block = _block(parent, style.field)
        if block is None or not _names(child, style, parent):
            continue
        earlier = context.base.get(parent.unit, parent.address, parent.environment.name)
        if earlier is None or _block(earlier, style.field) is None:
            if _children(parent, style, context.head) and context.changes_of(parent):
                return  # told where the block came
        elif _children(earlier, style, context.base):
            return  # as it was before
        if _children(parent, style, context.head)[0].address == child.address:
            yield _match(parent, style, child.origin, child, block)
        return


def _match(parent: Resource, style: _Style, node: Node, child: Resource, other: Node) -> Match:
    what = (
        f"{title(parent.address)} has `{style.field}` of its own and from {child.kind}.{child.name}: each run "
        "undoes the other's"
    )
    return Match(values={"what": what}, node=node, related=(Related("also states it", location_of(other)),))


def _block(parent: Resource, field: str) -> Node | None:
    """Blocks of that name, or the empty list that says that there shall be none; None where others may state it."""
    held = parent.body.get(field)
    if ignores(parent, field):
        return None
    if isinstance(held, Sequence):
        return held.items[0] if held.items else held
    if is_expression(held):
        return None  # which may be null
    return held if held is not None and blocks(parent.body, field) else unwritten(parent.body, field)


def _children(parent: Resource, style: _Style, view: ResourceView) -> list[Resource]:
    found = [
        one for one in _beside(parent, style.kind, view) if _is_of(one, style) and _names(one, style, parent)
    ]
    return sorted(found, key=lambda one: one.address)


def _beside(resource: Resource, kind: str, view: ResourceView) -> Iterator[Resource]:
    yield from view.find(
        platform="terraform", kind=kind, environment=resource.environment.name, unit=resource.unit
    )


def _is_of(child: Resource, style: _Style) -> bool:
    if not style.direction:
        return True
    if child.kind == "aws_network_acl_rule":
        return ("egress" if text(child.body, "egress").lower() == "true" else "ingress") == style.direction
    return text(child.body, "type") == style.direction


def _names(child: Resource, style: _Style, parent: Resource) -> bool:
    target = address_of(child, child.body.get(style.refers))
    own = parent.body.get("name")
    literal = own is not None and not is_expression(own) and target == text(own)
    return target == parent.address or (literal and style.refers.endswith("_name"))
