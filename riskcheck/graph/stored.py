"""The index of an estate on disk, so that a run reads what changed and looks up what hangs off it.

SQLite, because a cache that is read whole grows with the estate: see benchmarks/README.md. Whatever is wrong with
the file is said to the caller, who reads everything anew; no answer depends on it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

from riskcheck import __version__
from riskcheck.dependencies import CatalogEntry, Dependency, FileFacts, Stated, Use
from riskcheck.graph.index import FileId, names_in
from riskcheck.models import Limitation, Location, Service
from riskcheck.program import parsers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

FORMAT: Final = f"5 {__version__}"
"""What facts are found depends on the program; another one starts anew."""

SPARE: Final = 4
"""Files may be kept of this many times the tree seen last, older versions among them."""

PATIENCE: Final = 0.5
"""Seconds that a run waits for another one that writes; then it goes on without what is kept."""

_TABLES: Final = (
    "create table if not exists meta(format text)",
    """create table if not exists file
    (id integer primary key, path text, blob text, facts text, sum integer, unique(path, blob))""",
    "create table if not exists name(name text, file integer, primary key(name, file)) without rowid",
    "create table if not exists tree(label text primary key)",
)


class BrokenIndexError(Exception):
    """The database cannot be used, or no longer: it is damaged, in use for long, or cannot be written."""


def open_index(path: str) -> StoredIndex | None:
    """The index in the file at `path`; None where there is no using it."""
    try:
        import sqlite3
    except ImportError:  # a Python built without it
        return None
    wanted = f"{FORMAT} {parsers()}"
    try:
        for _ in range(2):
            connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            try:
                if _is_ready(connection, wanted):
                    return StoredIndex(connection, path)
            except (sqlite3.Error, ValueError) as error:
                if _is_busy(error):
                    connection.close()
                    return None
            connection.close()
            os.truncate(path, 0)
    except (sqlite3.Error, OSError):
        return None
    return None


def _is_ready(connection: sqlite3.Connection, wanted: str) -> bool:
    # What a run that is killed leaves half written is taken back from the journal by the next one. Nothing is
    # forced to the disk: a loss of power costs the cache at worst, and each row is checked as it is read.
    connection.execute("pragma synchronous = off")
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        connection.execute("begin immediate")
        for table in _TABLES:
            connection.execute(table)
        connection.execute("insert into meta select ? where not exists (select 1 from meta)", (wanted,))
        connection.execute("commit")
    return bool(connection.execute("select format from meta").fetchall() == [(wanted,)])


def _is_busy(error: Exception) -> bool:
    """Whether another run, the system or the disk is in the way, and not what the file holds."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL),
        *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_INTERRUPT),
    )


class StoredIndex:
    """An `Index` in a file. Every method raises `BrokenIndexError` where the file is of no use; it is emptied then,
    unless somebody else only has it for the moment."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self._path = path

    def is_complete(self, label: str) -> bool:
        return bool(self._all("select 1 from tree where label = ?", (label,)))

    def set_complete(self, label: str) -> None:
        self._all("insert or ignore into tree values (?)", (label,))

    def prune(self, files: Iterable[FileId]) -> None:
        held = set(files)
        if len(self._files("select path, blob from file")) <= SPARE * max(len(held), 1_000):
            return
        self._all("begin immediate")
        for file in self._files("select path, blob from file"):
            if file not in held:
                self._all("delete from file where path = ? and blob = ?", file)
        self._all("delete from name where file not in (select id from file)")
        self._all("delete from tree")
        self._all("commit")

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        wanted = list(files)
        if len(wanted) > 200:
            known = set(self._files("select path, blob from file"))
            return [file for file in wanted if file not in known]
        return [
            file for file in wanted if not self._all("select 1 from file where path = ? and blob = ?", file)
        ]

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        # All is worked out before others have to wait.
        rows = [(file, _text(facts), sorted(set(names_in(facts)))) for file, facts in found]
        self._all("begin immediate")
        for file, text, names in rows:
            known = self._all("select 1 from file where path = ? and blob = ?", file)
            if known:  # another run was quicker
                continue
            values = (*file, text, _sum(file, text))
            ((number,),) = self._all(
                "insert into file(path, blob, facts, sum) values (?, ?, ?, ?) returning id", values
            )
            for name in names:
                self._all("insert into name values (?, ?)", (name, number))
        self._all("commit")

    def naming(self, name: str) -> list[FileId]:
        query = "select path, blob from name join file on file.id = name.file where name.name = ?"
        return sorted(self._files(query, (name,)))

    def facts(self, file: FileId) -> FileFacts:
        for text, checked in self._all("select facts, sum from file where path = ? and blob = ?", file):
            facts = decoded(text) if isinstance(text, str) and checked == _sum(file, text) else None
            if facts is None:
                self._discard()
                raise BrokenIndexError("facts are damaged")
            return facts
        return FileFacts()

    def _files(self, query: str, values: tuple[object, ...] = ()) -> list[FileId]:
        return [FileId(_plain(path), _plain(blob)) for path, blob in self._all(query, values)]

    def _all(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        import sqlite3

        try:
            return self._connection.execute(query, _storable(values)).fetchall()
        except (sqlite3.Error, ValueError) as error:
            if not _is_busy(error):
                self._discard()
            raise BrokenIndexError(str(error)) from None

    def _discard(self) -> None:
        """Empties the file, so that the next run starts anew."""
        import sqlite3

        with suppress(OSError, sqlite3.Error):
            self._connection.close()
            os.truncate(self._path, 0)


def _text(facts: FileFacts) -> str:
    return json.dumps(facts, separators=(",", ":")) if any(facts) else ""


def _sum(file: FileId, text: str) -> int:
    return crc32("\0".join((*file, text)).encode("utf-8", "surrogatepass"))


def _storable(values: Iterable[object]) -> tuple[object, ...]:
    """Paths and names may hold what is no text; the database takes it as bytes."""
    return tuple(
        value.encode("utf-8", "surrogatepass") if isinstance(value, str) and not _is_text(value) else value
        for value in values
    )


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _plain(value: object) -> str:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def decoded(text: str) -> FileFacts | None:
    """What `_text` made of facts; None where it is something else."""
    if not text:
        return FileFacts()
    with suppress(ValueError, TypeError, RecursionError):
        entries, stated, limitations = json.loads(text)
        return FileFacts(
            tuple(map(_entry, entries)),
            tuple(map(_stated, stated)),
            tuple(Limitation(*each) for each in limitations),
        )
    return None


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
