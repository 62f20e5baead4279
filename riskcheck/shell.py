"""Shell text into statements: enough to see which commands a CI step runs, and whether their failure counts.

No shell is run and nothing is expanded. Quotes group words, ``\\`` joins lines, ``#`` begins a comment. What is
inside ``$(…)``, ``${…}`` and ``${{ … }}`` stays part of its word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH: Final = 200_000
"""Characters of a script that are looked at."""
_OPERATORS: Final = ("&&", "||", ";;", ";", "|", "&", "\n")
_OPERATOR_STARTS: Final = frozenset("&|;\n")
_CLOSING: Final = {"(": ")", "{": "}"}


class Statement(NamedTuple):
    """One simple command. words: unquoted. ends: the operator behind it (``&&``, ``||``, ``|``, ``;``, a newline
    or "" at the end)."""

    words: tuple[str, ...]
    ends: str


def statements(text: str) -> Iterator[Statement]:
    """The simple commands of `text`, in order; empty ones left out."""
    words: list[str] = []
    for word, operator in _words(text[:MAX_LENGTH]):
        if word is not None:
            words.append(word)
        if operator and words:
            yield Statement(tuple(words), operator)
        if operator:
            words = []
    if words:
        yield Statement(tuple(words), "")


def _words(text: str) -> Iterator[tuple[str | None, str]]:
    """Each word (None for none) and the operator that follows it, if one does."""
    word: list[str] | None = None
    position = 0
    while position < len(text):
        char = text[position]
        operator = _operator(text, position) if char in _OPERATOR_STARTS else ""
        if operator or char.isspace():
            if word is not None or operator:
                yield (None if word is None else "".join(word)), operator
            word = None
            position += len(operator) or 1
        elif char == "#" and word is None:
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif text.startswith("\\\n", position):
            position += 2
        else:
            part, position = _part(text, position)
            word = [] if word is None else word
            word.append(part)
    if word is not None:
        yield "".join(word), ""


def _operator(text: str, position: int) -> str:
    return next(one for one in _OPERATORS if text.startswith(one, position))


def _part(text: str, position: int) -> tuple[str, int]:
    """A piece of a word: what quotes hold, one expansion, or one character; and where it ends."""
    char = text[position]
    if char == "\\":
        return text[position + 1 : position + 2], position + 2
    if char == "'":
        end = text.find("'", position + 1)
        end = len(text) if end < 0 else end
        return text[position + 1 : end], end + 1
    if char == '"':
        return _double_quoted(text, position + 1)
    if char == "$" and text[position + 1 : position + 2] in _CLOSING:
        end = _closed(text, position + 1)
        return text[position:end], end
    return char, position + 1


def _double_quoted(text: str, position: int) -> tuple[str, int]:
    held: list[str] = []
    while position < len(text) and text[position] != '"':
        if text.startswith("\\\n", position):
            position += 2
            continue
        escaped = text[position] == "\\" and text[position + 1 : position + 2] in ('"', "\\", "$", "`")
        held.append(text[position + escaped : position + escaped + 1])
        position += 1 + escaped
    return "".join(held), position + 1


def _closed(text: str, position: int) -> int:
    """Where the bracket that opens at `position` is closed; the end of `text` where it never is."""
    opening = text[position]
    closing = _CLOSING[opening]
    depth = 0
    for index in range(position, len(text)):
        depth += (text[index] == opening) - (text[index] == closing)
        if not depth:
            return index + 1
    return len(text)
