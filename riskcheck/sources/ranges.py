"""Which two states a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.sources.names import printable
from riskcheck.sources.spec import RangeSpec, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

Form: TypeAlias = Literal["worktree", "staged", "direct", "fork", "directories"]
"""direct: two revisions as they are. fork: from where head left base, so that what base gained since does not
count as a change."""

EMPTY_TREES: Final = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""Ids of the tree without entries, which every repository knows, by object format."""

_LARGEST_EVENT: Final = 32 * 1024 * 1024
"""GitHub caps payloads at 25 MB."""


class Range(NamedTuple):
    """What is compared. base, head: revisions, for ``direct`` and ``fork``. said: where the request came from
    when it was not a person, for messages. local: whether head is what is checked out, so that uncommitted
    files are worth a note. pushed: base is what a branch was at on the remote, maybe an earlier state of the
    change."""

    form: Form
    base: str = "HEAD"
    head: str = "HEAD"
    said: str = ""
    local: bool = False
    pushed: bool = False


def is_push(environ: Mapping[str, str]) -> bool:
    """Whether this run is a pre-push hook. https://pre-commit.com/#pre-push"""
    return bool(environ.get("PRE_COMMIT_REMOTE_NAME"))


def range_of(spec: RangeSpec) -> Range:
    """The range that a request means. Raises `SourceError` for a request that contradicts itself.

    ``PRE_COMMIT_FROM_REF`` and ``PRE_COMMIT_TO_REF`` stand in for a request that names no revision; they also
    outrank ``--staged``, since pre-commit sets them only when it checks commits and not the index.
    """
    asked = [
        name
        for name, given in (
            ("a revision", spec.revision is not None),
            ("--base/--head", spec.base is not None or spec.head is not None),
            ("--from/--to", spec.from_dir is not None or spec.to_dir is not None),
            ("--staged", spec.staged),
        )
        if given
    ]
    if len(asked) > 1:
        raise SourceError(f"{' and '.join(asked)} ask for different comparisons: give one of them")
    if spec.revision is not None:
        return _named(spec.revision)
    if spec.base is not None:
        return Range("fork", spec.base, spec.head or "HEAD", local=spec.head is None)
    if spec.head is not None:
        raise SourceError("--head needs the branch it will be merged into: add --base")
    if spec.from_dir is not None or spec.to_dir is not None:
        if spec.from_dir is None or spec.to_dir is None:
            missing = "--from" if spec.from_dir is None else "--to"
            raise SourceError(f"two folders are compared: add {missing}")
        return Range("directories")
    old, new = spec.environ.get("PRE_COMMIT_FROM_REF"), spec.environ.get("PRE_COMMIT_TO_REF")
    if old and new:
        return Range(
            "fork", old, new, said="PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF", pushed=is_push(spec.environ)
        )
    if is_push(spec.environ):
        # Of a first push of everything pre-commit does not name the commits.
        head = spec.environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
        return Range("fork", "0" * 40, head, said="PRE_COMMIT_REMOTE_NAME", pushed=True)
    return Range("staged" if spec.staged else "worktree")


def _named(revision: str) -> Range:
    if revision.startswith("-"):
        raise SourceError(f"{printable(revision)} is not a revision: name a branch, a tag or a commit")
    for dots in ("...", ".."):
        base, found, head = revision.partition(dots)
        if found:
            return Range("fork" if dots == "..." else "direct", base or "HEAD", head or "HEAD")
    return Range("fork", revision, local=True)


def absent(commit: str) -> bool:
    """Whether an id consists of zeros: git's way of saying that a branch is made or deleted by a push."""
    return len(commit) in (40, 64) and not commit.strip("0")


def empty(revision: str) -> bool:
    """Whether a revision is the id of git's tree without entries, under either hash."""
    return revision.lower() in EMPTY_TREES.values()


CI_MARKS: Final = ("CI", "TF_BUILD", "JENKINS_URL", "GITHUB_ACTIONS")
"""Variables that tell a CI. Jenkins and Azure Pipelines do not set ``CI``."""


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether this run is one of a CI."""
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        return True
    return any(environ.get(name) for name in CI_MARKS[1:])


def ci_bases(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Revisions that the CI says this build is to be merged into, best first, and the variable that says so.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    https://docs.gitlab.com/ci/variables/predefined_variables/
    https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
    https://www.jenkins.io/doc/book/pipeline/multibranch/
    https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    """
    found = []
    for variable in (
        "GITHUB_BASE_REF",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA",
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
        "CHANGE_TARGET",
        "BITBUCKET_PR_DESTINATION_BRANCH",
        "CI_COMMIT_BEFORE_SHA",
    ):
        value = environ.get(variable, "").removeprefix("refs/heads/")
        if value and not absent(value):
            found.append((value, variable))
    if environ.get("GITHUB_EVENT_NAME") == "push" and (before := _before_push(environ)):
        found.append((before, "GITHUB_EVENT_PATH"))
    return found


def _before_push(environ: Mapping[str, str]) -> str:
    """The commit that a branch was at before the push that GitHub Actions builds, "" where none is told.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
    """
    import json

    try:
        with open(environ.get("GITHUB_EVENT_PATH", ""), "rb") as file:
            event = json.loads(file.read(_LARGEST_EVENT))
    except (OSError, ValueError, RecursionError):
        return ""
    before = event.get("before") if isinstance(event, dict) else None
    return before if isinstance(before, str) and not absent(before) else ""
