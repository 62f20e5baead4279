"""Who may reach a service of Azure from which addresses.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/storage_account_network_rules,
…/key_vault, …/container_registry, …/cosmosdb_account, …/kubernetes_cluster, …/mssql_firewall_rule,
…/postgresql_flexible_server_firewall_rule, …/linux_web_app, …/cognitive_account, …/servicebus_namespace
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Peer
from riskcheck.network.reading import (
    address_list,
    address_of,
    blocks,
    holds_expression,
    is_expression,
    is_false,
    is_true,
    peers,
    separated,
    text,
    title_of,
    unwritten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList
    from riskcheck.nodes import Mapping

_SUBNETS: Final = ("virtual_network_rules", "virtual_network_rule", "network_rules")


def _guarded(what: str, *fields: str) -> Callable[[Resource], Iterator[AddressList]]:
    """Services with a block that says what becomes of callers who are not listed."""

    def read(resource: Resource) -> Iterator[AddressList]:
        for field in fields:
            for block in blocks(resource.body, field):
                yield _of_block(resource, block, f"{what} {title_of(resource)}", resource.address)

    return read


def _storage_rules(resource: Resource) -> Iterator[AddressList]:
    node = resource.body.get("storage_account_id") or resource.body.get("storage_account_name")
    group = address_of(resource, node)
    yield _of_block(resource, resource.body, f"storage account {group.rpartition('.')[2]}", group)


def _of_block(resource: Resource, block: Mapping, purpose: str, group: str) -> AddressList:
    default = block.get("default_action")
    return address_list(
        resource,
        purpose,
        None if block is resource.body else block,
        () if _is_closed(resource) else _callers(block),
        enabled=_is_closed(resource) or text(default).lower() == "deny" or is_expression(default),
        known=not is_expression(default) and not _is_open_ended(resource),
        group=group,
    )


def _callers(block: Mapping) -> tuple[Peer, ...]:
    """Addresses and subnets, in any of the ways in which the services call them."""
    entries = peers(block.get("ip_rules"), block.get("virtual_network_subnet_ids"))
    for rule in blocks(block, "ip_rule"):
        if text(rule, "action").lower() != "deny":
            entries += peers(rule.get("ip_range"), rule.get("ip_mask"))
    for field in _SUBNETS:
        for rule in blocks(block, field):
            entries += peers(rule.get("subnet_id"), rule.get("id"))
    return entries


def _is_closed(resource: Resource) -> bool:
    """Whether nobody gets in from outside, listed or not."""
    return is_false(resource.body, "public_network_access_enabled")


def _is_open_ended(resource: Resource) -> bool:
    return is_expression(resource.body.get("public_network_access_enabled"))


def _cosmosdb(resource: Resource) -> Iterator[AddressList]:
    """Without addresses and without subnets everybody gets in."""
    held = resource.body.get("ip_range_filter")
    entries = separated(held)
    if is_true(resource.body, "is_virtual_network_filter_enabled"):
        entries += _callers(resource.body)
    closed = _is_closed(resource)
    yield address_list(
        resource,
        f"Cosmos DB account {title_of(resource)}",
        held,
        () if closed else entries,
        enabled=closed or bool(entries),
        known=not _is_open_ended(resource),
    )


def _kubernetes(resource: Resource) -> Iterator[AddressList]:
    """Without ranges everybody reaches the API server, unless the cluster is private."""
    profiles = blocks(resource.body, "api_server_access_profile")
    held = next((block.get("authorized_ip_ranges") for block in profiles), None)
    held = held or resource.body.get("api_server_authorized_ip_ranges")
    closed = is_true(resource.body, "private_cluster_enabled")
    entries = () if closed else peers(held)
    known = not holds_expression(resource.body.get("private_cluster_enabled"))
    known = known and unwritten(resource.body, "api_server_access_profile") is None
    purpose = f"API server of AKS cluster {title_of(resource)}"
    yield address_list(
        resource, purpose, held, entries, enabled=closed or bool(entries) or not known, known=known
    )


def _app(resource: Resource) -> Iterator[AddressList]:
    """Restrictions of an app. Callers that no restriction names are let in if it says so, or if there is none."""
    for block in blocks(resource.body, "site_config"):
        for field, what in (("ip_restriction", "app"), ("scm_ip_restriction", "deployment site of app")):
            rules = blocks(block, field)
            allowed = [rule for rule in rules if text(rule, "action").lower() != "deny"]
            entries = tuple(
                one
                for rule in allowed
                for one in peers(
                    rule.get("ip_address"), rule.get("service_tag"), rule.get("virtual_network_subnet_id")
                )
            )
            default = text(block, f"{field}_default_action").lower()
            closed = _is_closed(resource)
            known = unwritten(block, field) is None and not _is_open_ended(resource)
            yield address_list(
                resource,
                f"{what} {title_of(resource)}",
                block.get(field) or block,
                () if closed else entries,
                enabled=closed or default == "deny" or (default != "allow" and bool(rules)) or not known,
                known=known,
            )


def _firewall_rule(what: str, *servers: str) -> Callable[[Resource], Iterator[AddressList]]:
    """One range of addresses of a database server. ``0.0.0.0`` alone stands for services of Azure."""

    def read(resource: Resource) -> Iterator[AddressList]:
        body = resource.body
        first = body.get("start_ip_address") or body.get("start_ip")
        last = body.get("end_ip_address") or body.get("end_ip")
        group = next((address_of(resource, body.get(name)) for name in servers if body.get(name)), "")
        entries: tuple[Peer, ...] = ()
        if first is not None and text(first):
            ends = (text(first), text(last) or text(first))
            alone = ends == ("0.0.0.0", "0.0.0.0")  # noqa: S104
            written = ends[0] if ends[0] == ends[1] else "-".join(ends)
            entries = (Peer("AzureServices" if alone else written, first),)
        yield address_list(resource, f"{what} {group.rpartition('.')[2]}", first, entries, group=group)

    return read


LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "azurerm_cognitive_account": _guarded("cognitive account", "network_acls"),
    "azurerm_container_registry": _guarded("container registry", "network_rule_set"),
    "azurerm_cosmosdb_account": _cosmosdb,
    "azurerm_eventhub_namespace": _guarded("Event Hubs namespace", "network_rulesets"),
    "azurerm_key_vault": _guarded("key vault", "network_acls"),
    "azurerm_kubernetes_cluster": _kubernetes,
    "azurerm_linux_function_app": _app,
    "azurerm_linux_web_app": _app,
    "azurerm_mariadb_firewall_rule": _firewall_rule("database server", "server_name"),
    "azurerm_mssql_firewall_rule": _firewall_rule("database server", "server_id"),
    "azurerm_mysql_firewall_rule": _firewall_rule("database server", "server_name"),
    "azurerm_mysql_flexible_server_firewall_rule": _firewall_rule("database server", "server_name"),
    "azurerm_postgresql_firewall_rule": _firewall_rule("database server", "server_name"),
    "azurerm_postgresql_flexible_server_firewall_rule": _firewall_rule("database server", "server_id"),
    "azurerm_redis_firewall_rule": _firewall_rule("Redis cache", "redis_cache_name"),
    "azurerm_servicebus_namespace": _guarded("Service Bus namespace", "network_rule_set"),
    "azurerm_sql_firewall_rule": _firewall_rule("database server", "server_name"),
    "azurerm_storage_account": _guarded("storage account", "network_rules"),
    "azurerm_storage_account_network_rules": _storage_rules,
    "azurerm_synapse_firewall_rule": _firewall_rule("Synapse workspace", "synapse_workspace_id"),
    "azurerm_windows_function_app": _app,
    "azurerm_windows_web_app": _app,
}
