"""What a route table is put on: subnets, networks, gateways that announce routes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.reading import address_of
from riskcheck.phrases import listed
from riskcheck.rules.checks.network_losses import (
    beside,
    goes_with,
    is_another,
    is_removed,
    loss_of,
    plain,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

ATTACHED: Final = {
    "azurerm_subnet_route_table_association": ("route_table_id", "subnet_id"),
    "aws_route_table_association": ("route_table_id", "subnet_id", "gateway_id"),
    "aws_main_route_table_association": ("route_table_id", "vpc_id"),
    "aws_ec2_transit_gateway_route_table_association": (
        "transit_gateway_route_table_id",
        "transit_gateway_attachment_id",
    ),
    "aws_ec2_transit_gateway_route_table_propagation": (
        "transit_gateway_route_table_id",
        "transit_gateway_attachment_id",
    ),
    "aws_vpn_gateway_route_propagation": ("route_table_id", "vpn_gateway_id"),
}
"""Types that attach a table, the attribute that names it first."""

_MOST_PLACES: Final = 8


def detached(change: Change, context: CheckContext) -> Iterator[Match]:
    """A subnet no longer has the table, or has another one."""
    before, after = change.resource_before, change.resource_after
    loss = loss_of(change, context)
    fields = ATTACHED[change.resource.kind]
    if before is None or (loss is None and not _switched(change, fields[0], context)):
        return
    table = plain(address_of(before, before.body.get(fields[0])))
    where = _where(before, fields)
    if after is None:
        every = [
            one for one in beside(before, context.base, before.kind) if _is_taken_off(one, before, context)
        ]
        if every and every[0].key == before.key:
            places = listed([_where(one, fields) for one in every])
            what = f"{places} no longer {_has(len(every))} route table {table}"
            whose = "its" if len(every) == 1 else "their"
            match = told(what, f"{whose} traffic follows the defaults of the network at once", "P1")
            yield match._replace(related=_also(every))
        return
    new = [address_of(after, after.body.get(field)) for field in fields]
    if new[0] != address_of(before, before.body.get(fields[0])):
        what = f"{where} gets route table {plain(new[0])} instead of {table}"
    else:
        what = f"route table {table} moves from {where} to another place"
    yield told(what, "all routes of it change at once", "P1")


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _also(every: Sequence[Resource]) -> tuple[Related, ...]:
    return tuple(Related("also", location_of(one.origin)) for one in every[1:_MOST_PLACES])


def _where(association: Resource, fields: tuple[str, ...]) -> str:
    ends = (plain(address_of(association, association.body.get(field))) for field in fields[1:])
    return next(filter(None, ends), "its subnet")


def _is_taken_off(one: Resource, near: Resource, context: CheckContext) -> bool:
    """Whether an association of the same table as `near` is destroyed, alone, and no other one says the same."""
    fields = ATTACHED[one.kind]
    ends = [address_of(one, one.body.get(field)) for field in fields]
    if ends[0] != address_of(near, near.body.get(fields[0])) or not is_removed(one, context):
        return False
    if any(goes_with(one.body.get(field), one, context) for field in fields):
        return False
    return not any(
        [address_of(other, other.body.get(field)) for field in fields] == ends
        for other in beside(one, context.head, one.kind)
    )


def _switched(change: Change, field: str, context: CheckContext) -> bool:
    """Whether another table is put on in place."""
    return change.kind == "modified" and change.path == (field,) and is_another(change, context)
