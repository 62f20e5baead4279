"""The rules of one group together: what they let through in the end, and what of one rule others let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.addresses import Addresses, addresses, united
from riskcheck.network.model import Ports
from riskcheck.network.reading import LAST_PORT
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.network.model import Peer, TrafficRule

EVERYBODY: Final = addresses(["*"])
ALL_PORTS: Final = Ports(0, LAST_PORT)
OTHER: Final = "other"
"""All protocols but those that have a name here."""

_NAMED: Final = ("tcp", "udp", "icmp", OTHER)
_MOST_ENDS: Final = 50
"""Other ends of a rule that are looked at one by one; those of a longer list only together."""


class Part(NamedTuple):
    """Some of what a rule lets through: who, by which protocol, to which ports, towards which other ends."""

    protocol: str
    ports: Ports
    peers: Addresses
    far: Addresses


class Entry:
    """A rule with its ends as sets. peers: who is let in, or who may be sent to. far: whom the group guards."""

    __slots__ = ("far", "far_ends", "peers", "rule")

    def __init__(self, rule: TrafficRule) -> None:
        self.rule = rule
        peers, far = rule.sources, rule.destinations
        if rule.direction == "egress":
            peers, far = far, peers
        self.peers = _set(peers)
        self.far = _set(far)
        self.far_ends = tuple(_set([one]) for one in far) if 1 < len(far) <= _MOST_ENDS else (self.far,)

    @property
    def protocols(self) -> tuple[str, ...]:
        """Those that it is about; only TCP and UDP have ports."""
        if self.rule.protocol:
            return (self.rule.protocol,)
        return _NAMED[:2] if self.rule.ports else _NAMED

    @property
    def ranges(self) -> tuple[Ports, ...]:
        return self.rule.ports or (ALL_PORTS,)

    def lets(self, protocol: str, ports: Ports) -> bool:
        """Whether it is about all of `ports` of `protocol`, as far as it can be read."""
        if self.rule.unread or self.rule.protocol not in ("", protocol):
            return False
        return not self.rule.ports or any(
            one.first <= ports.first and ports.last <= one.last for one in self.rule.ports
        )

    def may_let(self, protocol: str, ports: Ports) -> bool:
        """Whether it may be about some of them."""
        if self.rule.unread:
            return True
        if protocol and self.rule.protocol not in ("", protocol):
            return False
        return any(one.first <= ports.last and ports.first <= one.last for one in self.ranges)

    def comes_before(self, other: Entry) -> bool:
        """Whether it holds against `other`, which says the opposite. At the same number a denial does."""
        own, its = self.rule.priority, other.rule.priority
        if own is None or its is None:
            return False
        return own < its or (own == its and not self.rule.allows)


def _set(peers: Sequence[Peer]) -> Addresses:
    return addresses(one.text for one in peers) if peers else EVERYBODY


def pieces(ranges: Iterable[Ports], others: Iterable[Entry]) -> Iterator[Ports]:
    """`ranges` cut wherever one of `others` begins or ends: each of those is about all of a piece or none of it."""
    cuts = sorted({cut for one in others for each in one.ranges for cut in (each.first, each.last + 1)})
    for whole in ranges:
        first = whole.first
        for cut in cuts:
            if first < cut <= whole.last:
                yield Ports(first, cut - 1)
                first = cut
        yield Ports(first, whole.last)


def let_through(
    entries: Iterable[Entry], protocol: str, ports: Ports, far: Addresses, *, denied: bool = True
) -> Addresses:
    """Who gets through to all of `far`. denied: whether denials count, which come before."""
    known = [one for one in entries if one.lets(protocol, ports) and one.far.covers(far)]
    denials = [one for one in known if not one.rule.allows] if denied else []
    return united(remaining(entry, denials) for entry in known if entry.rule.allows)


def remaining(entry: Entry, denials: Iterable[Entry]) -> Addresses:
    """Whom `entry` lets through that none of `denials`, which are about the same ports, keeps out before."""
    peers = entry.peers
    for denial in denials:
        if denial.comes_before(entry):
            peers = peers.minus(denial.peers)
    return peers


def lost(entry: Entry, before: Sequence[Entry], after: Sequence[Entry]) -> Iterator[Part]:
    """What `entry` of `before` let through and no rule of `after` allows. Denials of `after` do not count."""
    if entry.rule.unread:
        yield from _lost_unread(entry, after)
        return
    near = [one for one in after if one.rule.allows and one.peers.meets(entry.peers)]
    denials = [one for one in before if not one.rule.allows and one.peers.meets(entry.peers)]
    for protocol in entry.protocols:
        allowing = [one for one in near if one.rule.protocol in ("", protocol)]
        for ports in pieces(entry.ranges, [*allowing, *denials]):
            got = remaining(entry, (one for one in denials if one.lets(protocol, ports)))
            for far in entry.far_ends:
                missing = got.minus(let_through(allowing, protocol, ports, far, denied=False))
                if not missing.is_empty:
                    yield Part(protocol, ports, missing, far)


def _lost_unread(entry: Entry, after: Sequence[Entry]) -> Iterator[Part]:
    """The same where the ports are not known: a rule with the same ones, or with all, lets the same through."""
    got = entry.peers
    for one in after:
        same = one.rule.unread == entry.rule.unread or not (
            one.rule.unread or one.rule.ports or one.rule.protocol
        )
        if same and one.rule.allows and one.far.covers(entry.far):
            got = got.minus(one.peers)
    if not got.is_empty:
        yield Part("", ALL_PORTS, got, entry.far)


def said(parts: Sequence[Part]) -> str:
    """What of ports and protocols there is in `parts`: ``every port``, ``tcp 22 and 8000-8100``, ``icmp``."""
    by_ports: dict[str, list[str]] = {}
    for part in joined(parts):
        by_ports.setdefault(_span(part.ports), []).append(part.protocol)
    if any(set(_NAMED) <= set(protocols) for protocols in by_ports.values()):
        return "every port"
    told: dict[str, list[str]] = {}
    for span, protocols in by_ports.items():
        names = sorted(dict.fromkeys(protocols), key=_order)
        word = "port" if {"tcp", "udp"} <= set(protocols) and span else ", ".join(names)
        told.setdefault(word.replace(OTHER, "other protocols"), []).append(span)
    return "; ".join(f"{word} {_listed(spans)}".strip() for word, spans in told.items())


def _order(protocol: str) -> tuple[int, str]:
    return (_NAMED.index(protocol) if protocol in _NAMED else 0, protocol)


def _span(ports: Ports) -> str:
    if ports == ALL_PORTS:
        return ""
    return str(ports.first) if ports.first == ports.last else f"{ports.first}-{ports.last}"


def _listed(spans: Sequence[str]) -> str:
    shown = [span for span in spans if span][:4]
    more = "" if len(spans) <= 4 else f" and {len(spans) - 4} more"
    return ", ".join(shown) + more


def joined(parts: Iterable[Part]) -> list[Part]:
    """`parts` with neighbouring ports of the same peers put together, in order."""
    found: list[Part] = []
    for part in sorted(parts, key=lambda one: (one.protocol, one.ports)):
        last = found[-1] if found else None
        if (
            last is not None
            and (last.protocol, last.peers) == (part.protocol, part.peers)
            and part.ports.first <= last.ports.last + 1
        ):
            ports = Ports(last.ports.first, max(last.ports.last, part.ports.last))
            found[-1] = last._replace(ports=ports)
        else:
            found.append(part)
    return found
