"""One repository: where it is, what its revisions name, and what to tell people when something is missing."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from riskcheck.sources.git import OLDEST, Git, GitError
from riskcheck.sources.names import printable
from riskcheck.sources.objects import Commit, Objects
from riskcheck.sources.ranges import EMPTY_TREES
from riskcheck.sources.spec import RangeSpec, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping


def located(root: str | os.PathLike[str], environ: Mapping[str, str]) -> Repository:
    """The repository that folder `root` belongs to. Raises `SourceError`."""
    repository = Repository(RangeSpec(root=root, environ=environ))
    repository.locate()
    return repository


class Repository:
    """The repository that a folder belongs to.

    top: root of the working tree, or None where there is none (a bare repository, or inside ``.git``).
    prefix: the folder started from, relative to `top`, "" or ending in a slash. shallow: its history is cut
    off. object_format: ``sha1`` or ``sha256``.
    """

    def __init__(self, spec: RangeSpec) -> None:
        """Starts git; `locate` waits for it. Raises `SourceError` where git or the folder is missing."""
        self.folder = os.path.realpath(spec.root)
        if not os.path.isdir(self.folder):
            raise SourceError(f"{printable(os.fspath(spec.root))} is not a folder: name one that exists")
        self.git = Git(self.folder, spec.environ)
        self.largest = spec.max_file_bytes
        self.objects = Objects(self.git, self.largest)
        self._location = self.git.start(
            "rev-parse",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--show-object-format",
            "--is-inside-work-tree",
            "--show-toplevel",
        )
        self.top: str | None = None
        self.prefix = ""
        self.shallow = False
        self.bare = False
        self.object_format = "sha1"

    def locate(self) -> None:
        """Fills in what the attributes say. Raises `SourceError` outside a repository."""
        try:
            # --show-toplevel fails where there is no working tree, after the other answers were printed.
            answers = self._location.output(ok=(0, 128)).decode("utf-8", "surrogateescape").split("\n", 4)
            if len(answers) < 5:
                self.git.run("rev-parse", "--git-dir")
                raise GitError("rev-parse", 128, "it does not say where the repository is")
        except GitError as error:
            raise self.refusal(error) from None
        bare, shallow, self.object_format, inside, top = answers
        if self.object_format not in EMPTY_TREES:
            # git up to 2.24 repeats what it does not know.
            version = printable(self.git.version())
            raise SourceError(f"git {version} is too old for riskcheck: install git {OLDEST} or newer")
        self.bare = bare == "true"
        self.shallow = shallow == "true"
        if inside == "true" or top:
            self.top = os.path.normpath(top.removesuffix("\n"))
            if inside == "true":
                relative = os.path.relpath(self.folder, os.path.realpath(self.top)).replace(os.sep, "/")
                self.prefix = "" if relative == "." else relative + "/"

    @cached_property
    def partial(self) -> bool:
        """Whether it is a clone that leaves objects out until somebody asks for them."""
        key = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"
        return bool(self.git.run("config", "-z", "--name-only", "--get-regexp", key, ok=(0, 1)))

    @property
    def why_missing(self) -> str:
        """Why the content of a file may not be here, and what to do."""
        if self.partial:
            return "its content is not in this clone, and nothing is fetched; clone without a filter"
        return (
            "its content is missing from the repository: `git fsck` lists what is, a new clone brings it back"
        )

    @property
    def empty_tree(self) -> str:
        """Id of the tree without entries, which every repository knows."""
        return EMPTY_TREES.get(self.object_format, EMPTY_TREES["sha1"])

    def head(self) -> Commit | None:
        """The commit of HEAD, or None before the first commit. Raises `SourceError` where HEAD is broken."""
        commit = self.objects.commit("HEAD")
        if commit is None and self.git.run("rev-parse", "--verify", "-q", "HEAD", ok=(0, 1, 128)).strip():
            raise SourceError(
                "HEAD names a commit that this repository does not hold: run `git fsck` to see why"
            )
        return commit

    def commit(self, revision: str, *, or_remote: bool = False) -> Commit:
        """The commit that a revision names; with `or_remote` ``origin/REVISION`` is the second choice.

        Raises `SourceError`, which says what was meant or how to get it.
        """
        found = None if revision.startswith("-") else self.objects.commit(revision)
        if found is None and or_remote and not revision.startswith("-"):
            found = self.objects.commit(f"origin/{revision}")
        if found is None:
            raise SourceError(self.unknown(revision))
        return found

    def merge_base(self, base: Commit, head: Commit, names: tuple[str, str]) -> Commit:
        """The best common ancestor. Raises `SourceError`, for a shallow clone with the fetch that helps."""
        try:
            found = self.git.run("merge-base", "--end-of-options", base.id, head.id, ok=(0, 1)).strip()
        except GitError as error:
            raise self.refusal(error) from None
        commit = self.objects.commit(found.decode("ascii", "replace")) if found else None
        if commit is not None:
            return commit
        left, right = printable(names[0]), printable(names[1])
        if self.shallow:
            raise SourceError(
                f"the common ancestor of {left} and {right} is not in this shallow clone: run "
                f"`git fetch --unshallow {self.remote()}` (in CI: check out with the full history)"
            )
        raise SourceError(
            f"{left} and {right} have no common ancestor: compare them directly with "
            f"`riskcheck diff {left}..{right}`"
        )

    def refusal(self, error: GitError) -> SourceError:
        """What an error of git means for the person who started riskcheck."""
        words = error.words
        if "not a git repository" in words:
            return SourceError(
                f"{printable(self.folder)} is not in a git repository: start riskcheck in one, or compare "
                "folders with --from and --to (lint, init: --dir)"
            )
        if "dubious ownership" in words:
            where = words.rpartition(" at ")[2].strip("'") if " at " in words else self.folder
            return SourceError(
                f"git does not trust {printable(where)}, which belongs to another user: run "
                f"`git config --global --add safe.directory {printable(where)}`"
            )
        if error.code == 129:
            return SourceError(
                f"git {self.git.version()} does not know what riskcheck asks of `git {error.command}`: "
                f"install git {OLDEST} or newer"
            )
        from riskcheck.sources.damage import is_damage, told

        if error.lacking or (is_damage(error) and self.partial):
            return SourceError(
                f"this partial clone lacks trees or commits that are compared: run "
                f"`git fetch --refetch --filter=blob:none {self.remote()}`"
            )
        return SourceError(told(error, self.folder))

    def unknown(self, revision: str) -> str:
        """Why `revision` is no commit, and what to do."""
        shown = printable(revision)
        if not revision or revision.startswith("-"):
            return f"{shown!r} is not a revision: name a branch, a tag or a commit"
        if re.match(r"HEAD\b", revision) and self.head() is None:
            return "there is no commit yet: `riskcheck diff` compares the working tree with nothing"
        if os.path.lexists(os.path.join(self.folder, revision)):
            return f"{shown} is a path, not a revision: to look at it only, run `riskcheck diff -- {shown}`"
        near = self._near(revision)
        if near:
            return f"{shown} is not a revision here: did you mean {' or '.join(near)}?"
        remote = self.remote()
        steps = re.fullmatch(r"[^~^]+~(\d{1,6})", revision)
        if self.shallow and steps:
            return (
                f"{shown} is not in this shallow clone: run `git fetch --deepen={steps[1]} {remote}` "
                "(in CI: check out with the full history)"
            )
        # A commit id cannot be told from a branch name, but asking for a missing branch does no harm.
        branch = re.fullmatch(r"(?:origin/)?([\w./-]+)", revision)
        if self._remotes() and branch and not re.fullmatch(r"[0-9a-f]{7,64}", revision):
            deeper = "--unshallow " if self.shallow else ""
            name = branch[1]
            return (
                f"{shown} is not a revision here: if it is a branch of {remote}, run "
                f"`git fetch {deeper}{remote} +refs/heads/{name}:refs/remotes/{remote}/{name}`"
            )
        if self.shallow:
            return f"{shown} is not in this shallow clone: run `git fetch --unshallow {remote}`"
        return f"{shown} is not a revision here: `git branch --all` and `git tag` list what there is"

    def _near(self, revision: str) -> list[str]:
        """Branches and tags that are spelled much like `revision`."""
        from difflib import get_close_matches

        listed = self.git.run(
            "for-each-ref",
            "--format=%(refname:short)",
            "refs/heads",
            "refs/remotes",
            "refs/tags",
            ok=(0, 128),
        )
        names = listed.decode("utf-8", "surrogateescape").split("\n")[:5000]
        remote = [name for name in names if name.endswith(f"/{revision}")]
        if remote:
            return [printable(name) for name in remote[:2]]
        return [printable(name) for name in get_close_matches(revision, names, n=2, cutoff=0.75)]

    def _remotes(self) -> list[str]:
        listed = self.git.run("config", "-z", "--name-only", "--get-regexp", r"^remote\..*\.url$", ok=(0, 1))
        keys = listed.decode("utf-8", "surrogateescape").split("\0")
        return [key.removeprefix("remote.").removesuffix(".url") for key in keys if key]

    def remote(self) -> str:
        """The remote that history comes from, for a command to print."""
        remotes = self._remotes()
        return "origin" if "origin" in remotes or not remotes else printable(remotes[0])
