"""Private endpoints, and the services that they lead to.

https://learn.microsoft.com/azure/private-link/private-endpoint-overview,
https://docs.aws.amazon.com/vpc/latest/privatelink/, https://cloud.google.com/vpc/docs/private-service-connect
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.reading import address_of, blocks, is_true, peers, text
from riskcheck.phrases import listed
from riskcheck.rules.checks.network_losses import (
    Loss,
    beside,
    creates_first,
    goes_with,
    is_another,
    loss_of,
    named,
)
from riskcheck.rules.checks.stacks import also_for_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Mapping, Node, Value
    from riskcheck.rules.context import CheckContext

_FORWARDING: Final = ("google_compute_forwarding_rule", "google_compute_global_forwarding_rule")
_PROVIDING: Final[dict[str, str]] = {
    "azurerm_private_link_service": "private link service",
    "aws_vpc_endpoint_service": "endpoint service",
    "google_compute_service_attachment": "service attachment",
}
_GOOGLE_APIS: Final = frozenset({"all-apis", "vpc-sc"})
_NARROWING: Final = {
    "subnet_ids": ("P2", "has no address in {gone} any more", "what uses that address is cut off"),
    "route_table_ids": (
        "P1",
        "is taken out of route tables {gone}",
        "traffic of their subnets leaves by another way",
    ),
}
"""Attribute of an endpoint to what it means when one of its items goes: how bad, what, what follows."""

_ATTACHED: Final = {
    "aws_vpc_endpoint_subnet_association": "subnet_id",
    "aws_vpc_endpoint_route_table_association": "route_table_id",
}


@also_for_stacks
def destroyed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A private endpoint is destroyed, created anew or taken out of subnets.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    before = change.resource_before
    if before is None:
        return
    if before.kind in _ATTACHED:
        yield from _detached(change, before, context)
        return
    kind = _noun(before)
    loss = (_retargeted(change, context) or loss_of(change, context)) if kind else None
    if kind and loss is not None:
        if before.kind in _PROVIDING:
            effect = "every endpoint that leads to it is cut off, and has to be made and approved again"
            yield _match(f"{kind} {named(before)} is {loss.how}", effect, _softened("P0", change), loss)
            return
        target = _target(before)
        if not loss.recreated and goes_with(target, before, context):
            return
        kept = _second(before, context)
        severity, effect = _judged(change, before, loss, kept)
        yield _match(f"{kind} {named(before)} is {loss.how}", effect, severity, loss)
        return
    if kind and before.kind == "aws_vpc_endpoint" and change.path:
        yield from _narrowed(change, before)


def _retargeted(change: Change, context: CheckContext) -> Loss | None:
    """A forwarding rule that led to one service attachment leads to another one, which the provider does anew."""
    if change.path != ("target",) or change.resource.kind not in _FORWARDING or change.kind != "modified":
        return None
    attached = all(_is_attachment(one) for one in (change.before, change.after))
    if not attached or not is_another(change, context):
        return None
    return Loss("destroyed and created anew (target)", ("target",), recreated=True)


def _is_attachment(target: object) -> bool:
    known = ("serviceAttachments/", "google_compute_service_attachment.")
    return isinstance(target, str) and any(one in target for one in known)


def _match(what: str, effect: str, severity: str, loss: Loss | None = None) -> Match:
    values: dict[str, Value] = {"what": what, "effect": effect, "severity": severity}
    return Match(values=values, related=loss.related if loss is not None else ())


def _noun(resource: Resource) -> str:
    """What people call it; ``""`` for what is no private endpoint."""
    body = resource.body
    if resource.kind in _PROVIDING:
        return _PROVIDING[resource.kind]
    if resource.kind == "azurerm_private_endpoint":
        return "private endpoint"
    if resource.kind == "databricks_mws_vpc_endpoint":
        return "registered VPC endpoint"
    if resource.kind == "aws_vpc_endpoint":
        return f"{text(body, 'vpc_endpoint_type').lower() or 'gateway'} endpoint"
    if resource.kind in _FORWARDING:
        target = text(body, "target")
        private = _is_attachment(target) or target in _GOOGLE_APIS
        return "Private Service Connect endpoint" if private else ""
    return ""


def _is_gateway(resource: Resource) -> bool:
    kind = text(resource.body, "vpc_endpoint_type").lower()
    return resource.kind == "aws_vpc_endpoint" and kind in ("", "gateway")


def _judged(change: Change, before: Resource, loss: Loss, kept: Resource | None) -> tuple[str, str]:
    """How bad it is, and what follows."""
    after = change.resource_after
    if _is_gateway(before):
        return (
            "P1",
            "traffic to the service leaves by another way, which policies that name the endpoint refuse",
        )
    if before.kind == "databricks_mws_vpc_endpoint":
        effect = (
            "workspaces no longer take connections that come through it, and what names it keeps the old id"
        )
    else:
        effect = "its private IP changes: A records, routes and allow-lists that hold it go stale"
        if not loss.recreated:
            effect = "what connects through it is cut off, and names in the private zone lead nowhere"
    if _is_login(before):
        effect += "; logins to every workspace of the region and DNS zone go through it"
    if after is not None and _is_pending(after):
        effect += "; the new connection waits until the owner of the target approves it"
    elif kept is not None:
        return "P2", f"{effect}; {named(kept)} leads to the same target and stays"
    return _softened("P0", change), effect


def _softened(severity: str, change: Change) -> str:
    after = change.resource_after
    return "P1" if creates_first(after) and after is not None and not _is_pending(after) else severity


def _connections(resource: Resource) -> list[Mapping]:
    return blocks(resource.body, "private_service_connection")


def _is_pending(resource: Resource) -> bool:
    return any(is_true(one, "is_manual_connection") for one in _connections(resource))


def _is_login(resource: Resource) -> bool:
    return any("browser_authentication" in _subresources(one) for one in _connections(resource))


def _subresources(connection: Mapping) -> frozenset[str]:
    return frozenset(one.text.lower() for one in peers(connection.get("subresource_names")))


def _target(resource: Resource) -> Node | None:
    """The attribute that says where an endpoint leads to."""
    for connection in _connections(resource):
        return connection.get("private_connection_resource_id") or connection.get(
            "private_connection_resource_alias"
        )
    fields = ("service_name", "target", "aws_vpc_endpoint_id", "service_network_arn")
    return next((node for field in fields if (node := resource.body.get(field)) is not None), None)


def _second(gone: Resource, context: CheckContext) -> Resource | None:
    """An endpoint to the same target that stands on both sides and is left alone."""
    wanted = _leads_to(gone)
    if wanted is None:
        return None
    for other in beside(gone, context.head, gone.kind):
        old = context.base.get(*other.key)
        if (
            other.address != gone.address
            and old is not None
            and _leads_to(other) == _leads_to(old) == wanted
            and not context.changes_of(other)
        ):
            return other
    return None


def _leads_to(resource: Resource) -> tuple[str, frozenset[str], str] | None:
    """The target of an endpoint, in which part of it, from which network. None where that is not known."""
    target = address_of(resource, _target(resource))
    if not target or "${" in target:
        return None
    parts = frozenset[str]().union(*map(_subresources, _connections(resource)))
    network = address_of(resource, resource.body.get("vpc_id") or resource.body.get("network"))
    return target, parts, network


def _narrowed(change: Change, before: Resource) -> Iterator[Match]:
    """An endpoint is taken out of some subnets or route tables."""
    told = _NARROWING.get(change.path[0])
    gone = [one.text.replace("${", "").replace("}", "") for one in peers(change.node_before)]
    if told is not None and change.kind == "removed" and gone:
        severity, what, effect = told
        said = what.format(gone=listed(gone))
        yield _match(f"{_noun(before)} {named(before)} {said}", effect, severity)


def _detached(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """An association of an endpoint with a subnet or route table goes."""
    field = _ATTACHED[before.kind]
    endpoint = before.body.get("vpc_endpoint_id")
    loss = loss_of(change, context)
    if (
        loss is None
        or goes_with(endpoint, before, context)
        or goes_with(before.body.get(field), before, context)
    ):
        return
    where = field.removesuffix("_id").replace("_", " ")
    what = f"the {where} of {named(before)} no longer has the endpoint"
    severity = "P1" if field == "route_table_id" else "P2"
    yield _match(what, "traffic from there leaves by another way, or not at all", severity, loss)
