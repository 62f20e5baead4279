"""What the two sides of a comparison are, by ids that stay: commits and trees. Nothing is written to find out.

Trees of the index, of the working tree and of folders have the id that git would give them. That of the index is
the id that `git write-tree` prints; that of the working tree is of the files as they lie on disk, line ends aside.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.sources.directories import DirectoryTree
from riskcheck.sources.git import GitError
from riskcheck.sources.pathfilter import PathFilter
from riskcheck.sources.ranges import EMPTY_TREES
from riskcheck.sources.raw import RAW, records
from riskcheck.sources.spec import SourceError
from riskcheck.sources.stored import filter_names, without_filters
from riskcheck.sources.treeids import EXECUTABLE, FILE, MODES, tree_id
from riskcheck.sources.trees import ChangedTree, EmptyTree, GitTree
from riskcheck.sources.worktree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.sources.disk import Disk
    from riskcheck.sources.repository import Repository
    from riskcheck.trees import Comparison, Tree

Kind: TypeAlias = Literal["commit", "index", "worktree", "directory", "empty"]
_Files: TypeAlias = dict[str, tuple[str, str]]


class Identity(NamedTuple):
    """One tree. commit: None where it is of none. tree: git's id of it."""

    kind: Kind
    commit: str | None
    tree: str


class Identities(NamedTuple):
    """What a comparison compared. shallow: its history is cut off. paths: filters, counted from the top."""

    base: Identity
    head: Identity
    deciding: Identity
    shallow: bool
    paths: tuple[str, ...]


def identities_of(comparison: Comparison, paths: Sequence[str] = ()) -> Identities:
    """paths: as the request gave them. Raises `SourceError` where an id cannot be had."""
    repository = next(
        (
            tree.repository
            for tree in (comparison.base, comparison.head, comparison.deciding)
            if isinstance(tree, GitTree | ChangedTree)
        ),
        None,
    )
    prefix, top = ("", None) if repository is None else (repository.prefix, repository.top)
    filters = PathFilter(paths, prefix, top).filters
    try:
        return Identities(
            _identity(comparison.base, comparison, repository),
            _identity(comparison.head, comparison, repository),
            _identity(comparison.deciding, comparison, repository),
            repository is not None and repository.shallow,
            filters,
        )
    except GitError as error:
        assert repository is not None
        raise repository.refusal(error) from None


def _identity(tree: Tree, comparison: Comparison, repository: Repository | None) -> Identity:
    if isinstance(tree, DirectoryTree):
        return Identity("directory", None, tree_id(_of_folder(tree), "sha256"))
    if isinstance(tree, EmptyTree) or repository is None:
        empty = EMPTY_TREES["sha1"] if repository is None else repository.empty_tree
        return Identity("empty", None, empty)
    if isinstance(tree, WorkTree):
        files = _of_worktree(tree, comparison.base, repository)
        return Identity("worktree", None, tree_id(files, repository.object_format))
    if tree.label == "INDEX":
        return Identity(
            "index", None, tree_id(_of_index(comparison.base, repository), repository.object_format)
        )
    commit = repository.objects.commit(tree.label)
    assert commit is not None, "a comparison is of commits that are there"
    return Identity("commit", commit.id, commit.tree)


def _of_commit(tree: Tree, repository: Repository) -> _Files:
    if isinstance(tree, EmptyTree):
        return {}
    listed = repository.git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree.label)
    found: _Files = {}
    for record in listed.decode("utf-8", "surrogateescape").split("\0"):
        told, tab, path = record.partition("\t")
        if tab:
            mode, _, oid = told.split(" ")
            found[path] = mode, oid
    return found


def _of_index(base: Tree, repository: Repository) -> _Files:
    files = _of_commit(base, repository)
    revision = repository.empty_tree if isinstance(base, EmptyTree) else base.label
    options = (
        "--cached",
        "--ita-invisible-in-index",
        *RAW,
        "--no-renames",
        "--end-of-options",
        revision,
        "--",
    )
    for record in records(repository.git.run("diff-index", *options)):
        files.pop(record.path, None)
        if int(record.mode, 8):
            files[record.path] = record.mode, record.id
    return files


def _of_worktree(head: WorkTree, base: Tree, repository: Repository) -> _Files:
    files = _of_commit(base, repository)
    revision = repository.empty_tree if isinstance(base, EmptyTree) else base.label
    configured = repository.git.run("config", "-z", "--name-only", "--get-regexp", r"^filter\.", ok=(0, 1))
    options = (*RAW, "--no-renames", "--ignore-submodules=dirty", "--end-of-options", revision, "--")
    dirty = repository.git.run(*without_filters(filter_names(configured)), "diff-index", *options)
    modes = {record.path: record.mode for record in records(dirty)}
    for path in modes:
        files.pop(path, None)
    entries = head.entries()
    for path in sorted(entries.keys() - files.keys()):
        entry = entries[path]
        oid = entry.blob or head.disk.digest(path, repository.object_format)
        if entry.kind == "submodule" and entry.blob is None:
            continue  # a repository of its own below this one, of which git would hold nothing but its commit
        if oid is None:
            raise SourceError(f"{path} cannot be read, so the working tree has no id: make it readable")
        mode = modes.get(path, "")
        files[path] = (mode if mode.strip("0") else _mode(head.disk, path, entry.kind)), oid
    return files


def _of_folder(tree: DirectoryTree) -> _Files:
    found: _Files = {}
    for path, entry in tree.entries().items():
        oid = tree.disk.digest(path, "sha256")
        if oid is None:
            raise SourceError(f"{path} cannot be read, so {tree.label} has no id: make it readable")
        found[path] = _mode(tree.disk, path, entry.kind), oid
    return found


def _mode(disk: Disk, path: str, kind: str) -> str:
    if kind != "file":
        return MODES[kind]
    status = disk.stat(path)
    return EXECUTABLE if status is not None and status.st_mode & stat.S_IXUSR else FILE
