"""Which rules concern which change: structurally, before any condition is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.keypaths import NaturalKeys, natural_key_of_items
from riskcheck.nodes import MISSING, KeyPath, Mapping, Node, Scalar, Sequence, escape_key
from riskcheck.records import NamedTuple, replace
from riskcheck.redact import redact_value
from riskcheck.rules.listed import RuleList, of_subject
from riskcheck.rules.selector import PathIndex, Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, ChangeKind, Resource, Rule
    from riskcheck.rules.context import ResourceKeys

MOST_DEPTH: Final = 200
"""Levels of an added or removed block that paths lead into; documents are capped below it."""


class Selected(NamedTuple):
    """A rule and the change as that rule is shown it. within: see `CheckContext.within`."""

    rule: Rule
    change: Change
    within: KeyPath | None = None


def select(
    changes: Iterable[Change], rules: Iterable[Rule], natural_keys: ResourceKeys
) -> tuple[Selected, ...]:
    """The rules of subject ``change`` that concern each of `changes`, in their order."""
    index = RuleIndex(rules, natural_keys)
    return tuple(selected for change in changes for selected in index.select(change))


class RuleIndex:
    """Finds the rules that concern a change: by platform and kind, then by path in one walk for all of them.

    A rule whose path leads into an added or removed block is shown the value there, as added or removed
    itself. A whole resource that came or went is not looked into: that is one fact, not one a field.
    """

    def __init__(self, rules: Iterable[Rule], natural_keys: ResourceKeys) -> None:
        self._rules = rules if isinstance(rules, RuleList) else of_subject(rules, "change")
        self._natural_keys = natural_keys
        self._by_kind: dict[tuple[str, str], _Concerned] = {}

    def select(self, change: Change) -> Iterator[Selected]:
        """All rules that concern `change`, in the order in which they were given."""
        resource = change.resource
        key = (resource.platform, resource.kind)
        concerned = self._by_kind.get(key)
        if concerned is None:
            concerned = self._by_kind[key] = _Concerned(self._concerning(*key))
        if not concerned.rules:
            return
        reached = concerned.at(change.path, change.kind)
        if reached.places is None:
            yield from (Selected(concerned.rules[number], change) for number in reached.numbers)
            return
        found = [(number, Selected(concerned.rules[number], change)) for number in reached.numbers]
        found += self._inside(change, resource, concerned, reached.places, reached.here)
        found.sort(key=lambda pair: pair[0])
        for _, selected in found:
            yield selected

    def _concerning(self, platform: str, kind: str) -> list[Rule]:
        if isinstance(self._rules, RuleList):
            return self._rules.concerning(platform, kind)
        return [rule for rule in self._rules if _concerns(rule, platform, kind)]

    def _inside(
        self, change: Change, resource: Resource, concerned: _Concerned, places: Places[int], here: set[int]
    ) -> Iterator[tuple[int, Selected]]:
        natural_keys = self._natural_keys(resource)
        sides: tuple[tuple[Node | None, ChangeKind], ...] = (
            (change.node_before, "removed"),
            (change.node_after, "added"),
        )
        for root, kind in sides:
            if root is None or isinstance(root, Scalar):
                continue
            for number, path, node in _descend(root, change.path, places, here, resource, natural_keys):
                rule = concerned.rules[number]
                if _kind_fits(rule, kind):
                    yield number, Selected(rule, _deeper(change, path, kind, node, resource), change.path)


class _Reached(NamedTuple):
    """What a path leads to. numbers: of the rules that concern a change there. places: None where none leads on."""

    numbers: tuple[int, ...]
    here: set[int]
    places: Places[int] | None


class _Concerned:
    """The rules for one kind of resource."""

    __slots__ = ("_known", "paths", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.paths: PathIndex[int] = PathIndex()
        self._known: dict[tuple[KeyPath, ChangeKind], _Reached] = {}
        for number, rule in enumerate(self.rules):
            for pattern in rule.match.paths or ():
                self.paths.add(pattern, number)

    def at(self, path: KeyPath, kind: ChangeKind) -> _Reached:
        """What a change of that kind at `path` concerns: the same field changes in many resources."""
        known = self._known.get((path, kind))
        if known is None:
            known = self._known[(path, kind)] = self._at(path, kind)
        return known

    def _at(self, path: KeyPath, kind: ChangeKind) -> _Reached:
        places = self.paths.walk(path) if path else None
        here = set(self.paths.at_top() if places is None else places.ends())
        numbers = tuple(
            number
            for number, rule in enumerate(self.rules)
            if (rule.match.paths is None or number in here) and _kind_fits(rule, kind)
        )
        return _Reached(numbers, here, places if places is not None and places.leads_on() else None)


def _concerns(rule: Rule, platform: str, kind: str) -> bool:
    match = rule.match
    return (not match.platforms or platform in match.platforms) and (not match.kinds or kind in match.kinds)


def _kind_fits(rule: Rule, kind: ChangeKind) -> bool:
    return not rule.match.changes or kind in rule.match.changes


def _descend(
    root: Node,
    path: KeyPath,
    places: Places[int],
    above: set[int],
    resource: Resource,
    natural_keys: NaturalKeys,
) -> Iterator[tuple[int, KeyPath, Node]]:
    """What paths lead to below `root`, rule number first. A rule gets the outermost place on each branch."""
    pending = [(root, path, places, above)]
    while pending:
        node, path, places, above = pending.pop()
        below: list[tuple[Node, KeyPath, Places[int], set[int]]] = []
        for segment, child in _children(node, path, resource, natural_keys):
            there = places.step(segment)
            ends = [number for number in there.ends() if number not in above]
            for number in ends:
                yield number, (*path, segment), child
            if there.leads_on() and not isinstance(child, Scalar) and len(path) < MOST_DEPTH:
                below.append((child, (*path, segment), there, above.union(ends) if ends else above))
        pending.extend(reversed(below))


def _children(
    node: Node, path: KeyPath, resource: Resource, natural_keys: NaturalKeys
) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        for key, child in node.entries:
            yield escape_key(key.raw), child
    elif isinstance(node, Sequence):
        field = next((step for step in reversed(path) if not step.startswith("[")), "")
        names = natural_key_of_items(node.items, natural_keys(field), resource.reading)
        for number, item in enumerate(node.items):
            yield f"[{names[number] if names else number}]", item


def _deeper(change: Change, path: KeyPath, kind: ChangeKind, node: Node, resource: Resource) -> Change:
    """`change` as it looks from inside the block that it added or removed."""
    value = redact_value(path, resource.kind, plain_value(node, resource.reading), node)
    if kind == "added":
        return replace(
            change, path=path, kind=kind, before=MISSING, after=value, node_before=None, node_after=node
        )
    return replace(
        change, path=path, kind=kind, before=value, after=MISSING, node_before=node, node_after=None
    )
