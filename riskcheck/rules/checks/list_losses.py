"""Lists of addresses that let less in than before, or keep out who was let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related
from riskcheck.network.addresses import Addresses, addresses
from riskcheck.network.reading import blocks, is_false
from riskcheck.rules.checks.lost_addresses import named, told, uses_of
from riskcheck.rules.checks.traffic_groups import lists_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.network.known import Use
    from riskcheck.network.model import AddressList
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.checks.traffic_groups import Gathered
    from riskcheck.rules.context import CheckContext

_RESET: Final = frozenset({"azurerm_storage_account_network_rules"})
"""Kinds that let everybody in once they are gone."""


def lists_lost(change: Change, base: Gathered, head: Gathered, context: CheckContext) -> Iterator[Match]:
    """What of the lists of the changed resource is let in by none any more."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        for held in lists_of(after, head):
            yield from _kept_out(held, Addresses(), context)
        return
    if after is None and before.kind in _RESET:
        return
    for held in lists_of(before, base):
        now = _same_list(held, after, head)
        if not head.has(held.group) or not held.is_settled:
            continue
        if held.allows is False:
            if now is not None:
                yield from _kept_out(now, _of([held]), context)
        elif now is not None and now.allows is False and now.enabled:
            yield from _turned(held, now, context)
        elif not held.enabled:
            if now is not None and now.enabled and now.is_settled and now.allows:
                yield from _closed(now, head, context)
        else:
            yield from _removed(held, now, head, context)


def _same_list(held: AddressList, after: Resource | None, head: Gathered) -> AddressList | None:
    found = lists_of(after, head)
    return next((one for one in found if one.purpose == held.purpose), found[0] if len(found) == 1 else None)


def _of(lists: Iterable[AddressList]) -> Addresses:
    return addresses(one.text for held in lists for one in held.entries)


def _removed(
    held: AddressList, now: AddressList | None, head: Gathered, context: CheckContext
) -> Iterator[Match]:
    """Entries that went. Where a list lets everybody in, nobody is lost."""
    left = [one for one in head.lists.get(held.group, []) if one.allows is not False]
    # A switched-off list of a workspace takes its entries along; of anything else it lets everybody in.
    counting = [one for one in left if one.enabled]
    if (now is not None and not now.enabled and len(counting) == 0) or any(
        not one.is_settled for one in left
    ):
        return
    if now is None and not left and held.resource.kind == "databricks_ip_access_list":
        return
    gained = _of(counting).minus(_of([held]))
    if any("${" in name for name in gained.names):
        return
    missing = _of([held]).minus(_of(counting))
    if not gained.is_empty:
        missing = missing._replace(names=frozenset(one for one in missing.names if "${" not in one))
    missing = missing._replace(names=frozenset(one for one in missing.names if head.has(one)))
    if missing.is_empty:
        return
    uses = uses_of(missing, context)
    if not uses and now is not None and _is_shut(now.resource) and not _is_shut(held.resource):
        return  # NET-007 tells that public access was closed
    emptied = not any(one.entries for one in counting)
    weight = 2 if uses or emptied else 1
    if not uses and (missing.is_broad or gained.names):
        weight = 0
    what = f"{told(missing)} no longer let in by {held.purpose}"
    if emptied:
        what += ", which lets nobody in now"
    yield _match(what, weight, _node(held, missing), uses)


def _is_shut(resource: Resource) -> bool:
    body = resource.body
    return is_false(body, "public_network_access_enabled") or any(
        is_false(block, "endpoint_public_access") for block in blocks(body, "vpc_config")
    )


def _turned(held: AddressList, now: AddressList, context: CheckContext) -> Iterator[Match]:
    missing = _of([held])
    if not missing.is_empty:
        what = f"{told(missing)} kept out by {now.purpose}, which let them in before"
        yield _match(what, 2, now.node, uses_of(missing, context))


def _closed(now: AddressList, head: Gathered, context: CheckContext) -> Iterator[Match]:
    """Everybody was let in, and now only who is listed."""
    listed = _of(one for one in head.lists.get(now.group, []) if one.enabled and one.allows)
    if any("${" in name for name in listed.names):
        listed = listed._replace(names=frozenset())
    if listed.is_world:
        return
    book = context.address_book
    uses = [] if book is None else [use for use in book.known if not listed.covers(use.held)][:5]
    if not uses and (now.resource.kind.startswith("azurerm_") or _is_shut(now.resource)):
        return  # NET-007 tells that the default changed, or that the public endpoint was closed
    weight = 2 if uses else 0 if now.entries else 1
    who = "who is not listed" if now.entries else "everybody"
    yield _match(f"{who} is kept out of {now.purpose} now; all were let in before", weight, now.node, uses)


def _kept_out(now: AddressList, before: Addresses, context: CheckContext) -> Iterator[Match]:
    """A list of those kept out that got addresses which are known to be in use."""
    book = context.address_book
    if now.allows is not False or not now.enabled or book is None:
        return
    uses = list(book.known_in(_of([now]).minus(before)))[:5]
    if uses:
        yield _match(f"{uses[0].text} is kept out by {now.purpose}", 2, now.node, uses)


def _node(held: AddressList, missing: Addresses) -> Node:
    for one in held.entries:
        if missing.meets(addresses([one.text])):
            return one.node
    return held.node


def _match(what: str, weight: int, node: Node, uses: Iterable[Use] = ()) -> Match:
    found = list(uses)
    values: dict[str, Value] = {"what": what + named(found), "weight": weight}
    return Match(
        values=values, node=node, related=tuple(Related("also names it", one.location) for one in found)
    )
