"""What the message of a landed change says about itself: its title, its pull request, what it takes back.

The text is read once and not kept: titles become digests, and names of branches and people are left out.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.history.model import RevertSource

MOST_CHARACTERS: Final = 20_000
"""Of a message that are read. Squashed ones list all that they were made of."""

_COMMIT: Final = regex(
    r"(?i)\b(?:this reverts (?:merge )?commit|reverts?:? commit|changes made to)\s+([0-9a-f]{7,64})\b"
)
_BRANCH: Final = regex(r"(?i)^Merge pull request #\d+ from [^/\s]+/revert-(\d{1,8})-")
_PULL: Final = regex(r"(?i)\breverts? (?:[\w.-]+/[\w.-]+)?[#!](\d{1,8})\b")
_TITLE: Final = regex(r'(?i)^revert(?:s|ed)?:? "(.{3,300})"')
_PLAIN_TITLE: Final = regex(r"(?i)^revert(?:s|ed|ing)?(?: of)?:? (.{3,300})$")
_MERGED: Final = regex(r"(?i)^Merge (?:pull request #(\d{1,8})|branch|remote-tracking branch)\b")
_NUMBERED: Final = regex(
    r"(?im)\((?:#|pull request #)(\d{1,8})\)$|^See merge request [^\s!]{0,200}!(\d{1,8})$"
)
_AGAIN: Final = regex(
    r"(?i)\b(?:re-?(?:enable|apply|add|introduce|land|do|roll|activate|deploy|instate)\w*"
    r"|(?:second|another) attempt|(?:attempt|try|take) (?:#|no\.? )?\d|(?:try|trying) again|retry|once more|part \d"
    r"|revert (?:the )?revert|follow[- ]?up|again)\b"
)
"""In a title: it was tried before."""

_PLANNED: Final = regex(
    r"(?i)\b(?:temporar(?:y|ily)|experiment(?:s|al|ing)?|maintenance|no longer (?:needed|required|necessary)"
    r"|for (?:a )?test(?:s|ing)?|test(?:ing)? only|debug(?:ging)?|to test|load[- ]test|drill|rehearsal|for now)\b"
)
"""In the text of a change or of its revert: it was to be taken back from the beginning. Chosen before anything was
measured by it."""


class Told(NamedTuple):
    """What a message says.

    title, also: digests of its first line and, of a merge, of the title of what was merged. reverts: (how, what) of
    all that it takes back: ids of commits, numbers of pull requests, digests of titles. reverting: it says that it
    takes something back. again: it was tried before. planned: it speaks of what is only for a while.
    """

    title: str
    also: str
    pull: int | None
    reverts: tuple[tuple[RevertSource, str], ...]
    reverting: bool
    again: bool
    planned: bool


def told(message: str) -> Told:
    """What `message` says."""
    message = message[:MOST_CHARACTERS]
    lines = [line.strip() for line in message.strip().splitlines()] or [""]
    subject = lines[0]
    body = next((line for line in lines[1:] if line), "")
    merged = _MERGED.match(subject)
    title = body if merged and body else subject
    taken: dict[tuple[RevertSource, str], None] = {
        ("commit", one.lower()): None for one in _COMMIT.findall(message)
    }
    if branch := _BRANCH.match(subject):
        taken["branch", branch[1]] = None
    quoted = _TITLE.match(title) or _TITLE.match(subject)
    plain = _PLAIN_TITLE.match(title)
    reverting = bool(taken or quoted or plain)
    if reverting:
        taken |= {("pull", one): None for one in _PULL.findall(message)}
    if quoted or plain:
        taken["title", digest((quoted or plain or [""])[1])] = None
    return Told(
        digest(subject),
        digest(title),
        _pull(subject, message, merged and merged[1]),
        tuple(taken),
        reverting,
        bool(_AGAIN.search(title[:300])),
        bool(_PLANNED.search(message)),
    )


def digest(title: str) -> str:
    """Equal for titles that are the same but for case, spaces and the number of a pull request."""
    words = _NUMBERED.sub("", title.strip().strip('"')).lower().split()
    return blake2b(" ".join(words).encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _pull(subject: str, message: str, merged: str | None) -> int | None:
    if merged:
        return int(merged)
    found = _NUMBERED.search(subject) or _NUMBERED.search(message)
    number = found and next((one for one in found.groups() if one), None)
    return int(number) if number else None
