"""Sets of addresses, exactly: IPv4 and IPv6 ranges, and names that stand for addresses nobody here knows.

A range is kept as its first and last address, as numbers; a set as ranges that neither overlap nor touch, in order.
So every operation is linear in the ranges after one sort, whatever the prefixes are.
"""

from __future__ import annotations

from bisect import bisect_right
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Span: TypeAlias = tuple[int, int]
"""First and last address, both included."""

_LAST_4: Final = 2**32 - 1
_LAST_6: Final = 2**128 - 1
_ANYBODY: Final = frozenset({"*", "any", "all"})
_INTERNET: Final = frozenset({"internet"})
"""Azure's tag: all addresses that are public. https://learn.microsoft.com/azure/virtual-network/service-tags-overview"""

_BROAD_4: Final = 2**24
_BROAD_6: Final = 2**96
"""Addresses of an IPv4 /8 and of an IPv6 /32: what is larger is no single network."""


class Addresses(NamedTuple):
    """A set of addresses. names: tags, groups and expressions. everybody: all names there are, too."""

    v4: tuple[Span, ...] = ()
    v6: tuple[Span, ...] = ()
    names: frozenset[str] = frozenset()
    everybody: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.v4 or self.v6 or self.names or self.everybody)

    @property
    def total(self) -> int:
        """Addresses that are known, without those behind names."""
        return sum(last - first + 1 for first, last in (*self.v4, *self.v6))

    @property
    def worlds(self) -> frozenset[int]:
        """Versions, 4 and 6, of which all public addresses are in it."""
        whole = {4: not _minus(_PUBLIC_4, self.v4), 6: not _minus(_PUBLIC_6, self.v6)}
        return frozenset(version for version, held in whole.items() if held)

    @property
    def is_world(self) -> bool:
        """Whether all public addresses of IPv4 or of IPv6 are in it."""
        return bool(self.worlds)

    @property
    def is_broad(self) -> bool:
        """Whether more public addresses are in it than one network has: an IPv4 /8, an IPv6 /32."""
        four, six = (
            sum(last - first + 1 for first, last in _common(own, public))
            for own, public in ((self.v4, _PUBLIC_4), (self.v6, _PUBLIC_6))
        )
        return four >= _BROAD_4 or six >= _BROAD_6

    def covers(self, other: Addresses) -> bool:
        if other.everybody and not self.everybody:
            return False
        if not self.everybody and not other.names <= self.names:
            return False
        return _hold(self.v4, other.v4) and _hold(self.v6, other.v6)

    def meets(self, other: Addresses) -> bool:
        """Whether something is in both."""
        if self.everybody or other.everybody:
            return not (self.is_empty or other.is_empty)
        if not self.names.isdisjoint(other.names):
            return True
        return _touch(self.v4, other.v4) or _touch(self.v6, other.v6)

    def minus(self, other: Addresses) -> Addresses:
        """What is in this set and not in `other`."""
        names = frozenset[str]() if other.everybody else self.names - other.names
        v4, v6 = _minus(self.v4, other.v4), _minus(self.v6, other.v6)
        return Addresses(v4, v6, names, self.everybody and not other.everybody)

    def common(self, other: Addresses) -> Addresses:
        names = (
            self.names | other.names
            if self.everybody and other.everybody
            else other.names
            if self.everybody
            else self.names
            if other.everybody
            else self.names & other.names
        )
        everybody = self.everybody and other.everybody
        return Addresses(_common(self.v4, other.v4), _common(self.v6, other.v6), names, everybody)

    def plus(self, other: Addresses) -> Addresses:
        return united((self, other))

    def written(self) -> Iterator[str]:
        """The set as few ranges and names as it takes, IPv4 first: ``10.0.0.0/8``, ``192.0.2.7``."""
        if self.everybody and (self.v4, self.v6) == (_ALL_4, _ALL_6):
            yield "any address"
            return
        for first, last in self.v4:
            for four in summarize_address_range(IPv4Address(first), IPv4Address(last)):
                yield str(four).removesuffix("/32")
        for first, last in self.v6:
            for six in summarize_address_range(IPv6Address(first), IPv6Address(last)):
                yield str(six).removesuffix("/128")
        yield from ["any name"] if self.everybody else sorted(self.names)


def united(sets: Iterable[Addresses]) -> Addresses:
    """All that any of `sets` holds, in one sort."""
    held = list(sets)
    return Addresses(
        _merged(span for one in held for span in one.v4),
        _merged(span for one in held for span in one.v6),
        frozenset(name for one in held for name in one.names),
        any(one.everybody for one in held),
    )


def addresses(texts: Iterable[str]) -> Addresses:
    """The set of all that `texts` name: ``10.0.0.0/8``, ``10.0.0.1/24`` (its network), ``192.0.2.7``,
    ``192.0.2.7-192.0.2.9``, ``*``, ``Internet``. Whatever is none of these is a name."""
    v4: list[Span] = []
    v6: list[Span] = []
    names: set[str] = set()
    everybody = False
    for text in texts:
        told = text.strip()
        lower = told.lower()
        if lower in _ANYBODY or lower in _INTERNET:
            everybody = everybody or lower in _ANYBODY
            v4 += _PUBLIC_4 if lower in _INTERNET else _ALL_4
            v6 += _PUBLIC_6 if lower in _INTERNET else _ALL_6
            continue
        found = span(told)
        if found is None:
            names.add(told)
        else:
            (v4 if found[0] == 4 else v6).append(found[1])
    return Addresses(_merged(v4), _merged(v6), frozenset(names), everybody)


def span(text: str) -> tuple[int, Span] | None:
    """Version and range that `text` is; None where it is none."""
    first, dash, last = text.partition("-")
    if "%" in text:
        return None  # of one link only
    try:
        if dash:
            low, high = ip_address(first.strip()), ip_address(last.strip())
            if low.version != high.version or int(high) < int(low):
                return None
            return low.version, (int(low), int(high))
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, (int(network.network_address), int(network.broadcast_address))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def _hold(spans: tuple[Span, ...], others: tuple[Span, ...]) -> bool:
    """Whether each of `others` lies in one of `spans`."""
    for first, last in others:
        at = bisect_right(spans, (first, _LAST_6)) - 1
        if at < 0 or spans[at][1] < last:
            return False
    return True


def _touch(spans: tuple[Span, ...], others: tuple[Span, ...]) -> bool:
    if len(spans) < len(others):
        spans, others = others, spans
    for first, last in others:
        at = bisect_right(spans, (last, _LAST_6)) - 1
        if at >= 0 and spans[at][1] >= first:
            return True
    return False


def _minus(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    left: list[Span] = []
    at = 0
    for first, last in spans:
        while at < len(others) and others[at][1] < first:
            at += 1
        begin, here = first, at
        while here < len(others) and others[here][0] <= last:
            if others[here][0] > begin:
                left.append((begin, others[here][0] - 1))
            begin = others[here][1] + 1
            here += 1
        if begin <= last:
            left.append((begin, last))
    return tuple(left)


def _common(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    found: list[Span] = []
    one = other = 0
    while one < len(spans) and other < len(others):
        first, last = max(spans[one][0], others[other][0]), min(spans[one][1], others[other][1])
        if first <= last:
            found.append((first, last))
        if spans[one][1] < others[other][1]:
            one += 1
        else:
            other += 1
    return tuple(found)


_ALL_4: Final[tuple[Span, ...]] = ((0, _LAST_4),)
_ALL_6: Final[tuple[Span, ...]] = ((0, _LAST_6),)

_PRIVATE: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
"""Addresses that nobody has on the Internet. https://www.iana.org/assignments/iana-ipv4-special-registry"""

_PUBLIC_4: Final = _minus(_ALL_4, _merged(found[1] for found in map(span, _PRIVATE) if found is not None))
_PUBLIC_6: Final[tuple[Span, ...]] = ((0x2000 << 112, (0x4000 << 112) - 1),)
"""``2000::/3``, all that is given out. https://www.iana.org/assignments/ipv6-address-space"""
