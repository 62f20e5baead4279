"""The names of branches and tags, for shells that complete them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.sources.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST: Final = 2_000
"""Names that are looked at; nobody reads through more."""

_LITERAL: Final = r"(?![-~=#])[\w./@+=:,%#-]+"
"""Names that a shell takes as they stand. git allows ``$(…)`` and ``;`` in others, and bash puts on the command
line what it is told, where Enter would run it."""


def names_of_refs(folder: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """HEAD, branches, the remotes' branches and tags, in that order, as git shortens them; those that a shell takes
    as they stand. Raises `SourceError` without git, `GitError` outside of a repository."""
    listed = Git(folder, environ).run(
        "for-each-ref", f"--count={MOST}", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags"
    )
    names = listed.decode("utf-8", "replace").split("\n")
    prefixes = ("refs/heads/", "refs/remotes/", "refs/tags/")
    short = (name.removeprefix(prefix) for prefix in prefixes for name in names if name.startswith(prefix))
    return tuple(dict.fromkeys(("HEAD", *(name for name in short if re.fullmatch(_LITERAL, name)))))
