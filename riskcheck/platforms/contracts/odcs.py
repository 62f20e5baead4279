"""Contracts of the Open Data Contract Standard, version 3: https://bitol-io.github.io/open-data-contract-standard/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.contracts.promises import flag_of, is_true, options_of, quality_of
from riskcheck.platforms.contracts.spans import span_seconds, unit_seconds
from riskcheck.tables.quality import expectation, named_once, number_of, numbers
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import column, name_node, placed, sequence, table, type_node
from riskcheck.tables.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = {
    "number": "decimal(38,18)",
    "integer": "bigint",
    "time": "string",
    "timestamp": "timestamp",
}
_NOT_IN_FORCE: Final = frozenset({"draft", "proposed", "retired"})
_SYNONYMS: Final = {
    "ly": "latency",
    "re": "retention",
    "fy": "frequency",
    "av": "availability",
    "th": "throughput",
    "er": "errorrate",
    "td": "timetodetect",
    "tn": "timetonotify",
    "tr": "timetorepair",
}
_SPANS: Final = frozenset(
    {"latency", "freshness", "frequency", "timetodetect", "timetonotify", "timetorepair"}
)
_HIGHER_IS_MORE: Final = frozenset({"availability", "throughput"})
_MOST_DEPTH: Final = 20


def is_one(root: Mapping) -> bool:
    return text_of(root, "kind") == "DataContract" and bool(text_of(root, "apiVersion"))


def tables(root: Mapping) -> Iterator[Mapping]:
    """Each object of ``schema``; what is promised of the whole contract stands with the object that it names, else
    with the first."""
    objects = [item for item in items_of(root, "schema") if _name(item) is not None]
    promised = list(_levels(root))
    for number, item in enumerate(objects):
        names = {text_of(item, key) for key in ("name", "physicalName")} - {""}
        own = [level for element, level in promised if element in names]
        if number == 0:
            known = {text_of(one, key) for one in objects for key in ("name", "physicalName")} - {""}
            own += [level for element, level in promised if element not in known]
        yield _table(root, item, own)


def _table(root: Mapping, item: Mapping, levels: list[Mapping]) -> Mapping:
    name = _name(item)
    assert name is not None
    columns = [one for one in items_of(item, "properties") if isinstance(one.get("name"), Scalar)]
    constraints = [*quality_of(item, None), *levels]
    for one in columns:
        constraints += _promised(one)
    status = root.get("status")
    held = not (isinstance(status, Scalar) and status.raw.lower() in _NOT_IN_FORCE)
    return table(
        item,
        name=name_node(_full(root, name.raw), name),
        comment=item.get("description"),
        columns=sequence(item, [_column(one) for one in columns]),
        constraints=sequence(item, named_once(constraints)),
        contract=placed("enforced" if held else "declared", status if status is not None else name),
    )


def _name(item: Mapping) -> Scalar | None:
    for key in ("physicalName", "name"):
        node = item.get(key)
        if isinstance(node, Scalar) and node.raw:
            return node
    return None


def _full(root: Mapping, name: str) -> str:
    """With catalog and schema where all Databricks servers of the contract agree on them."""
    places = {
        (text_of(one, "catalog"), text_of(one, "schema"))
        for one in items_of(root, "servers")
        if text_of(one, "type") == "databricks"
    }
    return ".".join(filter(None, (*places.pop(), name))) if len(places) == 1 and "." not in name else name


def _column(item: Mapping) -> Mapping:
    name = item.get("name")
    assert isinstance(name, Scalar)
    at = item.get("physicalType") or item.get("logicalType") or name
    text = _type(item)
    required = is_true(item, "required")
    return column(
        item,
        name=name_node(name.raw, name),
        type=type_node(text, at) if text else None,
        nullable=placed(False, required) if required is not None else None,
        comment=item.get("description"),
    )


def _type(item: Mapping, depth: int = 0) -> str:
    logical, physical = text_of(item, "logicalType"), text_of(item, "physicalType")
    if depth < _MOST_DEPTH and logical == "object" and any(items_of(item, "properties")):
        inner = [(text_of(one, "name"), _type(one, depth + 1)) for one in items_of(item, "properties")]
        if all(name and type_ for name, type_ in inner):
            return f"struct<{', '.join(f'`{name}`: {type_}' for name, type_ in inner)}>"
    items = item.get("items")
    if depth < _MOST_DEPTH and logical == "array" and isinstance(items, Mapping):
        of = _type(items, depth + 1)
        return f"array<{of}>" if of else ""
    if physical and parse_type(physical) is not None:
        return physical
    return "" if logical in ("object", "array") else _TYPES.get(logical, logical)


def _promised(item: Mapping) -> Iterator[Mapping]:
    name = item.get("name")
    assert isinstance(name, Scalar)
    yield from flag_of(item, "unique", name, "unique")
    yield from options_of(item.get("logicalTypeOptions"), name)
    yield from quality_of(item, name)


def _levels(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    """The object that a service level names, ``""`` for none, and the level."""
    for item in items_of(root, "slaProperties"):
        told, value = text_of(item, "property").lower(), item.get("value")
        word = _SYNONYMS.get(told, told)
        if not word or not isinstance(value, Scalar):
            continue
        element = text_of(item, "element")
        driver = text_of(item, "driver")
        yield (
            element.partition(".")[0],
            expectation(
                item,
                name=placed(text_of(item, "id") or " ".join(filter(None, (word, element, driver))), item),
                check=placed(word, item),
                at_least=numbers(value, _number(word, value, item)) if _is_more(word) else None,
                at_most=None if _is_more(word) else numbers(value, _number(word, value, item)),
            ),
        )


def _is_more(word: str) -> bool:
    return word == "retention" or word in _HIGHER_IS_MORE


def _number(word: str, value: Node, item: Mapping) -> dict[str, float]:
    number, unit = number_of(value), text_of(item, "unit")
    if word == "retention" or word in _SPANS:
        size = unit_seconds(unit) if number is not None else 1
        number = (
            number if number is not None else span_seconds(value.raw if isinstance(value, Scalar) else "")
        )
        key = "period" if word == "retention" else "age"
        return {key: number * size} if number is not None and size is not None else {}
    known = word in _HIGHER_IS_MORE or word == "errorrate"
    return {"value": number} if number is not None and known else {}
