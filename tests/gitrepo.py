"""Real git repositories for tests, made in a temporary folder and cut off from the machine's configuration.

    repo = GitRepo(tmp_path / "repo")
    first = repo.commit({"a.yaml": "a: 1\n"})
    second = repo.commit({"a.yaml": "a: 2\n"}, message="raise a")

Dates are fixed: the first commit is made at `EPOCH`, each next one a minute later unless `at` says otherwise,
so that the same calls give the same commit ids.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

EPOCH = 1_700_000_000
"""Committer date of the first commit, seconds since the epoch (2023-11-14T22:13:20Z)."""


def isolated_environment(home: Path) -> dict[str, str]:
    """An environment in which git sees no configuration, identity or hook of the machine, nor a CI."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(home.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.invalid",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.invalid",
    }


class GitRepo:
    """A repository at `path`, made on construction unless `init` is false (as for a clone).

    environ is what `riskcheck` may be run with as well. `git` runs any command and returns its output.
    """

    def __init__(
        self,
        path: Path,
        *,
        init: bool = True,
        bare: bool = False,
        object_format: str = "sha1",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.environ = dict(environ) if environ else isolated_environment(path.parent / "home")
        self.clock = EPOCH
        if init:
            path.mkdir(parents=True, exist_ok=True)
            kind = ["--bare"] if bare else []
            self.git("init", "-q", "-b", "main", f"--object-format={object_format}", *kind)

    def git(
        self, *arguments: str | bytes, stdin: bytes = b"", environ: Mapping[str, str] | None = None
    ) -> str:
        """Output of a git command without its last newline; an `AssertionError` with git's words if it fails.

        Local clones, fetches and submodules are allowed; `stdin` is handed to the command.
        """
        command = ["git", "-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false", *arguments]
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**self.environ, **(environ or {})},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Writes working-tree files, making folders; None deletes one."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def symlink(self, name: str, target: str) -> None:
        """A symbolic link in the working tree, whether or not `target` exists."""
        link = self.path / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    def add(self, *names: str) -> None:
        """Stages `names`, or everything."""
        self.git("add", "--", *names) if names else self.git("add", "--all")

    def commit(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        message: str = "change",
        at: int | None = None,
    ) -> str:
        """Writes `files`, stages everything, commits (also when nothing differs) and returns the commit's id.

        at: author and committer date in seconds since the epoch; by default a minute after the last one.
        """
        self.write(files or {})
        self.add()
        self.git("commit", "-q", "--allow-empty", "-m", message, environ=self._dates(at))
        return self.id("HEAD")

    def merge(self, branch: str, message: str = "merge", at: int | None = None) -> str:
        """Merges `branch` with a merge commit, never fast-forward; returns its id."""
        self.git("merge", "-q", "--no-ff", "-m", message, branch, environ=self._dates(at))
        return self.id("HEAD")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Makes a branch at `start` and switches to it."""
        self.git("checkout", "-q", "-b", name, start)

    def checkout(self, revision: str) -> None:
        self.git("checkout", "-q", revision)

    def tag(self, name: str, revision: str = "HEAD", *, annotated: bool = False) -> None:
        kind = ["-a", "-m", name] if annotated else []
        self.git("tag", *kind, name, revision, environ=self._dates(None) if annotated else None)

    def id(self, revision: str) -> str:
        """The full object id of `revision`."""
        return self.git("rev-parse", "--verify", revision)

    def config(self, key: str, value: str) -> None:
        """Sets a value in the repository's own configuration."""
        self.git("config", key, value)

    def clone(self, path: Path, *options: str) -> GitRepo:
        """A clone over the file protocol (so that `--depth` and `--filter` take effect) at `path`."""
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.git("clone", "-q", *options, self.path.as_uri(), str(path))
        copy = GitRepo(path, init=False, environ=self.environ)
        copy.clock = self.clock
        return copy

    def worktree(self, path: Path, revision: str = "HEAD") -> GitRepo:
        """A linked, detached working tree of this repository at `path`."""
        self.git("worktree", "add", "-q", "--detach", str(path), revision)
        copy = GitRepo(path, init=False, environ=self.environ)
        copy.clock = self.clock
        return copy

    def _dates(self, at: int | None) -> dict[str, str]:
        moment = self.clock if at is None else at
        self.clock = moment + 60
        return {"GIT_AUTHOR_DATE": f"@{moment} +0000", "GIT_COMMITTER_DATE": f"@{moment} +0000"}
