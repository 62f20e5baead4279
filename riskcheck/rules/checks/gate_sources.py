"""Where riskcheck comes from, and whether it is the change that it is told to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.regexes import regex
from riskcheck.rules.checks.gate_values import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.checks.gate_commands import Call

_ITSELF: Final = regex(
    r"^HEAD$|github\.sha|pull_request\.head|\b(?:GITHUB_SHA|CI_COMMIT_SHA|BUILD_SOURCEVERSION|GIT_COMMIT)\b"
)
"""Revisions that are the change itself, as CI systems call it."""
_FIXED: Final = regex(r"[0-9a-f]{40}|[0-9a-f]{64}|\d+\.\d+\.\d+")


def fixed(version: str) -> bool:
    """Whether a version of an action or a component cannot move: a commit, or a whole version number."""
    return _FIXED.fullmatch(version) is not None


def runner(inputs: Mapping[str, str]) -> dict[str, str]:
    """What runs riskcheck, of the inputs of its action or component: ``python``, and ``image`` without tag and
    digest."""
    found = {"python": inputs["python"]} if inputs.get("python") else {}
    if inputs.get("image"):
        # A colon before a slash is that of a port.
        place, slash, name = inputs["image"].partition("@")[0].rpartition("/")
        found["image"] = place + slash + name.partition(":")[0]
    return found


def elsewhere(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What options `after` judge instead of the change, and what else is run than by `before`."""
    base = after.get("base", "")
    if _ITSELF.search(base) and not _ITSELF.search(before.get("base", "")):
        yield f"riskcheck compares the change with itself ({base})"
    head = after.get("head")
    if head is not None and head != before.get("head") and not _ITSELF.search(head):
        yield f"riskcheck judges {head}, not the change"
    if after.get("python", "") not in ("", "python3", before.get("python", "")):
        yield f"riskcheck is run by {after['python']}"
    images = before.get("image"), after.get("image")
    if images[0] and images[1] and images[0] != images[1]:
        yield f"riskcheck runs in another image ({images[1]})"


def taken_from(path: KeyPath, was: Call, becomes: Call) -> Iterator[Weakening]:
    """Who provides riskcheck, and whether what is run can change behind the definition's back."""
    if not was.source or not becomes.source:
        return
    if becomes.source != was.source:
        what = f"riskcheck is taken from {becomes.source} instead of {was.source}"
        yield Weakening((*path, "uses"), what)
    elif was.pinned and not becomes.pinned:
        yield Weakening((*path, "uses"), "the version of riskcheck is no longer fixed")
