"""Resources of base and head, paired and compared per environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from riskcheck.changes.keyed import Comparer, Difference
from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, ChangeKind, Resource
from riskcheck.nodes import MISSING, KeyPath, MaybeValue, Node, Reading
from riskcheck.redact import redact_value

ResourceKeys = Callable[[Resource], Callable[[str], Sequence[str]]]
"""A resource to its platform's `natural_keys`, by field."""


def compare(
    base: Iterable[Resource], head: Iterable[Resource], natural_keys: ResourceKeys
) -> tuple[Change, ...]:
    """All changes, sorted by resource key. Of one resource what has another value comes first, then what is new,
    then what is gone, each from the outside in, then by path.

    A resource that only moved to another file or unit is compared with itself. One that keeps its identity but
    not its address (another namespace) is one change of kind ``moved``, followed by its differences.
    """
    comparers: dict[tuple[str, str, Reading], Comparer] = {}
    changes: list[Change] = []
    for before, after in pairs(base, head):
        changes.extend(_of_pair(before, after, comparers, natural_keys))
    return tuple(changes)


def pairs(
    base: Iterable[Resource], head: Iterable[Resource]
) -> Iterator[tuple[Resource | None, Resource | None]]:
    """Every resource with its counterpart, sorted by key. First by unit, address and environment; then, among
    what is left, by address and environment alone (moved between units); then by identity (moved namespace)."""
    old = {resource.key: resource for resource in base}
    new = {resource.key: resource for resource in head}
    common = sorted(old.keys() & new.keys())
    paired: list[tuple[_Key, Resource | None, Resource | None]] = [
        (key, old.pop(key), new.pop(key)) for key in common
    ]
    if old and new:
        for name in (_address_name, _identity_name):
            again = _unique(old.values(), name)
            there = _unique(new.values(), name)
            for both in sorted(again.keys() & there.keys()):
                key = there[both].key
                paired.append((key, old.pop(again[both].key), new.pop(key)))
    paired.extend((key, resource, None) for key, resource in old.items())
    paired.extend((key, None, resource) for key, resource in new.items())
    paired.sort(key=_key_of)
    for _, before, after in paired:
        yield before, after


_Key: TypeAlias = tuple[str, str, str]


def _key_of(pair: tuple[_Key, Resource | None, Resource | None]) -> _Key:
    return pair[0]


def _address_name(resource: Resource) -> tuple[str, ...]:
    return (resource.address, resource.environment.name)


def _identity_name(resource: Resource) -> tuple[str, ...]:
    return (resource.unit, resource.platform, resource.kind, resource.identity, resource.environment.name)


def _unique(
    resources: Iterable[Resource], name: Callable[[Resource], tuple[str, ...]]
) -> dict[tuple[str, ...], Resource]:
    known = [resource for resource in resources if name is _address_name or resource.identity]
    counts = Counter(name(resource) for resource in known)
    return {name(resource): resource for resource in known if counts[name(resource)] == 1}


def _of_pair(
    before: Resource | None,
    after: Resource | None,
    comparers: dict[tuple[str, str, Reading], Comparer],
    natural_keys: ResourceKeys,
) -> Iterator[Change]:
    if before is None or after is None:
        yield _change(before, after, (), before.body if before else None, after.body if after else None)
        return
    if before.address != after.address:
        yield _moved(before, after)
    if before.body is after.body:
        return
    key = (after.platform, after.kind, after.reading)
    comparer = comparers.get(key)
    if comparer is None:
        comparer = comparers[key] = Comparer(after.reading, natural_keys(after))
    # In an order that the writing does not decide: rules that speak once do so at the first change.
    for path, old, new in sorted(comparer.differences(before.body, after.body), key=_by_weight):
        yield _change(before, after, path, old, new)


def _by_weight(difference: Difference) -> tuple[bool, bool, int, KeyPath]:
    """Two values say more than one, and a field of the whole more than one of a part."""
    path, old, new = difference
    return new is None, old is None, len(path), path


def _change(
    before: Resource | None,
    after: Resource | None,
    path: KeyPath,
    old: Node | None,
    new: Node | None,
) -> Change:
    resource = after or before
    assert resource is not None
    kind: ChangeKind = "added" if old is None else "removed" if new is None else "modified"
    values = (_value(old, resource, path), _value(new, resource, path))
    return Change(resource.environment, path, kind, *values, before, after, old, new)


def _moved(before: Resource, after: Resource) -> Change:
    """The same thing under another address; the values are the addresses."""
    return Change(
        after.environment,
        (),
        "moved",
        before.address,
        after.address,
        before,
        after,
        before.origin,
        after.origin,
    )


def _value(node: Node | None, resource: Resource, path: KeyPath) -> MaybeValue:
    if node is None:
        return MISSING
    return redact_value(path, resource.kind, plain_value(node, resource.reading), node)
