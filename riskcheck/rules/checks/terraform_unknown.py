"""Values that rules judge and that a plan does not tell: unknown until the apply, or sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.phrases import listed
from riskcheck.rules.checks.terraform_foreseen import by_plan, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.rules.context import CheckContext

_MOST_FIELDS: Final = 3

JUDGED: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "aws_db_instance": "publicly_accessible deletion_protection backup_retention_period",
        "aws_default_security_group": "ingress.cidr_blocks egress.cidr_blocks ingress egress",
        "aws_ec2_managed_prefix_list": "entry entry.cidr",
        "aws_iam_policy": "policy",
        "aws_iam_role": "assume_role_policy",
        "aws_iam_role_policy": "policy",
        "aws_lb": "internal",
        "aws_network_acl": "ingress egress ingress.cidr_block egress.cidr_block",
        "aws_network_acl_rule": "cidr_block",
        "aws_rds_cluster": "deletion_protection backup_retention_period",
        "aws_route": "destination_cidr_block",
        "aws_route53_record": "records",
        "aws_route_table": "route route.cidr_block",
        "aws_s3_bucket_policy": "policy",
        "aws_security_group": "ingress egress ingress.cidr_blocks egress.cidr_blocks",
        "aws_security_group_rule": "cidr_blocks ipv6_cidr_blocks",
        "aws_vpc_endpoint": "policy",
        "aws_vpc_security_group_egress_rule": "cidr_ipv4 cidr_ipv6",
        "aws_vpc_security_group_ingress_rule": "cidr_ipv4 cidr_ipv6",
        "aws_wafv2_ip_set": "addresses",
        "azurerm_dns_a_record": "records",
        "azurerm_firewall_network_rule_collection": "rule rule.source_addresses rule.destination_addresses",
        "azurerm_key_vault": "network_acls network_acls.ip_rules public_network_access_enabled",
        "azurerm_network_security_group": "security_rule security_rule.source_address_prefix "
        "security_rule.source_address_prefixes security_rule.destination_address_prefix",
        "azurerm_network_security_rule": "source_address_prefix source_address_prefixes "
        "destination_address_prefix destination_address_prefixes destination_port_range",
        "azurerm_private_dns_a_record": "records",
        "azurerm_role_assignment": "role_definition_name",
        "azurerm_route": "address_prefix",
        "azurerm_storage_account": "network_rules network_rules.ip_rules public_network_access_enabled",
        "azurerm_storage_account_network_rules": "ip_rules default_action",
        "azurerm_virtual_network": "dns_servers address_space",
        "databricks_ip_access_list": "ip_addresses",
        "databricks_permissions": "access_control.permission_level",
        "google_compute_firewall": "source_ranges destination_ranges allow deny",
        "google_compute_route": "dest_range",
        "google_dns_record_set": "rrdatas",
        "google_project_iam_member": "role",
        "google_sql_database_instance": "settings.ip_configuration settings.ip_configuration.authorized_networks "
        "settings.ip_configuration.authorized_networks.value deletion_protection",
    }.items()
}
"""Resource type to the attributes that rules judge and that are no ids which a provider computes."""


def undetermined(change: Change, context: CheckContext) -> Iterator[Match]:
    """An attribute that rules judge changes to what the plan does not tell. Told once a resource.

    Values: ``what``, ``update`` (it exists already, so that a known value is given up).
    """
    judged = JUDGED.get(change.resource.kind)
    if judged is None or change.resource_after is None:
        return
    foreseen = by_plan(context)
    if foreseen.action in ("", "none", "delete"):
        return
    unknown = [path for path in foreseen.unknown if path in judged]
    changed = set(foreseen.fields)
    update = foreseen.action != "create"
    hidden = [
        path
        for path in foreseen.sensitive
        if path in judged and (not update or path.partition(".")[0] in changed)
    ]
    if not unknown and not hidden:
        return
    changes = context.changes_of(change.resource_after)
    if not changes or changes[0] is not change:
        return
    told = []
    if unknown:
        told.append(f"{listed(unknown, _MOST_FIELDS)} is known only after the apply")
    if hidden:
        told.append(f"{listed(hidden, _MOST_FIELDS)} is sensitive")
    what = f"{shown_name(change.resource)}: {' and '.join(told)}, so that no rule can judge it"
    yield Match(values={"what": what, "update": update})
