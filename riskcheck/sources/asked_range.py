"""The landed changes that a range of revisions asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple
from riskcheck.sources.branches import names_of_base
from riskcheck.sources.git import GitError
from riskcheck.sources.names import printable
from riskcheck.sources.repository import located
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.sources.repository import Repository


class LandedRange(NamedTuple):
    """root: top of the working tree, the repository's folder where it has none. tip: id of the newest commit.
    branch: what the branch may be called, "" where nobody knows. commits: ids along the first parents, None for all
    up to `tip`. shallow: history is cut off."""

    root: str
    tip: str
    branch: str
    commits: frozenset[str] | None
    shallow: bool


def landed_range(root: str, asked: str | None, environ: Mapping[str, str]) -> LandedRange:
    """What ``A..B`` (along B, without what A has), ``A..`` or ``B`` asks for; all of HEAD where `asked` is None.

    Raises `SourceError`.
    """
    if asked is not None and "..." in asked:
        raise SourceError(f"{printable(asked)}: write A..B, for what landed on B and A does not have")
    begin, dots, end = (asked or "HEAD").rpartition("..")
    end = end or "HEAD"
    repository = located(root, environ)
    if end == "HEAD" and repository.head() is None:
        raise SourceError("there is no commit yet: nothing has landed")
    tip = repository.commit(end, or_remote=True)
    names = names_of_base(repository, end, environ)
    return LandedRange(
        repository.top or repository.folder,
        tip.id,
        names[0] if names else "",
        _commits(repository, repository.commit(begin or "HEAD", or_remote=True).id, tip.id) if dots else None,
        repository.shallow,
    )


def _commits(repository: Repository, begin: str, tip: str) -> frozenset[str]:
    try:
        listed = repository.git.run("rev-list", "--first-parent", "--end-of-options", tip, f"^{begin}")
    except GitError as error:
        raise repository.refusal(error) from None
    return frozenset(listed.decode("ascii", "replace").split())
