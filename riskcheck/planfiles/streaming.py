"""The top level of a large JSON object, read piece by piece: what nobody asks for is passed over unparsed.

A plan of 100 MB holds the same resources four times (planned values, prior state, configuration, changes). Only one
element of one list is in memory at a time.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_CHUNK: Final = 1024 * 1024
MOST_OF_ONE: Final = 32 * 1024 * 1024
"""Characters of one value that is parsed as a whole."""

_SPACE: Final = regex(r"[ \t\r\n]*")
_TEXTS: Final = regex(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_WHOLE: Final = regex(r'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""Up to the end, or to a text that does not end."""
_TOKEN: Final = regex(r'"(?:[^"\\]++|\\.)*+"|[][{}]', re.DOTALL)
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class Reader(Protocol):
    """A binary file."""

    def read(self, size: int, /) -> bytes: ...


class NotJsonError(Exception):
    """The text is no JSON object. truncated: it ends before the object does."""

    def __init__(self, line: int, column: int, reason: str, *, truncated: bool = False) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column
        self.reason = reason
        self.truncated = truncated


class JsonStream:
    """One JSON object from a file, in UTF-8 or UTF-16, with or without a mark.

    start: the first bytes, for whoever has to tell what else it might be. digest: SHA-256 of the bytes, once all
    of it was read.
    """

    def __init__(self, file: Reader) -> None:
        self._file = file
        self._digest = sha256()
        self.start = self._bytes(_CHUNK)
        self._decoder = getincrementaldecoder(_encoding(self.start))()
        self._text = self._decoder.decode(self.start)
        self._at = 0
        self._line, self._column = 1, 1
        self._ended = False

    @property
    def digest(self) -> str:
        """``sha256:…``; reads what is left."""
        while self._bytes(_CHUNK):
            pass
        return f"sha256:{self._digest.hexdigest()}"

    def entries(self, lists: Collection[str], values: Collection[str]) -> Iterator[tuple[str, object]]:
        """(key, element) of the `lists`, one by one, and (key, value) of `values`, in the order of the file.

        What is named in neither is yielded as (key, None) and passed over. Raises `NotJsonError`,
        `UnicodeDecodeError`, `RecursionError`, and `ValueError` for a number of thousands of digits.
        """
        if self._next() != "{":
            raise self._wrong("does not begin with {")
        self._at += 1
        if self._next() == "}":
            return
        while True:
            if self._next() != '"':
                raise self._wrong("a key is expected here")
            key = self._value()
            assert isinstance(key, str)
            if self._next() != ":":
                raise self._wrong("a : is expected here")
            self._at += 1
            opening = self._next()
            if key in lists and opening == "[":
                for element in self._elements():
                    yield key, element
            elif key in values:
                yield key, self._value()
            else:
                self._pass_over()
                yield key, None
            if self._separated("}"):
                return

    def _elements(self) -> Iterator[object]:
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        while True:
            self._next()
            yield self._value()
            if self._separated("]"):
                return

    def _separated(self, closing: str) -> bool:
        """Whether the list or object ends here; False behind a comma."""
        found = self._next()
        if found not in (",", closing):
            raise self._wrong(f"a , or {closing} is expected here")
        self._at += 1
        return found == closing

    def _value(self) -> object:
        """The value that begins here, parsed."""
        decode = json.JSONDecoder().raw_decode
        while True:
            fault = None
            try:
                value, end = decode(self._text, self._at)
            except json.JSONDecodeError as error:
                fault = error
            # A number at the end of what was read may go on.
            if fault is None and (end < len(self._text) or self._ended):
                self._at = end
                return value
            if self._ended or len(self._text) - self._at > MOST_OF_ONE:
                if fault is None:
                    raise self._wrong("a value is larger than 32 million characters")
                open_end = fault.msg.startswith("Unterminated") or fault.pos >= len(self._text.rstrip())
                raise self._wrong(fault.msg, fault.pos, truncated=self._ended and open_end)
            self._more(max(_CHUNK, len(self._text) - self._at))

    def _pass_over(self) -> None:
        """Steps behind the value that begins here without making anything of it."""
        if self._text[self._at] not in "[{":
            self._value()
            return
        depth = 0
        while True:
            depth = self._inside(depth)
            if depth == 0:
                return
            if len(self._text) - self._at > MOST_OF_ONE:
                raise self._wrong("a text is larger than 32 million characters")
            if not self._more(max(_CHUNK, len(self._text) - self._at)):
                raise self._wrong("it ends in the middle of a value", len(self._text), truncated=True)

    def _inside(self, depth: int) -> int:
        """The depth at the end of what was read, or 0 right behind the value. A text that is not complete yet stays
        unread."""
        text = self._text
        found = _WHOLE.match(text, self._at)
        end = found.end() if found else self._at
        rest = _TEXTS.sub("", text[self._at : end])
        below = rest.count("}") + rest.count("]")
        if below < depth:
            self._at = end
            return depth + rest.count("{") + rest.count("[") - below
        for match in _TOKEN.finditer(text, self._at, end):
            if match[0] in "[{":
                depth += 1
            elif match[0] in "]}":
                depth -= 1
                if depth == 0:
                    self._at = match.end()
                    return 0
        self._at = end
        return depth

    def _next(self) -> str:
        """The character that comes next, which is no space."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_CHUNK):
                raise self._wrong("it ends before the plan does", truncated=True)

    def _more(self, size: int) -> bool:
        """Reads on, and drops what lies behind. False at the end of the file."""
        if self._ended:
            return False
        self._line, self._column = self._place(self._at)
        data = self._bytes(size)
        self._ended = not data
        self._text = self._text[self._at :] + self._decoder.decode(data, final=not data)
        self._at = 0
        return not self._ended

    def _bytes(self, size: int) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def _place(self, position: int) -> tuple[int, int]:
        """Line and column, 1-based, of a position in what is in memory."""
        lines = self._text.count("\n", 0, position)
        if not lines:
            return self._line, self._column + position
        return self._line + lines, position - self._text.rfind("\n", 0, position)

    def _wrong(self, reason: str, position: int | None = None, *, truncated: bool = False) -> NotJsonError:
        return NotJsonError(
            *self._place(self._at if position is None else position), reason, truncated=truncated
        )


def _encoding(start: bytes) -> str:
    """By the mark, else by where the zero bytes of the opening brace are."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8"
