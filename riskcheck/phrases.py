"""Turns of speech that many messages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def listed(values: Iterable[str], most: int = 3, between: str = ", ") -> str:
    """The first `most` of `values` and how many more there are: ``a, b, c and 2 more``."""
    held = list(values)
    more = len(held) - most
    return between.join(held[:most]) + (f" and {more} more" if more > 0 else "")


def many(count: int, word: str) -> str:
    """``1 service``, ``2 services``, ``3 dependencies``."""
    if count == 1:
        return f"1 {word}"
    ends_in_ies = word.endswith("y") and not word.endswith(("ay", "ey", "oy", "uy"))
    return f"{count} {word[:-1]}ies" if ends_in_ies else f"{count} {word}s"
