"""Values as the type of their variable has them: defaults of optional attributes, numbers written as text.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints. What cannot be converted, or
is of a type that is not understood, stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION, Expression
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform import expression_nodes as syntax
from riskcheck.platforms.terraform.evaluate import parsed_of
from riskcheck.platforms.terraform.expressions import expression
from riskcheck.platforms.terraform.values import (
    Set,
    as_text,
    bool_in,
    has_open_keys,
    is_null,
    is_symbol,
    listed,
    number_in,
    plain,
    replaced,
    set_of,
)

if TYPE_CHECKING:
    from riskcheck.platforms.terraform.expressions import Parsed

_QUOTED: Final = frozenset({"string", "number", "bool"})


def converted(value: Node, declared: Node) -> Node:
    """`value` as the type that `declared` says, as far as both are known."""
    if not isinstance(declared, Scalar):
        return value
    if declared.tag != EXPRESSION:
        # Types are texts in Terraform 0.11 and in JSON.
        if declared.raw in _QUOTED:
            return _primitive(value, declared.raw)
        parsed = expression(declared.raw)
    else:
        parsed = parsed_of(declared)
    if parsed is None:
        return value
    root = parsed.root
    if isinstance(root, syntax.Template) and len(root.parts) == 1 and not isinstance(root.parts[0], str):
        root = root.parts[0]
    return _converted(value, root, parsed, declared)


def _converted(value: Node, kind: syntax.Expression, parsed: Parsed, declared: Node) -> Node:
    if isinstance(kind, syntax.Variable):
        return _primitive(value, kind.name)
    if not isinstance(kind, syntax.Call) or not kind.arguments or is_symbol(value) or is_null(value):
        return value
    inner = kind.arguments[0]
    if kind.name == "object" and isinstance(inner, syntax.Pairs):
        return _object(value, inner, parsed, declared)
    if kind.name == "map" and isinstance(value, Mapping):
        entries = [(key, _converted(child, inner, parsed, declared)) for key, child in value.entries]
        same = all(new is old for (_, new), (_, old) in zip(entries, value.entries, strict=True))
        return value if same else value.with_entries(entries)
    if kind.name in ("list", "set") and isinstance(value, Sequence):
        items = [_converted(item, inner, parsed, declared) for item in value.items]
        if kind.name == "set" and not isinstance(value, Set):
            return set_of(items, value) or listed(items, value)
        same = all(new is old for new, old in zip(items, value.items, strict=True))
        return value if same else value.with_items(items)
    return value


def _primitive(value: Node, kind: str) -> Node:
    known = plain(value)
    if known is None:
        return value
    if kind == "string":
        return as_text(value)
    if kind == "number" and isinstance(known, str) and (number := number_in(value)) is not None:
        return replaced(value, number)
    if kind == "bool" and isinstance(known, str) and (truth := bool_in(value)) is not None:
        return replaced(value, truth)
    return value


def _object(value: Node, kind: syntax.Pairs, parsed: Parsed, declared: Node) -> Node:
    """With the attributes of the type alone, optional ones that are not given as their default or null."""
    if not isinstance(value, Mapping) or has_open_keys(value):
        return value
    entries: list[tuple[Scalar, Node]] = []
    for key, held in kind.pairs:
        if not isinstance(key, syntax.Literal) or not isinstance(key.value, str):
            return value
        optional = isinstance(held, syntax.Call) and held.name == "optional"
        wanted = held.arguments[0] if isinstance(held, syntax.Call) and optional and held.arguments else held
        given = value.get(key.value)
        if given is None or (optional and is_null(given)):
            if not optional:
                return value
            assert isinstance(held, syntax.Call)
            given = _default(held, parsed, declared)
            if given is None:
                return value
            place = (given.source, given.line, given.column, given.end_line, given.end_column)
            name = Scalar(key.value, *place, "quoted", None, key.value)
        else:
            name = value.key(key.value) or made(key.value, given)
        entries.append((name, _converted(given, wanted, parsed, declared)))
    return value.with_entries(entries)


def _default(held: syntax.Call, parsed: Parsed, declared: Node) -> Node | None:
    """The default of an optional attribute where the type states it; None where it is not known."""
    from riskcheck.platforms.terraform.evaluate import Scope
    from riskcheck.platforms.terraform.evaluation import Evaluation

    near = declared
    if len(held.arguments) < 2:
        line, _ = parsed.place(held.start) if isinstance(declared, Expression) else (0, 0)
        null = made(None, near)
        null.line = null.end_line = near.line + line
        return null
    found = Evaluation(Scope(lambda *_: None), parsed, near).whole(held.arguments[1])
    return None if found is None or found is near or is_symbol(found) else found
