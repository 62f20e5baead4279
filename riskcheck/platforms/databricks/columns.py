"""Which columns of which tables the resources of a bundle name.

Fields: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import text_of
from riskcheck.platforms.databricks.names import table_of
from riskcheck.records import NamedTuple
from riskcheck.tables.names import column_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "vector_search_indexes": (("delta_sync_index_spec", "source_table"),),
    "quality_monitors": (("table_name",), ("baseline_table_name",)),
    "synced_database_tables": (("spec", "source_table_full_name"),),
    "postgres_synced_tables": (("source_table_full_name",),),
}
"""Type to the fields that name the tables whose columns it names."""

_COLUMNS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "vector_search_indexes": (
        ("primary_key",),
        ("delta_sync_index_spec", "columns_to_sync"),
        ("delta_sync_index_spec", "columns_to_index"),
        ("delta_sync_index_spec", "embedding_source_columns", "name"),
        ("delta_sync_index_spec", "embedding_vector_columns", "name"),
    ),
    "quality_monitors": (
        ("inference_log", "timestamp_col"),
        ("inference_log", "prediction_col"),
        ("inference_log", "prediction_proba_col"),
        ("inference_log", "label_col"),
        ("inference_log", "model_id_col"),
        ("time_series", "timestamp_col"),
        ("slicing_exprs",),
        ("custom_metrics", "input_columns"),
    ),
    "synced_database_tables": (
        ("spec", "primary_key_columns"),
        ("spec", "timeseries_key"),
        ("spec", "type_overrides", "column_name"),
    ),
    "postgres_synced_tables": (
        ("primary_key_columns",),
        ("timeseries_key",),
        ("type_overrides", "column_name"),
    ),
}
"""Type to the fields that name columns; lists on the way are walked."""


class ColumnUse(NamedTuple):
    """target: ``uc:catalog.schema.table#column``. node: where the column is named. relation: the field."""

    target: str
    node: Scalar
    relation: str


def columns_used(kind: str, body: Mapping) -> Iterator[ColumnUse]:
    """The columns that a resource of type `kind` names, for each table that it may mean."""
    if kind not in _SOURCES:
        return
    tables = [table for path in _SOURCES[kind] if (table := table_of(text_of(body.at(*path)))) is not None]
    for path in _COLUMNS[kind] if tables else ():
        for node in _scalars(body, path):
            # A slice may be an expression: what is no plain name is not taken for a column.
            if node.raw.replace("_", "").isalnum():
                for table in tables:
                    yield ColumnUse(column_reference(table, node.raw), node, path[-1])


def _scalars(node: Node | None, path: tuple[str, ...]) -> Iterator[Scalar]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item, path)
    elif isinstance(node, Mapping) and path:
        yield from _scalars(node.get(path[0]), path[1:])
    elif isinstance(node, Scalar) and not path and node.raw:
        yield node
