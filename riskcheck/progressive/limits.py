"""How small a first exposure must be, and how small each step after it, for a canary to count as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.nodes import Value

RULES: Final = ("CAN-007", "canary-step-too-large")
"""The rule whose options are the limits, by both of its names: `max_first` and `max_jump`, in per cent."""
TOLERANCE: Final = 1e-9


class Limits(NamedTuple):
    """Shares of the population, 0..1.

    first: the most that the first step may expose. step: the most that one step may add, the last one to everyone
    included.
    """

    first: float = 0.20
    step: float = 0.50


USUAL: Final = Limits()


def limits(options: Mapping[str, Mapping[str, Value]]) -> Limits:
    """The limits, as the policy's rule `options` override them."""
    stated = {name: value for rule in RULES for name, value in options.get(rule, {}).items()}
    return Limits(
        _share(stated.get("max_first"), USUAL.first),
        _share(stated.get("max_jump"), USUAL.step),
    )


def _share(stated: Value, usual: float) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return usual
    return min(max(stated / 100, 0.0), 1.0)
