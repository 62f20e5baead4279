"""The index of an estate on disk, so that a run reads what changed and looks up what hangs off it.

SQLite, because a cache that is read whole grows with the estate: see benchmarks/README.md. Whatever is wrong with
the file, it counts as empty and is written anew; no answer depends on it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.dependencies import CatalogEntry, Dependency, FileFacts, Stated, Use
from riskcheck.graph.index import FileId, names_in
from riskcheck.models import Limitation, Location, Service

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

FORMAT: Final = f"4 {__version__}"
"""What facts are found depends on the program; another one starts anew."""

SPARE: Final = 4
"""Files may be kept of this many times the tree seen last, older versions among them."""

_TABLES: Final = """
create table meta(format text);
create table file(id integer primary key, path text, blob text, facts text, unique(path, blob));
create table name(name text, file integer, primary key(name, file)) without rowid;
create table tree(label text primary key);
"""


def open_index(path: str) -> StoredIndex | None:
    """The index in the file at `path`; None where there is no using it."""
    try:
        import sqlite3
    except ImportError:  # a Python built without it
        return None
    try:
        for _ in range(2):
            connection = sqlite3.connect(path, timeout=0.5, isolation_level=None)
            try:
                if _is_ready(connection):
                    return StoredIndex(connection)
            except sqlite3.OperationalError:  # in use by another run
                connection.close()
                return None
            except (sqlite3.DatabaseError, ValueError):
                pass
            connection.close()
            os.truncate(path, 0)
    except (sqlite3.Error, OSError):
        return None
    return None


def _is_ready(connection: sqlite3.Connection) -> bool:
    # The journal lies beside the file: a run that is killed between two pages is rolled back by the next. After a
    # power failure the file may be broken, which is as good as empty.
    connection.execute("pragma journal_mode = truncate")
    connection.execute("pragma synchronous = off")
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        connection.executescript(f"begin immediate; {_TABLES} commit;")
        connection.execute("insert into meta values (?)", (FORMAT,))
    return bool(connection.execute("select format from meta").fetchall() == [(FORMAT,)])


class StoredIndex:
    """An `Index` in a file. Raises nothing: an error of the database reads as knowing nothing, and is kept in
    `failed` so that the run can go on without it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.failed = False

    def is_complete(self, label: str) -> bool:
        return bool(self._all("select 1 from tree where label = ?", (label,)))

    def set_complete(self, label: str) -> None:
        self._do("insert or ignore into tree values (?)", (label,))

    def prune(self, files: Iterable[FileId]) -> None:
        held = set(files)
        if len(self._files("select path, blob from file")) <= SPARE * max(len(held), 1_000):
            return
        self._do("begin immediate")
        for file in self._files("select path, blob from file"):
            if file not in held:
                self._do("delete from file where path = ? and blob = ?", file)
        self._do("delete from name where file not in (select id from file)")
        self._do("delete from tree")
        self._do("commit")

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        wanted = list(files)
        if len(wanted) > 200:
            known = set(self._files("select path, blob from file"))
            return [file for file in wanted if file not in known]
        return [
            file for file in wanted if not self._all("select 1 from file where path = ? and blob = ?", file)
        ]

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        self._do("begin immediate")
        for file, facts in found:
            text = json.dumps(facts, separators=(",", ":")) if any(facts) else ""
            self._do("insert or ignore into file(path, blob, facts) values (?, ?, ?)", (*file, text))
            rows = self._all("select id from file where path = ? and blob = ?", file)
            for name in set(names_in(facts)):
                for (number,) in rows:
                    self._do("insert or ignore into name values (?, ?)", (name, number))
        self._do("commit")

    def naming(self, name: str) -> list[FileId]:
        query = (
            "select path, blob from name join file on file.id = name.file where name.name = ? order by 1, 2"
        )
        return self._files(query, (name,))

    def facts(self, file: FileId) -> FileFacts:
        for (text,) in self._all("select facts from file where path = ? and blob = ?", file):
            return decoded(text) if isinstance(text, str) and text else FileFacts()
        return FileFacts()

    def _files(self, query: str, values: tuple[object, ...] = ()) -> list[FileId]:
        return [FileId(str(path), str(blob)) for path, blob in self._all(query, values)]

    def _all(self, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        import sqlite3

        try:
            return self._connection.execute(query, _storable(values)).fetchall()
        except (sqlite3.Error, ValueError):
            self.failed = True
            return []

    def _do(self, query: str, values: tuple[object, ...] = ()) -> None:
        self._all(query, values)


def _storable(values: tuple[object, ...]) -> tuple[object, ...]:
    """Paths may hold what is no text; the database takes it as bytes written out."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    )


def decoded(text: str) -> FileFacts:
    """What `json.dumps` made of facts; nothing where it is something else."""
    with suppress(ValueError, TypeError, RecursionError):
        entries, stated, limitations = json.loads(text)
        return FileFacts(
            tuple(map(_entry, entries)),
            tuple(map(_stated, stated)),
            tuple(Limitation(*each) for each in limitations),
        )
    return FileFacts()


def _entry(held: list[object]) -> CatalogEntry:
    format_, service, location, fields, needed, aliases, lifecycle, slo = held
    return CatalogEntry(
        str(format_),
        _service(service),
        _location(location),
        tuple((str(name), _location(place)) for name, place in fields),  # type: ignore[attr-defined]
        tuple(
            Dependency(target, coupling, relation, _location(place), inverse)
            for target, coupling, relation, place, inverse in needed  # type: ignore[attr-defined]
        ),
        tuple(aliases),  # type: ignore[arg-type]
        lifecycle,  # type: ignore[arg-type]
        slo,  # type: ignore[arg-type]
    )


def _service(held: object) -> Service:
    if not isinstance(held, list):
        raise TypeError("no service")
    return Service._make(tuple(one) if isinstance(one, list) else one for one in held)


def _location(held: object) -> Location:
    if not isinstance(held, list):
        raise TypeError("no place")
    return Location(*held)


def _stated(held: list[object]) -> Stated:
    platform, kind, name, line, service, provides, uses = held
    return Stated(
        str(platform),
        str(kind),
        str(name),
        int(line),  # type: ignore[call-overload]
        service,  # type: ignore[arg-type]
        tuple(provides),  # type: ignore[arg-type]
        tuple(Use(*each) for each in uses),  # type: ignore[attr-defined]
    )
