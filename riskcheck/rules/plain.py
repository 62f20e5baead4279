"""Conditions so plain that Python answers them as CEL does: ``match.weight == 2``, ``!match.small``.

Most conditions of the built-in rules are, and a run that meets no other is spared the CEL runtime, which takes a
bare start of Python to load. Only what cannot be answered otherwise is answered here: names, text without escapes,
numbers, ``true`` and ``false``, compared where both sides are of one kind, joined by ``!``, ``&&``, ``||`` and
parentheses. What is written in another way, or meets other values (a missing key, null, a number beside text), is
left to CEL.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Data: TypeAlias = "Mapping[str, object]"

_WORD: Final = regex(
    r"""\s*(?:(?P<name>[a-z_]\w*(?:\.[a-z_]\w*)*)(?![\w.([])"""
    r"""|(?P<text>"[^"\\\n]*"|'[^'\\\n]*')"""
    r"""|(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?)(?![\w.])"""
    r"""|(?P<sign>&&|\|\||[=!<>]=|[!<>()]))"""
)
_ROOTS: Final = frozenset(
    {"before", "after", "present_before", "present_after", "change", "environment", "service", "facts"}
    | {"options", "match"}
)
"""Variables that are handed over whole. Of a resource only the part that is asked for is: left to CEL."""

_COMPARED: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class UnsureError(Exception):
    """The values are such that CEL has to answer."""


class PlainCondition(NamedTuple):
    """A condition that Python can answer. wanted: the variables that it mentions, as `Variables.of_change` takes
    them. holds: its answer over their values; raises `UnsureError`."""

    wanted: dict[str, None]
    holds: Callable[[Data], bool]


@lru_cache(maxsize=4096)
def plain_condition(source: str) -> PlainCondition | None:
    """`source` where it is plain; None where it is not."""
    try:
        reader = _Reader(source)
        holds = reader.either()
    except UnsureError:
        return None
    return PlainCondition(reader.wanted, holds) if reader.kind == "end" else None


class _Reader:
    """Reads a condition from left to right. kind, word: what comes next."""

    def __init__(self, source: str) -> None:
        self._source = source.strip()
        self._place = 0
        self.wanted: dict[str, None] = {}
        self.kind = self.word = ""
        self._advance()

    def either(self) -> Callable[[Data], bool]:
        terms = [self._both()]
        while self._took("||"):
            terms.append(self._both())
        return terms[0] if len(terms) == 1 else lambda data: any(term(data) for term in terms)

    def _both(self) -> Callable[[Data], bool]:
        terms = [self._negated()]
        while self._took("&&"):
            terms.append(self._negated())
        return terms[0] if len(terms) == 1 else lambda data: all(term(data) for term in terms)

    def _negated(self) -> Callable[[Data], bool]:
        if self._took("!"):
            term = self._truth() if self.word == "(" else _is_true(self._operand())
            return lambda data: not term(data)
        return self._truth()

    def _truth(self) -> Callable[[Data], bool]:
        if self._took("("):
            inner = self.either()
            if not self._took(")"):
                raise UnsureError
            return inner
        left = self._operand()
        if self.kind == "name" and self.word == "in":
            self._advance()
            return _is_in(left, self._operand())
        if self.kind == "sign" and self.word in ("==", "!="):
            sign = self._advanced()
            return _equals(left, self._operand(), wanted=sign == "==")
        if self.kind == "sign" and self.word in _COMPARED:
            sign = self._advanced()
            return _orders(left, self._operand(), _COMPARED[sign])
        return _is_true(left)

    def _operand(self) -> Callable[[Data], object]:
        kind, word = self.kind, self._advanced()
        if kind == "text":
            return lambda _: word[1:-1]
        if kind == "number":
            return lambda _: float(word)
        if kind == "name" and word in ("true", "false"):
            return lambda _: word == "true"
        root, *steps = word.split(".")
        if kind != "name" or root not in _ROOTS:
            raise UnsureError
        self.wanted[root] = None
        return lambda data: _found(data[root], steps)

    def _took(self, sign: str) -> bool:
        taken = self.kind == "sign" and self.word == sign
        if taken:
            self._advance()
        return taken

    def _advanced(self) -> str:
        """What came next before the reader moved on."""
        word = self.word
        self._advance()
        return word

    def _advance(self) -> None:
        if self._place == len(self._source):
            self.kind, self.word = "end", ""
            return
        found = _WORD.match(self._source, self._place)
        if found is None or found.lastgroup is None:
            raise UnsureError
        self.kind, self.word, self._place = found.lastgroup, found[found.lastgroup], found.end()


def _found(value: object, steps: list[str]) -> object:
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            raise UnsureError
        value = value[step]
    return value


def _is_true(operand: Callable[[Data], object]) -> Callable[[Data], bool]:
    def answer(data: Data) -> bool:
        value = operand(data)
        if not isinstance(value, bool):
            raise UnsureError
        return value

    return answer


def _equals(
    left: Callable[[Data], object], right: Callable[[Data], object], *, wanted: bool
) -> Callable[[Data], bool]:
    def answer(data: Data) -> bool:
        one, other = left(data), right(data)
        if type(one) is not type(other) or not isinstance(one, str | float | bool):
            raise UnsureError
        return (one == other) is wanted

    return answer


def _orders(
    left: Callable[[Data], object],
    right: Callable[[Data], object],
    compared: Callable[[float, float], bool],
) -> Callable[[Data], bool]:
    def answer(data: Data) -> bool:
        one, other = left(data), right(data)
        if not (isinstance(one, float) and isinstance(other, float)):
            raise UnsureError
        return compared(one, other)

    return answer


def _is_in(left: Callable[[Data], object], right: Callable[[Data], object]) -> Callable[[Data], bool]:
    def answer(data: Data) -> bool:
        one, among = left(data), right(data)
        if not isinstance(one, str) or not isinstance(among, list):
            raise UnsureError
        return one in among

    return answer
