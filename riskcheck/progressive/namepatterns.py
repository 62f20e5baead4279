"""Name patterns, evaluated without trusting them: those of Kargo's selectors (exact, ``glob:``, ``regex:``), and
expressions that Go looks for in a name."""

from __future__ import annotations

import re
from typing import Final

from riskcheck.globs import Glob, GlobError

_HARMLESS: Final = r"[\w\-.|()^$*+?]{1,200}"
_MOST_REPEATS: Final = 3
"""A name has at most 253 characters: so few repetitions cannot take long."""


def name_matches(pattern: str, name: str) -> bool:
    """Whether `name` is meant. What cannot be evaluated in bounded time matches nothing."""
    kind, colon, rest = pattern.partition(":")
    if not colon:
        return pattern == name
    if kind == "glob":
        try:
            return Glob(rest).matches(name)
        except GlobError:
            return False
    return kind in ("regex", "regexp") and is_found(rest, name)


def is_found(pattern: str, name: str) -> bool:
    """Whether Go's ``MatchString`` finds `pattern` anywhere in `name`. What cannot be evaluated in bounded time,
    and what is no expression, is found nowhere."""
    if not re.fullmatch(_HARMLESS, pattern) or re.search(r"\)[*+?]|[*+?]{2}", pattern):
        return False
    if sum(pattern.count(sign) for sign in "*+?") > _MOST_REPEATS:
        return False
    try:
        return re.search(pattern, name[:253]) is not None
    except re.error:
        return False
