"""What one file of a project needs: references of queries, of exposures and of tests between tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.dependencies import Stated, Use
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.dbt.jinja import references_in
from riskcheck.platforms.dbt.places import QUERY, reference_name, reference_root, stem_of
from riskcheck.platforms.dbt.project import entries_of
from riskcheck.platforms.dbt.testing import KEYS
from riskcheck.tables.names import ANY, column_reference, table_reference
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.dbt.project import Entry


def stated(document: Document) -> Iterator[Stated]:
    """Never raises on bad input."""
    root = reference_root(document.path)
    if document.path.endswith(QUERY):
        yield from _of_query(document, root)
    elif isinstance(document.root, Mapping):
        yield from _of_exposures(document.root, root)
        for name, entry in entries_of(document):
            uses = [*_of_source(entry), *_of_tests(entry, root)]
            if uses:
                yield _stated(KIND, name, entry.body, root, uses)


def _of_query(document: Document, root: str) -> Iterator[Stated]:
    text, name = document.text, stem_of(document.path)
    uses = [
        Use(reference_name(root, one.name), "hard", one.relation, text.count("\n", 0, one.start) + 1)
        for one in references_in(text)
        if one.name != name
    ]
    if uses:
        provided = (reference_name(root, name),)
        yield Stated("dbt", KIND, name, 1, None, provided, tuple(uses))


def _of_exposures(holder: Mapping, root: str) -> Iterator[Stated]:
    """Dashboards, notebooks and applications: https://docs.getdbt.com/reference/exposure-properties"""
    for item in items_of(holder, "exposures"):
        listed = item.get("depends_on")
        uses = [
            Use(reference_name(root, one.name), "hard", "depends_on", node.file_line)
            for node in (listed.items if isinstance(listed, Sequence) else ())
            if isinstance(node, Scalar)
            for one in references_in(node.raw)
        ]
        if uses and text_of(item, "name"):
            yield Stated("dbt", "exposures", text_of(item, "name"), item.file_line, None, (), tuple(uses))


def _of_source(entry: Entry) -> Iterator[Use]:
    """The table that a source stands for, where its schema is told."""
    if entry.source is None:
        return
    schema = text_of(entry.source, "schema") or text_of(entry.source, "name")
    table = text_of(entry.body, "identifier") or text_of(entry.body, "name")
    parts = [part for part in (text_of(entry.source, "database"), schema, table) if part]
    target = table_reference(".".join(ANY if "{" in part else part for part in parts))
    if target is not None:
        yield Use(target, "hard", "source", entry.body.file_line)


def _of_tests(entry: Entry, root: str) -> Iterator[Use]:
    """Columns of other tables that ``relationships`` look up."""
    for column in items_of(entry.body, "columns"):
        for key in KEYS:
            for test in items_of(column, key):
                yield from _of_relationship(test.get("relationships"), root)


def _of_relationship(node: Node | None, root: str) -> Iterator[Use]:
    if not isinstance(node, Mapping):
        return
    nested = node.get("arguments")
    inner = nested if isinstance(nested, Mapping) else node
    field = text_of(inner, "field")
    for one in references_in(text_of(inner, "to")):
        if field:
            target = column_reference(reference_name(root, one.name), field)
            yield Use(target, "hard", "relationships", node.file_line)


def _stated(kind: str, name: str, at: Mapping, root: str, uses: list[Use]) -> Stated:
    provided = (reference_name(root, name),)
    return Stated("dbt", kind, name, at.file_line, None, provided, tuple(dict.fromkeys(uses)))
