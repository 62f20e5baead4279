"""Schemas as Avro and Spark write them in JSON.

https://avro.apache.org/docs/1.12.0/specification/ and, for ``StructType.json()``,
https://github.com/apache/spark/blob/master/sql/api/src/main/scala/org/apache/spark/sql/types/DataType.scala
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import column, name_node, placed, sequence, table, type_node

if TYPE_CHECKING:
    from collections.abc import Iterator

_AVRO: Final = {
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "string": "string",
    "bytes": "binary",
    "enum": "string",
    "fixed": "binary",
}
_LOGICAL: Final = {
    "date": "date",
    "time-millis": "bigint",
    "time-micros": "bigint",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "timestamp-nanos": "timestamp",
    "local-timestamp-millis": "timestamp_ntz",
    "local-timestamp-micros": "timestamp_ntz",
    "uuid": "string",
}
_MOST_DEPTH: Final = 30


def is_avro(root: Mapping) -> bool:
    return (
        text_of(root, "type") == "record"
        and isinstance(root.get("fields"), Sequence)
        and bool(text_of(root, "name"))
    )


def of_avro(root: Mapping) -> Iterator[Mapping]:
    """The record as a table called by its full name."""
    name = root.get("name")
    assert isinstance(name, Scalar)
    space = text_of(root, "namespace")
    full = name.raw if "." in name.raw or not space else f"{space}.{name.raw}"
    columns = [_avro_column(item) for item in items_of(root, "fields") if text_of(item, "name")]
    yield table(root, name=name_node(full, name), columns=sequence(root, columns))


def _avro_column(item: Mapping) -> Mapping:
    name, type_ = item.get("name"), item.get("type")
    assert isinstance(name, Scalar)
    text, nullable = avro_type(type_)
    return column(
        item,
        name=name_node(name.raw, name),
        type=type_node(text, type_) if text and type_ is not None else None,
        nullable=None if nullable or type_ is None else placed(False, type_),
    )


def avro_type(node: Node | None, depth: int = 0) -> tuple[str, bool]:
    """The type in SQL's words, ``""`` where SQL has none (a union of several, a named one), and whether null is one
    of its values."""
    if depth > _MOST_DEPTH:
        return "", True
    if isinstance(node, Scalar):
        return _AVRO.get(node.raw, ""), node.raw == "null"
    if isinstance(node, Sequence):
        others = [item for item in node.items if not (isinstance(item, Scalar) and item.raw == "null")]
        text = avro_type(others[0], depth + 1)[0] if len(others) == 1 else ""
        return text, len(others) < len(node.items)
    return (_avro_complex(node, depth), False) if isinstance(node, Mapping) else ("", True)


def _avro_complex(node: Mapping, depth: int) -> str:
    kind, logical = text_of(node, "type"), text_of(node, "logicalType")
    if logical == "decimal":
        return f"decimal({text_of(node, 'precision') or 10},{text_of(node, 'scale') or 0})"
    if logical in _LOGICAL:
        return _LOGICAL[logical]
    if kind == "array":
        inner = avro_type(node.get("items"), depth + 1)[0]
        return f"array<{inner}>" if inner else ""
    if kind == "map":
        inner = avro_type(node.get("values"), depth + 1)[0]
        return f"map<string, {inner}>" if inner else ""
    if kind == "record":
        return _struct(
            (text_of(item, "name"), avro_type(item.get("type"), depth + 1)[0])
            for item in items_of(node, "fields")
        )
    return avro_type(node.get("type"), depth + 1)[0]


def is_spark(root: Mapping) -> bool:
    fields = root.get("fields")
    return (
        text_of(root, "type") == "struct"
        and isinstance(fields, Sequence)
        and all(isinstance(item, Mapping) and "nullable" in item.index for item in fields.items)
    )


def of_spark(root: Mapping) -> Iterator[Mapping]:
    """The schema as a table without a name: the file's stands for it."""
    columns = []
    for item in items_of(root, "fields"):
        name, type_ = item.get("name"), item.get("type")
        if isinstance(name, Scalar) and type_ is not None:
            text, nullable = spark_type(type_), item.get("nullable")
            held = isinstance(nullable, Scalar) and nullable.raw == "false"
            columns.append(
                column(
                    item,
                    name=name_node(name.raw, name),
                    type=type_node(text, type_) if text else None,
                    nullable=placed(False, nullable) if held and nullable is not None else None,
                )
            )
    yield table(root, columns=sequence(root, columns))


def spark_type(node: Node | None, depth: int = 0) -> str:
    """The type in SQL's words, ``""`` where it is none."""
    if isinstance(node, Scalar):
        return node.raw
    if not isinstance(node, Mapping) or depth > _MOST_DEPTH:
        return ""
    kind = text_of(node, "type")
    if kind == "struct":
        return _struct(
            (text_of(item, "name"), spark_type(item.get("type"), depth + 1))
            for item in items_of(node, "fields")
        )
    if kind == "array":
        inner = spark_type(node.get("elementType"), depth + 1)
        return f"array<{inner}>" if inner else ""
    if kind == "map":
        key, value = (spark_type(node.get(one), depth + 1) for one in ("keyType", "valueType"))
        return f"map<{key}, {value}>" if key and value else ""
    return spark_type(node.get("sqlType"), depth + 1)


def _struct(fields: Iterator[tuple[str, str]]) -> str:
    found = list(fields)
    if not found or not all(name and type_ for name, type_ in found):
        return ""
    return f"struct<{', '.join(f'`{name}`: {type_}' for name, type_ in found)}>"
