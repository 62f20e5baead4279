"""Functions of Terraform that make numbers, as `riskcheck.platforms.terraform.functions` has them."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Node, Sequence, made
from riskcheck.platforms.terraform.operators import exact
from riskcheck.platforms.terraform.values import Failure, number_in, text_of, whole_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as SequenceOf

    from riskcheck.platforms.terraform.functions import Function

Number = int | float


def _of_one(make: Callable[[Number], Number]) -> Function:
    def function(arguments: SequenceOf[Node], near: Node) -> Node | None:
        value = number_in(arguments[0]) if len(arguments) == 1 else None
        return None if value is None else made(make(value), near)

    return function


def _of_many(make: Callable[[list[Number]], Number]) -> Function:
    def function(arguments: SequenceOf[Node], near: Node) -> Node | None:
        values = [number_in(argument) for argument in arguments]
        known = [value for value in values if value is not None]
        return made(make(known), near) if known and len(known) == len(values) else None

    return function


def _sign(value: Number) -> Number:
    return (value > 0) - (value < 0)


def _sum(arguments: SequenceOf[Node], near: Node) -> Node | None:
    from fractions import Fraction

    if len(arguments) != 1 or not isinstance(arguments[0], Sequence):
        return None
    if not arguments[0].items:
        raise Failure
    values = [number_in(item) for item in arguments[0].items]
    known = [Fraction(str(value)) for value in values if value is not None]
    total = exact(sum(known, Fraction(0))) if len(known) == len(values) else None
    return None if total is None else made(total, near)


def _parseint(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2:
        return None
    text, base = text_of(arguments[0]), whole_in(arguments[1])
    if text is None or base is None or not 2 <= base <= 36 or len(text) > 15:
        return None
    if not text.isascii() or not text.removeprefix("-").isalnum():
        raise Failure
    try:
        return made(int(text, base), near)
    except ValueError:
        raise Failure from None


NUMBER_FUNCTIONS: Final[dict[str, Function]] = {
    "abs": _of_one(abs),
    "ceil": _of_one(ceil),
    "floor": _of_one(floor),
    "max": _of_many(max),
    "min": _of_many(min),
    "parseint": _parseint,
    "signum": _of_one(_sign),
    "sum": _sum,
}
