"""Sets of addresses, held against sets of numbers."""

from __future__ import annotations

import time
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.network.addresses import Addresses, addresses

FIRST = int(IPv4Address("198.51.100.0"))

PREFIXES = st.tuples(st.integers(0, 127), st.integers(25, 32)).map(
    lambda one: f"{IPv4Address(FIRST + one[0])}/{one[1]}"
)
RANGES = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(
    lambda one: f"{IPv4Address(FIRST + min(one))}-{IPv4Address(FIRST + max(one))}"
)
NAMES = st.sampled_from(["VirtualNetwork", "sg-1", "${var.office}"])
LISTS = st.lists(st.one_of(PREFIXES, RANGES, NAMES, PREFIXES), max_size=12)


def members(texts: list[str]) -> set[int | str]:
    """The same, one by one."""
    found: set[int | str] = set()
    for text in texts:
        head, slash, bits = text.partition("/")
        low, dash, high = text.partition("-")
        if slash and "$" not in text:
            size = 2 ** (32 - int(bits))
            start = int(IPv4Address(head)) // size * size
            found.update(range(start, start + size))
        elif dash and text[0].isdigit():
            found.update(range(int(IPv4Address(low)), int(IPv4Address(high)) + 1))
        else:
            found.add(text)
    return found


def numbers(held: Addresses) -> set[int | str]:
    found: set[int | str] = set(held.names)
    for first, last in held.v4:
        found.update(range(first, last + 1))
    return found


@given(LISTS, LISTS)
def test_operations_are_those_of_sets(one: list[str], other: list[str]) -> None:
    left, right = addresses(one), addresses(other)
    assert numbers(left) == members(one)
    assert numbers(left.minus(right)) == members(one) - members(other)
    assert numbers(left.common(right)) == members(one) & members(other)
    assert numbers(left.plus(right)) == members(one) | members(other)
    assert left.covers(right) == (members(other) <= members(one))
    assert left.total == sum(isinstance(each, int) for each in members(one))


@given(LISTS)
def test_what_is_written_is_the_same_set(texts: list[str]) -> None:
    held = addresses(texts)
    assert addresses(held.written()) == held


@given(LISTS, LISTS)
def test_ranges_neither_overlap_nor_touch(one: list[str], other: list[str]) -> None:
    for held in (
        addresses(one),
        addresses(one).minus(addresses(other)),
        addresses(one).plus(addresses(other)),
    ):
        assert all(a[1] + 1 < b[0] for a, b in zip(held.v4, held.v4[1:], strict=False))


@pytest.mark.parametrize(
    ("texts", "world"),
    [
        (["0.0.0.0/0"], True),
        (["::/0"], True),
        (["*"], True),
        (["Any"], True),
        (["Internet"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["0.0.0.0-255.255.255.255"], True),
        (["0.0.0.0/1"], False),
        (["10.0.0.0/8"], False),
        (["::/1", "8000::/1"], True),
        (["AzureCloud"], False),
        ([], False),
    ],
)
def test_the_world(texts: list[str], world: bool) -> None:
    assert addresses(texts).is_world is world


def test_private_addresses_are_never_broad() -> None:
    assert not addresses(["10.0.0.0/8", "172.16.0.0/12", "fc00::/7"]).is_broad
    assert addresses(["8.0.0.0/8"]).is_broad
    assert not addresses(["198.51.100.0/24"]).is_broad


def test_the_internet_is_not_the_own_network() -> None:
    assert not addresses(["Internet"]).covers(addresses(["10.0.0.0/8"]))
    assert addresses(["Internet"]).covers(addresses(["198.51.100.7"]))
    assert addresses(["*"]).covers(addresses(["VirtualNetwork", "10.0.0.0/8", "::1"]))
    assert not addresses(["0.0.0.0/0"]).covers(addresses(["VirtualNetwork"]))


def test_host_bits_hosts_and_ranges() -> None:
    assert addresses(["10.0.0.1/24"]) == addresses(["10.0.0.0/24"])
    assert list(addresses(["10.0.0.7", "10.0.0.6"]).written()) == ["10.0.0.6/31"]
    assert list(addresses(["10.0.0.1-10.0.0.2"]).written()) == ["10.0.0.1", "10.0.0.2"]
    assert list(addresses(["2001:db8::1"]).written()) == ["2001:db8::1"]


@pytest.mark.parametrize(
    "text", ["10.0.0.9-10.0.0.1", "10.0.0.1-::1", "300.0.0.1", "10.0.0.0/33", "-", "", "fe80::1%a/3"]
)
def test_what_is_no_address_is_a_name(text: str) -> None:
    assert addresses([text]).names == {text}


def test_a_hundred_thousand_entries() -> None:
    one = [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(0, 200_000, 2)]
    began = time.perf_counter()
    held = addresses(one)
    lost = held.minus(addresses(one[::2]))
    assert lost.total == 50_000
    assert held.common(lost) == lost
    assert time.perf_counter() - began < 20
