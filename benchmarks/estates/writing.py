"""Repositories written through `git fast-import`: 50,000 files or commits in seconds, without a file on disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final

DATE: Final = 1_767_268_800
"""When the first commit was made, in seconds since 1970."""
HOUR: Final = 3_600
WHO: Final = "bench <bench@example.invalid>"


class Estate:
    """A repository whose commits are written one after another. Closing it ends the import.

    checkout: the files of the last commit are put into the working tree, too. begin: when the first commit was
    made, in seconds since 1970; pace: seconds from one commit to the next.
    """

    def __init__(self, root: Path, *, checkout: bool = True, begin: int = DATE, pace: float = HOUR) -> None:
        self._root, self._checkout = root, checkout
        self._begin, self._pace, self._commits = begin, pace, 0
        root.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self._import = subprocess.Popen(
            ["git", "fast-import", "--quiet"], cwd=root, env=_environment(), stdin=subprocess.PIPE
        )
        assert self._import.stdin is not None
        self._stream = self._import.stdin

    def __enter__(self) -> Estate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        status = self._import.wait()
        if kind is None:
            if status:
                raise RuntimeError(f"git fast-import ended with {status}")
            if self._checkout:
                self._git("reset", "--quiet", "--hard", "main")

    def commit(
        self,
        message: str,
        files: Iterable[tuple[str, str]],
        *,
        branch: str = "main",
        parent: str | None = None,
    ) -> None:
        """A commit that writes `files` (path, text). parent: a branch it starts from; by default that of before."""
        moment = self._begin + int(self._pace * self._commits)
        self._commits += 1
        self._write(f"commit refs/heads/{branch}\ncommitter {WHO} {moment} +0000\n")
        self._data(message)
        if parent is not None:
            self._write(f"from refs/heads/{parent}\n")
        for path, text in files:
            self._write(f"M 100644 inline {path}\n")
            self._data(text)
        self._write("\n")

    def _data(self, text: str) -> None:
        data = text.encode()
        self._stream.write(b"data %d\n%b\n" % (len(data), data))

    def _write(self, text: str) -> None:
        self._stream.write(text.encode())

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self._root, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
