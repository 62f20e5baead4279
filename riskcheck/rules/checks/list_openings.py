"""Lists of addresses that let everybody in, or a large part of the Internet, where they did not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.addresses import Addresses, addresses
from riskcheck.network.allowlists import INSIDE
from riskcheck.rules.checks.traffic_groups import lists_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change
    from riskcheck.network.model import AddressList
    from riskcheck.nodes import Node
    from riskcheck.rules.checks.traffic_groups import Gathered

_MOST: Final = 2**30
"""Public addresses from which on a range is as good as the world: a quarter of all there are."""

_OPEN_WHEN_GONE: Final = frozenset({"azurerm_storage_account_network_rules", "databricks_ip_access_list"})
"""Kinds without which everybody gets in; of the others an entry goes."""


def opened_lists(change: Change, base: Gathered, head: Gathered) -> Iterator[Match]:
    """What of the lists of the changed resource is wider than all that guarded the same before."""
    before, after = change.resource_before, change.resource_after
    if after is None:
        yield from _without(change, base, head)
        return
    for held in lists_of(after, head):
        if held.allows is False or not held.is_settled:
            continue
        others = [one for one in base.lists.get(held.group, []) if one.allows is not False]
        own = [one for one in lists_of(before, base) if one.purpose == held.purpose] or [
            one for one in lists_of(before, base) if one.allows is not False
        ]
        if not held.enabled:
            if own and all(one.enabled and one.is_settled for one in own) and not _still(held, head):
                yield _match(
                    f"everybody may reach {held.purpose}: its allow-list does not count any more",
                    2,
                    held.node,
                )
            continue
        if any(not one.enabled or not one.is_settled for one in others):
            continue
        if not others and INSIDE in held.group:
            continue  # a list that is new in a file closed nothing before
        now, was = _entries([held, *_beside(held, head)]), _entries(others)
        weight = 2 if held.allows else 1
        if before is None and held.group == after.address:
            weight -= 1  # nothing was closed before
        weight -= any(not one.known for one in others)  # an expression may have been all of it
        gained = now.minus(was)
        if now.worlds - was.worlds or (gained.is_broad and not was.is_world):
            grave = bool(now.worlds - was.worlds) or is_half(gained)
            told = now if now.worlds - was.worlds else gained
            yield _match(f"{who(told)} may reach {held.purpose}", weight * grave, _largest(held))


def _beside(held: AddressList, head: Gathered) -> list[AddressList]:
    return [one for one in head.lists.get(held.group, []) if one is not held and one.allows is not False]


def _without(change: Change, base: Gathered, head: Gathered) -> Iterator[Match]:
    """The list goes as a whole while what it guards stays."""
    if change.resource.kind not in _OPEN_WHEN_GONE:
        return
    for held in lists_of(change.resource_before, base):
        counted = held.allows and held.enabled and held.is_settled
        if counted and head.has(held.group) and head.addresses and not _still(held, head):
            yield _match(f"everybody may reach {held.purpose}: its allow-list is gone", 2, held.node)


def _still(held: AddressList, head: Gathered) -> bool:
    """Whether another list guards the same, or may."""
    return any(
        one is not held and one.allows is not False and (one.enabled or not one.is_settled)
        for one in head.lists.get(held.group, [])
    )


def _entries(lists: Iterable[AddressList]) -> Addresses:
    return addresses(one.text for held in lists if held.enabled for one in held.entries)


def _largest(held: AddressList) -> Node:
    return next((one.node for one in held.entries if is_large(addresses([one.text]))), held.node)


def _match(what: str, weight: int, node: Node) -> Match:
    return Match(values={"what": what, "weight": weight}, node=node)


def who(gained: Addresses) -> str:
    """``the whole Internet``, ``8.0.0.0/8 on the Internet``."""
    if gained.is_world:
        return "the whole Internet"
    return f"{next(gained.written(), 'a large range')} on the Internet"


def is_half(gained: Addresses) -> bool:
    """Whether it is so much of the addresses of IPv4 that it is as good as the world."""
    return sum(last - first + 1 for first, last in gained.v4) >= _MOST


def is_large(held: Addresses) -> bool:
    return held.is_world or held.is_broad
