"""Rules about pairs, told as people would: files and keys that all follow each other are one set, what follows one
of a set follows it by way of the set, and what one file is followed by stands together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.history.cochange_model import Item, Together


class Grouped(NamedTuple):
    """Rules that are told as one. members: a set, all of which follow each other; else `rule` and the others of its
    kind with all of `partners`. rule: the least sure of them. keys: edits that set it in motion, () for any."""

    members: tuple[Item, ...]
    partners: tuple[Item, ...]
    keys: tuple[Item, ...]
    rule: Together


def grouped(rules: Sequence[Together]) -> tuple[Grouped, ...]:
    """All of `rules`, in no particular order."""
    pairs = {(one.when[0], one.partner): one for one in rules if _is_mutual_kind(one)}
    sets = _sets(pairs)
    found = [
        Grouped(members, (), (), _least(pairs[(a, b)] for a in members for b in members if a != b))
        for members in dict.fromkeys(sets.values())
    ]
    return (*found, *_arrows(rules, sets))


def _is_mutual_kind(one: Together) -> bool:
    """Whether a rule may be half of a set: of two files, or of two keys of one file."""
    first = one.when[0]
    return (
        one.kind == "together"
        and len(one.when) == 1
        and not one.keys
        and bool(first.key) == bool(one.partner.key)
    )


def _sets(pairs: Mapping[tuple[Item, Item], Together]) -> dict[Item, tuple[Item, ...]]:
    """Each item that is in a set to the set: all of it follows all of it."""
    mutual: dict[Item, list[Item]] = {}
    for first, second in sorted(pairs):
        if (second, first) in pairs:
            mutual.setdefault(first, []).append(second)
    found: dict[Item, tuple[Item, ...]] = {}
    for first in sorted(mutual):
        if first in found:
            continue
        members = [first]
        for other in mutual[first]:
            if other not in found and all(other in mutual[one] for one in members):
                members.append(other)
        if len(members) > 1:
            found.update(dict.fromkeys(members, tuple(members)))
    return found


def _arrows(rules: Iterable[Together], sets: Mapping[Item, tuple[Item, ...]]) -> list[Grouped]:
    """What is no part of a set: one rule from a set or to one, and one for all partners of the same edit."""
    between: dict[tuple[object, ...], list[Together]] = {}
    for one in rules:
        first = one.when[0]
        if _is_mutual_kind(one) and first in sets and sets[first] == sets.get(one.partner):
            continue
        source = tuple(sets.get(each, (each,)) for each in one.when)
        target = sets.get(one.partner, (one.partner,))
        between.setdefault((one.kind, source, one.keys, target), []).append(one)
    same_partner: dict[tuple[object, ...], list[Together]] = {}
    for several in between.values():
        best = max(several, key=lambda one: (one.bound, one.when))
        files = tuple(each.path for each in best.when)
        alike = [one for one in several if one.partner == best.partner] if best.when[0].key else [best]
        by_key = bool(best.when[0].key or best.keys)
        same_partner.setdefault((best.kind, files, by_key, best.partner), []).extend(alike)
    same_edit: dict[tuple[object, ...], list[Grouped]] = {}
    for alike in same_partner.values():
        rule = _least(alike)
        keys = tuple(sorted({key for one in alike for key in (*one.keys, *one.when) if key.key}))
        files = tuple(each.path for each in rule.when)
        arrow = Grouped((), (rule.partner,), keys, rule)
        asked = rule.partner.key, rule.partner.operation
        same_edit.setdefault((rule.kind, files, keys, asked), []).append(arrow)
    return [
        each[0]._replace(
            partners=tuple(sorted(partner for one in each for partner in one.partners)),
            rule=_least(one.rule for one in each),
        )
        for each in same_edit.values()
    ]


def _least(rules: Iterable[Together]) -> Together:
    """The least sure of `rules`."""
    return min(rules, key=lambda one: (one.bound, one.days, one.when, one.partner))
