"""The policy that an ``aws_iam_policy_document`` writes, from its blocks.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.blocks import evaluated
from riskcheck.platforms.terraform.values import listed, mapped, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.terraform.evaluate import Scope

_LISTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_SOURCES: Final = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def policy_of(
    block: Mapping, each: MappingOf[str, Node], scopes: Callable[[MappingOf[str, Node]], Scope]
) -> Node | None:
    """The policy as a mapping whose statements stand where their blocks do. None where other documents are put in
    or statements are not known."""
    body = evaluated(block, each, scopes)
    if body.get("dynamic") is not None or any(body.get(name) is not None for name in _SOURCES):
        return None
    held = body.get("statement")
    blocks = held.items if isinstance(held, Sequence) else []
    statements = [_statement(one) for one in blocks if isinstance(one, Mapping)]
    known = [one for one in statements if one is not None]
    if len(known) != len(statements) or not known:
        return None
    entries: list[tuple[Scalar, Node]] = []
    version = body.get("version")
    entries.append((_name("Version", version or block), version or made("2012-10-17", block)))
    if (identity := body.get("policy_id")) is not None:
        entries.append((_name("Id", identity), identity))
    entries.append((_name("Statement", known[0]), listed(known, known[0])))
    return mapped(entries, block)


def _statement(block: Mapping) -> Mapping | None:
    if block.get("dynamic") is not None:
        return None
    entries: list[tuple[Scalar, Node]] = []
    if (sid := block.get("sid")) is not None and text_of(sid) != "":
        entries.append((_name("Sid", sid), sid))
    effect = block.get("effect")
    entries.append((_name("Effect", effect or block), effect or made("Allow", block)))
    for argument, field in _LISTS.items():
        if (value := block.get(argument)) is not None:
            entries.append((_name(field, value), value))
    for argument, field in _PRINCIPALS.items():
        if (value := block.get(argument)) is not None:
            entries.append((_name(field, value), _principals(value)))
    if (conditions := block.get("condition")) is not None:
        found = _conditions(conditions)
        if found is None:
            return None
        entries.append((_name("Condition", conditions), found))
    place = (block.source, block.line, block.column, block.end_line, block.end_column)
    return Mapping(entries, *place)


def _principals(blocks: Node) -> Node:
    """``*`` of any type is everybody; else identifiers by their type."""
    found: dict[str, tuple[Scalar, list[Node]]] = {}
    for block in blocks.items if isinstance(blocks, Sequence) else ():
        kind = block.get("type") if isinstance(block, Mapping) else None
        held = block.get("identifiers") if isinstance(block, Mapping) else None
        if not isinstance(kind, Scalar) or held is None:
            continue
        items = held.items if isinstance(held, Sequence) else [held]
        if kind.raw == "*" and [text_of(item) for item in items] == ["*"]:
            return items[0]
        found.setdefault(kind.raw, (_name(kind.raw, kind), []))[1].extend(items)
    return mapped([(key, listed(items, key)) for key, items in found.values()], blocks)


def _conditions(blocks: Node) -> Node | None:
    """Values by test and variable; None where those are not known."""
    found: dict[str, tuple[Scalar, dict[str, tuple[Scalar, Node]]]] = {}
    for block in blocks.items if isinstance(blocks, Sequence) else ():
        parts = [block.get(name) for name in ("test", "variable")] if isinstance(block, Mapping) else []
        values = block.get("values") if isinstance(block, Mapping) else None
        test, variable = parts if len(parts) == 2 else (None, None)
        if not isinstance(test, Scalar) or not isinstance(variable, Scalar) or values is None:
            return None
        if EXPRESSION in (test.tag, variable.tag):
            return None
        inner = found.setdefault(test.raw, (_name(test.raw, test), {}))[1]
        inner[variable.raw] = (_name(variable.raw, variable), values)
    return mapped([(key, mapped(inner.values(), key)) for key, inner in found.values()], blocks)


def _name(name: str, near: Node) -> Scalar:
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return Scalar(name, *place, "quoted", None, name)
