from __future__ import annotations

import pytest

from riskcheck.network.allowlists import is_address, lists_in_file, lists_of, purpose_of
from riskcheck.network.readers import address_lists, traffic_rules
from tests.build import resource


@pytest.mark.parametrize(
    ("name", "allows"),
    [
        ("allow_list", True),
        ("ipWhitelist", True),
        ("allowed-cidrs", True),
        ("authorizedIPs", True),
        ("loadBalancerSourceRanges", True),
        ("nginx.ingress.kubernetes.io/whitelist-source-range", True),
        ("denylist", False),
        ("blocked_ips", False),
        ("allowed_hosts", None),
        ("allowedOrigins", None),
        ("cidr_blocks", None),
        ("subnets", None),
        ("", None),
    ],
)
def test_names_say_who_is_let_in(name: str, allows: bool | None) -> None:
    assert purpose_of(name) is allows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("192.0.2.1", True),
        ("192.0.2.0/24", True),
        ("192.0.2.1-192.0.2.9", True),
        ("2001:db8::/32", True),
        ("2001:db8::1-192.0.2.1", False),
        ("8080", False),
        ("example.com", False),
        ("1.2.3", False),
        ("-", False),
    ],
)
def test_addresses_are_told_from_other_texts(text: str, told: bool) -> None:
    assert is_address(text) is told


def test_lists_are_found_wherever_they_stand() -> None:
    values = """\
        controller:
          service:
            loadBalancerSourceRanges: [192.0.2.0/24]
          annotations: {nginx.ingress.kubernetes.io/whitelist-source-range: "192.0.2.1, 192.0.2.2"}
        trusted:
          office: {cidr: 192.0.2.3}
          vpn: [192.0.2.4, {ip: 192.0.2.5, name: relay}]
        blocklist: [198.51.100.1]
        allowed_ports: [80, 443]
        allowed: [one, 192.0.2.6]
        whitelist: {enabled: true, ips: []}
        """
    found = {
        one.purpose.rpartition(".")[2]: (one.allows, one.enabled, [each.text for each in one.entries])
        for one in lists_of(resource(values, kind="HelmValues"))
    }
    assert found == {
        "loadBalancerSourceRanges": (True, True, ["192.0.2.0/24"]),
        "io/whitelist-source-range": (True, True, ["192.0.2.1", "192.0.2.2"]),
        "trusted": (True, True, ["192.0.2.3", "192.0.2.4", "192.0.2.5"]),
        "blocklist": (False, True, ["198.51.100.1"]),
    }


def test_a_load_balancer_without_ranges_lets_everybody_in() -> None:
    (one,) = lists_of(resource("loadBalancerSourceRanges: []\n", kind="HelmValues"))
    assert (one.enabled, one.entries) == (False, ())


def test_a_whole_file_is_a_list_where_its_name_says_so() -> None:
    text = "office: 192.0.2.0/24\nvpn: [192.0.2.1]\n"
    named = resource(text, kind="file", platform="plain", unit="net/ip-allow-list.yaml")
    assert [len(one.entries) for one in lists_in_file(named)] == [2]
    other = resource(text, kind="file", platform="plain", unit="net/subnets.yaml")
    assert not list(address_lists(other))


@pytest.mark.parametrize("value", ["3", "[[]]", "{a: [{}]}", "[null, {cidr: {a: b}}]", "''", "[{ip: [x]}]"])
def test_any_value_may_stand_under_such_a_name(value: str) -> None:
    held = resource(f"allowlist: {value}\nb: {{whitelist: {value}}}\n", kind="HelmValues")
    assert not [one for one in address_lists(held) if one.entries]


CILIUM = """\
spec:
  endpointSelector: {}
  ingress:
    - fromCIDR: [192.0.2.0/24]
      toPorts: [{ports: [{port: "443", protocol: TCP}, {port: "8000", endPort: 8100, protocol: TCP}]}]
    - fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}, {cidrGroupRef: partners}]
    - fromEndpoints: [{}]
  egressDeny:
    - toEntities: [world]
"""


def test_rules_of_cilium() -> None:
    rules = list(traffic_rules(resource(CILIUM, kind="CiliumNetworkPolicy")))
    assert [
        (
            one.direction,
            one.allows,
            one.protocol,
            len(one.ports),
            [each.text for each in one.peers],
            one.unread,
        )
        for one in rules
    ] == [
        ("ingress", True, "tcp", 2, ["192.0.2.0/24"], ""),
        ("ingress", True, "", 0, ["10.0.0.0/8", "partners"], "except 10.1.0.0/16"),
        ("egress", False, "", 0, ["*"], ""),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("CiliumCIDRGroup", "spec: {externalCIDRs: [192.0.2.0/24]}", [(None, 1)]),
        ("GlobalNetworkSet", "spec: {nets: [192.0.2.0/24, 192.0.2.1]}", [(None, 2)]),
        (
            "AuthorizationPolicy",
            "spec: {action: DENY, rules: [{from: [{source: {ipBlocks: [192.0.2.1]}}]}]}",
            [(False, 1)],
        ),
        ("AuthorizationPolicy", "spec: {action: CUSTOM, rules: [{from: [{source: {ipBlocks: [a]}}]}]}", []),
        ("AuthorizationPolicy", "spec: {rules: [{from: [{source: {principals: [a]}}]}, 3, {from: 4}]}", []),
    ],
)
def test_lists_of_policies(kind: str, text: str, told: list[tuple[bool | None, int]]) -> None:
    found = address_lists(resource(text, kind=kind))
    assert [(one.allows, len(one.entries)) for one in found] == told


@pytest.mark.parametrize(
    "kind", ["CiliumNetworkPolicy", "CiliumCIDRGroup", "NetworkSet", "AuthorizationPolicy"]
)
@pytest.mark.parametrize(
    "spec", ["3", "[1]", "{ingress: 3, rules: 4, nets: {a: b}}", "{ingress: [1, {fromCIDRSet: 3}]}"]
)
def test_misshapen_policies_say_nothing(kind: str, spec: str) -> None:
    held = resource(f"spec: {spec}\n", kind=kind)
    assert not list(traffic_rules(held))
    assert not [one for one in address_lists(held) if one.entries]
