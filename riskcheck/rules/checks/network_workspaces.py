"""Databricks workspaces and the networks that they stand in.

https://learn.microsoft.com/azure/databricks/security/network/classic/vnet-inject,
https://docs.databricks.com/aws/en/security/network/classic/update-workspaces
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.reading import address_of, peers
from riskcheck.nodes import MISSING
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.databricks_values import guard_of, is_guarded
from riskcheck.rules.checks.network_losses import beside, is_another, loss_of, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_NETWORKS: Final = "databricks_mws_networks"
_WORKSPACES: Final = "databricks_mws_workspaces"
_LOST: Final = (
    "notebooks, jobs, clusters, secrets and the root storage of the workspace go with it, and its URL"
)


def replaced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A workspace is destroyed for another one, or its network taken from under it.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``); ``restored`` where a revert has it all back.
    """
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if before.kind == _NETWORKS:
        yield from _network(change, before, context)
        return
    if after is None or not change.path:
        return
    loss = loss_of(change, context)
    if loss is not None:
        guard = "; lifecycle.prevent_destroy makes Terraform refuse that" if is_guarded(after) else ""
        match = _match(f"workspace {named(before)} is {loss.how}", f"{_LOST}{guard}", "P0", restored=False)
        yield match._replace(related=guard_of(after))
        return
    path = ".".join(fields_of(change.path))
    if path == "custom_parameters.no_public_ip" and change.before is True and change.after is False:
        effect = "the platform refuses that on a workspace that exists, and the apply fails half way"
        yield _match(f"no_public_ip of workspace {named(before)} goes from true to false", effect, "P2")
    elif path == "network_id" and before.kind == _WORKSPACES and _is_other_network(change, context):
        effect = (
            "running clusters have to be stopped, and a network that is in use cannot go in the same apply"
        )
        yield _match(f"workspace {named(before)} moves to another network", effect, "P1")
    elif path == "private_access_settings_id" and change.after is MISSING:
        effect = "the provider refuses that: settings of a workspace can be exchanged, not taken away"
        yield _match(f"workspace {named(before)} loses its private access settings", effect, "P2")


def _match(what: str, effect: str, severity: str, *, restored: bool = True) -> Match:
    values: dict[str, Value] = {
        "what": what,
        "effect": effect,
        "severity": severity,
        "restored": restored,
    }
    return Match(values=values)


def _is_other_network(change: Change, context: CheckContext) -> bool:
    return change.before is not MISSING and change.after is not MISSING and is_another(change, context)


def _network(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """A registered network that a workspace stands in is destroyed, alone or for another one."""
    loss = loss_of(change, context)
    users = list(_users(before, context))
    if loss is None or not users:
        return
    effect = (
        f"workspace {named(users[0])} uses it, so that the apply fails half way: register the new one, switch the "
        "workspace, then take the old one away, in three applies"
    )
    match = _match(f"network {named(before)} is {loss.how}", effect, "P1")
    yield match._replace(related=(Related("uses it", location_of(users[0].origin)),))


def _users(network: Resource, context: CheckContext) -> Iterator[Resource]:
    """Workspaces of base that stand in it and are still declared."""
    for one in beside(network, context.base, _WORKSPACES):
        used = [address_of(one, peer.node) for peer in peers(one.body.get("network_id"))]
        if network.address in used and context.head.get(*one.key) is not None:
            yield one
