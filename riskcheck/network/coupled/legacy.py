"""Addresses that the old way let in and the new way does not.

Where lists or rules are new, they take over from those that the same change removes, and from what was once let in
by hand: addresses that the policy's ``known_addresses`` hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.addresses import Addresses, addresses
from riskcheck.network.readers import address_lists, traffic_rules
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Resource
    from riskcheck.network.known import AddressBook, Use
    from riskcheck.network.model import Peer

_EXPRESSION: Final = "${"
_MOST_NAMED: Final = 6


class LeftOut(NamedTuple):
    """Addresses that were not carried over. new, old: what lets addresses in, and what did and is removed. uses: of
    the known addresses."""

    held: Addresses
    new: tuple[Resource, ...]
    old: tuple[Resource, ...]
    uses: tuple[Use, ...]

    @property
    def written(self) -> str:
        texts = list(self.held.written())
        more = f" and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
        return ", ".join(texts[:_MOST_NAMED]) + more


def left_out(
    new: Iterable[Resource], old: Iterable[Resource], book: AddressBook | None, *, migrates: bool
) -> LeftOut | None:
    """What `new` does not let in and `old` or the known addresses did.

    new, old: resources of one environment that the change adds and removes. migrates: the change moves something to
    another way; else only what let in a known address is taken for the old way. None where nothing is left out, or
    where the new side holds what cannot be read.
    """
    added = [(one, found) for one in new if (found := let_in(one)) is not None]
    if not added:
        return None
    there = _union(found for _, found in added)
    if there.everybody or there.is_world or any(_EXPRESSION in name for name in there.names):
        return None
    removed = [(one, found) for one in old if (found := let_in(one)) is not None and not found.is_broad]
    before = _numbers(_union(found for _, found in removed))
    known = book is not None and _names_known(book, before)
    if not migrates and not known:
        return None
    takes_over = known or not before.common(there).is_empty
    held = before.minus(there) if takes_over else Addresses()
    uses = () if book is None else tuple(use for use in book.known if not there.covers(use.held))
    for use in uses:
        held = held.plus(use.held.minus(there))
    if held.is_empty:
        return None
    return LeftOut(held, tuple(one for one, _ in added), tuple(one for one, _ in removed), uses)


def let_in(resource: Resource) -> Addresses | None:
    """The addresses that `resource` lets in; None where it says nothing about that."""
    texts: list[Peer] = []
    told = False
    for listed in address_lists(resource):
        told = True
        if listed.allows and listed.enabled:
            texts += listed.entries
    for rule in traffic_rules(resource):
        if rule.direction == "ingress":
            told = True
            texts += rule.sources if rule.allows else ()
    return addresses(peer.text for peer in texts) if told else None


def _union(sets: Iterable[Addresses]) -> Addresses:
    whole = Addresses()
    for one in sets:
        whole = whole.plus(one)
    return whole


def _numbers(held: Addresses) -> Addresses:
    return Addresses(held.v4, held.v6)


def _names_known(book: AddressBook, held: Addresses) -> bool:
    return not held.is_empty and any(True for _ in book.known_in(held))
