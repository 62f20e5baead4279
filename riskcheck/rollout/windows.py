"""Known times in which what was deleted can still be had back, and what they ask for. Data with sources.

A window is evidence where it outlasts the time until somebody notices and the time the recovery may take.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

DAY: Final = 86_400

Needs: TypeAlias = Literal["", "parent"]


class Window(NamedTuple):
    """One row. platform and kind: of the resource that goes. what: what has it back, as text goes on with it.

    seconds: its length; None where there is none, and `what` says why not. needs: what must still be there:
    ``parent``, the schema that holds it. source: https.
    """

    platform: str
    kind: str
    what: str
    seconds: int | None
    needs: Needs
    source: str


_UNDROP_TABLE: Final = (
    "https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-table"
)

WINDOWS: Final = (
    Window(
        "databricks",
        "volumes",
        "UNDROP VOLUME (Databricks SQL or runtime 19.11)",
        7 * DAY,
        "parent",
        "https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-volume",
    ),
    Window(
        "databricks",
        "schemas",
        "UNDROP TABLE holds for 7 days but needs the schema, which is gone",
        None,
        "",
        _UNDROP_TABLE,
    ),
    Window(
        "databricks",
        "catalogs",
        "UNDROP TABLE holds for 7 days but needs the catalog, which is gone",
        None,
        "",
        _UNDROP_TABLE,
    ),
    Window(
        "databricks",
        "pipelines",
        "UNDROP of streaming tables and materialized views needs their pipeline, which is gone",
        None,
        "",
        _UNDROP_TABLE,
    ),
    Window("sql", "TABLE", "UNDROP TABLE", 7 * DAY, "parent", _UNDROP_TABLE),
    Window(
        "sql",
        "VOLUME",
        "UNDROP VOLUME (Databricks SQL or runtime 19.11)",
        7 * DAY,
        "parent",
        "https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-volume",
    ),
    Window(
        "sql",
        "SCHEMA",
        "UNDROP TABLE holds for 7 days but needs the schema, which is gone",
        None,
        "",
        _UNDROP_TABLE,
    ),
    Window(
        "sql",
        "CATALOG",
        "UNDROP TABLE holds for 7 days but needs the catalog, which is gone",
        None,
        "",
        _UNDROP_TABLE,
    ),
    Window(
        "sql",
        "ROWS",
        "RESTORE TABLE to the version before, whose files stay until a VACUUM",
        7 * DAY,
        "",
        "https://docs.databricks.com/aws/en/delta/history",
    ),
)
"""What is not listed has no window that is known here, which is said."""

RETAINED: Final = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#retain"
"""A volume whose class retains it stays, released, until somebody deletes it."""


def window_of(platform: str, kind: str) -> Window | None:
    """The row for resources of `kind`, or None."""
    return next((one for one in WINDOWS if (one.platform, one.kind) == (platform, kind)), None)
