"""Firewalls and address lists of Google Cloud.

https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_firewall,
…/compute_security_policy, …/sql_database_instance, …/container_cluster
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Peer, TrafficRule
from riskcheck.network.reading import (
    address_list,
    address_of,
    blocks,
    is_expression,
    is_false,
    is_true,
    joined_text,
    number,
    peers,
    port_ranges,
    protocol,
    text,
    title_of,
    unknown_rule,
    unwritten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, Direction
    from riskcheck.nodes import Mapping

_PRIORITY: Final = 1_000
"""Of a rule that states none."""

_LAST_RULE: Final = 2_147_483_647
"""Priority of the rule of a security policy that holds where no other does."""


def _firewall(resource: Resource) -> Iterator[TrafficRule]:
    """A disabled rule lets through and keeps out nothing."""
    body = resource.body
    if is_true(body, "disabled"):
        return
    direction: Direction = "egress" if text(body, "direction").upper() == "EGRESS" else "ingress"
    group = address_of(resource, body.get("network"))
    for field, allows in (("allow", True), ("deny", False)):
        node = unwritten(body, field)
        if node is not None:
            yield unknown_rule(resource, node, group, direction)._replace(allows=allows)
        for block in blocks(body, field):
            yield _firewall_rule(resource, block, group, direction, allows=allows)


def _firewall_rule(
    resource: Resource, block: Mapping, group: str, direction: Direction, *, allows: bool
) -> TrafficRule:
    body = resource.body
    told = [body.get(field) for field in ("direction", "disabled", "priority")]
    ports = block.get("ports")
    found = port_ranges(ports)
    unread = joined_text(*told, block.get("protocol"), ports)
    if found is not None and not any(map(is_expression, [*told, block.get("protocol")])):
        unread = ""
    targets = tuple(
        Peer(f"{word}:{one.text}", one.node)
        for word in ("target_tags", "target_service_accounts")
        for one in peers(body.get(word))
    )
    ends = peers(body.get("source_ranges"))
    ends += tuple(
        Peer(f"{word}:{one.text}", one.node)
        for word in ("source_tags", "source_service_accounts")
        for one in peers(body.get(word))
    )
    to = peers(body.get("destination_ranges"))
    if direction == "ingress":
        sources, destinations = ends, targets
        unread += f" to {joined_text(body.get('destination_ranges'))}" if to else ""
    else:
        sources, destinations = targets, to
        unread += f" from {joined_text(body.get('source_ranges'))}" if ends else ""
    known = not unread and not any(one.is_expression for one in (*sources, *destinations))
    return TrafficRule(
        resource,
        block,
        title_of(resource),
        group,
        direction,
        allows,
        protocol(text(block, "protocol")),
        found or (),
        sources,
        destinations,
        _PRIORITY if body.get("priority") is None else number(body, "priority"),
        known,
        unread,
    )


def _security_policy(resource: Resource) -> Iterator[AddressList]:
    """What a policy in front of a load balancer lets in, where its last rule denies, and what it keeps out else."""
    rules = blocks(resource.body, "rule")
    closed = any(
        number(rule, "priority") == _LAST_RULE and text(rule, "action").lower().startswith("deny")
        for rule in rules
    )
    action = "allow" if closed else "deny"
    entries = tuple(
        one
        for rule in rules
        if text(rule, "action").lower().startswith(action) and not is_true(rule, "preview")
        for match in blocks(rule, "match")
        for config in blocks(match, "config")
        for one in peers(config.get("src_ip_ranges"))
        if number(rule, "priority") != _LAST_RULE
    )
    known = unwritten(resource.body, "rule") is None
    purpose = f"security policy {title_of(resource)}"
    yield address_list(
        resource,
        purpose,
        resource.body.get("rule"),
        entries,
        allows=closed,
        enabled=closed or bool(entries),
        known=known,
    )


def _sql(resource: Resource) -> Iterator[AddressList]:
    """Without authorized networks nobody gets in from outside of the project's own networks."""
    for settings in blocks(resource.body, "settings"):
        for block in blocks(settings, "ip_configuration"):
            closed = is_false(block, "ipv4_enabled")
            nets = blocks(block, "authorized_networks")
            entries = tuple(one for net in nets for one in peers(net.get("value")))
            yield address_list(
                resource,
                f"database instance {title_of(resource)}",
                block.get("authorized_networks") or block,
                () if closed else entries,
                known=unwritten(block, "authorized_networks") is None
                and not is_expression(block.get("ipv4_enabled")),
            )


def _cluster(resource: Resource) -> Iterator[AddressList]:
    """Without the block everybody reaches the control plane, unless its endpoint is private."""
    closed = any(
        is_true(block, "enable_private_endpoint") for block in blocks(resource.body, "private_cluster_config")
    )
    field = "master_authorized_networks_config"
    configs = blocks(resource.body, field)
    entries = tuple(
        one
        for config in configs
        for net in blocks(config, "cidr_blocks")
        for one in peers(net.get("cidr_block"))
    )
    known = unwritten(resource.body, field) is None and all(
        unwritten(config, "cidr_blocks") is None for config in configs
    )
    yield address_list(
        resource,
        f"control plane of GKE cluster {title_of(resource)}",
        resource.body.get(field),
        entries,
        enabled=closed or bool(configs) or not known,
        known=known,
    )


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {"google_compute_firewall": _firewall}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "google_compute_security_policy": _security_policy,
    "google_container_cluster": _cluster,
    "google_sql_database_instance": _sql,
}
