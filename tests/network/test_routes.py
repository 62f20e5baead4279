"""Routes and records, whoever provides them."""

from __future__ import annotations

from riskcheck.network.records import records
from riskcheck.network.routes import routes
from tests.platforms.terraform.test_terraform import resolved


def routes_of(text: str) -> list[tuple[str, str, str, bool]]:
    found = resolved({"prod/m.tf": text}).resources
    return [(one.table, one.prefix, one.target, one.known) for each in found for one in routes(each)]


def records_of(text: str) -> list[tuple[str, str, str, tuple[str, ...], int | None, bool]]:
    found = resolved({"prod/m.tf": text}).resources
    return [
        (one.zone, one.name, one.type, one.values, one.ttl, one.known)
        for each in found
        for one in records(each)
    ]


def test_inline_routes_and_those_of_their_own_are_of_one_table() -> None:
    text = """\
resource "azurerm_route_table" "t" {
  route {
    name                   = "all"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = "10.0.0.4"
  }
}
resource "azurerm_route" "r" {
  route_table_name = azurerm_route_table.t.name
  address_prefix   = "AzureDatabricks"
  next_hop_type    = "Internet"
}
"""
    table = "terraform:azurerm_route_table.t"
    assert routes_of(text) == [
        (table, "0.0.0.0/0", "VirtualAppliance 10.0.0.4", True),
        (table, "AzureDatabricks", "Internet", True),
    ]


def test_next_hops_of_aws_are_named_by_what_they_refer_to() -> None:
    text = """\
resource "aws_route_table" "t" {
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.a.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = data.aws_x.y.id
  }
}
resource "aws_route" "r" {
  route_table_id             = aws_route_table.t.id
  destination_prefix_list_id = "pl-1"
  transit_gateway_id         = "tgw-1"
}
"""
    table = "terraform:aws_route_table.t"
    assert routes_of(text) == [
        (table, "0.0.0.0/0", "nat_gateway terraform:aws_nat_gateway.a", True),
        (table, "::/0", "egress_only_gateway ${data.aws_x.y.id}", False),
        (table, "pl-1", "transit_gateway tgw-1", True),
    ]


def test_tags_tell_routes_of_google_apart() -> None:
    text = """\
resource "google_compute_route" "r" {
  network     = "prod"
  dest_range  = "0.0.0.0/0"
  next_hop_ip = "10.0.0.2"
  priority    = 900
  tags        = ["b", "a"]
}
"""
    assert routes_of(text) == [("prod", "0.0.0.0/0 a b priority 900", "next_hop_ip 10.0.0.2", True)]


def test_what_has_other_types_than_expected_is_no_route() -> None:
    text = """\
resource "aws_route_table" "t" { route = "x" }
resource "google_compute_route" "r" { tags = { a = 1 } }
resource "aws_route53_record" "r" { records = { a = 1 } }
resource "aws_vpc" "v" {}
"""
    assert routes_of(text) == [("", "", "", False)]
    assert records_of(text) == [("", "", "", (), None, True)]


def test_records() -> None:
    text = """\
resource "azurerm_private_dns_a_record" "a" {
  name                = "Logs"
  zone_name           = azurerm_private_dns_zone.blob.name
  resource_group_name = "net"
  ttl                 = 300
  records             = ["10.0.0.5", "10.0.0.4"]
}
resource "azurerm_dns_mx_record" "m" {
  name      = "@"
  zone_name = "example.com"
  record {
    preference = 10
    exchange   = "mail.example.com"
  }
}
resource "aws_route53_record" "alias" {
  zone_id = "Z1"
  name    = "Shop.example.com."
  type    = "A"
  alias {
    name    = aws_lb.shop.dns_name
    zone_id = aws_lb.shop.zone_id
  }
}
resource "google_dns_record_set" "g" {
  managed_zone = google_dns_managed_zone.z.name
  name         = "api.${var.domain}"
  type         = "CNAME"
  rrdatas      = ["web.example.com."]
}
"""
    zone = "terraform:azurerm_private_dns_zone.blob"
    assert records_of(text) == [
        (zone, "logs", "A", ("10.0.0.4", "10.0.0.5"), 300, True),
        ("example.com", "@", "MX", ("10 mail.example.com",), None, True),
        ("Z1", "shop.example.com", "A", ("terraform:aws_lb.shop",), None, True),
        (
            "terraform:google_dns_managed_zone.z",
            "api.${var.domain}",
            "CNAME",
            ("web.example.com",),
            None,
            False,
        ),
    ]
