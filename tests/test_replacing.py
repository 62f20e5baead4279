"""What makes a provider create anew."""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

import riskcheck.replacing as replacing
from riskcheck.changes.compare import compare
from riskcheck.models import Change
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.replacing import attributes, fields_of, is_known, outcome
from tests.platforms.terraform.test_terraform import resolved

MODULES = sorted(
    path.stem for path in Path(replacing.__file__).parent.glob("*.py") if path.stem != "__init__"
)


def changes(kind: str, before: str, after: str) -> tuple[Change, ...]:
    base, head = (
        resolved({"prod/m.tf": f'resource "{kind}" "a" {{\n  {body}\n}}\n'}).resources
        for body in (before, after)
    )
    return compare(base, head, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field))


def _standards(value: str) -> str:
    return f"enhanced_security_compliance {{\n compliance_security_profile_standards = {value}\n }}"


def told(kind: str, before: str, after: str) -> set[str]:
    return {outcome(one) for one in changes(kind, before, after) if one.path[0] != "lifecycle"}


def test_every_module_is_a_table_that_is_asked() -> None:
    assert sorted(chain.from_iterable(replacing._TABLES.values())) == MODULES


def test_a_type_stands_in_one_table() -> None:
    kinds = [kind for name in MODULES for kind in import_module(f"riskcheck.replacing.{name}").FORCES_NEW]
    assert len(kinds) == len(set(kinds))
    for kind in kinds:
        assert is_known(kind)
        assert all(name and name == name.strip("?~-=") for name in attributes(kind)), kind
    assert not is_known("unheard_of")
    assert attributes("unheard_of") == {}


@pytest.mark.parametrize(
    ("kind", "before", "after", "effect"),
    [
        ("azurerm_private_endpoint", 'subnet_id = "a"', 'subnet_id = "b"', "recreate"),
        ("azurerm_private_endpoint", 'tags = { a = "b" }', 'tags = { a = "c" }', "update"),
        ("azurerm_private_endpoint", "", 'custom_network_interface_name = "n"', "recreate"),
        ("azurerm_private_endpoint", 'subnet_id = "a"', "subnet_id = azurerm_subnet.b.id", "unknown"),
        ("azurerm_private_endpoint", "", 'ip_configuration {\n name = "n"\n }', "recreate"),
        (
            "azurerm_private_endpoint",
            "",
            'private_dns_zone_group {\n name = "n"\n private_dns_zone_ids = ["z"]\n }',
            "update",
        ),
        (
            "azurerm_subnet",
            'address_prefixes = ["10.0.0.0/24"]',
            'address_prefixes = ["10.0.1.0/24"]',
            "update",
        ),
        ("azurerm_databricks_workspace", 'sku = "premium"', 'sku = "trial"', "recreate"),
        (
            "azurerm_databricks_workspace",
            'sku = "premium"',
            'sku = "trial"\n lifecycle {\n ignore_changes = [sku]\n }',
            "update",
        ),
        (
            "azurerm_databricks_workspace",
            'sku = "premium"',
            'sku = "trial"\n lifecycle {\n ignore_changes = all\n }',
            "update",
        ),
        *(
            ("azurerm_databricks_workspace", _standards(before), _standards(after), effect)
            for before, after, effect in (
                ('["HIPAA", "PCI_DSS"]', '["HIPAA"]', "recreate"),
                ('["HIPAA"]', '["HIPAA", "PCI_DSS"]', "update"),
                ('["HIPAA"]', "[]", "recreate"),
                ("null", "[]", "update"),
                ("[]", "var.standards", "update"),
                ("var.standards", "[]", "unknown"),
                ('["HIPAA"]', "var.standards", "unknown"),
            )
        ),
        ("azurerm_databricks_workspace", 'sku = "standard"', 'sku = "premium"', "update"),
        ("azurerm_databricks_workspace", 'managed_disk_cmk_key_vault_key_id = "k"', "", "recreate"),
        ("aws_vpc_endpoint", "private_dns_enabled = true", "private_dns_enabled = false", "update"),
        ("aws_vpc_endpoint", "", 'vpc_endpoint_type = "Gateway"', "unknown"),
        ("aws_vpc_endpoint", 'vpc_endpoint_type = "Gateway"', 'vpc_endpoint_type = "Interface"', "recreate"),
        ("aws_subnet", 'cidr_block = "10.0.0.0/24"', 'cidr_block = "10.0.1.0/24"', "recreate"),
        ("aws_security_group", 'description = "a"', 'description = "b"', "recreate"),
        ("aws_nat_gateway", 'allocation_id = "a"', 'allocation_id = "b"', "unknown"),
        (
            "google_compute_subnetwork",
            'ip_cidr_range = "10.0.0.0/24"',
            'ip_cidr_range = "10.0.0.0/20"',
            "unknown",
        ),
        ("google_dns_record_set", "ttl = 1", "ttl = 2", "update"),
        ("databricks_mws_networks", 'vpc_id = "a"', 'vpc_id = "b"', "recreate"),
        ("databricks_mws_workspaces", "", 'compute_mode = "SERVERLESS"', "recreate"),
        ("databricks_mws_workspaces", "", "compute_mode = null", "update"),
        ("databricks_mws_workspaces", 'credentials_id = "a"', 'credentials_id = "b"', "update"),
    ],
)
def test_what_an_edit_does(kind: str, before: str, after: str, effect: str) -> None:
    assert told(kind, before, after) == {effect}


def test_a_list_that_only_must_not_lose() -> None:
    kind, block = "azurerm_databricks_workspace", "enhanced_security_compliance {{\n {} = [{}]\n }}"
    field = "compliance_security_profile_standards"
    one, two = block.format(field, '"HIPAA"'), block.format(field, '"HIPAA", "PCI_DSS"')
    assert told(kind, two, one) == {"recreate"}
    assert told(kind, one, two) == {"update"}


def test_actions_of_whole_resources() -> None:
    def action(kind: str, before: str, after: str) -> str:
        return PLATFORM.action(changes(kind, before, after))

    assert action("aws_route", 'route_table_id = "a"\n  x = 1', 'route_table_id = "b"\n  x = 2') == "recreate"
    assert action("aws_route", 'route_table_id = "a"', "route_table_id = aws_route_table.a.id") == "unknown"
    assert action("aws_route", "x = 1", "x = 2") == "update"


def test_items_of_lists_have_no_name() -> None:
    assert fields_of(("private_service_connection", "[0]", "name")) == ("private_service_connection", "name")
