"""The tables that one SQL file makes, reads and fills, by the names that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.platforms.sql.creating import TABULAR
from riskcheck.platforms.sql.files import foreign_dialect, is_dbt
from riskcheck.platforms.sql.lexing import Cursor
from riskcheck.platforms.sql.script import Entry, Script, read_script, under
from riskcheck.records import NamedTuple
from riskcheck.tables.names import table_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.sql.lexing import Token

MOST_USES: Final = 2_000
_READS: Final = frozenset({"FROM", "JOIN", "USING"})
_FILLS: Final = frozenset({"COPY", "DELETE", "INSERT", "MERGE", "UPDATE"})


def stated(document: Document) -> Iterator[Stated]:
    """The file as one thing that uses tables, then each table that it makes. Nothing of templates of dbt, and of
    files for another database."""
    text = document.text
    if not text or is_dbt(text) or foreign_dialect(document.path, text) is not None:
        return
    script = read_script(document.path, document.side, text)
    made = {
        name: Stated("sql", "tables", entry.full, script.line(entry.statement.piece), None, (name,))
        for entry in script.entries
        if entry.verb == "CREATE"
        and entry.object in TABULAR
        and (name := table_reference(entry.full)) is not None
    }
    places = script.places
    uses = [Use(use.target, "hard", use.relation, places.line_of(use.start)) for use in used(script)]
    if uses:
        yield Stated("sql", "statements", document.path, 1, None, (), tuple(uses))
    yield from made.values()


class Used(NamedTuple):
    """A table of elsewhere that a script needs. target: in the notation of references. start, end: of its name."""

    target: str
    relation: str
    start: int
    end: int


def used(script: Script) -> list[Used]:
    """Each table that a script reads or fills and does not make itself; the first place of each."""
    found: dict[str, Used] = {}
    made = set()
    for entry in script.entries:
        name, at = table_reference(entry.full), entry.statement.name
        if name is not None and entry.verb == "CREATE" and entry.object in TABULAR:
            made.add(name)
        elif name is not None and at is not None and entry.verb in _FILLS:
            found.setdefault(name, Used(name, "fills", at.start, at.end))
        for one in _read(script, entry):
            found.setdefault(one.target, one)
    return [one for name, one in found.items() if name not in made][:MOST_USES]


def _read(script: Script, entry: Entry) -> Iterator[Used]:
    """Tables behind FROM, JOIN and USING, but no common table expressions, functions and files."""
    tokens = entry.statement.piece.tokens
    local = set(_named_queries(tokens))
    cursor = Cursor(tokens, script.places.text)
    while not cursor.done:
        if cursor.upper() not in _READS:
            cursor.at += 1
            continue
        cursor.at += 1
        cursor.takes_any("STREAM", "LATERAL")
        name = cursor.name()
        if name is None or not name.parts or cursor.mark() == "(" or name.text.lower() in local:
            continue
        found = table_reference(under(name, "TABLE", *entry.scope))
        if found is not None:
            yield Used(found, "reads", name.start, name.end)


def _named_queries(tokens: tuple[Token, ...]) -> Iterator[str]:
    """``x`` of ``WITH x AS (…)``."""
    for one, word, mark in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.upper == "AS" and mark.kind == "mark" and mark.text == "(":
            yield one.text.lower()
