"""Operators of Terraform on known values.

https://developer.hashicorp.com/terraform/language/expressions/operators. Terraform reckons exactly; what
Python's own numbers would not hold exactly is not known here.
"""

from __future__ import annotations

from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Scalar
from riskcheck.platforms.terraform.values import (
    MOST,
    Failure,
    bool_in,
    is_null,
    is_symbol,
    known,
    number_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.nodes import Node

_COMPARISONS: Final[dict[str, Callable[[int | float, int | float], bool]]] = {
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
}


def binary(operator: str, left: Node, right: Node) -> bool | int | float | None:
    """What the operation comes to; None where that is not known. Raises `Failure` where Terraform refuses it."""
    if operator in ("==", "!="):
        return _equality(operator, left, right)
    if operator in ("&&", "||"):
        return _logic(operator, left, right)
    if is_symbol(left) or is_symbol(right):
        return None
    one, other = number_in(left), number_in(right)
    if one is None or other is None:
        return None
    if operator in ("<", ">", "<=", ">="):
        return _COMPARISONS[operator](one, other)
    return _reckoned(operator, one, other)


def negated(side: Node) -> bool | None:
    value = bool_in(side)
    return None if value is None else not value


def _equality(operator: str, left: Node, right: Node) -> bool | None:
    if is_symbol(left) or is_symbol(right):
        return None
    if is_null(left) or is_null(right):
        return (is_null(left) and is_null(right)) == (operator == "==")
    one, other = known(left), known(right)
    if one is None or other is None:
        return None
    if one == other and not isinstance(left, Scalar):
        return None  # of lists and tuples that look alike, Terraform says that they differ
    return (one == other) == (operator == "==")


def _logic(operator: str, left: Node, right: Node) -> bool | None:
    one, other = bool_in(left), bool_in(right)
    decisive = operator == "||"
    if decisive in (one, other):
        return decisive
    return None if one is None or other is None else not decisive


def _reckoned(operator: str, left: int | float, right: int | float) -> int | float | None:
    from fractions import Fraction

    one, other = Fraction(str(left)), Fraction(str(right))
    if operator in ("/", "%") and other == 0:
        raise Failure
    if operator == "+":
        found = one + other
    elif operator == "-":
        found = one - other
    elif operator == "*":
        found = one * other
    elif operator == "/":
        found = one / other
    else:
        # The sign is that of the left side.
        found = abs(one) % abs(other) * (-1 if one < 0 else 1)
    return exact(found)


def exact(value: object) -> int | float | None:
    """A fraction as a number, where it can be written as a decimal of few digits."""
    from fractions import Fraction

    assert isinstance(value, Fraction)
    if abs(value) >= MOST:
        return None
    if value.denominator == 1:
        return int(value)
    near = float(value)
    return near if Fraction(str(near)) == value else None
