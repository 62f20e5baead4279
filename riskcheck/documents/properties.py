"""``.properties`` files and ``spark-defaults.conf`` into one flat mapping.

Both are read by ``java.util.Properties.load``
(https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)):
the key ends at the first whitespace, ``=`` or ``:``; ``#`` and ``!`` begin comment lines; a line that ends in an
odd number of backslashes goes on; the last of several equal keys wins. Spark also trims the value
(``Utils.getPropertiesFromFile`` in https://github.com/apache/spark).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from riskcheck.documents.errors import MAX_DUPLICATES, MAX_NODES, Rejected
from riskcheck.documents.surrogates import paired
from riskcheck.nodes import Mapping, Node, Scalar, Source
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

_BLANKS: Final = " \t\f"
_KEY: Final = regex(r"(?:[^\s=:\\]|\\.|\\\Z)*+", re.DOTALL)
_SEPARATOR: Final = regex(r"[ \t\f]*+(?:[=:][ \t\f]*+)?")
_ESCAPE: Final = regex(r"\\(u[0-9a-fA-F]{4}|.|\Z)", re.DOTALL)
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class _Logical(NamedTuple):
    """One key with its value, continuation lines joined. text: without the first line's indentation.

    starts: where each physical line begins in `text`; indents: how many blanks it had before.
    """

    text: str
    first_line: int
    starts: list[int]
    indents: list[int]

    def place(self, offset: int) -> tuple[int, int]:
        number = bisect_right(self.starts, offset) - 1
        return self.first_line + number, self.indents[number] + offset - self.starts[number]


def parse(
    text: str, source: Source, *, trimmed: bool | None = None
) -> tuple[Mapping, list[tuple[int, int, str]]]:
    """The mapping and the duplicate keys (line, column, key; 0-based). Raises `Rejected`.

    trimmed: blanks at the end of a value do not count; told from the name of the file unless given.
    """
    last: dict[str, tuple[Scalar, Node]] = {}
    duplicates: list[tuple[int, int, str]] = []
    lines = text.split("\n")
    trimmed = source.path.endswith(".conf") if trimmed is None else trimmed
    number = pairs = 0
    while number < len(lines):
        if lines[number].strip(_BLANKS + "\r")[:1] in ("", "#", "!"):
            number += 1
            continue
        logical = _logical(lines, number)
        number += len(logical.starts)
        key, value = _pair(logical, source, trimmed)
        pairs += 1
        if 2 * pairs > MAX_NODES:
            raise Rejected(key.line, 0, f"more than {MAX_NODES:,} keys and values in one file")
        if last.pop(key.raw, None) is not None and len(duplicates) < MAX_DUPLICATES:
            duplicates.append((key.line, key.column, key.raw))
        last[key.raw] = (key, value)
    return Mapping(list(last.values()), source, 0, 0, len(lines) - 1, len(lines[-1])), duplicates


def _logical(lines: list[str], number: int) -> _Logical:
    first = number
    parts: list[str] = []
    starts: list[int] = []
    indents: list[int] = []
    length = 0
    while True:
        line = lines[number].rstrip("\r")
        part = line.lstrip(_BLANKS)
        number += 1
        continues = (len(part) - len(part.rstrip("\\"))) % 2 == 1
        if continues:
            part = part[:-1]
        starts.append(length)
        indents.append(len(line) - len(line.lstrip(_BLANKS)))
        parts.append(part)
        length += len(part)
        if not continues or number >= len(lines):
            return _Logical("".join(parts), first, starts, indents)


def _pair(logical: _Logical, source: Source, trimmed: bool) -> tuple[Scalar, Scalar]:
    text = logical.text
    name = _KEY.match(text)
    assert name is not None
    separator = _SEPARATOR.match(text, name.end())
    assert separator is not None
    content = text[separator.end() :]
    content = content.rstrip() if trimmed else content
    begin, end = separator.end(), separator.end() + len(content)
    return _scalar(name[0], 0, name.end(), logical, source), _scalar(content, begin, end, logical, source)


def _scalar(text: str, begin: int, end: int, logical: _Logical, source: Source) -> Scalar:
    line, column = logical.place(begin)
    end_line, end_column = logical.place(end)
    raw = _unescaped(text)
    return Scalar(raw, source, line, column, end_line, end_column, "native", None, raw)


def _unescaped(text: str) -> str:
    return paired(_ESCAPE.sub(_character, text)) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _CONTROL.get(escape, escape)
