"""The branches of a repository, looked at where a policy promotes by branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.sources.git import GitError
from riskcheck.sources.history import GitHistory
from riskcheck.sources.objects import is_id
from riskcheck.sources.ranges import ci_bases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.sources.repository import Repository


def names_of_base(repository: Repository, base: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the branch that is merged into may be called, best first: as the request calls it; where that is a
    commit, as the CI says and as what is checked out is called."""
    if not base.startswith("HEAD") and not is_id(base):
        return (_branch_name(base),)
    try:
        current = repository.git.run("symbolic-ref", "-q", "HEAD", ok=(0, 1))
    except GitError:
        current = b""
    named = [name for name, _ in ci_bases(environ)]
    named.append(current.decode("utf-8", "surrogateescape").strip())
    return tuple(dict.fromkeys(_branch_name(name) for name in named if name))


def history_of(repository: Repository, name: str) -> GitHistory | None:
    """The history behind the tip of a branch, the remote's before one's own; None where it is not here."""
    for prefix in ("refs/remotes/origin/", "refs/heads/"):
        commit = repository.objects.commit(prefix + name)
        if commit is not None:
            return GitHistory(repository, commit.id)
    return None


def _branch_name(revision: str) -> str:
    for prefix in ("refs/heads/", "refs/remotes/", "origin/"):
        revision = revision.removeprefix(prefix)
    return revision
