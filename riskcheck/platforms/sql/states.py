"""What is known of a table before a change: what the SQL files of the base say was made of it, in their order."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.platforms.sql.files import is_sql, is_undo, order_of
from riskcheck.platforms.sql.script import Entry, read_script
from riskcheck.records import NamedTuple
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.nodes import Node

MOST_FILES: Final = 4_000
MOST_CHARACTERS: Final = 40_000_000
"""Size of the estate of SQL files that is looked through."""

MOST_NAMES: Final = 500
"""Tables that are looked up."""

MOST_COMPARED: Final = 200
"""Statements about things of the same last name that are compared."""

_FILLS: Final = frozenset({"INSERT", "COPY", "MERGE"})


class TableState(NamedTuple):
    """columns: lower-case name to type. named: some statement is about it. created: one creates it. made_anew:
    every CREATE of it brings its contents along, so that it can be made again."""

    columns: dict[str, str]
    properties: dict[str, str]
    named: bool = False
    created: bool = False
    made_anew: bool = False
    external: bool = False


_NOTHING: Final = TableState({}, {})


class KnownTables:
    """The tables that the SQL files of one tree make. Files are read when the first one is asked for."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._texts: list[tuple[str, str]] | None = None
        self._states: dict[str, TableState] = {}
        self._entries: dict[str, dict[str, list[Entry]]] = {}
        self.complete = True
        """False where there is more than is looked through."""

    def state(self, full: str) -> TableState:
        """What is known of a table called `full`, told as far as both names are."""
        known = self._states.get(full)
        if known is None:
            if len(self._states) >= MOST_NAMES:
                self.complete = False
                return _NOTHING
            known = self._states[full] = self._fold(full)
        return known

    def _fold(self, full: str) -> TableState:
        last = full.rpartition(".")[2]
        if not last:
            return _NOTHING
        state = TableState({}, {})
        creations = queries = 0
        for path, text in self._read():
            if last not in text:
                continue
            for entry in self._of(path).get(last, ()):
                if not same_name(entry.full, full):
                    continue
                created = entry.verb == "CREATE"
                creations += created
                queries += created and bool(entry.statement.flags & {"query", "clone"})
                state = applied(state, entry)._replace(named=True, created=state.created or created)
        return state._replace(made_anew=creations > 0 and creations == queries)

    def _of(self, path: str) -> dict[str, list[Entry]]:
        """The statements of a file by the last part of what they are about."""
        known = self._entries.get(path)
        if known is None:
            document = self._documents.get(path)
            known = self._entries[path] = {}
            for entry in read_script(path, document.side, document.text).entries:
                known.setdefault(entry.full.rpartition(".")[2], []).append(entry)
        return known

    def _read(self) -> list[tuple[str, str]]:
        """(path, text in lower case) of all SQL files, in the order in which they run."""
        if self._texts is None:
            tree = self._documents.tree
            paths = sorted(
                (path for path in tree.entries() if is_sql(path) and not is_undo(path)), key=order_of
            )
            self.complete = len(paths) <= MOST_FILES
            paths = paths[:MOST_FILES]
            tree.prefetch(paths)
            self._texts = []
            total = 0
            for path in paths:
                text = self._documents.get(path).text
                total += len(text)
                if total > MOST_CHARACTERS:
                    self.complete = False
                    break
                self._texts.append((path, text.lower()))
        return self._texts


def same_name(one: str, other: str) -> bool:
    """Whether two names, told as far as they are, may be of the same thing. A part with a template fits any."""
    if not one or not other:
        return False
    for left, right in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if left != right and not _is_open(left) and not _is_open(right):
            return False
    return True


def _is_open(part: str) -> bool:
    return "{" in part


def applied(state: TableState, entry: Entry) -> TableState:
    """`state` after one more statement."""
    values = dict(entry.statement.values)
    columns, properties = dict(state.columns), dict(state.properties)
    if entry.verb == "CREATE":
        declared = _columns(values.get("columns"))
        if "replace" in entry.statement.flags:
            columns, properties = declared, {}
        else:
            columns = {**declared, **columns} if state.created else declared
    for action in _items(values.get("actions")):
        _act(columns, action)
    properties.update(_texts(values.get("properties")))
    for key in _texts(values.get("unset")):
        properties.pop(key, None)
    if entry.verb == "DROP":
        columns, properties = {}, {}
    external = "external" in entry.statement.flags if entry.verb == "CREATE" else state.external
    return state._replace(columns=columns, properties=properties, external=external)


def _act(columns: dict[str, str], action: Mapping) -> None:
    what, column = text_of(action, "action"), text_of(action, "column")
    if what == "DROP_COLUMN":
        columns.pop(column, None)
    elif what == "RENAME_COLUMN" and column in columns:
        columns[text_of(action, "to")] = columns.pop(column)
    elif what == "CHANGE_TYPE":
        columns[column] = text_of(action, "type")
    elif what == "ADD_COLUMN":
        definition = action.get("definition")
        columns[column] = text_of(definition, "type") if isinstance(definition, Mapping) else ""
    elif what == "REPLACE_COLUMNS":
        columns.clear()
        columns.update(_columns(action.get("columns")))


def _columns(node: Node | None) -> dict[str, str]:
    return {text_of(one, "name"): text_of(one, "type") for one in _items(node)}


def _items(node: Node | None) -> list[Mapping]:
    return [one for one in node.items if isinstance(one, Mapping)] if isinstance(node, Sequence) else []


def _texts(node: Node | None) -> dict[str, str]:
    if not isinstance(node, Mapping):
        return {}
    return {key.raw: one.raw for key, one in node.entries if isinstance(one, Scalar)}


class Fillings:
    """Which statements of a script make or fill what an earlier one empties or drops."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self._filled: dict[str, list[tuple[int, str]]] = {}
        for number, entry in enumerate(entries):
            for full in _filled_by(entry):
                self._filled.setdefault(full.rpartition(".")[2], []).append((number, full))

    def after(self, number: int, full: str) -> bool:
        """Whether one behind statement `number` fills `full`."""
        places = self._filled.get(full.rpartition(".")[2], [])
        later = bisect_right(places, number, key=lambda place: place[0])
        return any(same_name(other, full) for _, other in places[later : later + MOST_COMPARED])


def _filled_by(entry: Entry) -> Iterator[str]:
    """What a statement fills: rows are added, a query makes it, or a table gets its name."""
    made = entry.verb == "CREATE" and entry.statement.flags & {"query", "clone"}
    if entry.verb in _FILLS or made:
        yield entry.full
    for action in _items(dict(entry.statement.values).get("actions")):
        if text_of(action, "action") == "RENAME":
            yield text_of(action, "to")
