"""The working tree against a commit, without running a filter and without writing the index.

git finds the paths that may differ, by their time stamps. For racy ones it would compare contents and run the
configured clean filters (git-lfs, git-crypt …) on them, so these are switched off by name. What git then calls
different is read here and compared in the form that git would store:

* a file that differs in line ends only, where git holds none with CR LF, is unchanged (``core.autocrlf``);
* ``working-tree-encoding`` and ``ident`` attributes are undone, which needs no program;
* behind a configured filter the stored form cannot be known. Size and modification time as in the index mean
  unchanged; else the path counts as modified, and what is read is the text on disk, as people edit it.

All other paths are read from the commit: git vouches that they are the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.sources.disk import Disk, blob_id
from riskcheck.sources.git import GitError
from riskcheck.sources.objects import GITLINK, Commit, ObjectError
from riskcheck.sources.raw import RAW, RENAMES, entry, records
from riskcheck.sources.stored import PLAIN, Attributes, attributes_of, filter_names, stored, without_filters
from riskcheck.sources.trees import ChangedTree, LinkedTree
from riskcheck.trees import Entry, EntryKind, PathChange, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from riskcheck.sources.repository import Repository

_MOST_HASHED: Final = 1000
"""Untracked files that are hashed to recognise one that was moved without telling git."""

_STAT: Final = regex(
    r"\d{6} (?P<id>[0-9a-f]+) 0\t(?P<path>[^\0]*)\0"
    r"\s*ctime: \d+:\d+\s*mtime: (?P<seconds>\d+):(?P<nanoseconds>\d+)"
    r"\s*dev: \d+\s*ino: \d+\s*uid: \d+\s*gid: \d+\s*size: (?P<size>\d+)"
)
"""An entry of ``git ls-files -z -s --debug``. git may change that format: then nothing matches, and files
behind a filter are taken for modified."""


class WorkTree(ChangedTree):
    """Tracked and untracked files as they are on disk; ignored ones are left out."""

    def __init__(
        self, repository: Repository, base: LinkedTree, changes: Collection[PathChange], files: WorkFiles
    ) -> None:
        super().__init__(repository, base, changes, "WORKTREE", "head")
        self._files = files

    @property
    def disk(self) -> Disk:
        """The files below the root of the working tree."""
        return self._files.disk

    def prefetch(self, paths: Iterable[str]) -> None:
        super().prefetch(path for path in paths if path not in self._files.on_disk)

    def _content(self, entry: Entry) -> bytes:
        if entry.path in self._files.on_disk:
            return self._files.content(entry.path)
        return super()._content(entry)


class WorkFiles:
    """Files whose content is on disk only, in the form that git would store.

    on_disk: their paths. held: contents that were read to compare them, or why they cannot be read.
    """

    def __init__(self, disk: Disk, attributes: dict[str, Attributes]) -> None:
        self.disk = disk
        self.attributes = attributes
        self.on_disk: set[str] = set()
        self.held: dict[str, bytes | UnreadableError] = {}

    def content(self, path: str) -> bytes:
        """Raises `UnreadableError`."""
        held = self.held.get(path)
        if held is None:
            return stored(self.disk, path, self.attributes.get(path, PLAIN))
        if isinstance(held, UnreadableError):
            raise held
        return held


class WorkTreeScan:
    """Starts looking at the working tree at once; `begin` goes on, `compare` waits for what git finds."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._configured = repository.git.start("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        self._others = repository.git.start(
            "ls-files", "-z", "--others", "--exclude-standard", "--full-name", "--", ":/"
        )

    def begin(self, commit: Commit | None) -> None:
        """Has git look for what differs from `commit`. Raises `SourceError`."""
        try:
            self._filters = filter_names(self._configured.output(ok=(0, 1)))
            self._revision = commit.id if commit else self._repository.empty_tree
            self._dirty = self._repository.git.start(
                *without_filters(self._filters),
                *("diff-index", *RAW, "--ignore-submodules=dirty", "--end-of-options", self._revision, "--"),
            )
        except GitError as error:
            raise self._repository.refusal(error) from None

    def compare(self, base: LinkedTree) -> tuple[WorkTree, tuple[PathChange, ...]]:
        """The working tree, and how it differs from the commit that the scan was begun with, of which `base` is
        the tree. The repository was located and has a working tree. Raises `SourceError`."""
        try:
            return self._compare(base)
        except GitError as error:
            raise self._repository.refusal(error) from None

    def _compare(self, base: LinkedTree) -> tuple[WorkTree, tuple[PathChange, ...]]:
        repository = self._repository
        assert repository.top is not None
        found = self._found(base)
        attributes = {}
        if found.on_disk:
            attributes = attributes_of(repository.git, list(found.on_disk), repository.prefix, self._filters)
        files = WorkFiles(Disk(repository.top, repository.largest), attributes)
        for path, before in found.on_disk.items():
            found.sides[path] = before, self._look(files, path, before)
        renames = self._renames(files, found) if found.gone else {}
        changes = tuple(_changes(found, renames))
        return WorkTree(repository, base, changes, files), changes

    def _found(self, base: LinkedTree) -> _Found:
        """What git says, waited for."""
        others = self._others.output().decode("utf-8", "surrogateescape").split("\0")
        dirty = list(records(self._dirty.output()))
        unmerged = {record.path for record in dirty if record.status == "U"}
        found = _Found({}, {}, {path: base.entry(path) for path in sorted(unmerged)})
        for record in dirty:
            before = entry(record.path, record.old_mode, record.old_id)
            after = entry(record.path, record.mode, record.id)
            if record.path in unmerged:
                continue
            if after is None and before is not None:
                found.gone[record.path] = before
            elif after is not None and (after.blob is not None or record.mode == GITLINK):
                found.sides[record.path] = before, after
            else:
                found.on_disk[record.path] = before
        for name in filter(None, others):
            path = name.removesuffix("/")
            if path == name:
                found.on_disk[path] = found.gone.pop(path, None)
            else:
                # A repository of its own, which `git add` would make a submodule.
                found.sides[path] = found.gone.pop(path, None), Entry(path, "submodule", None)
        return found

    def _look(self, files: WorkFiles, path: str, base: Entry | None) -> Entry | None:
        """What is at `path` on disk: `base` itself when it is the same; None when nothing is."""
        kind = files.disk.kind(path)
        if kind is None:
            return None
        filtered = kind == "file" and files.attributes.get(path, PLAIN).filter is not None
        if filtered and (known := self._untouched(files.disk, path)) is not None:
            return base if base is not None and base.blob == known else Entry(path, "file", known)
        entry = Entry(path, kind, None)
        if base is not None:
            try:
                data = files.content(path)
            except UnreadableError as error:
                if self._same_though_large(files.disk, path, base, error):
                    return base
                files.held[path] = error
            else:
                entry, data = self._normalised(path, kind, data, base)
                # Without symbolic links on the disk git writes their target into a file.
                if entry.blob == base.blob and base.kind in (kind, "symlink"):
                    return base
                files.held[path] = data
        files.on_disk.add(path)
        return entry

    def _normalised(self, path: str, kind: EntryKind, data: bytes, base: Entry) -> tuple[Entry, bytes]:
        """Entry and content, with the line ends that git would store."""
        oid = blob_id(data, self._repository.object_format)
        if oid != base.blob and kind == "file" and b"\r\n" in data and not self._has_crlf(base):
            data = data.replace(b"\r\n", b"\n")
            oid = blob_id(data, self._repository.object_format)
        return Entry(path, kind, oid), data

    def _same_though_large(self, disk: Disk, path: str, base: Entry, error: UnreadableError) -> bool:
        return error.kind == "too-large" and disk.digest(path, self._repository.object_format) == base.blob

    def _has_crlf(self, base: Entry) -> bool:
        try:
            return base.blob is None or b"\r\n" in self._repository.objects.blob(base.blob)
        except ObjectError:
            return True

    def _untouched(self, disk: Disk, path: str) -> str | None:
        """The blob that the index has for `path`, if size and time on disk are those that it recorded."""
        known, found = self._recorded.get(path), disk.stat(path)
        if known is None or found is None:
            return None
        oid, seconds, nanoseconds, size = known
        same_time = found.st_mtime_ns // 1_000_000_000 == seconds and (
            not nanoseconds or found.st_mtime_ns % 1_000_000_000 == nanoseconds
        )
        return oid if same_time and found.st_size % (1 << 32) == size else None

    @cached_property
    def _recorded(self) -> dict[str, tuple[str, int, int, int]]:
        """Per path of the index: blob, modification time in seconds and nanoseconds, size modulo 2^32."""
        listed = self._repository.git.run("ls-files", "-z", "-s", "--debug", "--full-name", "--", ":/")
        return {
            match["path"]: (match["id"], int(match["seconds"]), int(match["nanoseconds"]), int(match["size"]))
            for match in _STAT.finditer(listed.decode("utf-8", "surrogateescape"))
        }

    def _renames(self, files: WorkFiles, found: _Found) -> dict[str, str]:
        """New name to old one: staged renames as git finds them, and files moved unedited without telling git."""
        fresh = {path: after for path, (before, after) in found.sides.items() if before is None and after}
        if not fresh:
            return {}
        cached = ("diff-index", "--cached", *RAW, *RENAMES, "--ita-invisible-in-index", "--end-of-options")
        renames = {
            record.path: record.old_path
            for record in records(self._repository.git.run(*cached, self._revision, "--"))
            if record.status == "R" and record.old_path in found.gone and record.path in fresh
        }
        moved = set(renames.values())
        left = {(old.kind, old.blob): path for path, old in found.gone.items() if path not in moved}
        for path in sorted(fresh.keys() - renames.keys())[:_MOST_HASHED]:
            if not left:
                break
            kind = fresh[path].kind
            known = files.disk.stat(path)
            if known is None or known.st_size > self._repository.largest:
                continue
            oid = files.disk.digest(path, self._repository.object_format)
            if (kind, oid) in left:
                renames[path] = left.pop((kind, oid))
                found.sides[path] = None, Entry(path, kind, oid)
        return renames


class _Found(NamedTuple):
    """What git says of the working tree.

    gone: paths that are neither in the index nor on disk. sides: entries before and after, where git knows both.
    on_disk: paths of which only the disk knows what they hold now, with the entry before.
    """

    gone: dict[str, Entry]
    sides: dict[str, tuple[Entry | None, Entry | None]]
    on_disk: dict[str, Entry | None]


def _changes(found: _Found, renames: dict[str, str]) -> Iterable[PathChange]:
    """The paths that differ, sorted."""
    moved = set(renames.values())
    gone = {path: (before, None) for path, before in found.gone.items() if path not in moved}
    for path, (before, after) in sorted({**found.sides, **gone}.items()):
        if path in renames:
            yield PathChange(path, "renamed", renames[path], found.gone[renames[path]], after)
        elif before is None and after is not None:
            yield PathChange(path, "added", path, None, after)
        elif before is not None and after is None:
            yield PathChange(path, "deleted", path, before, None)
        elif before is not None and after is not None:
            if before.kind != after.kind:
                yield PathChange(path, "typechanged", path, before, after)
            elif after.blob is None or before.blob != after.blob:
                yield PathChange(path, "modified", path, before, after)
