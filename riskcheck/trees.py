"""What a source hands on: two trees, what differs between them, and the history behind base.

Protocols, so that git revisions, the index, the working tree and plain directories look alike to the
stages, and tests can hand in trees held in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from riskcheck.models import Side

EntryKind: TypeAlias = Literal["file", "symlink", "submodule"]
PathStatus: TypeAlias = Literal["added", "deleted", "modified", "renamed", "typechanged"]


class Entry(NamedTuple):
    """One path of a tree. blob: content id (git blob id, or a digest of the bytes); None where unknown."""

    path: str
    kind: EntryKind
    blob: str | None


class UnreadableError(Exception):
    """A path cannot be read: absent, not a file, over the size limit, a link out of the tree, a missing blob.

    kind: the limitation's stable word, such as ``too-large``, ``symlink``, ``missing-blob``.
    """

    def __init__(self, path: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.kind = kind
        self.message = message


class Tree(Protocol):
    """All files of one side, read lazily. Paths are repository-relative with forward slashes."""

    side: Side
    label: str
    """``SHA``, ``EMPTY``, ``INDEX``, ``WORKTREE`` or ``dir:…``, as the report prints it."""

    def entries(self) -> Mapping[str, Entry]:
        """Every path of the tree. Listed once, then remembered."""

    def entry(self, path: str) -> Entry | None:
        """One path without listing the tree where that is cheaper."""

    def read(self, path: str) -> bytes:
        """Content of a file. Raises `UnreadableError`."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Reads `paths` in one go; those that cannot be read are left to `read` to complain about."""


class MemoryTree:
    """A `Tree` of files held in memory: cases of rules, older versions of a file."""

    def __init__(self, files: Mapping[str, bytes], side: Side, label: str) -> None:
        from hashlib import sha256

        self.side: Side = side
        self.label = label
        self._files = dict(files)
        self._entries = {
            path: Entry(path, "file", sha256(data).hexdigest()) for path, data in sorted(self._files.items())
        }

    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def entry(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise UnreadableError(path, "absent", f"{path} does not exist")
        return self._files[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to do: the bytes are here."""


class OverlayTree:
    """`upper` with `paths` as `lower` has them: absent where they are absent there."""

    def __init__(self, upper: Tree, lower: Tree, paths: Iterable[str]) -> None:
        self.side: Side = upper.side
        self.label = upper.label
        self._upper = upper
        self._lower = lower
        self._paths = frozenset(paths)
        self._entries: dict[str, Entry] | None = None

    def entries(self) -> Mapping[str, Entry]:
        if self._entries is None:
            found = {path: one for path, one in self._upper.entries().items() if path not in self._paths}
            below = ((path, self._lower.entry(path)) for path in sorted(self._paths))
            found.update((path, entry) for path, entry in below if entry is not None)
            self._entries = found
        return self._entries

    def entry(self, path: str) -> Entry | None:
        return self._of(path).entry(path)

    def read(self, path: str) -> bytes:
        return self._of(path).read(path)

    def prefetch(self, paths: Iterable[str]) -> None:
        wanted = list(paths)
        self._upper.prefetch(path for path in wanted if path not in self._paths)
        self._lower.prefetch(path for path in wanted if path in self._paths)

    def _of(self, path: str) -> Tree:
        return self._lower if path in self._paths else self._upper


class PathChange(NamedTuple):
    """One path that differs. old_path: where a renamed file was in base, else the same path."""

    path: str
    status: PathStatus
    old_path: str
    base: Entry | None
    head: Entry | None


class Landing(NamedTuple):
    """A first-parent commit of base. time: seconds since the epoch, not backdatable (the maximum of its own
    committer date and those of its nearest first-parent ancestors). number: how many first parents are newer, 0 for
    base itself."""

    commit: str
    time: int
    number: int


class Footprint(NamedTuple):
    """What a result was read from.

    paths: files that a change of changes it. folders: where a file that appears or vanishes, at any depth, may.
    """

    paths: frozenset[str]
    folders: frozenset[str] = frozenset()


class TakenBack(NamedTuple):
    """A landed change that says that it takes an earlier one back. time: seconds since the epoch. base, head: the
    files that it touched, before and after."""

    commit: str
    time: int
    base: Tree
    head: Tree
    changes: tuple[PathChange, ...]


class CutOffError(Exception):
    """The history ends before the answer: a shallow clone, or more commits than are looked at."""


class History(Protocol):
    """First-parent history behind base, newest first."""

    def latest(self, footprint: Footprint, start: int, oldest: int) -> Landing | None:
        """The newest commit, of number `start` or older, that touched `footprint`; None where none did since
        `oldest` (seconds since the epoch) or ever. Raises `CutOffError`."""

    def begins_after(self, oldest: int) -> bool:
        """Whether, as far as `latest` looked, there is nothing before `oldest`."""

    def tree(self, number: int) -> Tree:
        """The files of commit `number`; none where there is no commit that old."""

    def old_names(self, number: int) -> Mapping[str, str]:
        """Path to old path of what commit `number` renamed."""

    def taken_back(self, oldest: int, paths: Collection[str]) -> Iterable[TakenBack]:
        """What landed since `oldest` (seconds since the epoch), took an earlier change back and touched some of
        `paths`, newest first; of each, what it did to these. What cannot be read of it is left out."""


def _no_branch(name: str) -> None:
    return None


class Comparison(NamedTuple):
    """What a run looks at.

    deciding: the tree that policy, rules, waivers, catalogs and excludes are read from: the tip of the branch
    that is merged into, never the change itself. now: seconds since the epoch that soak times count to.
    notes: one line each, for people (uncommitted files left out, shallow clone and the fetch to run). Look at
    them last: the working tree is still being searched while the analysis runs.
    """

    base: Tree
    head: Tree
    deciding: Tree
    changes: tuple[PathChange, ...]
    now: int
    history: History | None = None
    notes: Sequence[str] = ()
    root: str | None = None
    """The folder that the paths are relative to, where there is one on disk."""
    nothing_to_check: bool = False
    """An empty index with no refs: under CI the run could not be made (exit 2), never a silent green."""
    clock: int | None = None
    """When the run is made, seconds since the epoch; None: `now`. A merge lands then, however old its head is."""
    base_branches: Callable[[], tuple[str, ...]] = tuple
    """Names that the branch which is merged into may have, best first."""
    branch: Callable[[str], History | None] = _no_branch
    """The history behind the tip of a branch, the remote's before one's own; None where it is not here."""

    @property
    def lands(self) -> int:
        """The time that freezes, windows, approvals and waivers are held against."""
        return self.now if self.clock is None else self.clock
