"""The landed changes of a branch: its commits along the first parents, each against its first parent.

Who wrote a commit is looked at for one thing, whether it was a program, and never handed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.sources.git import NOT_UNDERSTOOD, GitError
from riskcheck.sources.raw import RAW, RENAMES, Record, entry
from riskcheck.sources.spec import SourceError
from riskcheck.trees import Entry, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from riskcheck.models import Side
    from riskcheck.sources.repository import Repository

_PROGRAM: Final = regex(
    r"(?i)\[bot\]|\bbot@|[-_.]bot\b|\bbot\b|\w{3}(?<!tal)bot@|robot\b|automation|automated|renovate|dependabot"
    r"|github-actions|image-updater|^jenkins\b|(?<![\w.])jenkins(?:-\w{1,30})?@|\bci@|\bkonflux\b|\bsvc[-_.]"
    r"|\bservice[-_. ]account"
)
"""In the name or the address of who wrote a commit: it was a program."""

_BUMP: Final = regex(
    r"(?i)(?:chore|build|fix)\(deps(?:-dev)?\)|bump \S+ from \S+ to |update (?:dependency|helm release|docker tag) "
    r"|automatic (?:update|promotion)|\[bot\]"
)
"""How messages of programs begin that write in the name of people."""


LATEST: Final = 253_402_300_799
"""The end of the year 9999, seconds since the epoch: clocks of commits can say anything."""


class ListedCommit(NamedTuple):
    """A commit along the first parents. parents: the first one first. time: what its clock said when it was
    committed, seconds since the epoch."""

    commit: str
    parents: tuple[str, ...]
    time: int


class LandedCommit(NamedTuple):
    """A listed commit and what it says and changed. automatic: a program wrote it. records: as git tells them;
    added, removed: lines of all of them, None where git could not tell since content is missing."""

    commit: str
    parents: tuple[str, ...]
    time: int
    message: str
    automatic: bool
    records: tuple[Record, ...]
    added: int | None
    removed: int | None


def first_parents(repository: Repository, tip: str, known: str | None = None) -> list[ListedCommit]:
    """The commits from `tip` back along the first parents, oldest first; those that are newer than `known`, where
    it is on the way. The oldest of a shallow clone is left out: nobody can say what it changed.

    Raises `GitError`.
    """
    arguments = ["rev-list", "--first-parent", "--timestamp", "--parents", "--end-of-options", tip]
    lines = repository.git.run(*arguments).decode("ascii", "replace").splitlines()
    found = []
    cut = repository.shallow
    for line in lines:
        time, commit, *parents = line.split(" ")
        if commit == known:
            cut = False
            break
        found.append(ListedCommit(commit, tuple(parents), min(int(time), LATEST)))
    found.reverse()
    return found[1:] if cut and found and not found[0].parents else found


def brought(repository: Repository, tip: str, known: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """All commits behind `tip` that are not behind `known`, with their parents, newest first. Raises `GitError`."""
    arguments = ["rev-list", "--topo-order", "--parents", "--end-of-options", tip]
    lines = repository.git.run(*arguments, *([f"^{known}"] if known else [])).decode("ascii", "replace")
    for line in lines.splitlines():
        commit, *parents = line.split(" ")
        yield commit, tuple(parents)


def landed(repository: Repository, commits: Sequence[ListedCommit]) -> list[LandedCommit]:
    """`commits` with what they say and changed. Raises `GitError`."""
    messages = messages_of(repository, [one.commit for one in commits])
    # Programs merge what people write: a merge is by whoever wrote the last commit that it brings.
    merged = [one.parents[1] for one in commits if len(one.parents) > 1]
    brought_by = messages_of(repository, merged)
    changed = _changed(repository, commits)
    found = []
    for one in commits:
        automatic, message = messages.get(one.commit, (False, ""))
        if len(one.parents) > 1 and one.parents[1] in brought_by:
            automatic = brought_by[one.parents[1]][0]
        records, added, removed = changed.get(one.commit, ((), 0, 0))
        found.append(LandedCommit(*one, message, automatic, records, added, removed))
    return found


def messages_of(repository: Repository, commits: Sequence[str]) -> dict[str, tuple[bool, str]]:
    """Commit to whether a program wrote it, and its message. Raises `GitError`."""
    if not commits:
        return {}
    arguments = ("rev-list", "--no-walk=unsorted", "--stdin", "--format=%x00%H%x00%an %ae%x00%B%x00")
    output = repository.git.run(*arguments, stdin="".join(f"{one}\n" for one in commits).encode())
    fields = output.decode("utf-8", "replace").split("\0")
    found = {}
    for commit, author, message in zip(fields[1::4], fields[2::4], fields[3::4], strict=False):
        automatic = bool(_PROGRAM.search(author[:500]) or _BUMP.match(message[:500]))
        found[commit] = (automatic, message)
    return found


_Changed = tuple[tuple[Record, ...], int | None, int | None]


def _changed(repository: Repository, commits: Sequence[ListedCommit]) -> dict[str, _Changed]:
    """Commit to its records and its lines. Without the lines where content that git needs is not there."""
    pairs = "".join(" ".join((one.commit, *one.parents[:1])) + "\n" for one in commits).encode()
    arguments = ("diff-tree", "--stdin", "--root", "-r", *RAW)
    try:
        return _read(repository.git.run(*arguments, *RENAMES, "--numstat", stdin=pairs), counted=True)
    except GitError:
        return _read(repository.git.run(*arguments, "--no-renames", stdin=pairs), counted=False)


def _read(output: bytes, *, counted: bool) -> dict[str, _Changed]:
    try:
        return _parsed(output, counted=counted)
    except (ValueError, RuntimeError, IndexError):
        raise GitError("diff-tree", 0, NOT_UNDERSTOOD) from None


def _parsed(output: bytes, *, counted: bool) -> dict[str, _Changed]:
    found: dict[str, _Changed] = {}
    records: list[Record] = []
    added = removed = 0
    commit = ""
    fields = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    for field in fields:
        if field.startswith(":"):
            old_mode, mode, old_id, new_id, status = field[1:].split(" ")
            old_path = next(fields)
            path = next(fields) if status[0] in "RC" else old_path
            records.append(Record(old_mode, mode, old_id, new_id, status[0], old_path, path))
        elif "\t" in field:
            more, fewer, path = field.split("\t", 2)
            if not path:  # renamed: both names follow
                next(fields), next(fields)
            added += int(more) if more.isdecimal() else 0
            removed += int(fewer) if fewer.isdecimal() else 0
        else:
            if commit:
                found[commit] = (tuple(records), added if counted else None, removed if counted else None)
            commit, records, added, removed = field, [], 0, 0
    return found


class LandedTree:
    """One side of a landed change: the files that it touched, and no others."""

    def __init__(self, repository: Repository, records: Iterable[Record], side: Side, label: str) -> None:
        self.side: Side = side
        self.label = label
        self._repository = repository
        found = (
            entry(one.old_path, one.old_mode, one.old_id)
            if side == "base"
            else entry(one.path, one.mode, one.id)
            for one in records
        )
        self._entries = {one.path: one for one in found if one is not None}

    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def entry(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def read(self, path: str) -> bytes:
        from riskcheck.sources.objects import ObjectError

        found = self._entries.get(path)
        if found is None or found.kind != "file" or found.blob is None:
            raise UnreadableError(path, "absent", f"{path} is no file here")
        try:
            return self._repository.objects.blob(found.blob)
        except ObjectError as error:
            raise UnreadableError(path, error.trouble, self._repository.why_missing) from None
        except SourceError as error:
            raise UnreadableError(path, "corrupt", str(error)) from None

    def prefetch(self, paths: Iterable[str]) -> None:
        wanted = (self._entries.get(path) for path in paths)
        self._repository.objects.prefetch(one.blob for one in wanted if one is not None and one.blob)
