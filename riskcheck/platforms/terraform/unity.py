"""Unity Catalog resources of the Databricks provider in the shape that tables and grants have everywhere.

https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/sql_table, …/grants, …/grant
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.tables.shape import column, mapping, name_node, placed, sequence, table, type_node

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingOf

_KEPT_OF_TABLES: Final = (
    "storage_credential_name",
    "options",
    "owner",
    "lifecycle",
    "catalog_name",
    "schema_name",
)


def shaped(kind: str, body: Mapping) -> Mapping:
    """`body` with columns, properties and grants where tables of any platform have them; others as they are."""
    shape = _SHAPES.get(kind)
    return body if shape is None else shape(body)


def _table(body: Mapping) -> Mapping:
    columns = [_column(item) for item in _items(body.get("column"))]
    made = table(
        body,
        name=_full_name(body),
        type=_text(body, "table_type", str.upper),
        format=_text(body, "data_source_format", str.lower),
        location=body.get("storage_location"),
        comment=body.get("comment"),
        columns=sequence(columns[0], columns) if columns else None,
        partitioned_by=body.get("partitions"),
        clustered_by=body.get("cluster_keys"),
        properties=body.get("properties"),
        query=body.get("view_definition"),
    )
    kept = [(key, node) for key, node in body.entries if key.raw in _KEPT_OF_TABLES]
    return made.with_entries([*made.entries, *kept])


def _full_name(body: Mapping) -> Scalar | None:
    """``catalog.schema.table``, of the parts that are stated."""
    name = body.get("name")
    if not isinstance(name, Scalar):
        return None
    above = [body.get(field) for field in ("catalog_name", "schema_name")]
    parts = [node.raw for node in (*above, name) if isinstance(node, Scalar)]
    return name_node(".".join(parts), name)


def _column(item: Mapping) -> Mapping:
    name, type_ = item.get("name"), item.get("type")
    return column(
        item,
        name=name_node(name.raw, name) if isinstance(name, Scalar) else None,
        type=type_node(type_.raw, type_) if isinstance(type_, Scalar) else None,
        nullable=item.get("nullable"),
        default=item.get("default_value"),
        comment=item.get("comment"),
    )


def _grants(body: Mapping) -> Mapping:
    """``grant`` blocks as the list ``grants``."""
    items = [_grant_of(item) for item in _items(body.get("grant"))]
    entries = [(key, node) for key, node in body.entries if key.raw != "grant"]
    return _with_grants(body, entries, items)


def _grant(body: Mapping) -> Mapping:
    """One principal's grant as a list of one."""
    entries = [(key, node) for key, node in body.entries if key.raw not in ("principal", "privileges")]
    return _with_grants(body, entries, [_grant_of(body)])


def _grant_of(body: Mapping) -> Mapping:
    return mapping(body, ((field, body.get(field)) for field in ("principal", "privileges")))


def _with_grants(body: Mapping, entries: list[tuple[Scalar, Node]], items: list[Mapping]) -> Mapping:
    listed = sequence(items[0], items) if items else None
    if listed is not None:
        entries = [*entries, (placed("grants", listed), listed)]
    return body.with_entries(entries)


def _items(node: Node | None) -> list[Mapping]:
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _text(body: Mapping, field: str, change: Callable[[str], str]) -> Scalar | None:
    node = body.get(field)
    return placed(change(node.raw), node) if isinstance(node, Scalar) else None


_SHAPES: Final[MappingOf[str, Callable[[Mapping], Mapping]]] = {
    "databricks_sql_table": _table,
    "databricks_grants": _grants,
    "databricks_grant": _grant,
}
