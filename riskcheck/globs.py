"""Path globs of the policy file: ``files``, ``paths``, ``where``.

The dialect, always matched against the whole repository-relative path, case-sensitively:

- ``*`` any run of characters inside one segment, ``?`` one of them, ``[ab]``, ``[a-z]``, ``[!a]`` a class;
- ``**`` as a whole segment: any number of segments, none included; elsewhere it reads as ``*``;
- ``{a,b}`` alternatives (not nested), ``\\`` takes the next character literally;
- a leading ``/`` or ``./`` says nothing; a trailing ``/`` means everything below;
- a pattern whose last segment has no wildcard also matches everything below it: ``vendor`` is the folder.

Patterns come from repositories, so matching is bounded: a wildcard never needs to give back more than the
latest star took, which makes it at most pattern length times path length. Python's ``re`` is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 1_000
"""Longest pattern, in characters."""
MAX_ALTERNATIVES = 64
"""Most patterns that the braces of one pattern may expand to."""

_Class = tuple[bool, tuple[tuple[str, str], ...]]
"""A character class: negated or not, and its inclusive ranges."""
_Token = str | _Class | None
"""One literal character, a class, or None for ``?``; the star is `_STAR`."""
_STAR = "**"
"""A token of two characters cannot be a literal one."""


class GlobError(ValueError):
    """A pattern that cannot be read; the message says what is wrong with it, without the pattern."""


class Glob:
    """One compiled pattern. Raises `GlobError`."""

    __slots__ = ("_alternatives", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._alternatives = tuple(_Plain(text) for text in _expand_braces(pattern))

    def matches(self, path: str) -> bool:
        """Whether the whole of `path` matches."""
        return any(plain.matches(path) for plain in self._alternatives)

    def __repr__(self) -> str:
        return f"Glob({self.pattern!r})"


class GlobSet:
    """Several patterns, any of which may match; tried in order. Raises `GlobError`."""

    __slots__ = ("globs",)

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.globs = tuple(Glob(pattern) for pattern in patterns)

    def matches(self, path: str) -> bool:
        return any(glob.matches(path) for glob in self.globs)

    def first(self, path: str) -> str | None:
        """The first pattern that matches `path`."""
        return next((glob.pattern for glob in self.globs if glob.matches(path)), None)

    def __bool__(self) -> bool:
        return bool(self.globs)


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether any of `patterns` matches `path`. Compiled patterns are remembered. Raises `GlobError`."""
    return any(_compiled(pattern).matches(path) for pattern in patterns)


_COMPILED: dict[str, Glob] = {}
_MOST_COMPILED = 2_000


def _compiled(pattern: str) -> Glob:
    glob = _COMPILED.get(pattern)
    if glob is None:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()
        glob = _COMPILED[pattern] = Glob(pattern)
    return glob


def wildcard(pattern: str, text: str) -> bool:
    """Whether `text` as a whole matches `pattern`, in which ``*`` stands for anything, ``/`` included.

    For names that are no paths: resource addresses, environment names.
    """
    return _match_tokens([_STAR if char == "*" else char for char in pattern], text)


class _Plain:
    """A pattern without braces: segments, and cheap tests that settle most paths before any walking."""

    __slots__ = ("_below", "_prefix", "_segments", "_suffix")

    def __init__(self, pattern: str) -> None:
        pattern = pattern.removeprefix("./").lstrip("/")
        if pattern.endswith("/"):
            pattern += "**"
        names = [name for name in pattern.split("/") if name != "."]
        if not pattern or not names:
            raise GlobError("is empty")
        if ".." in names or "" in names:
            raise GlobError("may not contain '..' or an empty segment")
        # None is `**`; a str is a segment without wildcards.
        segments: list[str | list[_Token] | None] = []
        for name in names:
            if name != "**":
                segments.append(_tokens(name))
            elif not segments or segments[-1] is not None:
                segments.append(None)
        self._segments = segments
        last = segments[-1]
        self._below = isinstance(last, str)
        self._prefix = "/".join(_while_literal(segments))
        self._suffix = _literal_ending(last) if last is not None and not self._below else ""

    def matches(self, path: str) -> bool:
        if not (path.startswith(self._prefix) and path.endswith(self._suffix)):
            return False
        return _match_segments(self._segments, path.split("/"), self._below)


def _while_literal(segments: list[str | list[_Token] | None]) -> list[str]:
    literal: list[str] = []
    for segment in segments:
        if not isinstance(segment, str):
            break
        literal.append(segment)
    return literal


def _literal_ending(tokens: str | list[_Token]) -> str:
    ending = ""
    for token in reversed(tokens):
        if not isinstance(token, str) or token == _STAR:
            break
        ending = token + ending
    return ending


def _match_segments(pattern: list[str | list[_Token] | None], names: list[str], below: bool) -> bool:
    """Greedy matching with one point of return: the latest ``**``. An earlier one never needs another try,
    because whatever follows it up to the latest was found at its first possible place."""
    at = position = 0
    star = resume = -1
    while position < len(names):
        if at < len(pattern):
            segment = pattern[at]
            if segment is None:
                star, resume = at, position
                at += 1
                continue
            name = names[position]
            if name == segment if isinstance(segment, str) else _match_tokens(segment, name):
                at += 1
                position += 1
                continue
        elif below:
            return True
        if star < 0:
            return False
        resume += 1
        at, position = star + 1, resume
    return at == len(pattern) or (at == len(pattern) - 1 and pattern[at] is None)


def _match_tokens(tokens: list[_Token], text: str) -> bool:
    """The same inside one segment, with ``*`` as the point of return."""
    at = position = 0
    star = resume = -1
    while position < len(text):
        if at < len(tokens):
            token = tokens[at]
            if token == _STAR:
                star, resume = at, position
                at += 1
                continue
            if _fits(token, text[position]):
                at += 1
                position += 1
                continue
        if star < 0:
            return False
        resume += 1
        at, position = star + 1, resume
    return all(token == _STAR for token in tokens[at:])


def _fits(token: _Token, char: str) -> bool:
    if token is None:
        return True
    if isinstance(token, str):
        return token == char
    negated, ranges = token
    return any(low <= char <= high for low, high in ranges) is not negated


def _tokens(segment: str) -> str | list[_Token]:
    """A segment's tokens, or its text where it has no wildcard."""
    tokens: list[_Token] = []
    literal = True
    position = 0
    while position < len(segment):
        char = segment[position]
        position += 1
        if char == "\\":
            if position == len(segment):
                raise GlobError("ends in a backslash")
            tokens.append(segment[position])
            position += 1
        elif char == "*":
            literal = False
            if not tokens or tokens[-1] != _STAR:
                tokens.append(_STAR)
        elif char == "?":
            literal = False
            tokens.append(None)
        elif char == "[" and (end := _class_end(segment, position)) > 0:
            literal = False
            tokens.append(_class(segment[position:end]))
            position = end + 1
        else:
            tokens.append(char)
    if literal:
        return "".join(token for token in tokens if isinstance(token, str))
    return tokens


def _class_end(segment: str, position: int) -> int:
    """Where the class that begins at `position` is closed; a ``]`` in first place belongs to it."""
    first = position + 1 if segment[position : position + 1] in ("!", "^") else position
    return segment.find("]", first + 1)


def _class(body: str) -> _Class:
    negated = body[:1] in ("!", "^")
    body = body[1:] if negated else body
    ranges: list[tuple[str, str]] = []
    position = 0
    while position < len(body):
        if body[position + 1 : position + 2] == "-" and position + 2 < len(body):
            ranges.append((body[position], body[position + 2]))
            position += 3
        else:
            ranges.append((body[position], body[position]))
            position += 1
    return (negated, tuple(ranges))


def _expand_braces(pattern: str) -> list[str]:
    """``a/{b,c}`` to its alternatives. Braces do not nest."""
    if len(pattern) > MAX_LENGTH:
        raise GlobError(f"is longer than {MAX_LENGTH} characters")
    done = [""]
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        choices = [char]
        if char == "\\":
            choices = [pattern[position - 1 : position + 1]]
            position += 1
        elif char == "{":
            end = pattern.find("}", position)
            if end < 0:
                raise GlobError("has a '{' that is never closed")
            choices = pattern[position:end].split(",")
            if any("{" in choice for choice in choices):
                raise GlobError("has braces inside braces")
            position = end + 1
        done = [head + choice for head in done for choice in choices]
        if len(done) > MAX_ALTERNATIVES:
            raise GlobError(f"stands for more than {MAX_ALTERNATIVES} patterns")
    return done
