"""HCL text into positioned nodes, in the shape that Terraform's JSON syntax gives the same configuration.

https://developer.hashicorp.com/terraform/language/syntax/json: labels are keys (``resource``, type, name), nested
blocks are lists of objects, and an expression that is not a literal is text in ``${…}``, which makes ``var.a`` and
``"${var.a}"`` equal. Comments and line breaks inside of expressions are no part of that text.

tree-sitter-hcl parses: it gives places for everything and takes about a sixtieth of the time of python-hcl2. It is
an extra, ``riskcheck[terraform]``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.documents.errors import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Rejected
from riskcheck.documents.hcl_texts import indented, is_number, number_of, unescaped
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Style
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

EXPRESSION: Final = "!hcl"
"""The tag of a scalar that is an expression, or a template with expressions in it."""

_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "check": 1,
}
"""Blocks of a file that their labels name once. The others (``provider``, ``moved`` …) may come several times."""

NOT_INSTALLED: Final = "not read: HCL takes a parser, pip install 'riskcheck[terraform]'"

Entries = list[tuple[Scalar, Node]]

_WHOLE: Final = 256 * 1024
"""Bytes of a file up to which it is parsed in one go. A syntax tree takes a hundred times its text."""

_PIECE: Final = 128 * 1024
_LARGEST: Final = 2 * 1024 * 1024
"""Bytes of one block, or of one value that stands in none."""

_STARTS: Final = regex(rb'^(?=[A-Za-z_][\w-]*[ \t]*[={"])', re.MULTILINE)
"""Lines at which a file is likely to be at its top level."""

_EXPONENT: Final = regex(rb"(?<![\w.])[0-9]+[eE][+-]?[0-9]+(?![\w.])")
"""Numbers that HCL has and its grammar lacks."""


class Expression(Scalar):
    """An expression of several lines. written: its text as it stands in the file; `raw` has it in one line."""

    __slots__ = ("written",)

    def __init__(
        self, raw: str, source: Source, line: int, column: int, end_line: int, end_column: int, written: str
    ) -> None:
        super().__init__(raw, source, line, column, end_line, end_column, "native", EXPRESSION, raw)
        self.written = written


def is_available() -> bool:
    """Whether the parser is installed."""
    from importlib.util import find_spec

    return find_spec("tree_sitter") is not None and find_spec("tree_sitter_hcl") is not None


def parse(text: str, source: Source) -> tuple[Mapping, list[tuple[int, int, str]]]:
    """The file as a mapping, and the keys that it has twice: (0-based line and column, key). Raises `Rejected`."""
    if not is_available():
        raise Rejected(0, 0, NOT_INSTALLED)
    builder = _Builder(text, source)
    return builder.file(), builder.duplicates


def syntax_tree(data: bytes) -> Syntax:
    """The syntax tree of a whole file in UTF-8."""
    return _parser().parse(data).root_node


@cache
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


_Tree: TypeAlias = "dict[str, _Tree | tuple[Scalar, Mapping]]"


class _File:
    """What the pieces of a file hold so far. keys: of the types of blocks, where they come first."""

    def __init__(self) -> None:
        self.attributes: Entries = []
        self.seen: set[str] = set()
        self.keys: dict[str, Scalar] = {}
        self.labelled: dict[str, _Tree] = {}
        self.repeated: dict[str, list[Node]] = {}
        self.locals: Entries = []
        self.seen_locals: set[str] = set()


class _Builder:
    """Builds the nodes of one file."""

    def __init__(self, text: str, source: Source) -> None:
        self._data = text.encode("utf-8", "replace")
        self._first_line = 0
        self._offset = 0
        self._lines = None if text.isascii() else self._data.split(b"\n")
        self._continued: dict[int, list[int]] = {}
        self._source = source
        self._nodes = 0
        self.duplicates: list[tuple[int, int, str]] = []

    def file(self) -> Mapping:
        held = _File()
        for body in self._bodies():
            self._file_entries(body, held)
        entries = held.attributes
        for kind, tree in held.labelled.items():
            entries.append((held.keys[kind], self._tree(tree, held.keys[kind])))
        for kind, blocks in held.repeated.items():
            if kind == "locals":
                place = (blocks[0].line, blocks[0].column, blocks[0].end_line, blocks[0].end_column)
                entries.append((held.keys[kind], Mapping(held.locals, self._source, *place)))
            elif kind not in held.labelled:
                place = (blocks[0].line, blocks[0].column, blocks[0].end_line, blocks[0].end_column)
                entries.append((held.keys[kind], Sequence(blocks, self._source, *place)))
        return Mapping(entries, self._source, 0, 0, self._data.count(b"\n"), 0)

    def _bodies(self) -> Iterator[Syntax]:
        """The syntax of the file, a large one in pieces."""
        if len(self._data) <= _WHOLE:
            yield from self._body_of(self._data, complete=True) or ()
            return
        ends = [match.start() for match in _STARTS.finditer(self._data)]
        start = 0
        while start < len(self._data):
            size = _PIECE
            while True:
                at = bisect_left(ends, start + size)
                end = ends[at] if at < len(ends) else len(self._data)
                if end - start > _LARGEST:
                    raise self._too_large(start)
                found = self._body_of(self._data[start:end], complete=end == len(self._data))
                if found is not None:
                    break
                size *= 4  # it was inside of a block, a text or a comment
            yield from found
            del found
            self._first_line += self._data.count(b"\n", start, end)
            self._offset = start = end

    def _too_large(self, start: int) -> Rejected:
        from riskcheck.documents.hcl_problems import unbalanced

        told, line = unbalanced(self._data.decode())
        if told:
            return Rejected(line, 0, f"not HCL: {told}")
        return Rejected(self._data.count(b"\n", 0, start), 0, f"a block of more than {_LARGEST:,} bytes")

    def _body_of(self, data: bytes, complete: bool) -> list[Syntax] | None:
        """The body of a piece, if it has one; None where it does not end there. Raises `Rejected`."""
        root = syntax_tree(data)
        if root.has_error and _EXPONENT.search(data):
            # As many digits in another notation. Texts are taken from the file itself.
            root = syntax_tree(_EXPONENT.sub(lambda match: b"0x".ljust(len(match[0]), b"0"), data))
        if not root.has_error:
            return [child for child in root.named_children if child.type == "body"]
        if not complete:
            return None
        raise self._rejected(root)

    def _file_entries(self, body: Syntax, held: _File) -> None:
        """Attributes as they are (a ``.tfvars`` file has nothing else), blocks below their labels."""
        for part in body.named_children:
            if part.type == "attribute":
                self._attribute(part, 1, held.attributes, held.seen)
            if part.type != "block":
                continue
            children = part.named_children
            kind = self._text(children[0])
            if kind not in held.keys:
                held.keys[kind] = self._key(children[0], kind)
            labels = [child for child in children[1:] if child.type in ("string_lit", "identifier")]
            if _LABELS.get(kind) == len(labels):
                self._put(held.labelled.setdefault(kind, {}), labels, part)
            elif kind == "locals":
                place = self._mapping([], part)
                held.repeated.setdefault(kind, []).append(place)
                for inner in _body(part):
                    if inner.type == "attribute":
                        self._attribute(inner, 2, held.locals, held.seen_locals)
            else:
                held.repeated.setdefault(kind, []).append(self._labelled_block(part))

    def _put(self, tree: _Tree, labels: list[Syntax], block: Syntax) -> None:
        for label in labels[:-1]:
            step = tree.setdefault(self._label(label), {})
            assert isinstance(step, dict)
            tree = step
        name = self._label(labels[-1])
        if name in tree:
            self._duplicate(labels[-1], name)
        tree[name] = (self._key(labels[-1], name), self._block(block, 2))

    def _tree(self, tree: _Tree, near: Scalar) -> Mapping:
        entries: Entries = []
        for name, held in tree.items():
            if isinstance(held, dict):
                inner = self._tree(held, near)
                key = Scalar(name, self._source, inner.line, inner.column, inner.line, inner.column)
                entries.append((key, inner))
            else:
                entries.append(held)
        first = entries[0][1] if entries else near
        return Mapping(entries, self._source, first.line, first.column, first.line, first.column)

    def _labelled_block(self, block: Syntax, depth: int = 2) -> Mapping:
        """A block that may come several times; its labels stand under ``__labels__``."""
        mapping = self._block(block, depth)
        labels = [child for child in block.named_children[1:] if child.type in ("string_lit", "identifier")]
        if not labels:
            return mapping
        named: list[Node] = [self._key(label, self._label(label)) for label in labels]
        key = self._key(labels[0], "__labels__")
        return mapping.with_entries([(key, self._sequence(named, labels[0])), *mapping.entries])

    def _block(self, block: Syntax, depth: int) -> Mapping:
        """The body of a block: its attributes, and lists of the blocks below it."""
        if depth > MAX_DEPTH:
            raise Rejected(*self._start(block), f"blocks nested more than {MAX_DEPTH} deep")
        parts = _body(block)
        entries = self._attributes([part for part in parts if part.type == "attribute"], depth + 1)
        below: dict[str, list[Syntax]] = {}
        for part in parts:
            if part.type == "block":
                below.setdefault(self._text(part.named_children[0]), []).append(part)
        for kind, blocks in below.items():
            items: list[Node] = [self._labelled_block(each, depth + 1) for each in blocks]
            key = self._key(blocks[0].named_children[0], kind)
            entries.append((key, self._sequence(items, blocks[0])))
        return self._mapping(entries, block)

    def _attributes(self, attributes: list[Syntax], depth: int) -> Entries:
        entries: Entries = []
        seen: set[str] = set()
        for attribute in attributes:
            self._attribute(attribute, depth, entries, seen)
        return entries

    def _attribute(self, attribute: Syntax, depth: int, entries: Entries, seen: set[str]) -> None:
        children = attribute.named_children
        name = self._text(children[0])
        if name in seen:
            self._duplicate(attribute, name)
        seen.add(name)
        entries.append((self._key(children[0], name), self._expression(children[-1], depth)))

    def _expression(self, node: Syntax, depth: int) -> Node:
        """A literal, a list, an object, else its text."""
        if depth > MAX_DEPTH:
            raise Rejected(*self._start(node), f"values nested more than {MAX_DEPTH} deep")
        inner = _only(node)
        if inner is None:
            return self._symbol(node)
        if inner.type == "literal_value":
            return self._literal(inner, node)
        if inner.type == "template_expr":
            return self._template(inner.named_children[0], node)
        if inner.type == "collection_value":
            held = inner.named_children[0]
            if held.type == "tuple":
                parts = [part for part in held.named_children if part.type == "expression"]
                return self._sequence([self._expression(part, depth + 1) for part in parts], node)
            return self._object(held, node, depth)
        if inner.type == "function_call" and (literal := self._encoded(inner)) is not None:
            return self._expression(literal, depth + 1)
        if inner.type == "operation":
            number = self._text(inner).replace(" ", "")
            if number.startswith("-") and is_number(number[1:]):
                return self._scalar(number, node, number_of(number))
        return self._symbol(node)

    def _encoded(self, call: Syntax) -> Syntax | None:
        """The object or list that a call of ``jsonencode`` is given as such: what the text says is what counts."""
        name, *rest = call.named_children
        if self._text(name) != "jsonencode":
            return None
        parts = [part for held in rest for part in held.named_children if part.type == "expression"]
        inner = _only(parts[0]) if len(parts) == 1 else None
        return parts[0] if inner is not None and inner.type == "collection_value" else None

    def _object(self, held: Syntax, node: Syntax, depth: int) -> Mapping:
        entries: Entries = []
        seen: set[str] = set()
        for element in held.named_children:
            if element.type != "object_elem":
                continue
            parts = element.named_children
            key = self._object_key(parts[0])
            if key.raw in seen:
                self._duplicate(parts[0], key.raw)
            seen.add(key.raw)
            entries.append((key, self._expression(parts[-1], depth + 1)))
        return self._mapping(entries, node)

    def _object_key(self, key: Syntax) -> Scalar:
        """An identifier is its own name, as in the language itself; anything else is a value."""
        inner = _only(key)
        if inner is not None and inner.type == "variable_expr" and not self._text(key).startswith("("):
            return self._key(key, self._text(inner))
        value = self._expression(key, MAX_DEPTH)
        if not isinstance(value, Scalar):
            return self._key(key, self._normal(key))
        return value if value.tag == EXPRESSION else self._key(key, value.raw)

    def _literal(self, literal: Syntax, node: Syntax) -> Scalar:
        held = literal.named_children[0]
        if held.type == "string_lit":
            text = unescaped(self._slice(held.start_byte + 1, held.end_byte - 1))
            return self._scalar(text, node, text, "quoted")
        if held.type == "numeric_lit":
            return self._scalar(self._text(held), node, number_of(self._text(held)))
        if held.type == "bool_lit":
            return self._scalar(self._text(held), node, self._text(held) == "true")
        return self._scalar("null", node, None)

    def _template(self, template: Syntax, node: Syntax) -> Scalar:
        """A quoted or heredoc template as its text, with expressions normalised; one without any is a string."""
        quoted = template.type == "quoted_template"
        parts = template.children[1:-1] if quoted else _heredoc_parts(template)
        start, end = (0, 0) if quoted else self._heredoc(template)
        if quoted and parts:
            start, end = parts[0].start_byte, parts[-1].end_byte
        open_ = False
        out: list[str] = []
        at = start
        for part in parts:
            gap = self._slice(at, part.start_byte)
            if part.type == "template_literal":
                text = gap + self._text(part)
                out.append(unescaped(text) if quoted else text)
            elif part.type == "template_interpolation":
                open_ = True
                held = next((child for child in part.named_children if child.type == "expression"), None)
                out += (gap, "${", self._normal(held) if held is not None else "", "}")
            else:
                open_ = True
                out += (gap, self._normal(part))
            at = part.end_byte
        text = "".join((*out, self._slice(at, end)))
        if not quoted:
            text = indented(text) if self._text(template).startswith("<<-") else text
        if open_:
            return self._scalar(text, node, text, "quoted", EXPRESSION)
        return self._scalar(text, node, text, "quoted")

    def _heredoc(self, template: Syntax) -> tuple[int, int]:
        """Where the lines between the marks begin and end."""
        marks = [child for child in template.named_children if child.type == "heredoc_identifier"]
        first, last = marks[0], marks[-1]
        start = self._data.find(b"\n", first.end_byte + self._offset) + 1 - self._offset
        end = self._data.rfind(b"\n", 0, last.start_byte + self._offset) + 1 - self._offset
        return start, max(start, end)

    def _symbol(self, node: Syntax) -> Scalar:
        text = "${" + self._normal(node) + "}"
        if node.start_point[0] == node.end_point[0]:
            return self._scalar(text, node, text, "native", EXPRESSION)
        self._count(node)
        return Expression(text, self._source, *self._start(node), *self._end(node), self._text(node))

    def _scalar(
        self,
        raw: str,
        node: Syntax,
        native: str | int | float | bool | None,
        style: Style = "native",
        tag: str | None = None,
    ) -> Scalar:
        self._count(node)
        line, column = self._start(node)
        end_line, end_column = self._end(node)
        return Scalar(raw, self._source, line, column, end_line, end_column, style, tag, native)

    def _key(self, node: Syntax, name: str) -> Scalar:
        line, column = self._start(node)
        end_line, end_column = self._end(node)
        return Scalar(name, self._source, line, column, end_line, end_column, "quoted", None, name)

    def _mapping(self, entries: Entries, node: Syntax) -> Mapping:
        self._count(node)
        return Mapping(entries, self._source, *self._start(node), *self._end(node))

    def _sequence(self, items: list[Node], node: Syntax) -> Sequence:
        self._count(node)
        return Sequence(items, self._source, *self._start(node), *self._end(node))

    def _count(self, node: Syntax) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise Rejected(*self._start(node), f"more than {MAX_NODES:,} values")

    def _duplicate(self, node: Syntax, name: str) -> None:
        if len(self.duplicates) < MAX_DUPLICATES:
            self.duplicates.append((*self._start(node), name))

    def _start(self, node: Syntax) -> tuple[int, int]:
        return self._place(*node.start_point)

    def _end(self, node: Syntax) -> tuple[int, int]:
        return self._place(*node.end_point)

    def _place(self, line: int, column: int) -> tuple[int, int]:
        """Columns are counted in bytes by the parser, in characters here."""
        line += self._first_line
        if self._lines is None:
            return line, column
        if line not in self._continued:
            # Once a line: a file may be one line of a million values.
            bytes_ = self._lines[line]
            continued = () if bytes_.isascii() else enumerate(bytes_)
            self._continued[line] = [at for at, byte in continued if byte & 0xC0 == 0x80]
        return line, column - bisect_left(self._continued[line], column)

    def _rejected(self, root: Syntax) -> Rejected:
        from riskcheck.documents.hcl_problems import reason_of

        found = _first_error(root)
        missing = found.type if found.is_missing else ""
        line, column = self._start(found)
        told, opened = reason_of(self._data.decode(), self._text(found), missing)
        return Rejected(
            line if opened is None else opened, 0 if opened is not None else column, f"not HCL: {told}"
        )

    def _text(self, node: Syntax) -> str:
        return self._slice(node.start_byte, node.end_byte)

    def _slice(self, start: int, end: int) -> str:
        offset = self._offset
        return self._data[start + offset : end + offset].decode("utf-8", "replace")

    def _label(self, node: Syntax) -> str:
        text = self._text(node)
        return text[1:-1] if text.startswith('"') else text

    def _normal(self, node: Syntax) -> str:
        """The text of an expression on one line, without comments: equal for what only the layout tells apart."""
        out: list[str] = []
        end = -1
        for leaf in _leaves(node):
            if end >= 0 and leaf.start_byte > end:
                out.append(" ")
            out.append(self._text(leaf))
            end = leaf.end_byte
        return "".join(out)


def _first_error(root: Syntax) -> Syntax:
    """The innermost first place that does not parse."""
    node = root
    while True:
        if node.is_error or node.is_missing:
            return node
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return node
        node = inner


def _body(block: Syntax) -> list[Syntax]:
    body = next((child for child in block.named_children if child.type == "body"), None)
    return (
        [] if body is None else [part for part in body.named_children if part.type in ("attribute", "block")]
    )


def _only(expression: Syntax) -> Syntax | None:
    """What an expression consists of, if of one thing; parentheses aside."""
    while True:
        parts = [child for child in expression.children if child.type != "comment"]
        if len(parts) != 3 or parts[0].type != "(" or parts[1].type != "expression":
            return parts[0] if len(parts) == 1 else None
        expression = parts[1]


def _leaves(node: Syntax) -> Iterator[Syntax]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.type == "comment":
            continue
        children = each.children
        if children:
            waiting += reversed(children)
        else:
            yield each


def _heredoc_parts(template: Syntax) -> list[Syntax]:
    kept = ("template_literal", "template_interpolation", "template_directive")
    return [child for child in template.named_children if child.type in kept]
