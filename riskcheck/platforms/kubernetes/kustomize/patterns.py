"""Regular expressions and label selectors that repositories write, matched in bounded time.

kustomize uses Go's engine, which is linear in its input; Python's is not. So only patterns are taken that cannot
run away: no repeated group, two unbounded repetitions, and few optional parts and alternatives.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

_REPEATED_GROUP = regex(r"\)[*+{]")
_UNBOUNDED = regex(r"(?<!\\)[*+]|\{[0-9]*,[0-9]*\}")
_BEYOND_GO = regex(r"\\[1-9AZ]|\(\?[^:i]")
LONGEST_NAME = 1_000
_PLAIN = regex(r"[A-Za-z0-9_/:@-]*\Z")
_REQUIREMENT = regex(
    r"\s*+(?:(?P<absent>!)\s*+(?P<gone>[\w./-]++)"
    r"|(?P<key>[\w./-]++)(?:\s*+(?P<op>==?|!=)\s*+(?P<value>[\w.-]*+)"
    r"|\s++(?P<set>in|notin)\s*+\((?P<values>[\w\s.,-]*+)\))?+)\s*+(?:,|\Z)"
)


class UnsupportedPatternError(ValueError):
    """A pattern that could take exponential time, or that Go would not take."""


@lru_cache(maxsize=1024)
def pattern(written: str) -> re.Pattern[str]:
    """`written`, to be used with ``fullmatch``. Raises `UnsupportedPatternError`."""
    if not _PLAIN.match(written) and not _is_bounded(written):
        raise UnsupportedPatternError(f"the pattern {written!r} is not evaluated")
    try:
        return re.compile(written)
    except re.error as error:
        raise UnsupportedPatternError(f"{written!r} is no pattern: {error}") from None


def matches(expression: re.Pattern[str], name: str) -> bool:
    """Whether `expression` matches `name` as a whole. No name or image is as long as those that are not tried."""
    return len(name) <= LONGEST_NAME and expression.fullmatch(name) is not None


def is_literal(written: str) -> bool:
    """A pattern that matches nothing but itself."""
    return _PLAIN.match(written) is not None


def is_word(written: str) -> bool:
    """A name, not a pattern of names."""
    return bool(written) and re.fullmatch(r"[A-Za-z0-9_.:-]+", written) is not None


def _is_bounded(written: str) -> bool:
    groups, choices = written.count("("), written.count("|")
    return (
        len(written) <= 500
        and not _REPEATED_GROUP.search(written)
        and not _BEYOND_GO.search(written)
        and len(_UNBOUNDED.findall(written)) <= 2
        and written.count("?") <= 8
        and (not groups or (groups <= 4 and choices <= 40))
    )


@lru_cache(maxsize=1024)
def _requirements(selector: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    found: list[tuple[str, str, frozenset[str]]] = []
    position = 0
    while position < len(selector):
        match = _REQUIREMENT.match(selector, position)
        if match is None or match.end() == position:
            raise UnsupportedPatternError(f"the selector {selector!r} is not understood")
        position = match.end()
        if match["absent"]:
            found.append((match["gone"], "absent", frozenset()))
        elif match["set"]:
            values = frozenset(value.strip() for value in match["values"].split(","))
            found.append((match["key"], match["set"], values))
        elif match["op"]:
            found.append(
                (match["key"], "notin" if match["op"] == "!=" else "in", frozenset({match["value"]}))
            )
        else:
            found.append((match["key"], "present", frozenset()))
    return tuple(found)


def selects(selector: str, labels: Mapping[str, str]) -> bool:
    """A label selector, as in https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/.

    Raises `UnsupportedPatternError` where `selector` is none.
    """
    for key, operator, values in _requirements(selector.strip()):
        present = key in labels
        if operator in ("present", "absent"):
            holds = present is (operator == "present")
        elif operator == "in":
            holds = present and labels[key] in values
        else:
            holds = not present or labels[key] not in values
        if not holds:
            return False
    return True
