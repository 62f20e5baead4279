"""How small a first exposure must be, and how small each step after it, for a canary to count as evidence."""

from __future__ import annotations

from typing import Final

FIRST_SHARE: Final = 0.20
"""Largest share of the population that the first step may expose."""
LARGEST_STEP: Final = 0.50
"""Largest share that one step may add, the last one to everyone included."""
SOAK_SECONDS: Final = 1800
"""Time before everyone has it that a split is measured by: less of it catches less."""
TOLERANCE: Final = 1e-9
