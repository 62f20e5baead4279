"""What goes with a bundle resource that is deleted, by type, and what of it no revert brings back.

https://github.com/databricks/cli/blob/7bbe285213/bundle/phases/messages.go ; catalogs, schemas and external
locations are deleted by force, instances with purge: ``DoDelete`` of each type in bundle/direct/dresources of that
commit; volumes: https://docs.databricks.com/aws/en/volumes/managed-vs-external ,
https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-volume ; pipelines:
https://docs.databricks.com/aws/en/ldp/full-refresh-st
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Scalar
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Resource


class Holding(NamedTuple):
    """taken: what a deletion takes along, as an object ("every table in it"). reverted: how "a revert" goes on,
    with ``{name}`` for the resource. data: it is data, and not only a history or an address.
    """

    taken: str
    reverted: str
    data: bool = True


HOLDINGS: Final = {
    "catalogs": Holding(
        "every schema and table in it",
        "re-creates catalog {name} empty: its schemas and tables went with it",
    ),
    "schemas": Holding(
        "every table, view and volume in it",
        "re-creates schema {name} empty: its tables, views and volumes went with it",
    ),
    "volumes": Holding(
        "its files",
        "re-creates volume {name} empty: the files it held are deleted within 30 days, and only UNDROP VOLUME has "
        "them back, for 7 days",
    ),
    "pipelines": Holding(
        "its streaming tables and materialized views",
        "re-creates pipeline {name} without its streaming tables and materialized views: a full refresh fills them "
        "with what the sources still hold",
    ),
    "registered_models": Holding(
        "all its versions", "re-creates registered model {name} without its versions"
    ),
    "models": Holding("all its versions", "re-creates model {name} without its versions"),
    "experiments": Holding("its runs", "re-creates experiment {name} without its runs"),
    "secret_scopes": Holding("its secrets", "re-creates secret scope {name} without its secrets"),
    "secrets": Holding("its value", "does not know the value of secret {name}"),
    "database_instances": Holding(
        "all its databases", "re-creates database instance {name} without its databases"
    ),
    "synced_database_tables": Holding(
        "its synced rows", "re-creates synced table {name} empty and has it synced anew"
    ),
    "postgres_projects": Holding(
        "its branches, databases and endpoints",
        "re-creates project {name} without its branches and databases",
    ),
    "postgres_branches": Holding("the data on it", "re-creates branch {name} without the data on it"),
    "postgres_databases": Holding("its data", "re-creates database {name} without its data"),
    "postgres_synced_tables": Holding(
        "its synced rows", "re-creates synced table {name} empty and has it synced anew"
    ),
    "vector_search_indexes": Holding("its vectors", "re-creates index {name} without its vectors"),
    "genie_spaces": Holding(
        "its conversation history",
        "re-creates Genie space {name} without its conversation history",
        data=False,
    ),
    "quality_monitors": Holding(
        "its generated dashboard", "re-creates monitor {name} with another dashboard", data=False
    ),
    "dashboards": Holding(
        "its id and URL", "re-creates dashboard {name} under another id and URL", data=False
    ),
}
"""Resource types that hold something, and what."""

DATA: Final = tuple(kind for kind, known in HOLDINGS.items() if known.data)

COMPUTED_AGAIN: Final = Holding(
    "its embeddings", "re-creates index {name} and has every row of its source table embedded again"
)
"""An index that is kept in sync with a table: the rows are still there."""


def holding(resource: Resource) -> Holding | None:
    """What a deletion of `resource` takes along; None where its data stays, or it holds none."""
    if keeps_data(resource):
        return None
    if resource.section == "vector_search_indexes" and _text(resource, "index_type").upper() == "DELTA_SYNC":
        return COMPUTED_AGAIN
    return HOLDINGS.get(resource.section)


def keeps_data(resource: Resource) -> bool:
    """Whether deleting `resource` leaves its data: an external volume, a pipeline told to keep its tables.

    The pipeline is asked as the last deployment left it: `resource` is that of base.
    """
    if resource.section == "volumes":
        return _text(resource, "volume_type").upper() == "EXTERNAL"
    cascade = resource.body.get("cascade_on_destroy") if resource.section == "pipelines" else None
    return isinstance(cascade, Scalar) and scalar_value(cascade, resource.reading) is False


def _text(resource: Resource, field: str) -> str:
    node = resource.body.get(field)
    return node.raw if isinstance(node, Scalar) else ""
