"""git's raw diff format (``--raw -z --no-abbrev``) and what it says about paths.

https://git-scm.com/docs/git-diff-tree#_raw_output_format
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.sources.git import NOT_UNDERSTOOD, GitError
from riskcheck.sources.objects import GITLINK, LINK
from riskcheck.trees import Entry, EntryKind, PathChange, PathStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RAW: Final = ("-z", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv")

RENAMES: Final = ("-M", "-l400")
"""Renames by similarity, for at most 400 by 400 candidates: beyond that the search is quadratic and only files
that moved unedited are recognised."""

_STATUS: Final[dict[str, PathStatus]] = {
    "A": "added",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "typechanged",
}


class Record(NamedTuple):
    """One line of the raw format. Modes are octal text, ids full; ids and modes of an absent side are zeros.
    status: one letter; ``U`` for an unmerged path. old_path differs from path for a rename."""

    old_mode: str
    mode: str
    old_id: str
    id: str
    status: str
    old_path: str
    path: str


def records(output: bytes) -> Iterator[Record]:
    """The records of a raw diff. Raises `GitError` where git printed something else."""
    for commit, record in commit_records(output):
        if commit:
            raise GitError("diff", 0, NOT_UNDERSTOOD)
        yield record


def commit_records(output: bytes) -> Iterator[tuple[str, Record]]:
    """The records of ``diff-tree --stdin``, each with the id of its commit ("" where none is told). Raises
    `GitError` where git printed something else."""
    try:
        yield from _records(output)
    except (ValueError, RuntimeError):
        raise GitError("diff", 0, NOT_UNDERSTOOD) from None


def _records(output: bytes) -> Iterator[tuple[str, Record]]:
    commit = ""
    fields = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    for field in fields:
        if not field.startswith(":"):
            commit = field
            continue
        old_mode, mode, old_id, new_id, status = field[1:].split(" ")
        old_path = next(fields)
        path = next(fields) if status[0] in "RC" else old_path
        yield commit, Record(old_mode, mode, old_id, new_id, status[0], old_path, path)


def entry(path: str, mode: str, oid: str) -> Entry | None:
    """One side of a record; None where it has no such path. An id of zeros means that git did not compute it."""
    if not int(mode, 8):
        return None
    return Entry(path, kind(mode), oid if oid.strip("0") else None)


def kind(mode: str) -> EntryKind:
    """What an octal file mode makes of a path."""
    return "symlink" if mode == LINK else "submodule" if mode == GITLINK else "file"


def changes(found: Iterable[Record]) -> Iterator[PathChange]:
    """What differs, in git's order. A change of permission bits alone is none: no configuration is in them."""
    for record in found:
        base = entry(record.old_path, record.old_mode, record.old_id)
        head = entry(record.path, record.mode, record.id)
        if record.status == "M" and base and head and (base.kind, base.blob) == (head.kind, head.blob):
            continue
        yield PathChange(record.path, _STATUS.get(record.status, "modified"), record.old_path, base, head)
