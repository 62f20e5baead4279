"""What rules of one group let through together, held against single packets."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.network.addresses import addresses
from riskcheck.network.groups import ALL_PORTS, Entry, Part, let_through, lost, pieces, said
from riskcheck.network.model import Peer, Ports, TrafficRule
from riskcheck.nodes import Mapping, Source
from tests.platforms.terraform.test_terraform import resolved

RESOURCE = resolved({"prod/main.tf": 'resource "aws_security_group" "a" {}'}).resources[0]
NODE = Mapping([], Source("a", "head"), 0, 0, 0, 0)
ADDRESSES = [f"10.0.0.{number}" for number in range(8)]
PORTS = range(1, 7)


def rule(allows: bool, protocol: str, ports: tuple[int, int] | None, source: str, priority: int) -> Entry:
    return Entry(
        TrafficRule(
            RESOURCE,
            NODE,
            "a",
            "g",
            "ingress",
            allows,
            protocol,
            () if ports is None else (Ports(*ports),),
            (Peer(source, NODE),),
            (),
            priority,
        )
    )


RULES = st.builds(
    rule,
    st.booleans(),
    st.sampled_from(["", "tcp", "udp"]),
    st.one_of(
        st.none(), st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(lambda p: (min(p), max(p)))
    ),
    st.tuples(st.sampled_from(ADDRESSES), st.integers(29, 32)).map(lambda a: f"{a[0]}/{a[1]}"),
    st.integers(1, 5),
)


def passes(rules: list[Entry], protocol: str, port: int, address: str) -> bool:
    """The first rule that is about a packet decides; of equal ones a denial."""
    for one in sorted(rules, key=lambda each: (each.rule.priority or 0, each.rule.allows)):
        stated = one.rule
        if stated.protocol not in ("", protocol):
            continue
        if stated.ports and not stated.ports[0].first <= port <= stated.ports[0].last:
            continue
        if ip_address(address) in ip_network(stated.sources[0].text, strict=False):
            return stated.allows
    return False


@settings(max_examples=150, deadline=None)
@given(st.lists(RULES, max_size=6))
def test_the_first_rule_decides(rules: list[Entry]) -> None:
    for protocol in ("tcp", "udp"):
        for piece in pieces([Ports(1, 6)], rules):
            got = let_through(rules, protocol, piece, addresses(["*"]))
            for port in (piece.first, piece.last):
                for address in ADDRESSES:
                    assert got.covers(addresses([address])) == passes(rules, protocol, port, address)


@settings(max_examples=100, deadline=None)
@given(RULES, st.lists(RULES, max_size=5))
def test_what_is_lost_is_what_nothing_allows(entry: Entry, after: list[Entry]) -> None:
    allowing = [one for one in after if one.rule.allows]
    missing = list(lost(entry, [], after))
    for protocol in ("tcp", "udp") if not entry.rule.protocol else (entry.rule.protocol,):
        for port in PORTS:
            for address in ADDRESSES:
                gone = passes([entry], protocol, port, address) or (
                    not entry.rule.allows
                    and passes(
                        [rule(True, entry.rule.protocol, None, "10.0.0.0/8", 1)], protocol, port, address
                    )
                )
                if not entry.rule.allows:
                    continue
                told = any(
                    one.protocol == protocol
                    and one.ports.first <= port <= one.ports.last
                    and one.peers.covers(addresses([address]))
                    for one in missing
                )
                assert told == (gone and not passes(allowing, protocol, port, address))


def test_ports_are_said_in_short() -> None:
    everybody = addresses(["*"])
    every = [Part(name, ALL_PORTS, everybody, everybody) for name in ("tcp", "udp", "icmp", "other")]
    assert said(every) == "every port"
    both = [Part(name, Ports(53, 53), everybody, everybody) for name in ("tcp", "udp")]
    assert said(both) == "port 53"
    assert (
        said([Part("tcp", Ports(1, 2), everybody, everybody), Part("tcp", Ports(3, 9), everybody, everybody)])
        == "tcp 1-9"
    )
