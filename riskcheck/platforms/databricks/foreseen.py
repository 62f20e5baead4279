"""What the references of one target come to, each asked for by itself, before any resource is resolved.

A resource whose references all come to something without a word may be resolved later, or never: nothing that
would be said of it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Node, Scalar
from riskcheck.platforms.databricks.limits import Limits
from riskcheck.platforms.databricks.references import REFERENCE
from riskcheck.platforms.databricks.resolver import (
    MAX_INCLUDED,
    MAX_LEVELS,
    MAX_TEXT,
    WITHOUT_VALUE,
    Resolver,
)
from riskcheck.platforms.databricks.scanning import MAX_DEPTH, may_be_volume, signature
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from riskcheck.platforms.databricks.scanning import Scan, Text

_ROOM: Final = MAX_INCLUDED // 2
"""Nodes that references may bring in, by an estimate from above, where resources are put off. Beyond it their order
decides what is left out."""


class Foreseen(NamedTuple):
    """What resolving a text, or all texts of a resource, will do. quiet: it says nothing. refers: its values may
    refer to something.

    brings: nodes that it brings in, at most. values: equal for equal values, a number or several.
    """

    quiet: bool
    refers: bool
    brings: int
    values: Hashable


class _Value(NamedTuple):
    quiet: bool
    inside: bool
    """It may stand inside a text."""
    length: int
    refers: bool
    brings: int
    value: Hashable


_SILENT: Final = Foreseen(True, False, 0, ())
_LOUD: Final = Foreseen(False, False, 0, ())


class Foresight:
    """The references of one target. probe: makes a resolver of that target which tells the given `Limits`."""

    def __init__(
        self, probe: Callable[[Limits], Resolver], numbers: dict[Hashable, int], limits: Limits
    ) -> None:
        """numbers: what equal values are called, in all targets of both sides. limits: told what does not depend on
        where a reference stands."""
        self._limits = limits
        self._probe = probe
        self._numbers = numbers
        self._values: dict[str, _Value] = {}
        self._texts: dict[Text, Foreseen] = {}

    def number(self, value: Hashable) -> int:
        """The same for equal values."""
        return self._numbers.setdefault(value, len(self._numbers))

    def of(self, scan: Scan) -> Foreseen:
        """What resolving a resource will do."""
        if len(scan.texts) == 0:
            return _SILENT if scan.plain else _LOUD
        quiet, refers, brings = scan.plain, False, 0
        values = []
        for text, often in scan.texts.items():
            one = self._texts.get(text)
            if one is None:
                one = self._texts[text] = self._foreseen(text)
            quiet = quiet and one.quiet
            refers = refers or one.refers
            brings += one.brings * often
            values.append(one.values)
        return Foreseen(quiet, refers, brings, tuple(values))

    @staticmethod
    def fits(found: Iterable[Foreseen], included: int) -> bool:
        """Whether all of a target stays within its bounds. included: nodes brought in so far."""
        return included + 2 * sum(one.brings for one in found) <= _ROOM

    def _foreseen(self, text: Text) -> Foreseen:
        found = [self._value(reference) for reference in text.references]
        length = len(text.raw) + sum(one.length for one in found)
        return Foreseen(
            quiet=all(one.quiet and (text.whole or one.inside) for one in found) and length <= MAX_TEXT,
            refers=any(one.refers for one in found),
            brings=sum(one.brings for one in found),
            values=self.number(tuple(one.value for one in found)),
        )

    def _value(self, reference: str) -> _Value:
        known = self._values.get(reference)
        if known is None:
            known = self._values[reference] = self._probed(reference)
        return known

    def _probed(self, reference: str) -> _Value:
        limits = Limits("head")
        found = self._probe(limits).value_of(reference)
        quiet = True
        for said in limits.all():
            if said.kind == WITHOUT_VALUE:
                self._limits.file(said.path, said.kind, said.message, said.line)
            else:
                quiet = False
        quiet = quiet and found.measure.height < MAX_LEVELS - MAX_DEPTH
        brings = found.measure.size if found.measure.height else 0
        if found.value is None:
            return _Value(quiet, True, len(reference) + 3, reference.startswith("resources."), brings, None)
        value = self.number(signature(found.value))
        inside, length, refers = _as_part(found.value)
        return _Value(quiet, inside, length, refers, brings, value)


def _as_part(value: Node) -> tuple[bool, int, bool]:
    """Whether a value may stand inside a text, how long it is there, and whether it may refer to something."""
    if not isinstance(value, Scalar):
        return False, 0, True
    raw = value.raw
    if "$" not in raw:
        return True, 2 * len(raw) + 8, may_be_volume(raw)
    return "$" not in REFERENCE.sub("", raw), 2 * len(raw) + 8, True
