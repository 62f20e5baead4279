"""One comment a change, found again by its first line and updated in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from steps.problem import StepError

START: Final = "<!-- riskcheck:"
"""How the first line of riskcheck's Markdown begins."""
PASSED: Final = "**riskcheck: PASS"
"""What the second line holds of a change that passes."""
LARGEST: Final = 65_536
"""Characters that a comment on GitHub may hold."""


class Comment(NamedTuple):
    """A comment that is there. author: login or id of the account that wrote it."""

    id: int
    author: str
    body: str


class Forge(Protocol):
    """Where comments are kept."""

    def own(self) -> str:
        """The author of what this token writes."""

    def comments(self) -> Iterator[Comment]:
        """All comments of the change, oldest first."""

    def create(self, body: str) -> None: ...
    def update(self, comment: int, body: str) -> None: ...


def upsert(forge: Forge, path: Path, key: str) -> str:
    """Puts the Markdown at `path` into the change's comment; says what was done, in a word.

    A comment of somebody else is left alone, whatever its first line says. A change that passes gets none where
    there was none before. key: tells the comments of several jobs apart.
    Raises `StepError` and `web.Refused`.
    """
    body = _marked(path, key)
    marker = body.partition("\n")[0]
    own = forge.own()
    known = next(
        (one for one in forge.comments() if one.author == own and _first_line(one.body) == marker), None
    )
    if known is not None:
        if known.body.replace("\r\n", "\n").strip() == body.strip():
            return "unchanged"
        forge.update(known.id, body)
        return "updated"
    if PASSED in body.split("\n", 2)[1]:
        return "not needed"
    forge.create(body)
    return "created"


def _marked(path: Path, key: str) -> str:
    """The Markdown with `key` in its marker. Raises `StepError`."""
    if not all(one.isalnum() or one in "-_ ./" for one in key) or len(key) > 60:
        raise StepError(f"the key of the comment is {key!r}: write at most 60 letters, digits, - _ . and /")
    try:
        body = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(f"{path} cannot be read: {error}") from None
    first, _, rest = body.partition("\n")
    if not first.startswith(START) or not first.endswith("-->"):
        raise StepError(f"{path} is no Markdown of riskcheck: its first line is no marker")
    if len(body) > LARGEST - 100:
        raise StepError(f"{path} is larger than a comment may be")
    return f"{first.removesuffix('-->').rstrip()}{f' {key}' if key else ''} -->\n{rest}"


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip("\r ")
