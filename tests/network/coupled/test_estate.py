"""What values of resources point at."""

from __future__ import annotations

from riskcheck.network.coupled.fields import holds
from riskcheck.network.coupled.model import Condition
from tests.network.coupled.support import estate, the

MODULE = """\
variable "network" {}
resource "azurerm_virtual_network" "this" { name = "spoke" }
resource "azurerm_subnet" "this" { virtual_network_name = azurerm_virtual_network.this.name }
resource "azurerm_private_dns_zone_virtual_network_link" "hub" { virtual_network_id = var.network }
output "id" { value = azurerm_virtual_network.this.id }
"""
ROOT = """\
resource "azurerm_virtual_network" "this" { name = "hub" }
resource "azurerm_virtual_network" "other" { name = "other" }
module "a" {
  source  = "../../modules/net"
  network = azurerm_virtual_network.other.id
}
module "b" {
  source  = "../../modules/net"
  network = azurerm_virtual_network.this.id
}
resource "azurerm_virtual_network_peering" "a" { remote_virtual_network_id = module.a.id }
resource "azurerm_virtual_network_peering" "literal" {
  remote_virtual_network_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub"
}
resource "azurerm_virtual_network_peering" "data" {
  remote_virtual_network_id = data.azurerm_virtual_network.this.id
}
resource "aws_eip" "nat" { count = 2 }
resource "aws_nat_gateway" "first" { allocation_id = aws_eip.nat[0].id }
resource "aws_nat_gateway" "second" { allocation_id = aws_eip.nat[1].id }
resource "aws_nat_gateway" "all" { allocation_id = aws_eip.nat[*].id }
"""
ESTATE = estate(ROOT, {"modules/net/main.tf": MODULE})
PEERING = "azurerm_virtual_network_peering"
REMOTE = "remote_virtual_network_id"


def test_a_reference_means_the_resource_of_its_own_module_first() -> None:
    subnet = the(ESTATE, "azurerm_subnet.module.a.this")
    (found,) = ESTATE.targets(subnet, "virtual_network_name")
    assert found.name == "module.a.this"


def test_an_argument_keeps_the_text_of_the_caller() -> None:
    link = the(ESTATE, "azurerm_private_dns_zone_virtual_network_link.module.a.hub")
    assert [one.name for one in ESTATE.targets(link, "virtual_network_id")] == ["other"]


def test_the_output_of_a_module_is_sure_to_mean_only_what_is_alone_of_its_kind_there() -> None:
    peering = the(ESTATE, f"{PEERING}.a")
    inner = [the(ESTATE, f"azurerm_virtual_network.module.{name}.this") for name in "ab"]
    root = the(ESTATE, "azurerm_virtual_network.this")
    sure = [ESTATE.points_at(peering, REMOTE, [one], surely=True) for one in (*inner, root)]
    assert sure == [True, False, False]
    assert not ESTATE.points_at(peering, REMOTE, [root])
    assert ESTATE.points_at(peering, REMOTE, [the(ESTATE, "aws_eip.nat")])  # it may hand on what it was given


def test_an_id_means_what_it_ends_with() -> None:
    literal = the(ESTATE, f"{PEERING}.literal")
    assert ESTATE.points_at(literal, REMOTE, [the(ESTATE, "azurerm_virtual_network.this")])
    assert not ESTATE.points_at(literal, REMOTE, [the(ESTATE, "azurerm_virtual_network.other")])


def test_a_data_source_belongs_to_another_state() -> None:
    assert ESTATE.is_elsewhere(the(ESTATE, f"{PEERING}.data"), REMOTE)
    assert not ESTATE.is_elsewhere(the(ESTATE, f"{PEERING}.a"), REMOTE)
    assert not ESTATE.is_elsewhere(the(ESTATE, f"{PEERING}.a"), "none.such")


def test_instances_are_told_apart_and_a_splat_means_all() -> None:
    first, second = the(ESTATE, "aws_eip.nat"), the(ESTATE, "aws_eip.nat[1]")
    found = {
        name: [
            ESTATE.points_at(the(ESTATE, f"aws_nat_gateway.{name}"), "allocation_id", [one])
            for one in (first, second)
        ]
        for name in ("first", "second", "all")
    }
    assert found == {"first": [True, False], "second": [False, True], "all": [True, True]}


def test_the_same_is_the_same_thing_or_the_same_text() -> None:
    one, other = (ESTATE.pointed(the(ESTATE, f"{PEERING}.{name}"), REMOTE) for name in ("data", "literal"))
    output, nothing = (ESTATE.pointed(the(ESTATE, f"{PEERING}.a"), path) for path in (REMOTE, "none"))
    assert one.shares(one)
    assert not one.shares(other)
    assert not one.may_share(other)
    assert output.may_share(other)
    assert not output.shares(other)
    assert not nothing.may_share(nothing)


def test_what_only_a_caller_knows_may_be_anything() -> None:
    held = estate('resource "a_b" "c" { x = var.none }\nresource "a_d" "e" {}\n')
    holder, thing = the(held, "a_b.c"), the(held, "a_d.e")
    assert held.points_at(holder, "x", [thing])
    assert not held.points_at(holder, "x", [thing], surely=True)
    assert held.is_elsewhere(holder, "x")


def test_conditions() -> None:
    body = the(
        estate('resource "x_y" "z" {\n  open = false\n  note = null\n  rule { name = "Deny-all" }\n}\n'),
        "x_y.z",
    ).body
    assert holds(body, Condition("open", (False,)))
    assert not holds(body, Condition("open", (True,)))
    assert holds(body, Condition("rule.name", ("deny*",)))
    assert holds(body, Condition("note", ("absent",)))
    assert holds(body, Condition("open", ("present",)))
    assert not holds(body, Condition("none", ("present",)))
