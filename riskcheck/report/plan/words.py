"""Words that the parts of a plan share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck import phrases
from riskcheck.report.rows import Row as Row

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LISTED = 6


def listed(values: Sequence[str], most: int = MOST_LISTED) -> str:
    """The first few, and how many more there are."""
    return phrases.listed(values, most)


def numbers(values: Sequence[int]) -> str:
    """``2``, ``2 and 3``, ``1, 2 and 4``, ``3 to 9``."""
    if len(values) > 2 and list(values) == list(range(values[0], values[0] + len(values))):
        return f"{values[0]} to {values[-1]}"
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def days(seconds: int) -> str:
    """``45m``, ``24h``, ``2d 1h``: exact to the minute, since a plan adds soaks up."""
    parts = []
    units = (("d", 86_400), ("h", 3_600), ("m", 60)) if seconds >= 2 * 86_400 else (("h", 3_600), ("m", 60))
    for unit, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"
