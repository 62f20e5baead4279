"""The body of a resource of kind ``tables``, whatever source says it, and what makes one.

::

    name:           orders.sales.lines      # as far as it is told, in lower case
    type:           MANAGED                 # EXTERNAL, VIEW, MATERIALIZED_VIEW, STREAMING_TABLE; absent: not told
    format:         delta                   # in lower case
    location:       s3://…
    comment:        text
    columns:                                # in order; natural key `name`
      - name:       amount                  # in lower case: Unity Catalog folds case
        type:       decimal(10,2)           # as `riskcheck.tables.types.canonical` writes it
        nullable:   false                   # absent: null is allowed
        default:    text of the expression
        generated:  text of the expression, or ``identity``
        mask:       name of the function
        comment:    text
    partitioned_by: [day]                   # column names or expressions, in order
    clustered_by:   [customer]              # liquid clustering; ``[auto]`` for CLUSTER BY AUTO
    properties:     {delta.appendOnly: "true"}    # table properties, text as written
    constraints:                            # natural key `name`
      - name:       positive
        type:       CHECK                   # PRIMARY KEY, FOREIGN KEY, EXPECTATION
        expression: amount > 0              # or the columns of a key; more of EXPECTATION: riskcheck.tables.quality
    grants:                                 # natural key `principal`
      - principal:  analysts
        privileges: [SELECT]                # upper case with underscores, as bundles write them
    query:          text                    # of a view, normalised
    contract:       enforced                # what is declared is held to; declared: it is documentation alone
    build:                                  # how a run makes it, the words of dbt
      materialized: incremental

Every part may be absent: a source says what it knows. `Resource.name` of a table is its `name`, `Resource.provides`
holds `riskcheck.tables.names.reference` of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.tables.types import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

KIND: Final = "tables"
"""The kind of such resources, on every platform."""

NATURAL_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "columns": ("name",),
    "constraints": ("name",),
    "grants": ("principal",),
}
"""For `Platform.natural_keys`: field to the keys of its items."""

TABLE_FIELDS: Final = (
    "name",
    "type",
    "format",
    "location",
    "comment",
    "columns",
    "partitioned_by",
    "clustered_by",
    "properties",
    "constraints",
    "grants",
    "query",
    "contract",
    "build",
)
COLUMN_FIELDS: Final = ("name", "type", "nullable", "default", "generated", "mask", "comment")


def placed(value: str | bool, at: Node) -> Scalar:
    """A scalar that stands where `at` stands, with a value of its own: a type in canonical spelling, a name in
    lower case, ``nullable: false`` where the file says NOT NULL."""
    scalar = made(value, at)
    scalar.synthetic = False
    return scalar


def type_node(text: str, at: Node) -> Scalar:
    """The ``type`` of a column that is written as `text` at `at`."""
    return placed(canonical(text), at)


def name_node(text: str, at: Node) -> Scalar:
    """The ``name`` of a table or column: in lower case, without backticks."""
    return placed(text.replace("`", "").lower(), at)


def mapping(at: Node, fields: Iterable[tuple[str, Node | None]]) -> Mapping:
    """A mapping placed at `at`, of those `fields` that have a node, each key where its value is."""
    entries = [(placed(key, node), node) for key, node in fields if node is not None]
    return Mapping(entries, at.source, at.line, at.column, at.end_line, at.end_column)


def sequence(at: Node, items: Iterable[Node]) -> Sequence | None:
    """A list placed at its first item, None where there is none."""
    found = list(items)
    return Sequence(found, at.source, at.line, at.column, at.end_line, at.end_column) if found else None


def column(at: Node, **fields: Node | None) -> Mapping:
    """One column, placed at `at`. fields: as of `COLUMN_FIELDS`; raises ValueError for another."""
    return _of(at, COLUMN_FIELDS, fields)


def table(at: Node, **fields: Node | None) -> Mapping:
    """The body of one table, placed at `at`. fields: as of `TABLE_FIELDS`; raises ValueError for another."""
    return _of(at, TABLE_FIELDS, fields)


def _of(at: Node, known: tuple[str, ...], fields: dict[str, Node | None]) -> Mapping:
    unknown = fields.keys() - set(known)
    if unknown:
        raise ValueError(f"no field of a table or column: {', '.join(sorted(unknown))}")
    return mapping(at, ((name, fields.get(name)) for name in known))
