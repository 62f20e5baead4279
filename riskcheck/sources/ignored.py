"""Whether git would leave a file out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.sources.git import Git, GitError
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_ignored(folder: str, name: str, environ: Mapping[str, str]) -> bool:
    """Whether `name`, a file in `folder`, is left out by ``git add``. Outside of a repository nothing is."""
    try:
        told = Git(folder, environ).run(
            "check-ignore", "--stdin", stdin=name.encode("utf-8", "surrogateescape") + b"\n", ok=(0, 1)
        )
    except (GitError, SourceError):
        return False
    return bool(told)
