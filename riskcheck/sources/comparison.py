"""From a request to the two trees and what differs between them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, overload

from riskcheck.sources.git import GitError
from riskcheck.sources.history import GitHistory
from riskcheck.sources.names import printable
from riskcheck.sources.objects import Commit, is_id
from riskcheck.sources.pathfilter import PathFilter
from riskcheck.sources.ranges import Range, absent, ci_bases, empty, in_ci, range_of
from riskcheck.sources.raw import RAW, RENAMES, Record, changes, records
from riskcheck.sources.repository import Repository
from riskcheck.sources.spec import RangeSpec, SourceError
from riskcheck.sources.trees import ChangedTree, EmptyTree, GitTree, LinkedTree
from riskcheck.trees import Comparison, PathChange, Tree

if TYPE_CHECKING:
    from riskcheck.sources.git import Running
    from riskcheck.sources.worktree import WorkTreeScan


def open_comparison(spec: RangeSpec) -> Comparison:
    """The trees that `spec` asks for and what differs between them. Contents are read later, when wanted.

    Raises `SourceError` where the comparison cannot be made.
    """
    return start_comparison(spec)()


def start_comparison(spec: RangeSpec) -> Callable[[], Comparison]:
    """Starts git and returns what waits for its answers and then says the same as `open_comparison`.

    Raises `SourceError`; so does what it returns.
    """
    wanted = range_of(spec)
    if wanted.form == "directories":
        return lambda: _directories(spec)
    return _Opening(spec, wanted).comparison


_CONFIGURATION: Final = (".yaml", ".yml", ".json", ".toml", ".tf", ".tfvars", ".sql")


class Notes(Sequence[str]):
    """Remarks for people. The last one is waited for when they are first looked at."""

    def __init__(self, known: tuple[str, ...], last: Callable[[], str | None] | None) -> None:
        self._known = known
        self._last = last

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> tuple[str, ...]:
        if self._last is not None:
            last, self._last = self._last(), None
            if last is not None:
                self._known = (*self._known, last)
        return self._known


def _directories(spec: RangeSpec) -> Comparison:
    from riskcheck.sources.directories import DirectoryTree, directory_changes

    assert spec.from_dir is not None and spec.to_dir is not None
    root = os.fspath(spec.root)
    base = DirectoryTree(spec.from_dir, "base", spec.max_file_bytes, root=root)
    head = DirectoryTree(spec.to_dir, "head", spec.max_file_bytes, root=root)
    kept, notes = _kept(PathFilter(spec.paths), tuple(directory_changes(base, head)))
    return Comparison(base, head, base, kept, _clock(spec), notes=notes, root=base.disk.top)


class _Opening:
    """One comparison in the making. git is started for all that will be needed before the first answer is
    waited for."""

    def __init__(self, spec: RangeSpec, wanted: Range) -> None:
        self._spec = spec
        self._wanted = wanted
        self._repository = Repository(spec)
        self._repository.objects.prefetch(
            f"{revision}^{{commit}}"
            for revision in dict.fromkeys((wanted.base, wanted.head))
            if not absent(revision) and not empty(revision) and revision.isprintable()
        )
        self._scan = self._start_scan() if wanted.form == "worktree" or wanted.local else None
        self._trees = self._start_diff(*RENAMES) if wanted.form in ("direct", "fork") else None
        self._notes: list[str] = []

    def comparison(self) -> Comparison:
        self._repository.locate()
        try:
            match self._wanted.form:
                case "worktree":
                    return self._worktree()
                case "staged":
                    return self._staged()
                case _:
                    return self._revisions(self._wanted)
        except GitError as error:
            raise self._repository.refusal(error) from None

    def _start_scan(self) -> WorkTreeScan:
        from riskcheck.sources.worktree import WorkTreeScan

        return WorkTreeScan(self._repository)

    def _worktree(self) -> Comparison:
        self._need_worktree("the working tree")
        assert self._scan is not None
        commit = self._repository.head()
        base = self._tree(commit)
        self._scan.begin(commit)
        head, found = self._scan.compare(base)
        return self._checked_out(commit, base, head, found, "nothing differs from HEAD")

    def _staged(self) -> Comparison:
        self._need_worktree("the index")
        commit = self._repository.head()
        base = self._tree(commit)
        revision = commit.id if commit else self._repository.empty_tree
        staged = list(
            self._diff("diff-index", "--cached", "--ita-invisible-in-index", revisions=(revision, "--"))
        )
        unmerged = sorted({record.path for record in staged if record.status == "U"})
        if unmerged:
            raise SourceError(f"a merge is not finished: resolve {_some(unmerged)}, then `git add`")
        found = tuple(changes(staged))
        head = ChangedTree(self._repository, base, found, "INDEX", "head")
        return self._checked_out(commit, base, head, found, "nothing is staged")

    def _checked_out(
        self,
        commit: Commit | None,
        base: LinkedTree,
        head: LinkedTree,
        found: tuple[PathChange, ...],
        nothing: str,
    ) -> Comparison:
        """What is checked out against HEAD; in a CI, where that is nothing, the branch it is merged into.

        Without one there is nothing to check, which no CI may take for a pass: that is what a hook over all files
        sees, and a step that forgot to name the branch.
        """
        missed = False
        if not found and in_ci(self._spec.environ):
            fork = self._ci_range()
            if fork is not None:
                self._notes.append(f"{nothing}: compared with {printable(fork.base)}, as {fork.said} says")
                return self._revisions(fork)
            self._notes.append(
                f"{nothing} and no base branch is known: nothing was checked; name it with --base"
            )
            missed = True
        return self._finish(commit, base, head, base, found, _clock(self._spec), missed=missed)

    def _ci_range(self) -> Range | None:
        """The range of a CI's build, where the branch that it will be merged into is here."""
        for name, variable in ci_bases(self._spec.environ):
            for revision in (f"origin/{name}", name):
                if self._repository.objects.commit(revision) is not None:
                    return Range("fork", revision, said=variable)
            shown = name if is_id(name) else f"origin/{name}"
            self._notes.append(self._repository.unknown(shown))
        return None

    def _revisions(self, wanted: Range) -> Comparison:
        repository = self._repository
        if absent(wanted.head):
            self._notes.append("a branch is deleted: nothing was checked")
            nothing = EmptyTree()
            return Comparison(nothing, nothing, nothing, (), _clock(self._spec), notes=tuple(self._notes))
        head = repository.commit(wanted.head, or_remote=wanted.form == "fork")
        left_out = self._left_out(head) if wanted.local and repository.top is not None else None
        if empty(wanted.base) or (absent(wanted.base) and not wanted.said):
            tip = None
        elif absent(wanted.base) or (wanted.pushed and repository.objects.commit(wanted.base) is None):
            # A new branch, or one that somebody else has pushed to since the last fetch.
            tip = self._default_branch()
        else:
            tip = repository.commit(wanted.base, or_remote=wanted.form == "fork")
        start = tip
        if wanted.form == "fork" and tip is not None:
            start = repository.merge_base(tip, head, (wanted.base, wanted.head))
        base = self._tree(start)
        found = tuple(changes(self._tree_diff(start.tree if start else repository.empty_tree, head.tree)))
        if isinstance(base, GitTree) and any(change.path.endswith(_CONFIGURATION) for change in found):
            # Telling whose configuration a file is takes a look at what else there is.
            base.expect_entries()
        # What was pushed before may be the same change with a weaker policy.
        decider = (self._merged_into() or tip) if wanted.pushed else tip
        deciding = base if decider == start else self._tree(decider)
        now = min(head.time, _clock(self._spec))
        return self._finish(
            start,
            base,
            ChangedTree(repository, base, found, head.id, "head"),
            deciding,
            found,
            now,
            left_out=left_out,
        )

    def _base_branches(self) -> tuple[str, ...]:
        from riskcheck.sources.branches import names_of_base

        return names_of_base(self._repository, self._wanted.base, self._spec.environ)

    def _branch(self, name: str) -> GitHistory | None:
        from riskcheck.sources.branches import history_of

        return history_of(self._repository, name)

    def _default_branch(self) -> Commit | None:
        """The branch that a new one was probably made from: what a push of a new branch is compared with."""
        found = self._merged_into()
        if found is None:
            self._notes.append(
                f"a new branch, and the default branch of {printable(self._remote())} is not here: all is new"
            )
        return found

    def _merged_into(self) -> Commit | None:
        """The tip of the remote's default branch, as it was fetched last."""
        revisions = (f"{self._remote()}/{name}" for name in ("HEAD", "main", "master"))
        return next(filter(None, map(self._repository.objects.commit, revisions)), None)

    def _remote(self) -> str:
        return self._spec.environ.get("PRE_COMMIT_REMOTE_NAME") or "origin"

    def _start_diff(self, *renames: str) -> Running:
        """A comparison of trees that are named later, so that git is there when they are known."""
        return self._repository.git.start("diff-tree", "--stdin", "-r", *RAW, *renames, stdin=b"")

    def _tree_diff(self, base: str, head: str) -> list[Record]:
        trees = f"{base} {head}\n".encode()
        running, self._trees = self._trees or self._start_diff(*RENAMES), None
        running.feed(trees)
        try:
            output = running.output()
        except GitError as error:
            if not error.lacking:
                raise
            # Similarity needs contents, which a partial clone may lack; what differs does not.
            running = self._start_diff("--no-renames")
            running.feed(trees)
            output = running.output()
        # The trees themselves come first, on a line of their own even under -z. Of a tree that is missing git says
        # so on stderr only, compares nothing and exits 0.
        named, _, found = output.partition(b"\n")
        if named + b"\n" != trees:
            raise GitError("diff-tree", 0, f"could not read tree {base} or {head}")
        return list(records(found))

    def _diff(self, command: str, *options: str, revisions: tuple[str, ...]) -> list[Record]:
        git = self._repository.git
        try:
            output = git.run(command, *options, *RAW, *RENAMES, "--end-of-options", *revisions)
        except GitError as error:
            if not error.lacking:
                raise
            # Similarity needs contents, which a partial clone may lack; what differs does not.
            output = git.run(command, *options, *RAW, "--no-renames", "--end-of-options", *revisions)
        return list(records(output))

    def _tree(self, commit: Commit | None) -> LinkedTree:
        return GitTree(self._repository, commit, "base") if commit else EmptyTree()

    def _need_worktree(self, what: str) -> None:
        if self._repository.top is None:
            place = "a bare repository" if self._repository.bare else "the .git folder"
            raise SourceError(
                f"{place} has no working tree, so {what} cannot be compared: name two revisions, "
                "`riskcheck diff A..B`"
            )

    def _left_out(self, head: Commit) -> Callable[[], str | None]:
        """Starts looking for uncommitted and untracked files; the answer is a note about them, if there are any."""
        scan, tree, only = self._scan, self._tree(head), self._filter()
        assert scan is not None
        unseen = "whether files are uncommitted could not be seen: {}".format
        try:
            scan.begin(head)
        except SourceError as error:
            message = unseen(error)
            return lambda: message

        def note() -> str | None:
            try:
                _, found = scan.compare(tree)
            except SourceError as error:
                return unseen(error)
            left = [change.path for change in found if only.keeps(change)]
            if not left:
                return None
            return f"left out, since uncommitted or untracked: {_some(left)}; `riskcheck diff` looks at these"

        return note

    def _filter(self) -> PathFilter:
        return PathFilter(self._spec.paths, self._repository.prefix, self._repository.top)

    def _finish(
        self,
        start: Commit | None,
        base: Tree,
        head: Tree,
        deciding: Tree,
        found: tuple[PathChange, ...],
        now: int,
        *,
        missed: bool = False,
        left_out: Callable[[], str | None] | None = None,
    ) -> Comparison:
        kept, notes = _kept(self._filter(), found)
        if self._repository.shallow:
            self._notes.append(
                "history is cut off in this shallow clone, so how long a value has been running is unknown: "
                f"`git fetch --unshallow {self._repository.remote()}` tells"
            )
        history = GitHistory(self._repository, start.id) if start else None
        top = self._repository.top
        told = Notes((*self._notes, *notes), left_out)
        return Comparison(
            base,
            head,
            deciding,
            kept,
            now,
            history,
            told,
            top,
            missed,
            _clock(self._spec),
            base_branches=self._base_branches,
            branch=self._branch,
        )


def _kept(only: PathFilter, found: tuple[PathChange, ...]) -> tuple[tuple[PathChange, ...], tuple[str, ...]]:
    """The changes that a filter lets through, and a note if those are none."""
    if not only:
        return found, ()
    kept = tuple(change for change in found if only.keeps(change))
    if found and not kept:
        return (), (f"none of the {len(found)} changed files match the paths given",)
    return kept, ()


def _clock(spec: RangeSpec) -> int:
    return int(time.time()) if spec.clock is None else spec.clock


def _some(paths: list[str]) -> str:
    """The first paths, and how many more there are."""
    shown = ", ".join(printable(path) for path in paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown
