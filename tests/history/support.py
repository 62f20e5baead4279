"""What tests of the history store share."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from riskcheck.history.model import History
from riskcheck.recording import recorded
from tests.gitrepo import GitRepo

TABLES = ("landed", "touched", "edited", "claim", "reverted", "brought")


def record(repo: GitRepo, tip: str = "HEAD", *, file: Path | None = None, jobs: int = 1) -> History:
    """The history of `repo`; in `file`, else in a store beside it that the next call goes on with."""
    store = file or repo.path.parent / f"{repo.path.name}.history"
    return recorded(str(repo.path), tip=tip, file=str(store), environ=repo.environ, jobs=jobs)


def taken_back(history: History) -> list[tuple[int, int, str]]:
    return [(one.number, one.by, one.source) for one in history.reverts]


def same(one: History, other: History) -> bool:
    return (one.changes, one.reverts, one.cut) == (other.changes, other.reverts, other.cut)


def content(file: Path) -> bytes:
    """All that a store holds, page by page, also what was deleted."""
    return file.read_bytes()


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
