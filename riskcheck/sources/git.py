"""The only place where git is run.

What is checked is hostile, and git can be told to run programs by its configuration: hooks, filters, text
conversion, file-system monitors, pagers, transports. So: plumbing commands only, no shell, none of those, no
network, and nothing of a repository is written. Revisions never reach a command line; `objects.Objects`
resolves them over standard input, and commands see full object ids.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from riskcheck.signals import held
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    *("-c", "protocol.allow=never"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.pager=cat"),
    *("-c", "core.untrackedCache=false"),
    # Above this git streams a blob instead of holding it, and rename detection leaves it alone.
    *("-c", "core.bigFileThreshold=16m"),
)

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",  # protocol.<name>.allow of a repository outranks protocol.allow; this outranks both
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_GRAFT_FILE": os.devnull,  # the older kind of replaced history, which --no-replace-objects leaves on
    "LC_ALL": "C",
}

_DROPPED = frozenset(
    {
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_FLUSH",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "LANGUAGE",
    }
)
"""Set around us, they change what plumbing prints or runs. The system and global configuration stay: they are
the user's own, and safe.directory is often set there."""

OLDEST = "2.25"

_MOST_SECONDS_TO_EXIT = 5.0

_running: set[subprocess.Popen[bytes]] = set()
"""Every git that was started and not waited for."""


NOT_UNDERSTOOD = "it answers what riskcheck does not understand"


class GitError(SourceError):
    """git ended with an error. Where nobody turns it into better words, it ends the run.

    words: its first message, or "" where it said nothing. lacking: it needed objects that a partial clone does not
    have, and could not fetch them.
    """

    def __init__(self, command: str, code: int, words: str, *, lacking: bool = False) -> None:
        super().__init__(f"git {command} failed with code {code}: {words}")
        self.command = command
        self.code = code
        self.words = words
        self.lacking = lacking


class Running:
    """A git command that was started. Its errors are asked for by running it again, when there are any:
    that spares a second pipe, which could fill up while the first is read."""

    __slots__ = ("_arguments", "_git", "_process", "_stdin")

    def __init__(self, git: Git, arguments: tuple[str, ...], stdin: bytes | None) -> None:
        self._git = git
        self._arguments = arguments
        self._stdin = stdin
        self._process: subprocess.Popen[bytes] | None = git.spawn(arguments, stdin=stdin is not None)

    def feed(self, stdin: bytes) -> None:
        """Says what a command that was started with empty input is to read."""
        self._stdin = stdin

    def output(self, ok: Collection[int] = (0,)) -> bytes:
        """Standard output, once. Raises `GitError` for an exit code that is not in `ok`."""
        process = self._process
        assert process is not None, "output is read once"
        if self._stdin is None:
            assert process.stdout is not None
            out = process.stdout.read()
            process.stdout.close()
            process.wait()
        else:
            out = process.communicate(self._stdin)[0]
        self._process = None
        _running.discard(process)
        if process.returncode in ok:
            return out
        return self._git.again(self._arguments, self._stdin, ok)

    def __del__(self) -> None:
        if (process := getattr(self, "_process", None)) is not None:
            end(process)


class Git:
    """git, run from one folder with one environment."""

    def __init__(self, root: str, environ: Mapping[str, str]) -> None:
        """Raises `SourceError` where there is no git."""
        self.root = root
        self.environ = environ
        self._program = _find(environ)
        self._environment = {name: value for name, value in environ.items() if name not in _DROPPED}
        self._environment.update(_ENVIRONMENT)

    def spawn(
        self, arguments: tuple[str, ...], *, stdin: bool = False, stderr: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Starts ``git ARGUMENTS``; arguments may begin with further ``-c`` settings."""
        with held():
            process = subprocess.Popen(
                [self._program, *_OPTIONS, *arguments],
                cwd=self.root,
                env=self._environment,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
            _running.add(process)
        return process

    def start(self, *arguments: str, stdin: bytes | None = None) -> Running:
        """Starts a command whose output is wanted later."""
        return Running(self, arguments, stdin)

    def run(self, *arguments: str, stdin: bytes | None = None, ok: Collection[int] = (0,)) -> bytes:
        """Standard output of a command. Raises `GitError`."""
        return Running(self, arguments, stdin).output(ok)

    def again(self, arguments: tuple[str, ...], stdin: bytes | None, ok: Collection[int]) -> bytes:
        """Runs a command that failed once more, to hear why. Raises `GitError`."""
        process = self.spawn(arguments, stdin=stdin is not None, stderr=subprocess.PIPE)
        out, err = process.communicate(stdin)
        _running.discard(process)
        if process.returncode in ok:
            return out
        # Up to git 2.35 what it says of a partial clone is that it may not use the transport that would fetch.
        lacking = b"promisor" in err or re.search(rb"transport '[^']*' not allowed", err) is not None
        raise GitError(_name(arguments), process.returncode, _first_words(err), lacking=lacking)

    def version(self) -> str:
        """Such as ``2.39.5``."""
        return self.run("--version").decode("ascii", "replace").strip().removeprefix("git version ")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process whose answers are no longer wanted, whatever it is waiting for."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()
    process.wait()
    _running.discard(process)


def ended_by_itself(process: subprocess.Popen[bytes]) -> int:
    """Exit code of a process that has closed its output; below 0 where a signal ended it."""
    try:
        return process.wait(_MOST_SECONDS_TO_EXIT)
    except subprocess.TimeoutExpired:
        return 0


def end_all() -> None:
    """Ends every git that is still running, as the whole process ends: none may stay behind."""
    for process in tuple(_running):
        end(process)


def _find(environ: Mapping[str, str]) -> str:
    """git on PATH. Relative entries are passed over: in a checked-out pull request they lead to its files,
    and on Windows the current folder would even be searched first."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(folder):
            program = os.path.join(folder, name)
            if os.access(program, os.X_OK) and os.path.isfile(program):
                return program
    raise SourceError(
        f"git was not found on PATH: install git {OLDEST} or newer, or compare folders with --from and --to"
    )


def _name(arguments: tuple[str, ...]) -> str:
    """The command's name, behind its settings."""
    at = 0
    while arguments[at] == "-c":
        at += 2
    return arguments[at]


def _first_words(stderr: bytes) -> str:
    """The line that says why: the first ``fatal:`` or ``error:``, else the first line at all."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    for line in lines:
        if line.startswith(("fatal: ", "error: ")):
            return line.partition(": ")[2]
    return lines[0] if lines else ""
