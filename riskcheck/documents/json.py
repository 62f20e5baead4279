"""JSON text into positioned nodes: RFC 8259, and JSON with comments where a file is known to be that.

The standard library gives no positions, and the YAML parser is wrong for ``\\/``, surrogate pairs and tabs.
"""

from __future__ import annotations

from json import JSONDecodeError, loads
from typing import Final, NoReturn

from riskcheck.documents.errors import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Rejected
from riskcheck.documents.positions import PositionedText
from riskcheck.documents.surrogates import paired
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source
from riskcheck.regexes import regex

_SPACE: Final = regex(r"[ \t\n\r]*+")
_SPACE_AND_COMMENTS: Final = regex(r"(?:[ \t\n\r]++|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+")
_STRING: Final = regex(r'"[^"\\\x00-\x1f]*+"')
_ESCAPED: Final = regex(r'"(?:[^"\\\n]++|\\.)*+"')
_NUMBER: Final = regex(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][-+]?[0-9]++)?")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_MAX_DIGITS: Final = 4000


def parse(text: str, source: Source, comments: bool = False) -> tuple[Node, list[tuple[int, int, str]]]:
    """The tree and the duplicate keys (line, column, key; 0-based).

    comments: accept ``//`` and ``/* */`` comments and trailing commas. Raises `Rejected`.
    """
    return _Scanner(text, source, comments).document()


class _Open:
    __slots__ = ("entries", "items", "key", "position")

    def __init__(self, position: int, entries: list[tuple[Scalar, Node]] | None) -> None:
        self.position = position
        self.entries = entries
        self.items: list[Node] = []
        self.key: Scalar | None = None


class _Scanner(PositionedText):
    """One pass over the text with an explicit stack."""

    def __init__(self, text: str, source: Source, comments: bool) -> None:
        super().__init__(text, source)
        self.lenient = comments
        self.skip = (_SPACE_AND_COMMENTS if comments else _SPACE).match
        self.duplicates: list[tuple[int, int, str]] = []
        self.count = 0

    def document(self) -> tuple[Node, list[tuple[int, int, str]]]:
        text = self.text
        stack: list[_Open] = []
        position = self.space(0)
        while True:
            node: Node | None = None
            letter = text[position : position + 1]
            if letter in ("{", "["):
                if len(stack) >= MAX_DEPTH:
                    self.fail(position, f"nested deeper than {MAX_DEPTH} levels")
                opened = _Open(position, [] if letter == "{" else None)
                position = self.space(position + 1)
                if text[position : position + 1] == ("}" if letter == "{" else "]"):
                    position += 1
                    node = self.closed(opened, position)
                else:
                    stack.append(opened)
                    if letter == "{":
                        position = self.key(opened, position)
            else:
                node, position = self.scalar(position)
            while node is not None:
                if not stack:
                    position = self.space(position)
                    if position != len(text):
                        self.fail(position, "text after the end of the JSON value")
                    return node, self.duplicates
                opened = stack[-1]
                if opened.entries is None:
                    opened.items.append(node)
                else:
                    assert opened.key is not None
                    opened.entries.append((opened.key, node))
                node = None
                closing = "]" if opened.entries is None else "}"
                position = self.space(position)
                letter = text[position : position + 1]
                if letter == ",":
                    position = self.space(position + 1)
                    if self.lenient and text[position : position + 1] == closing:
                        letter = closing
                    elif opened.entries is not None:
                        position = self.key(opened, position)
                if letter == closing:
                    stack.pop()
                    position += 1
                    node = self.closed(opened, position)
                elif letter != ",":
                    self.fail(position, f"expected ',' or '{closing}'")

    def closed(self, opened: _Open, end: int) -> Node:
        line, column = self.place(opened.position)
        end_line, end_column = self.place(end)
        if opened.entries is None:
            return Sequence(opened.items, self.source, line, column, end_line, end_column)
        entries = opened.entries
        if len({key.raw for key, _ in entries}) != len(entries):
            last: dict[str, tuple[Scalar, Node]] = {}
            for key, node in entries:
                if last.pop(key.raw, None) is not None and len(self.duplicates) < MAX_DUPLICATES:
                    self.duplicates.append((key.line, key.column, key.raw))
                last[key.raw] = (key, node)
            entries = list(last.values())
        return Mapping(entries, self.source, line, column, end_line, end_column)

    def key(self, opened: _Open, position: int) -> int:
        if self.text[position : position + 1] != '"':
            self.fail(position, "expected a key in double quotes")
        opened.key, position = self.scalar(position)
        position = self.space(position)
        if self.text[position : position + 1] != ":":
            self.fail(position, "expected ':' after a key")
        return self.space(position + 1)

    def scalar(self, position: int) -> tuple[Scalar, int]:
        text = self.text
        raw: str
        native: bool | int | float | str | None
        if text[position : position + 1] == '"':
            plain = _STRING.match(text, position)
            if plain:
                end = plain.end()
                native = raw = text[position + 1 : end - 1]
            else:
                raw, end = self.escaped(position)
                native = raw
        else:
            number = _NUMBER.match(text, position)
            if number:
                end = number.end()
                raw = number[0]
                native = self.number(raw, number[1] is not None or number[2] is not None)
            else:
                word = next((word for word in _WORDS if text.startswith(word, position)), None)
                if word is None:
                    self.fail(position, "expected a value" if position < len(text) else "the text ends early")
                raw, native, end = word, _WORDS[word], position + len(word)
        self.count += 1
        if self.count > MAX_NODES:
            self.fail(position, f"more than {MAX_NODES:,} keys and values in one document")
        line, column = self.place(position)
        return Scalar(
            raw, self.source, line, column, line, column + end - position, "native", None, native
        ), end

    def escaped(self, position: int) -> tuple[str, int]:
        """A string with escapes."""
        found = _ESCAPED.match(self.text, position)
        if found is None:
            self.fail(position, "a string without its closing quote")
        try:
            value: str = loads(found[0])
        except JSONDecodeError as error:
            self.fail(position + error.pos, error.msg[:1].lower() + error.msg[1:])
        return paired(value), found.end()

    @staticmethod
    def number(raw: str, real: bool) -> int | float | str:
        """Numbers beyond what a float can hold stay text."""
        if not real:
            return int(raw) if len(raw) <= _MAX_DIGITS else raw
        value = float(raw)
        return raw if value in (float("inf"), float("-inf")) else value

    def space(self, position: int) -> int:
        found = self.skip(self.text, position)
        assert found is not None
        return found.end()

    def fail(self, position: int, reason: str) -> NoReturn:
        raise Rejected(*self.place(min(position, len(self.text))), reason)
