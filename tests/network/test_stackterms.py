from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resource
from riskcheck.network.readers import address_lists, traffic_rules
from riskcheck.network.records import records
from riskcheck.network.routes import routes
from riskcheck.network.stackterms import TYPES, in_terraform_terms, path_in_terms
from riskcheck.nodes import Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.cloudformation import PLATFORM
from tests.support import MemoryTree

NETWORK = """\
Parameters:
  Spare: {Type: String}
Conditions:
  Here: !Equals [!Ref AWS::Region, eu-west-1]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Web:
    Type: AWS::EC2::SecurityGroup
    DeletionPolicy: Retain
    Properties:
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.0.2.0/24, CidrIpv6: "2001:db8::/32"}
        - !If [Here, {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}, !Ref AWS::NoValue]
  Db: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: []}}
  DbIn:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      {GroupId: !GetAtt Db.GroupId, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref Web}
  AclOut:
    Type: AWS::EC2::NetworkAclEntry
    Properties:
      NetworkAclId: acl-1
      RuleNumber: 7
      Protocol: 17
      Egress: true
      RuleAction: deny
      CidrBlock: 0.0.0.0/0
      PortRange: {From: 53, To: 53}
  Partners: {Type: AWS::WAFv2::IPSet, Properties: {Addresses: [192.0.2.1/32, !Ref Spare]}}
  Ranges: {Type: AWS::EC2::PrefixList, Properties: {PrefixListName: ranges, Entries: [{Cidr: 192.0.2.0/24}]}}
  Default:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: rtb-1, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Spare}
  Alias:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: Z1
      Name: WWW.example.com.
      Type: A
      AliasTarget: {DNSName: lb.example.com, HostedZoneId: Z2}
  Topic: {Type: AWS::SNS::Topic}
"""


def resources(text: str) -> dict[str, Resource]:
    tree = MemoryTree({"prod/net.yaml": text}, side="head")
    model = EnvironmentModel(paths=lambda: tree.entries())
    space = Workspace(tree, DocumentStore(tree), model, frozenset(tree.entries()), None)
    found = PLATFORM.resolve(space, PLATFORM.units(space, list(tree.entries())))
    return {one.name.partition("/")[2]: one for one in found.resources}


@pytest.fixture(scope="module")
def translated() -> Mapping[str, Resource]:
    return {name: in_terraform_terms(one) for name, one in resources(NETWORK).items()}


def test_names_and_references_are_those_of_the_provider(translated: Mapping[str, Resource]) -> None:
    web = translated["Web"]
    assert web.address == "terraform:aws_security_group.Web"
    value = plain_value(web.body, web.reading)
    assert isinstance(value, dict)
    assert value["vpc_id"] == "${aws_vpc.Vpc.id}"
    assert value["lifecycle"] == {"create_before_destroy": True}
    assert "resource_attributes" not in value
    assert [one.target for one in web.references] == ["terraform:aws_vpc.Vpc"]
    assert translated["Topic"].address == "terraform:aws_sns_topic.Topic"


def test_rules_are_read_as_those_of_the_provider(translated: Mapping[str, Resource]) -> None:
    told = [
        (one.group, one.direction, one.protocol, [each.text for each in one.peers], one.known)
        for name in ("Web", "Db", "DbIn", "AclOut")
        for one in traffic_rules(translated[name])
    ]
    web, db = "terraform:aws_security_group.Web", "terraform:aws_security_group.Db"
    assert told == [
        (web, "ingress", "tcp", ["192.0.2.0/24", "2001:db8::/32"], True),
        (web, "ingress", "", ["${…}"], False),
        (web, "egress", "", ["0.0.0.0/0"], True),
        (db, "ingress", "tcp", [web], True),
        ("acl-1", "egress", "udp", ["0.0.0.0/0"], True),
    ]
    (entry,) = traffic_rules(translated["AclOut"])
    assert (entry.allows, entry.priority, entry.ports[0]) == (False, 7, (53, 53))


def test_lists_routes_and_records(translated: Mapping[str, Resource]) -> None:
    (partners,), (ranges,) = (list(address_lists(translated[name])) for name in ("Partners", "Ranges"))
    assert ([one.text for one in partners.entries], partners.known) == (
        ["192.0.2.1/32", "${var.Spare}"],
        False,
    )
    assert [one.text for one in ranges.entries] == ["192.0.2.0/24"]
    (route,) = routes(translated["Default"])
    assert (route.prefix, route.target, route.known) == ("0.0.0.0/0", "nat_gateway ${var.Spare}", False)
    (record,) = records(translated["Alias"])
    assert (record.name, record.type, record.values) == ("www.example.com", "A", ("lb.example.com",))


def test_paths_are_spelled_likewise() -> None:
    path = ("AliasTarget", "DNSName")
    assert path_in_terms("AWS::Route53::RecordSet", path) == ("alias", "name")
    assert path_in_terms("AWS::EC2::VPCEndpoint", ("SubnetIds", "[a]")) == ("subnet_ids", "[a]")


VALUES: tuple[Value, ...] = (3, "x", [], {}, None, [[1]], {"a": {"b": [1]}})


@pytest.mark.parametrize("kind", sorted(TYPES))
@pytest.mark.parametrize("value", VALUES)
def test_any_value_may_stand_anywhere(kind: str, value: Value) -> None:
    names = "SecurityGroupIngress SecurityGroupEgress PortRange Entries Addresses AliasTarget Name"
    properties = "".join(f"      {name}: {value!r}\n".replace("None", "null") for name in names.split())
    (one,) = resources(f"Resources:\n  A:\n    Type: {kind}\n    Properties:\n{properties}").values()
    told = in_terraform_terms(one)
    for read in (traffic_rules, address_lists, routes, records):
        assert all(isinstance(one, tuple) for one in read(told))
