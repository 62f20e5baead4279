"""The landed changes of a repository in one SQLite file, so that a run reads only those that landed since.

It can be made anew from the log at any time: whatever is wrong with it, it is emptied. No names of people are in
it, no titles and no values: see `riskcheck.history.model`.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.history.model import EditedKey, LandedChange, Revert, TouchedPath
from riskcheck.history.past import component_of, folder_of, is_judged
from riskcheck.history.reverts import Claim, Subject
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMAT: Final = f"3 {__version__}"
"""Of the tables, and of what is read from a commit, which depends on the program. Another one starts anew."""

PATIENCE: Final = 10.0
"""Seconds that a run waits for another one that writes."""

_OURS: Final = 0x7269736B
"""What says, in the head of a file, that it is a store: whatever else is wrong with it, it may be made anew.
https://www.sqlite.org/fileformat2.html#application_id"""

REVERTS: Final = "reverts-at"
"""What the store calls the newest change that it had when it was last said which were taken back."""

_TABLES: Final = (
    "create table meta(name text primary key, value text) without rowid",
    """create table landed(number integer primary key, commit_id text unique, clock integer, time integer,
    bot integer, merge integer, title text, also text, pull integer, files integer, added integer, removed integer,
    unread integer, signals text, lines integer, judged integer)""",
    "create table path(id integer primary key, path text unique, folder text, component text)",
    "create index path_by_folder on path(folder)",
    "create index path_by_component on path(component)",
    """create table touched(number integer, position integer, path integer, status text, old integer,
    configuration integer, primary key(number, position)) without rowid""",
    "create index touched_by_path on touched(path, number)",
    "create table name(id integer primary key, path integer, key text, unique(path, key))",
    """create table edited(number integer, position integer, name integer, operation text, shape text,
    primary key(number, position)) without rowid""",
    "create index edited_by_name on edited(name, number)",
    "create table claim(number integer, source text, what text)",
    """create table reverted(number integer primary key, by integer, source text, planned integer)""",
    "create table brought(commit_id text primary key, number integer) without rowid",
)


class StoreError(Exception):
    """The file cannot be used: somebody else writes it for long, the disk is full, it cannot be read. damaged: what
    is in it is no history; emptied, it can be made anew. raced: another run put in something meanwhile.
    busy: another run writes it right now."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(f"{path}: {error}")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        self.damaged = code in _DAMAGED
        self.busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        self.raced = code == sqlite3.SQLITE_CONSTRAINT or isinstance(error, _RacedError)


class _RacedError(Exception):
    pass


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
    """The file at `path`, made where there is none. Every method raises `StoreError`.

    private: nobody else keeps anything there, so that whatever else is in it goes. fresh: whether it may be made,
    or made anew; else it has to be there. patience: seconds to wait for another run that writes.
    """

    def __init__(
        self, path: str, *, private: bool = False, fresh: bool = True, patience: float = PATIENCE
    ) -> None:
        self.path = path
        self._connection = _opened(path, private, fresh, patience)

    def close(self) -> None:
        self._connection.close()

    def __len__(self) -> int:
        """How many landed changes it has."""
        return int(self._all("select coalesce(max(number), -1) + 1 from landed")[0][0])

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
        for table in ("landed", "touched", "edited", "claim", "brought", "reverted"):
            self._all(f"delete from {table} where number > ?", (number,))  # noqa: S608  # names of our own
        self._all("delete from reverted where by > ?", (number,))
        self._all("delete from meta where name = ?", (REVERTS,))
        self._all("commit")

    def append(self, noted: Sequence[Noted], meta: Iterable[tuple[str, str]] = ()) -> None:
        """Puts in what landed next, all of it or nothing."""
        self._all("begin immediate")
        try:
            held = self._all("select coalesce(max(number), -1) from landed")[0][0]
            if noted and noted[0].change.number != held + 1:
                raise StoreError(self.path, _RacedError("another run writes it; try again"))
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
        columns = (
            "number, commit_id, time, bot, merge, also, pull, files, added, removed, signals, unread, lines"
        )
        for row in self._all(f"select {columns} from landed order by number"):  # noqa: S608  # names of our own
            number, commit, time, bot, merge, title, pull, files, added, removed, signals, unread, lines = row
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
                lines,
            )

    def subjects(self) -> list[Subject]:
        rows = self._all("select number, title, also, pull, signals from landed order by number")
        return [
            Subject(number, (title, also), pull, "planned" in signals.split())
            for number, title, also, pull, signals in rows
        ]

    def claims(self) -> list[Claim]:
        return [Claim(*row) for row in self._all("select number, source, what from claim order by number")]

    def set_reverts(self, reverts: Iterable[Revert]) -> None:
        """Says which changes were taken back, once for all."""
        self._all("begin immediate")
        self._all("delete from reverted")
        self._many("insert into reverted values (?, ?, ?, ?)", reverts)
        self.set_meta(REVERTS, self.tip() or "")
        self._all("commit")

    def reverts(self) -> tuple[Revert, ...]:
        """What `set_reverts` was told."""
        rows = self._all("select number, by, source, planned from reverted order by number")
        return tuple(Revert(number, by, source, bool(planned)) for number, by, source, planned in rows)

    def set_meta(self, name: str, value: str) -> None:
        self._all("insert or replace into meta values (?, ?)", (name, value))

    def ask(self, question: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of a query; for `riskcheck.history.stored`, which knows the tables."""
        return self._all(question, values)

    def commits(self) -> dict[str, int]:
        """Commit to the number of the change that it landed with."""
        found = dict(self._all("select commit_id, number from brought"))
        found.update(self._all("select commit_id, number from landed"))
        return found

    def _put(self, noted: Noted) -> None:
        change = noted.change
        number = change.number
        self._all(
            "insert into landed values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, change.commit, noted.clock, change.time, change.bot, change.merge, *noted.titles),
                *(change.pull, change.files, change.added, change.removed, change.unread),
                " ".join(change.signals),
                change.lines,
                is_judged(change),
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
        keys = [(ids[one.path], storable(one.key)) for one in change.keys]
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
        wanted = {path: storable(path) for path in paths}
        self._many(
            "insert or ignore into path(path, folder, component) values (?, ?, ?)",
            [(one, folder_of(one), component_of(one)) for one in wanted.values()],
        )
        return {
            path: self._all("select id from path where path = ?", (kept,))[0][0]
            for path, kept in wanted.items()
        }

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._connection.execute(statement, values).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(self.path, error) from error

    def _many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(self.path, error) from error


def storable(text: str) -> str:
    """`text` as a database takes it: names of files are any bytes."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _grouped(rows: Iterable[tuple]) -> dict[int, list[tuple]]:  # type: ignore[type-arg]
    found: dict[int, list[tuple]] = {}  # type: ignore[type-arg]
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return found


def _opened(path: str, private: bool, fresh: bool, patience: float) -> sqlite3.Connection:
    """Raises `StoreError`."""
    try:
        if not fresh and not os.path.getsize(path):  # noqa: PTH202  # start-up time
            raise StoreError(path, ValueError(_NONE))
        for _ in range(2):
            connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
            try:
                connection.execute("pragma synchronous = off")
                if _is_ready(connection):
                    return connection
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    connection.close()
                    raise
            connection.close()
            if not fresh or not (private or is_store(path)):
                break
            os.truncate(path, 0)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(path, error) from error
    raise StoreError(path, ValueError(_NONE))


_NONE: Final = "it is no history store of this version of riskcheck"


def is_store(path: str) -> bool:
    """Whether the file at `path` is a store, of whatever version, or nothing yet. Raises `OSError`."""
    with open(path, "rb") as file:  # noqa: PTH123
        head = file.read(72)
    return not head or (head.startswith(b"SQLite format 3\0") and head[68:72] == _OURS.to_bytes(4))


_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA)


def _is_ready(connection: sqlite3.Connection) -> bool:
    """Whether its tables are those of this version; makes them in an empty file."""
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        connection.execute("begin immediate")
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"pragma application_id = {_OURS}")
        connection.execute("insert into meta values ('format', ?)", (FORMAT,))
        connection.execute("commit")
    return bool(connection.execute("select value from meta where name = 'format'").fetchall() == [(FORMAT,)])
