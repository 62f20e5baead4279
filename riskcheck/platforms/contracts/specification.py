"""Contracts of the Data Contract Specification: https://github.com/datacontract/datacontract-specification"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.contracts.promises import flag_of, is_true, options_of, quality_of
from riskcheck.platforms.contracts.spans import span_seconds
from riskcheck.tables.quality import expectation, named_once, number_of, numbers
from riskcheck.tables.read import text_of
from riskcheck.tables.shape import column, name_node, placed, sequence, table, type_node

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = {
    "number": "decimal",
    "numeric": "decimal",
    "timestamp_tz": "timestamp",
    "bytes": "binary",
    "null": "void",
    "time": "string",
}
_STRUCTS: Final = frozenset({"object", "record", "struct"})
_LEVELS: Final = {
    "retention": ("period", "at_least", "period"),
    "latency": ("threshold", "at_most", "age"),
    "freshness": ("threshold", "at_most", "age"),
    "frequency": ("interval", "at_most", "age"),
    "availability": ("percentage", "at_least", "value"),
}
"""Service level to its field, the side that it bounds and the name of its number."""

_EVER: Final = 1e12
_MOST_DEPTH: Final = 20


def is_one(root: Mapping) -> bool:
    return "dataContractSpecification" in root.index and isinstance(root.get("models"), Mapping)


def tables(root: Mapping) -> Iterator[Mapping]:
    """Each model; service levels stand with the first."""
    levels = list(_levels(root))
    models = root.get("models")
    for key, model in models.entries if isinstance(models, Mapping) else ():
        if isinstance(model, Mapping):
            yield _table(root, key, model, levels)
            levels = []


def _table(root: Mapping, key: Scalar, model: Mapping, levels: list[Mapping]) -> Mapping:
    fields = list(_fields(root, model))
    constraints = [*quality_of(model, None), *levels]
    for name, item in fields:
        constraints += [
            *flag_of(item, "unique", name, "unique"),
            *options_of(item, name),
            *quality_of(item, name),
        ]
    status = root.at("info", "status")
    draft = isinstance(status, Scalar) and status.raw.lower() in ("draft", "proposed", "retired")
    return table(
        model,
        name=name_node(_full(root, key.raw), key),
        type=placed("VIEW", model) if text_of(model, "type") == "view" else None,
        comment=model.get("description"),
        columns=sequence(model, [_column(root, name, item) for name, item in fields]),
        constraints=sequence(model, named_once(constraints)),
        contract=placed("declared" if draft else "enforced", status if status is not None else key),
    )


def _full(root: Mapping, name: str) -> str:
    servers = root.get("servers")
    places = {
        (text_of(one, "catalog"), text_of(one, "schema"))
        for _, one in (servers.entries if isinstance(servers, Mapping) else ())
        if isinstance(one, Mapping) and text_of(one, "type") == "databricks"
    }
    return ".".join(filter(None, (*places.pop(), name))) if len(places) == 1 else name


def _fields(root: Mapping, holder: Mapping) -> Iterator[tuple[Scalar, Mapping]]:
    fields = holder.get("fields")
    for key, item in fields.entries if isinstance(fields, Mapping) else ():
        if isinstance(item, Mapping):
            yield key, _defined(root, item)


def _defined(root: Mapping, item: Mapping) -> Mapping:
    """With what its definition in the same file says and it does not."""
    path = text_of(item, "$ref").split("/")
    found = root.at(*path[1:]) if path[0] == "#" and len(path) > 1 else None
    if not isinstance(found, Mapping):
        return item
    return item.with_entries(
        [*(pair for pair in found.entries if pair[0].raw not in item.index), *item.entries]
    )


def _column(root: Mapping, name: Scalar, item: Mapping) -> Mapping:
    text, at = _type(root, item), item.get("type")
    required = is_true(item, "required")
    return column(
        item,
        name=name_node(name.raw, name),
        type=type_node(text, at) if text and at is not None else None,
        nullable=placed(False, required) if required is not None else None,
        comment=item.get("description"),
    )


def _type(root: Mapping, item: Node | None, depth: int = 0) -> str:
    if not isinstance(item, Mapping) or depth > _MOST_DEPTH:
        return ""
    told = text_of(item, "type").lower()
    name = _TYPES.get(told, told)
    if name == "decimal":
        digits, scale = text_of(item, "precision") or "38", text_of(item, "scale") or "0"
        return f"decimal({digits},{scale})"
    if name in _STRUCTS:
        inner = [(key.raw, _type(root, one, depth + 1)) for key, one in _fields(root, item)]
        known = inner and all(type_ for _, type_ in inner)
        return f"struct<{', '.join(f'`{key}`: {type_}' for key, type_ in inner)}>" if known else ""
    if name == "array":
        of = _type(root, item.get("items"), depth + 1)
        return f"array<{of}>" if of else ""
    if name == "map":
        key, value = (_type(root, item.get(one), depth + 1) for one in ("keys", "values"))
        return f"map<{key}, {value}>" if key and value else ""
    return name


def _levels(root: Mapping) -> Iterator[Mapping]:
    levels = root.get("servicelevels")
    for key, item in levels.entries if isinstance(levels, Mapping) else ():
        known = _LEVELS.get(key.raw)
        value = item.get(known[0]) if known is not None and isinstance(item, Mapping) else None
        if known is None or not isinstance(item, Mapping):
            continue
        number = _EVER if is_true(item, "unlimited") else _number(value)
        if number is not None:
            bound = numbers(value if value is not None else item, {known[2]: number})
            yield expectation(
                item,
                name=placed(key.raw, key),
                check=placed(key.raw, key),
                at_least=bound if known[1] == "at_least" else None,
                at_most=bound if known[1] == "at_most" else None,
            )


def _number(node: Node | None) -> float | None:
    if not isinstance(node, Scalar):
        return None
    text = node.raw.strip()
    if text.endswith("%"):
        text = text[:-1]
        return number_of(placed(text, node))
    return span_seconds(text) if number_of(node) is None else number_of(node)
