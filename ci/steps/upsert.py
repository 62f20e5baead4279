"""One comment a change, found again by its first line and updated in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from steps.problem import StepError

START: Final = "<!-- riskcheck:"
"""How the first line of riskcheck's Markdown begins."""
MARKER: Final = f"{START}report -->"
"""The first line of riskcheck's Markdown, where no report could be made."""
PASSED: Final = "**riskcheck: PASS"
"""What the second line holds of a change that passes."""
NOT_JUDGED: Final = "**riskcheck could not judge the change.**"
"""What the second line begins with where the run could not be made."""
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


def not_judged(words: str) -> str:
    """Markdown that says that the run could not be made. words: why, of whatever origin; ``""`` where it is not
    known here."""
    why = _escaped(words) if words else "The log of the job says why."
    return (
        f"{MARKER}\n{NOT_JUDGED} {why}\n\n"
        "What stood here was about an earlier state of the change; about this one nothing is known.\n"
    )


def report_at(path: Path) -> str:
    """The Markdown at `path`; where there is none, that the change could not be judged. Raises `StepError`."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return not_judged("")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(f"{path} cannot be read: {error}") from None


def upsert(forge: Forge, body: str, key: str) -> str:
    """Puts Markdown `body` into the change's comment; says what was done, in a word.

    A comment of somebody else is left alone, whatever its first line says. A change that passes gets none where
    there was none before, and neither does one that could not be judged: the job that failed says so, but an
    earlier verdict must not stay. key: tells the comments of several jobs apart.
    Raises `StepError` and `web.Refused`.
    """
    body = _marked(body, key)
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
    second = body.split("\n", 2)[1]
    if PASSED in second or second.startswith(NOT_JUDGED):
        return "not needed"
    forge.create(body)
    return "created"


def _marked(body: str, key: str) -> str:
    """`body` with `key` in its marker. Raises `StepError`."""
    if not all(one.isalnum() or one in "-_ ./" for one in key) or len(key) > 60:
        raise StepError(f"the key of the comment is {key!r}: write at most 60 letters, digits, - _ . and /")
    first, _, rest = body.partition("\n")
    if not first.startswith(START) or not first.endswith("-->"):
        raise StepError("the report is no Markdown of riskcheck: its first line is no marker")
    if len(body) > LARGEST - 100:
        raise StepError("the report is larger than a comment may be")
    return f"{first.removesuffix('-->').rstrip()}{f' {key}' if key else ''} -->\n{rest}"


def _escaped(words: str) -> str:
    special = frozenset("\\`*_{}[]<>#|~!&@:$")
    one_line = " ".join(words.split())[:2000]
    return "".join(
        f"&#{ord(one)};&#8203;" if one in special else one for one in one_line if one.isprintable()
    )


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip("\r ")
