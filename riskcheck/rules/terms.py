"""What a condition mentions, read off its words, before any CEL runtime is loaded.

Only what a condition mentions is handed in, down to the members it asks for: a whole document costs more than
the evaluation. And conditions that a checked repository brings are held to bounds here, because a native call
cannot be interrupted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Wanted: TypeAlias = "dict[str, Wanted | None]"
"""Members that are asked for, nested; None where the whole value is."""

_WORDS: Final = (
    r"(?P<text>(?:[bB]?[rR]|[rR][bB])(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"[^\"\n]*\"|'[^'\n]*')"
    r"|[bB]?(?:\"\"\"(?s:(?:[^\\]|\\.)*?)\"\"\"|'''(?s:(?:[^\\]|\\.)*?)'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))"
    r"|(?P<comment>//[^\n]*)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[0-9][0-9A-Za-z_.]*)"
    r"|(?P<sign>\.\?|&&|\|\||[=!<>]=|[^\s])"
)

_MACROS: Final = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
"""Calls that go through a list or a mapping."""

_GROWING: Final = frozenset({"map", "replace", "join", "format"})
"""Calls whose result may be larger than what went in. They multiply: twenty chained ``map(x, x + x)`` make a
million out of one."""

MOST_CHARACTERS: Final = 2_000
MOST_NESTING: Final = 2
MOST_GROWING: Final = 1


class Terms(NamedTuple):
    """What a condition is made of.

    wanted: the variables it mentions. nesting: how deep calls that go through lists are nested. growing:
    calls that may multiply values. steps: operators and calls, the work of one pass.
    """

    wanted: Mapping[str, Wanted | None]
    nesting: int
    growing: int
    steps: int


def terms_of(source: str, variables: frozenset[str]) -> Terms:
    """The terms of condition `source`, of which only `variables` are looked for."""
    words = list(_words(source))
    wanted: dict[str, Wanted | None] = {}
    open_calls: list[bool] = []
    depth = nesting = growing = steps = 0
    for place, (kind, word) in enumerate(words):
        if kind == "sign":
            steps += 1
            if word == "(":
                open_calls.append(_called(words, place) in _MACROS)
                depth += open_calls[-1]
                nesting = max(nesting, depth)
            elif word == ")" and open_calls:
                depth -= open_calls.pop()
        elif kind == "name":
            is_member = place > 0 and words[place - 1][1] in (".", ".?")
            if is_member or word not in variables:
                growing += word in _GROWING and words[place + 1 : place + 2] == [("sign", "(")]
            else:
                _want(wanted, [word, *_members(words, place)])
    return Terms(wanted, nesting, growing, steps)


def excess(source: str) -> str | None:
    """Which bound a condition of a checked repository exceeds, or None."""
    if len(source) > MOST_CHARACTERS:
        return f"it is longer than {MOST_CHARACTERS} characters"
    terms = terms_of(source, frozenset())
    if terms.nesting > MOST_NESTING:
        return f"exists, all, filter and map are nested more than {MOST_NESTING} deep"
    if terms.growing > MOST_GROWING:
        return f"map, replace, join and format are called more than {MOST_GROWING} time in all"
    return None


def _words(source: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(_WORDS, source):
        if match.lastgroup and match.lastgroup != "comment":
            yield match.lastgroup, match[0]


def _called(words: list[tuple[str, str]], place: int) -> str:
    """The name of the call whose parenthesis opens at `place`."""
    kind, word = words[place - 1] if place else ("", "")
    return word if kind == "name" else ""


def _members(words: list[tuple[str, str]], place: int) -> list[str]:
    """``spec``, ``replicas`` after the ``resource`` of ``resource.spec.?replicas.orValue(1)``."""
    members: list[str] = []
    while words[place + 1 : place + 2] in ([("sign", ".")], [("sign", ".?")]):
        following = words[place + 2 : place + 4]
        if not following or following[0][0] != "name" or following[1:] == [("sign", "(")]:
            break
        members.append(following[0][1])
        place += 2
    return members


def _want(wanted: dict[str, Wanted | None], path: list[str]) -> None:
    *steps, last = path
    for step in steps:
        below = wanted.setdefault(step, {})
        if below is None:
            return
        wanted = below
    wanted[last] = None
