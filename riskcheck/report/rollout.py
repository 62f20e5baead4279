"""The order in which a change can go out, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.plan.words import days as duration
from riskcheck.report.plan.words import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["duration", "split_words"]


def split_words(path: str, waves: Sequence[int]) -> str:
    """What is said of a file that reaches several waves. A name with a backtick of its own stands bare."""
    name = path if "`" in path else f"`{path}`"
    return f"{name}, which reaches waves {numbers(waves)} at once"
