"""Rules and lists of each provider, as they are written in Terraform."""

from __future__ import annotations

import pytest

from riskcheck.network.model import AddressList, Ports, TrafficRule
from riskcheck.network.readers import address_lists, traffic_rules
from tests.platforms.terraform.test_terraform import resolved


def rules(text: str) -> list[TrafficRule]:
    return [rule for one in resolved({"prod/main.tf": text}).resources for rule in traffic_rules(one)]


def lists(text: str) -> list[AddressList]:
    return [held for one in resolved({"prod/main.tf": text}).resources for held in address_lists(one)]


def texts(peers: tuple[object, ...]) -> list[str]:
    return [getattr(one, "text", "") for one in peers]


def test_blocks_of_a_security_group_and_rules_beside_it_are_of_one_group() -> None:
    found = rules(
        """
        resource "aws_security_group" "web" {
          ingress {
            from_port   = 443
            to_port     = 443
            protocol    = "TCP"
            cidr_blocks = ["10.0.0.0/8"]
            self        = true
          }
        }
        resource "aws_security_group_rule" "callers" {
          security_group_id        = aws_security_group.web.id
          type                     = "ingress"
          from_port                = 0
          to_port                  = 65535
          protocol                 = "tcp"
          source_security_group_id = aws_security_group.api[0].id
        }
        resource "aws_vpc_security_group_egress_rule" "out" {
          security_group_id = one(aws_security_group.web[*].id)
          ip_protocol       = "-1"
          cidr_ipv6         = "::/0"
        }
        """
    )
    assert {one.group for one in found} == {"terraform:aws_security_group.web"}
    block, callers, out = found
    assert (block.protocol, block.ports) == ("tcp", (Ports(443, 443),))
    assert texts(block.sources) == ["10.0.0.0/8", "terraform:aws_security_group.web"]
    assert callers.ports == () and texts(callers.sources) == ["terraform:aws_security_group.api"]
    assert (out.direction, out.protocol, texts(out.destinations)) == ("egress", "", ["::/0"])
    assert all(one.known for one in found)


def test_what_cannot_be_read_is_said() -> None:
    ports, peers, blocks = rules(
        """
        resource "aws_security_group_rule" "ports" {
          security_group_id = "sg-1"
          type              = "ingress"
          from_port         = var.port
          to_port           = var.port
          protocol          = "tcp"
          cidr_blocks       = ["10.0.0.0/8"]
        }
        resource "aws_security_group_rule" "peers" {
          security_group_id = "sg-1"
          type              = "ingress"
          from_port         = 22
          to_port           = 22
          protocol          = "tcp"
          cidr_blocks       = var.office
        }
        resource "aws_security_group" "web" {
          dynamic "ingress" {
            for_each = var.rules
            content { from_port = ingress.value }
          }
        }
        """
    )
    assert not ports.known and "${var.port}" in ports.unread
    assert not peers.known and not peers.unread and peers.sources[0].is_expression
    assert not blocks.known and "${var.rules}" in blocks.unread


def test_nobody_is_no_rule() -> None:
    assert not rules(
        'resource "aws_security_group" "a" {\n  ingress {\n    protocol = "-1"\n    cidr_blocks = []\n  }\n}'
    )


def test_a_network_security_group() -> None:
    allow, deny = rules(
        """
        resource "azurerm_network_security_group" "web" {
          security_rule {
            name                                       = "a"
            priority                                   = 100
            direction                                  = "Inbound"
            access                                     = "Allow"
            protocol                                   = "Tcp"
            source_port_range                          = "*"
            destination_port_ranges                    = ["443", "8000-8100"]
            source_address_prefixes                    = ["10.1.0.0/24", "Internet"]
            destination_application_security_group_ids = [azurerm_application_security_group.web.id]
          }
        }
        resource "azurerm_network_security_rule" "b" {
          network_security_group_name = azurerm_network_security_group.web.name
          name                        = "b"
          priority                    = 110
          direction                   = "Outbound"
          access                      = "Deny"
          protocol                    = "*"
          source_port_range           = "53"
          destination_port_range      = "*"
          source_address_prefix       = "*"
          destination_address_prefix  = "VirtualNetwork"
        }
        """
    )
    assert allow.group == deny.group == "terraform:azurerm_network_security_group.web"
    assert allow.ports == (Ports(443, 443), Ports(8000, 8100))
    assert texts(allow.destinations) == ["terraform:azurerm_application_security_group.web"]
    assert (allow.allows, deny.allows, deny.direction, deny.priority) == (True, False, "egress", 110)
    assert "53" in deny.unread


def test_a_firewall_of_google() -> None:
    (rule,) = rules(
        """
        resource "google_compute_firewall" "web" {
          network     = google_compute_network.main.self_link
          source_tags = ["lb"]
          target_tags = ["web"]
          allow {
            protocol = "tcp"
            ports    = ["80", "8000-8100"]
          }
        }
        resource "google_compute_firewall" "off" {
          network  = "default"
          disabled = true
          deny { protocol = "all" }
        }
        """
    )
    assert (rule.priority, rule.group) == (1000, "terraform:google_compute_network.main")
    assert (texts(rule.sources), texts(rule.destinations)) == (["source_tags:lb"], ["target_tags:web"])


@pytest.mark.parametrize(
    ("text", "enabled", "entries"),
    [
        (
            (
                'resource "azurerm_storage_account" "a" {\n network_rules {\n default_action = "Deny"\n'
                ' ip_rules = ["1.2.3.4"]\n }\n}'
            ),
            True,
            ["1.2.3.4"],
        ),
        (
            (
                'resource "azurerm_storage_account" "a" {\n public_network_access_enabled = false\n'
                ' network_rules {\n default_action = "Allow"\n ip_rules = ["1.2.3.4"]\n }\n}'
            ),
            True,
            [],
        ),
        ('resource "azurerm_cosmosdb_account" "a" { ip_range_filter = "1.2.3.4,5.6.7.0/24" }', True, None),
        ('resource "azurerm_cosmosdb_account" "a" { ip_range_filter = "" }', False, []),
        (
            (
                'resource "azurerm_postgresql_firewall_rule" "a" {\n server_name = "s"\n'
                ' start_ip_address = "1.2.3.4"\n end_ip_address = "1.2.3.9"\n}'
            ),
            True,
            ["1.2.3.4-1.2.3.9"],
        ),
        ('resource "aws_eks_cluster" "a" {\n vpc_config { subnet_ids = [] }\n}', False, []),
        ('resource "aws_wafv2_ip_set" "a" { addresses = ["1.2.3.4/32"] }', True, ["1.2.3.4/32"]),
        (
            (
                'resource "google_sql_database_instance" "a" {\n settings {\n ip_configuration {\n'
                ' authorized_networks { value = "1.2.3.4" }\n }\n }\n}'
            ),
            True,
            ["1.2.3.4"],
        ),
        ('resource "google_container_cluster" "a" { name = "a" }', False, []),
        (
            (
                'resource "azurerm_kubernetes_cluster" "a" {\n api_server_access_profile {\n'
                ' authorized_ip_ranges = ["1.2.3.4/32"]\n }\n}'
            ),
            True,
            ["1.2.3.4/32"],
        ),
        (
            (
                'resource "azurerm_linux_web_app" "a" {\n site_config {\n ip_restriction {\n'
                ' ip_address = "1.2.3.4/32"\n action = "Allow"\n }\n }\n}'
            ),
            True,
            ["1.2.3.4/32"],
        ),
        ('resource "databricks_ip_access_list" "a" { ip_addresses = ["1.2.3.4"] }', True, ["1.2.3.4"]),
    ],
)
def test_lists(text: str, enabled: bool, entries: list[str] | None) -> None:
    held = lists(text)[0]
    assert held.enabled is enabled
    assert texts(held.entries) == (["1.2.3.4", "5.6.7.0/24"] if entries is None else entries)


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_security_group" "a" { ingress = "x" }',
        'resource "aws_security_group_rule" "a" {\n from_port = true\n cidr_blocks = { a = 1 }\n}',
        'resource "azurerm_network_security_group" "a" {\n security_rule = [1, null, [], { priority = [] }]\n}',
        'resource "azurerm_storage_account" "a" { network_rules = [[{}]] }',
        'resource "google_compute_firewall" "a" {\n allow {\n ports = [[["x"]], { a = 1 }, "-1", "1-"]\n }\n}',
        'resource "databricks_ip_access_list" "a" {\n ip_addresses = 7\n list_type = []\n}',
        'resource "azurerm_mssql_firewall_rule" "a" { start_ip_address = [] }',
        'resource "aws_network_acl_rule" "a" {\n rule_number = "99999999999999"\n cidr_block = null\n}',
    ],
)
def test_values_of_any_type_are_read_without_an_error(text: str) -> None:
    rules(text)
    lists(text)
