"""What git says about a repository that it cannot read, in words for people: what is wrong and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.regexes import regex
from riskcheck.sources.git import NOT_UNDERSTOOD
from riskcheck.sources.names import printable

if TYPE_CHECKING:
    from riskcheck.sources.git import GitError

_DAMAGED: Final = (
    "unable to read tree",
    "bad tree object",
    "bad object",
    "bad blob object",
    "could not read",
    "unable to read",
    "unable to find",
    "object file",
    "loose object",
    "inflate",
    "unable to unpack",
    "corrupt",
    "packfile",
    "pack has bad",
    "hash mismatch",
    "missing blob",
    "not a valid object",
    "failed to read object",
    "invalid object",
    "does not exist in the repository",
)
_OF_INDEX: Final = ("index file", "bad index", "bad signature", "index uses", "unordered stage entries")
_OF_CONFIGURATION: Final = (
    "bad config",
    "bad numeric config",
    "bad boolean config",
    "unable to parse config",
)
_TOO_NEW: Final = ("repo version", "repository extension", "repository version", "unknown object format")
_ID: Final = regex(r"\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b|\b[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?\b")


def is_damage(error: GitError) -> bool:
    """Whether git could not read an object, or could not find it."""
    words = error.words.lower()
    return any(one in words for one in _DAMAGED) and not any(one in words for one in _OF_INDEX)


def told(error: GitError, folder: str) -> str:
    """What `error` means. folder: the one that git was run in."""
    said, place = printable(error.words), printable(folder)
    words = said.lower()
    if any(one in words for one in _TOO_NEW):
        return f"this git is older than what made the repository ({said}): install a newer git"
    if any(one in words for one in _OF_CONFIGURATION):
        return f"git cannot read its configuration ({said}): mend that line"
    if any(one in words for one in _OF_INDEX):
        return (
            f"git cannot read the index of {place} ({said}): `git reset` writes it anew once the file is removed "
            '(`rm "$(git rev-parse --git-path index)"`); your files stay as they are'
        )
    if is_damage(error):
        found = _ID.search(said)
        what = f"object {found[0].replace('/', '')}" if found else "an object"
        return (
            f"{what} is missing from the repository or damaged, and the comparison needs it (git {error.command}: "
            f"{said}): `git fsck` lists what is wrong; `git fetch --refetch` or a new clone brings it back"
        )
    if NOT_UNDERSTOOD in words:
        return f"git {error.command}: {said}; is the git on PATH the real one?"
    if error.code < 0:
        return (
            f"git {error.command} was ended by signal {-error.code} before it answered: run riskcheck again"
        )
    return f"git {error.command} failed: {said or f'exit code {error.code} without a word'}"
