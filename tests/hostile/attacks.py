"""Texts that could lead a regular expression astray, and what they cost it.

Python's engine backtracks. From the syntax tree of each pattern, texts are made of what comes before a repetition,
then thousands of what it repeats, then something that does not fit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LETTERS = "a1 \n\t\"'_-./:=,;{}[]()$%#@*+<>|&\\A"
SHORT, LONG = 1_000, 8_000
SLOW = 0.01
"""Seconds of processor time above which the growth is looked at."""

REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def fitting(items: Any) -> list[str]:
    negated = any(code is codes.NEGATE for code, _ in items)
    return [one for one in LETTERS if any(fits(one, *item) for item in items) is not negated]


def fits(letter: str, code: Any, value: Any) -> bool:
    if code is codes.LITERAL:
        return bool(ord(letter) == value)
    if code is codes.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    if code is codes.CATEGORY:
        kind = str(value)
        word = letter.isalnum() or letter == "_"
        held = letter.isdigit() if "DIGIT" in kind else letter.isspace() if "SPACE" in kind else word
        return held is not ("NOT" in kind)
    return False


def example(parts: Any, wild: str = "") -> str:
    """A short text that the parts of a pattern take, with `wild` wherever it may stand."""
    made = ""
    for code, value in parts:
        if code is codes.LITERAL:
            made += chr(value)
        elif code in (codes.NOT_LITERAL, codes.ANY):
            free = wild if wild and value != ord(wild) else ""
            made += free or ("a" if value != ord("a") else "b")
        elif code is codes.IN:
            takes = fitting(value)
            made += wild if wild in takes else next(iter(takes), "")
        elif code is codes.BRANCH:
            made += example(value[1][0], wild)
        elif code is codes.SUBPATTERN:
            made += example(value[3], wild)
        elif code is codes.ATOMIC_GROUP:
            made += example(value, wild)
        elif code in REPEATS:
            made += example(value[2], wild) * min(value[0], 50)
    return made


def attacks(parts: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What leads to a repetition, and what it repeats."""
    for code, value in parts:
        inner = [value[3]] if code is codes.SUBPATTERN else [value] if code is codes.ATOMIC_GROUP else []
        inner += value[1] if code is codes.BRANCH else [value[2]] if code in REPEATS else []
        if code in REPEATS and (value[1] is codes.MAXREPEAT or value[1] > 100):
            body = list(value[2])
            ways = body[0][1][1] if len(body) == 1 and body[0][0] is codes.BRANCH else [body]
            repeated = {example(way, wild) for way in ways for wild in ("", before[-1:], before[:1])}
            if len(body) == 1 and body[0][0] is codes.IN:
                repeated |= set(fitting(body[0][1])[:12])
            elif len(body) == 1 and body[0][0] in (codes.ANY, codes.NOT_LITERAL):
                repeated |= {"a", " ", '"'}
            yield from ((before, one) for one in sorted(repeated) if one)
        for one in inner:
            yield from attacks(one, before)
        before += example([(code, value)])


def seconds(pattern: re.Pattern[Any], method: str, text: str) -> float:
    given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    begin = time.process_time()
    if method == "sub":
        pattern.sub(given[:0], given)
    elif method == "finditer":
        for _ in pattern.finditer(given):
            pass
    else:
        getattr(pattern, method)(given)
    return time.process_time() - begin


def grows(pattern: re.Pattern[Any], method: str, small: str, large: str) -> bool:
    """Whether the time grows with more than the length of the text."""
    before, after = (min(seconds(pattern, method, text) for _ in range(3)) for text in (small, large))
    return after > SLOW and after > 20 * before


def runaway(pattern: re.Pattern[Any], method: str) -> str | None:
    """A text with which the time of a pattern grows with the square, or worse; None where none was found."""
    raw = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    for before, unit in dict.fromkeys(attacks(list(parser.parse(raw, flags)))):
        for lead, part in ((before, unit), ("", before + unit)):
            for end in ("", "\x00", "!\n"):
                small, large = (lead + part * max(1, size // len(part)) + end for size in (SHORT, LONG))
                # Short texts first: what grows with more than the square is not tried on long ones.
                few = 0.0
                for size in (16, 20, 24, 28, 200):
                    few = max(few, seconds(pattern, method, lead + part * max(1, size // len(part)) + end))
                    if few > SLOW:
                        break
                if few > SLOW or (
                    seconds(pattern, method, large if few < SLOW / 20 else small) > SLOW
                    and grows(pattern, method, small, large)
                ):
                    return repr(lead[:40] + part[:40] + "…" + end)
    return None
