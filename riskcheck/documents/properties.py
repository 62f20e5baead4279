"""``.properties`` files and ``spark-defaults.conf`` into one flat mapping.

Both are read by ``java.util.Properties.load``
(https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-; Spark:
``Utils.getPropertiesFromFile``): the key ends at the first whitespace, ``=`` or ``:``; ``#`` and ``!`` begin
comment lines; a line that ends in an odd number of backslashes goes on; the last of several equal keys wins.
"""

from __future__ import annotations

import re
from typing import Final

from riskcheck.documents.errors import MAX_DUPLICATES, MAX_NODES, Rejected
from riskcheck.nodes import Mapping, Node, Scalar, Source

_KEY: Final = re.compile(r"(?:[^\s=:\\]|\\.|\\\Z)*+", re.DOTALL)
_SEPARATOR: Final = re.compile(r"[ \t\f]*+(?:[=:][ \t\f]*+)?")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.|\Z)", re.DOTALL)
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def parse(text: str, source: Source) -> tuple[Mapping, list[tuple[int, int, str]]]:
    """The mapping and the duplicate keys (line, column, key; 0-based). Raises `Rejected`."""
    last: dict[str, tuple[Scalar, Node]] = {}
    duplicates: list[tuple[int, int, str]] = []
    lines = text.split("\n")
    number = pairs = 0
    while number < len(lines):
        first = number
        content = lines[number].rstrip("\r")
        number += 1
        start = len(content) - len(content.lstrip(" \t\f"))
        if start == len(content) or content[start] in "#!":
            continue
        parts = [content]
        while _continues(parts[-1]) and number < len(lines):
            parts[-1] = parts[-1][:-1]
            parts.append(lines[number].rstrip("\r").lstrip(" \t\f"))
            number += 1
        content = "".join(parts)
        key_match = _KEY.match(content, start)
        assert key_match is not None
        separator = _SEPARATOR.match(content, key_match.end())
        assert separator is not None
        end_line, end_column = number - 1, len(lines[number - 1].rstrip("\r"))
        key_end, value_start = key_match.end(), separator.end()
        key = Scalar(_unescaped(key_match[0]), source, first, start, first, key_end, "native")
        key.native = key.raw
        value_text = _unescaped(content[value_start:])
        value = Scalar(value_text, source, first, value_start, end_line, end_column, "native")
        value.native = value.raw
        if last.pop(key.raw, None) is not None and len(duplicates) < MAX_DUPLICATES:
            duplicates.append((key.line, key.column, key.raw))
        last[key.raw] = (key, value)
        pairs += 1
        if 2 * pairs > MAX_NODES:
            raise Rejected(first, start, f"more than {MAX_NODES:,} keys and values in one file")
    mapping = Mapping(list(last.values()), source, 0, 0, len(lines) - 1, len(lines[-1]))
    return mapping, duplicates


def _continues(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _CONTROL.get(escape, escape)
