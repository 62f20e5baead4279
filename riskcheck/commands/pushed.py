"""What `git push` is about to push, as git hands it to a pre-push hook.

https://git-scm.com/docs/githooks#_pre_push
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

import click

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.sources.ranges import absent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_LINES: Final = 1_000
_LINE: Final = regex(r"(\S+) ([0-9a-f]{40,64}) (\S+) ([0-9a-f]{40,64})\n?")


class Push(NamedTuple):
    """One branch or tag. local, remote: ids of the commits there and here; zeros where it is made or deleted."""

    ref: str
    local: str
    remote: str

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """`environ` with what pre-commit would say of it."""
        said = {"PRE_COMMIT_FROM_REF": self.remote, "PRE_COMMIT_TO_REF": self.local}
        return {"PRE_COMMIT_REMOTE_NAME": "origin", **environ, **said}


def pushes(stream: TextIO) -> Iterator[Push]:
    """What stands in `stream`, each state that is pushed once; deletions are left out, they bring nothing.

    Raises `click.UsageError` where it is not what git says.
    """
    if stream.isatty():
        raise click.UsageError(
            "--pushed reads what git hands to a pre-push hook on stdin, which is a terminal here"
        )
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(stream, 1):
        match = _LINE.fullmatch(line)
        if match is None or number > MOST_LINES:
            raise click.UsageError(
                f"--pushed: line {number} of stdin is not what git hands to a pre-push hook"
            )
        push = Push(match[1], match[2], match[4])
        if not absent(push.local) and push[1:] not in seen:
            seen.add((push.local, push.remote))
            yield push
