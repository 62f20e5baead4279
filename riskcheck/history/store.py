"""The landed changes of a repository in one SQLite file, so that a run reads only those that landed since.

It can be made anew from the log at any time: whatever is wrong with it, it is emptied. No names of people are in
it, no titles and no values: see `riskcheck.history.model`.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

from riskcheck.history.model import EditedKey, LandedChange, TouchedPath
from riskcheck.history.reverts import Claim, Subject
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMAT: Final = "1"
"""Of the tables, and of what is read from a commit. Another one starts anew."""

PATIENCE: Final = 10.0
"""Seconds that a run waits for another one that writes."""

_TABLES: Final = (
    "create table meta(name text primary key, value text) without rowid",
    """create table landed(number integer primary key, commit_id text unique, clock integer, time integer,
    bot integer, merge integer, title text, also text, pull integer, files integer, added integer, removed integer,
    unread integer, signals text)""",
    "create table path(id integer primary key, path text unique)",
    """create table touched(number integer, position integer, path integer, status text, old integer,
    configuration integer, primary key(number, position)) without rowid""",
    "create index touched_by_path on touched(path, number)",
    "create table name(id integer primary key, path integer, key text, unique(path, key))",
    """create table edited(number integer, position integer, name integer, operation text, shape text,
    primary key(number, position)) without rowid""",
    "create index edited_by_name on edited(name, number)",
    "create table claim(number integer, source text, what text)",
    "create table brought(commit_id text primary key, number integer) without rowid",
)


class StoreError(Exception):
    """The file cannot be used: somebody else writes it for long, the disk is full, it cannot be read."""


class Noted(NamedTuple):
    """A landed change as it is put in: with what its message claims, and the commits that it brought.

    clock: its own committer date. titles: digests of its first line and of what it merged.
    """

    change: LandedChange
    clock: int
    titles: tuple[str, str]
    claims: tuple[Claim, ...]
    brought: tuple[str, ...]


class HistoryStore:
    """The file at `path`, made where there is none. Every method raises `StoreError`."""

    def __init__(self, path: str, *, writable: bool = True) -> None:
        self.path = path
        self.writable = writable
        self._connection = _opened(path, writable)

    def close(self) -> None:
        self._connection.close()

    def tip(self) -> str | None:
        """The newest commit that was noted."""
        found = self._all("select commit_id from landed order by number desc limit 1")
        return str(found[0][0]) if found else None

    def newest(self, count: int) -> list[tuple[int, str, int]]:
        """Number, commit and own clock of the last `count`, oldest first."""
        rows = self._all("select number, commit_id, clock from landed order by number desc limit ?", (count,))
        return [(number, commit, clock) for number, commit, clock in reversed(rows)]

    def number_of(self, commit: str) -> int | None:
        found = self._all("select number from landed where commit_id = ?", (commit,))
        return int(found[0][0]) if found else None

    def meta(self, name: str) -> str | None:
        found = self._all("select value from meta where name = ?", (name,))
        return str(found[0][0]) if found else None

    def clear(self) -> None:
        """Forgets everything."""
        self.cut_after(-1)
        self._all("delete from path")
        self._all("delete from name")

    def cut_after(self, number: int) -> None:
        """Forgets what came after change `number`: the branch was rewritten there."""
        self._all("begin immediate")
        for table in ("landed", "touched", "edited", "claim", "brought"):
            self._all(f"delete from {table} where number > ?", (number,))  # noqa: S608  # names of our own
        self._all("commit")

    def append(self, noted: Sequence[Noted], meta: Iterable[tuple[str, str]] = ()) -> None:
        """Puts in what landed next, all of it or nothing."""
        self._all("begin immediate")
        try:
            for one in noted:
                self._put(one)
            for name, value in meta:
                self._all("insert or replace into meta values (?, ?)", (name, value))
        except BaseException:
            self._connection.rollback()
            raise
        self._all("commit")

    def changes(self) -> Iterator[LandedChange]:
        """All landed changes, oldest first."""
        paths = dict(self._all("select id, path from path"))
        touched = _grouped(
            self._all(
                "select number, path, status, old, configuration from touched order by number, position"
            )
        )
        names = {
            number: (paths[path], key) for number, path, key in self._all("select id, path, key from name")
        }
        edited = _grouped(
            self._all("select number, name, operation, shape from edited order by number, position")
        )
        columns = "number, commit_id, time, bot, merge, also, pull, files, added, removed, signals, unread"
        for row in self._all(f"select {columns} from landed order by number"):  # noqa: S608  # names of our own
            number, commit, time, bot, merge, title, pull, files, added, removed, signals, unread = row
            yield LandedChange(
                number,
                commit,
                time,
                bool(bot),
                bool(merge),
                title,
                pull,
                files,
                added,
                removed,
                tuple(
                    TouchedPath(paths[path], status, paths[old], bool(configuration))
                    for path, status, old, configuration in touched.get(number, ())
                ),
                tuple(
                    EditedKey(*names[name], operation, shape)
                    for name, operation, shape in edited.get(number, ())
                ),
                tuple(signals.split()),
                unread,
            )

    def subjects(self) -> list[Subject]:
        rows = self._all("select number, title, also, pull, signals from landed order by number")
        return [
            Subject(number, (title, also), pull, "planned" in signals.split())
            for number, title, also, pull, signals in rows
        ]

    def claims(self) -> list[Claim]:
        return [Claim(*row) for row in self._all("select number, source, what from claim order by number")]

    def commits(self) -> dict[str, int]:
        """Commit to the number of the change that it landed with."""
        found = dict(self._all("select commit_id, number from brought"))
        found.update(self._all("select commit_id, number from landed"))
        return found

    def _put(self, noted: Noted) -> None:
        change = noted.change
        number = change.number
        self._all(
            "insert into landed values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, change.commit, noted.clock, change.time, change.bot, change.merge, *noted.titles),
                *(change.pull, change.files, change.added, change.removed, change.unread),
                " ".join(change.signals),
            ),
        )
        paths = [one for touched in change.paths for one in (touched.path, touched.old_path)]
        paths += [edited.path for edited in change.keys]
        ids = self._ids(dict.fromkeys(paths))
        self._many(
            "insert into touched values (?, ?, ?, ?, ?, ?)",
            [
                (number, position, ids[one.path], one.status, ids[one.old_path], one.configuration)
                for position, one in enumerate(change.paths)
            ],
        )
        keys = [(ids[one.path], _storable(one.key)) for one in change.keys]
        self._many("insert or ignore into name(path, key) values (?, ?)", keys)
        rows = [
            (number, position, one.operation, one.shape, *key)
            for position, (one, key) in enumerate(zip(change.keys, keys, strict=True))
        ]
        self._many(
            "insert into edited select ?1, ?2, id, ?3, ?4 from name where path = ?5 and key = ?6",
            rows,
        )
        self._many("insert into claim values (?, ?, ?)", noted.claims)
        self._many(
            "insert or ignore into brought values (?, ?)", [(commit, number) for commit in noted.brought]
        )

    def _ids(self, paths: Iterable[str]) -> dict[str, int]:
        wanted = {path: _storable(path) for path in paths}
        self._many("insert or ignore into path(path) values (?)", [(one,) for one in wanted.values()])
        return {
            path: self._all("select id from path where path = ?", (kept,))[0][0]
            for path, kept in wanted.items()
        }

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._connection.execute(statement, values).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(f"{self.path}: {error}") from error

    def _many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(f"{self.path}: {error}") from error


def _storable(text: str) -> str:
    """`text` as a database takes it: names of files are any bytes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _grouped(rows: Iterable[tuple]) -> dict[int, list[tuple]]:  # type: ignore[type-arg]
    found: dict[int, list[tuple]] = {}  # type: ignore[type-arg]
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return found


def _opened(path: str, writable: bool) -> sqlite3.Connection:
    """Raises `StoreError`."""
    try:
        for _ in range(2):
            connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            try:
                connection.execute("pragma synchronous = off")
                if _is_ready(connection):
                    return connection
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    connection.close()
                    raise
            connection.close()
            if not writable:
                break
            os.truncate(path, 0)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: {error}") from error
    raise StoreError(f"{path} is no history of this version of riskcheck")


_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA)


def _is_ready(connection: sqlite3.Connection) -> bool:
    """Whether its tables are those of this version; makes them in an empty file."""
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        connection.execute("begin immediate")
        for table in _TABLES:
            connection.execute(table)
        connection.execute("insert into meta values ('format', ?)", (FORMAT,))
        connection.execute("commit")
    return bool(connection.execute("select value from meta where name = 'format'").fetchall() == [(FORMAT,)])
