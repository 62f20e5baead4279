"""Resources of which nobody knows whether they exist: they neither come nor go by an edit of what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from riskcheck.models import Resource
    from riskcheck.nodes import Node

_KEY: Final = regex(r'\[(?:"[^"]*+"|[^]["]*+)\]')

_Block = tuple[str, str, str]
"""Unit, environment and address without the keys of instances, as `Resolution.empty` has it."""


def settled(
    found: Mapping[str, Sequence[Resource]], empty: Mapping[str, Collection[_Block]]
) -> tuple[dict[str, list[Resource]], tuple[Limitation, ...]]:
    """The resources of both sides, with those that may just as well be on the other side put there, and what is not
    known of them. found, empty: by side.

    A block that is gone takes with it what it may have made: that stays a removal. One that is new is judged as if
    it made something.
    """
    base, head = _Side(found["base"], empty["base"]), _Side(found["head"], empty["head"])
    limitations: dict[Limitation, None] = {}
    kept: dict[str, list[Resource]] = {"base": list(found["base"]), "head": list(found["head"])}
    for gone in _alone(found["base"], head):
        expression = head.undecided(gone) or (gone.undecided if head.declares(gone) else None)
        if expression is not None:
            kept["head"].append(gone)
            limitations.setdefault(_limitation(expression))
    for new in _alone(found["head"], base):
        if new.undecided is not None and base.is_empty(new):
            kept["base"].append(new)
            limitations.setdefault(_limitation(new.undecided))
    return kept, tuple(limitations)


class _Side:
    """The blocks of one side."""

    def __init__(self, resources: Sequence[Resource], empty: Collection[_Block]) -> None:
        self._empty = empty
        self.keys = {one.key for one in resources}
        self.identities = {(one.unit, one.environment.name, one.identity) for one in resources}
        self._made: dict[_Block, Node | None] = {}
        for one in resources:
            block = _block(one)
            self._made[block] = self._made.get(block) or one.undecided

    def undecided(self, resource: Resource) -> Node | None:
        """What decides, and does not tell, how many there are of the block of `resource`."""
        return self._made.get(_block(resource))

    def declares(self, resource: Resource) -> bool:
        """Whether the block of `resource` is there, whatever it makes."""
        return _block(resource) in self._made or self.is_empty(resource)

    def is_empty(self, resource: Resource) -> bool:
        """Whether the block of `resource`, or one around it, is there and makes nothing."""
        unit, environment, address = _block(resource)
        if (unit, environment, address) in self._empty:
            return True
        name = address.partition(".")[2]
        ends = [number for number, letter in enumerate(name) if letter == "."]
        return any((unit, environment, name[: end + 1]) in self._empty for end in ends)


def _alone(resources: Sequence[Resource], other: _Side) -> Iterator[Resource]:
    """Those without a counterpart."""
    for one in resources:
        identity = (one.unit, one.environment.name, one.identity)
        if one.key not in other.keys and not (one.identity and identity in other.identities):
            yield one


def _block(resource: Resource) -> _Block:
    address = f"{resource.kind}.{_KEY.sub('', resource.name)}"
    return (resource.unit, resource.environment.name, address)


def _limitation(expression: Node) -> Limitation:
    source = expression.source
    message = "how many instances this makes is not known, nor whether the change adds or removes any"
    return Limitation(source.path, "unknown-instances", message, expression.file_line, source.side)
