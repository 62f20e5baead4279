"""TOML text into positioned nodes.

`tomllib` decides what is TOML and what the values are, but gives no positions. The locator below walks text
that `tomllib` has accepted, so it can be short; what it builds is compared with what `tomllib` read.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

from riskcheck.documents.errors import MAX_DEPTH, Rejected
from riskcheck.documents.positions import PositionedText
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Value
from riskcheck.regexes import regex

_MAX_LENGTH: Final = 256 * 1024
"""Characters. tomllib is pure Python, and real configuration is a few thousand."""

_BLANK: Final = regex(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_SPACE: Final = regex(r"[ \t]*+")
_BARE_KEY: Final = regex(r"[A-Za-z0-9_-]++")
_STRINGS: Final = (
    re.compile(r'"""(?:[^"\\]++|\\.|"(?!""))*+"""(?:"(?!"")|""(?!"))?+', re.DOTALL),
    re.compile(r"'''(?:[^']++|'(?!''))*+'''(?:'(?!'')|''(?!'))?+", re.DOTALL),
    re.compile(r'"(?:[^"\\]++|\\.)*+"'),
    re.compile(r"'[^']*+'"),
)
_LONG_KEY: Final = regex(
    rf"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}""", re.ASCII
)
"""tomllib takes quadratic time over the parts of a dotted key."""
_INTEGER: Final = regex(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_BOOLEANS: Final = {"true": True, "false": False}
_TOKEN: Final = regex(r"[^,\]}#\r\n]++")
_ERROR_PLACE: Final = regex(r"\(at line (\d+), column (\d+)\)\Z")


class _Table:
    """A table while its keys are still coming."""

    __slots__ = ("column", "end", "entries", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self.end = (line, column)
        self.entries: dict[str, tuple[Scalar, _Table | list[_Table] | Node]] = {}


def parse(text: str, source: Source) -> Mapping:
    """Raises `Rejected`."""
    if len(text) > _MAX_LENGTH:
        raise Rejected(0, 0, f"TOML of more than {_MAX_LENGTH:,} characters")
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start())
        raise Rejected(line, 0, f"a key of more than {MAX_DEPTH} parts")
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise Rejected(0, 0, f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        place = _ERROR_PLACE.search(str(error))
        reason = str(error)[: place.start()].strip() if place else str(error)
        if place:
            line, column = int(place[1]) - 1, int(place[2]) - 1
        else:
            line, column = text.count("\n"), 0
        raise Rejected(line, column, reason[:1].lower() + reason[1:]) from None
    root = _Locator(text, source).document()
    if not _agrees(root, values):
        raise Rejected(0, 0, "the places of its keys could not be found")
    return root


class _Locator(PositionedText):
    def __init__(self, text: str, source: Source) -> None:
        super().__init__(text, source)
        self.position = 0

    def document(self) -> Mapping:
        text = self.text
        root = table = _Table(0, 0)
        while True:
            self.skip(_BLANK)
            if self.position >= len(text):
                return self.finished(root)
            if text.startswith("[[", self.position):
                self.position += 2
                table = self.header(root, many=True)
                self.position += 2
            elif text.startswith("[", self.position):
                self.position += 1
                table = self.header(root, many=False)
                self.position += 1
            else:
                self.pair(table, 1)

    def header(self, root: _Table, many: bool) -> _Table:
        place = self.place(self.position - 1 - many)
        table, key = self.below(root, self.keys())
        found = table.entries.get(key.raw, (key, None))[1]
        fresh = _Table(*place)
        if many:
            if isinstance(found, list):
                found.append(fresh)
            else:
                table.entries[key.raw] = (key, [fresh])
            return fresh
        if isinstance(found, _Table):
            return found
        table.entries[key.raw] = (key, fresh)
        return fresh

    def pair(self, table: _Table, depth: int) -> None:
        table, key = self.below(table, self.keys())
        self.skip(_SPACE)
        self.position += 1  # the equals sign
        self.skip(_SPACE)
        node = self.value(depth)
        table.entries[key.raw] = (key, node)
        table.end = (node.end_line, node.end_column)

    def below(self, table: _Table, keys: list[Scalar]) -> tuple[_Table, Scalar]:
        """The table that holds the last of `keys`."""
        if len(keys) > MAX_DEPTH:
            raise Rejected(keys[0].line, keys[0].column, f"nested deeper than {MAX_DEPTH} levels")
        for key in keys[:-1]:
            found = table.entries.get(key.raw, (key, None))[1]
            if isinstance(found, list):
                table = found[-1]
            elif isinstance(found, _Table):
                table = found
            else:
                fresh = _Table(key.line, key.column)
                table.entries[key.raw] = (key, fresh)
                table = fresh
        return table, keys[-1]

    def keys(self) -> list[Scalar]:
        found: list[Scalar] = []
        while True:
            self.skip(_SPACE)
            begin = self.position
            bare = _BARE_KEY.match(self.text, begin)
            raw = bare[0] if bare else self.string()
            self.position = bare.end() if bare else self.position
            found.append(self.scalar(raw, raw, begin))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.position):
                return found
            self.position += 1

    def value(self, depth: int) -> Node:
        begin = self.position
        if depth > MAX_DEPTH:
            raise Rejected(*self.place(begin), f"nested deeper than {MAX_DEPTH} levels")
        letter = self.text[begin]
        if letter in "\"'":
            string = self.string()
            return self.scalar(string, string, begin)
        if letter == "[":
            return self.array(depth)
        if letter == "{":
            return self.inline(depth)
        token = _TOKEN.match(self.text, begin)
        raw = token[0].rstrip() if token else ""
        self.position = begin + len(raw)
        if raw in _BOOLEANS:
            return self.scalar(raw, _BOOLEANS[raw], begin)
        if _INTEGER.fullmatch(raw):
            return self.scalar(raw, int(raw), begin)
        value = tomllib.loads(f"value = {raw}")["value"]
        return self.scalar(raw, value if isinstance(value, int | float) else raw, begin)

    def array(self, depth: int) -> Sequence:
        line, column = self.place(self.position)
        items: list[Node] = []
        self.position += 1
        while True:
            self.skip(_BLANK)
            if self.text.startswith("]", self.position):
                self.position += 1
                return Sequence(items, self.source, line, column, *self.place(self.position))
            items.append(self.value(depth + 1))
            self.skip(_BLANK)
            self.position += self.text.startswith(",", self.position)

    def inline(self, depth: int) -> Mapping:
        table = _Table(*self.place(self.position))
        self.position += 1
        while True:
            self.skip(_BLANK)
            if self.text.startswith("}", self.position):
                self.position += 1
                table.end = self.place(self.position)
                return self.finished(table)
            self.pair(table, depth + 1)
            self.skip(_BLANK)
            self.position += self.text.startswith(",", self.position)

    def string(self) -> str:
        for pattern in _STRINGS:
            found = pattern.match(self.text, self.position)
            if found:
                self.position = found.end()
                raw = found[0]
                if "\\" in raw or raw.startswith(('"""', "'''")):
                    return str(tomllib.loads(f"value = {raw}")["value"])
                return raw[1:-1]
        raise Rejected(*self.place(self.position), "expected a string")

    def finished(self, table: _Table, depth: int = 0) -> Mapping:
        if depth > MAX_DEPTH:
            raise Rejected(table.line, table.column, f"nested deeper than {MAX_DEPTH} levels")
        entries: list[tuple[Scalar, Node]] = []
        end = table.end
        for key, child in table.entries.values():
            node: Node
            if isinstance(child, _Table):
                node = self.finished(child, depth + 1)
            elif isinstance(child, list):
                tables: list[Node] = [self.finished(one, depth + 1) for one in child]
                first, last = tables[0], tables[-1]
                node = Sequence(tables, self.source, first.line, first.column, last.end_line, last.end_column)
            else:
                node = child
            end = max(end, (node.end_line, node.end_column))
            entries.append((key, node))
        return Mapping(entries, self.source, table.line, table.column, *end)

    def scalar(self, raw: str, native: bool | int | float | str, begin: int) -> Scalar:
        line, column = self.place(begin)
        return Scalar(raw, self.source, line, column, *self.place(self.position), "native", None, native)

    def skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.position)
        assert found is not None
        self.position = found.end()


def _agrees(node: Node, value: object) -> bool:
    """Whether the located tree is what tomllib read; dates and times are text here."""
    if isinstance(node, Mapping):
        return (
            isinstance(value, dict)
            and len(value) == len(node.entries)
            and all(key.raw in value and _agrees(child, value[key.raw]) for key, child in node.entries)
        )
    if isinstance(node, Sequence):
        return (
            isinstance(value, list)
            and len(value) == len(node.items)
            and all(_agrees(child, one) for child, one in zip(node.items, value, strict=True))
        )
    assert isinstance(node, Scalar)
    native: Value = node.native  # type: ignore[assignment]
    if isinstance(value, bool | int | float | str):
        return native == value or (native != native and value != value)
    return isinstance(native, str)
