"""What expressions consist of. start and end: where a part stands in the text of the whole."""

from __future__ import annotations

from typing import Final, TypeAlias

from riskcheck.records import NamedTuple


class Literal(NamedTuple):
    value: str | int | float | bool | None
    start: int
    end: int


class Template(NamedTuple):
    """Text, and expressions and directives in it."""

    parts: tuple[str | Expression, ...]
    start: int
    end: int


class Items(NamedTuple):
    items: tuple[Expression, ...]
    start: int
    end: int


class Pairs(NamedTuple):
    pairs: tuple[tuple[Expression, Expression], ...]
    start: int
    end: int


class Loop(NamedTuple):
    """``[for …]``, ``{for …}`` and ``%{ for … }``. names: of the key, if any, and of the value. key: of an object.
    body: the value, or a template."""

    names: tuple[str, ...]
    over: Expression
    key: Expression | None
    body: Expression
    condition: Expression | None
    grouped: bool
    start: int
    end: int


class Traversal(NamedTuple):
    """``base`` and the steps from it: an attribute, an index, or `SPLAT`."""

    base: Expression
    steps: tuple[str | Expression, ...]
    ends: tuple[int, ...]
    start: int
    end: int


class Variable(NamedTuple):
    name: str
    start: int
    end: int


class Call(NamedTuple):
    """expanded: the last argument is a list of arguments (``...``)."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    start: int
    end: int


class Operation(NamedTuple):
    """One side for ``!`` and the minus sign, else two."""

    operator: str
    sides: tuple[Expression, ...]
    start: int
    end: int


class Condition(NamedTuple):
    test: Expression
    then: Expression
    otherwise: Expression
    start: int
    end: int


Expression: TypeAlias = (
    Literal | Template | Items | Pairs | Loop | Traversal | Variable | Call | Operation | Condition
)

SPLAT: Final = "[*]"
"""The step behind which all others are taken of each element."""

ATTRIBUTE_SPLAT: Final = ".*"
"""The same, for attributes alone."""
