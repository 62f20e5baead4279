"""HCL text into positioned nodes, in the shape that Terraform's JSON syntax gives the same configuration.

https://developer.hashicorp.com/terraform/language/syntax/json: labels are keys (``resource``, type, name), nested
blocks are lists of objects, and an expression that is not a literal is text in ``${…}``, which makes ``var.a`` and
``"${var.a}"`` equal. Comments and line breaks inside of expressions are no part of that text.

tree-sitter-hcl parses: it gives places for everything and takes about a sixtieth of the time of python-hcl2. It is
an extra, ``riskcheck[terraform]``.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache, lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Rejected
from riskcheck.documents.surrogates import paired
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Style

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

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_TEMPLATES: Final = ("quoted_template", "heredoc_template")

NOT_INSTALLED: Final = "HCL is read with tree-sitter: pip install 'riskcheck[terraform]'"

Entries = list[tuple[Scalar, Node]]


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


def node_of(expression: str, near: Node) -> Node | None:
    """The node of an expression, all of it placed at `near`; None where it is none."""
    builder = _Builder(f"x = {expression}\n", near.source, near)
    try:
        return builder.file().get("x")
    except Rejected:
        return None


@lru_cache(maxsize=8_192)
def syntax_of(expression: str) -> Syntax | None:
    """The syntax tree of one expression; None where it is none."""
    root = syntax_tree(f"x = {expression}\n".encode())
    if root.has_error:
        return None
    attribute = root.named_children[0].named_children[0] if root.named_children else None
    return attribute.named_children[-1] if attribute is not None and attribute.type == "attribute" else None


def syntax_tree(data: bytes) -> Syntax:
    """The syntax tree of a whole file in UTF-8."""
    return _parser().parse(data).root_node


@cache
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


class _Builder:
    """Builds the nodes of one file. near: where all of them are placed, for text that stands in no file."""

    def __init__(self, text: str, source: Source, near: Node | None = None) -> None:
        self._near = near
        self._data = text.encode()
        self._lines = None if text.isascii() else self._data.split(b"\n")
        self._continued: dict[int, list[int]] = {}
        self._source = source
        self._nodes = 0
        self.duplicates: list[tuple[int, int, str]] = []

    def file(self) -> Mapping:
        root = syntax_tree(self._data)
        if root.has_error:
            raise self._rejected(root)
        bodies = [child for child in root.named_children if child.type == "body"]
        entries = self._file_entries(bodies[0]) if bodies else []
        return Mapping(entries, self._source, 0, 0, root.end_point[0], 0)

    def _file_entries(self, body: Syntax) -> Entries:
        """Attributes as they are (a ``.tfvars`` file has nothing else), blocks below their labels."""
        entries: Entries = []
        plain = [child for child in body.named_children if child.type == "attribute"]
        labelled: dict[str, dict[str, object]] = {}
        keys: dict[str, Syntax] = {}
        repeated: dict[str, list[Syntax]] = {}
        for block in body.named_children:
            if block.type != "block":
                continue
            kind = _text(block.named_children[0])
            keys.setdefault(kind, block.named_children[0])
            labels = [
                child for child in block.named_children[1:] if child.type in ("string_lit", "identifier")
            ]
            if _LABELS.get(kind) == len(labels):
                self._put(labelled.setdefault(kind, {}), labels, block)
            else:
                repeated.setdefault(kind, []).append(block)
        entries += self._attributes(plain, 1)
        for kind, tree in labelled.items():
            entries.append((self._key(keys[kind], kind), self._tree(tree, keys[kind])))
        for kind, blocks in repeated.items():
            if kind == "locals":
                attributes = [part for block in blocks for part in _body(block) if part.type == "attribute"]
                locals_ = self._mapping(self._attributes(attributes, 2), blocks[0])
                entries.append((self._key(keys[kind], kind), locals_))
            elif kind not in labelled:
                items: list[Node] = [self._labelled_block(block) for block in blocks]
                entries.append((self._key(keys[kind], kind), self._sequence(items, blocks[0])))
        return entries

    def _put(self, tree: dict[str, object], labels: list[Syntax], block: Syntax) -> None:
        for label in labels[:-1]:
            step = tree.setdefault(_label(label), {})
            assert isinstance(step, dict)
            tree = step
        name = _label(labels[-1])
        if name in tree:
            self._duplicate(labels[-1], name)
        tree[name] = (labels[-1], block)

    def _tree(self, tree: dict[str, object], near: Syntax) -> Mapping:
        entries: Entries = []
        for name, held in tree.items():
            if isinstance(held, dict):
                inner = self._tree(held, near)
                key = Scalar(name, self._source, inner.line, inner.column, inner.line, inner.column)
                entries.append((key, inner))
            elif isinstance(held, tuple):
                label, block = held
                entries.append((self._key(label, name), self._block(block, 2)))
        first = entries[0][1] if entries else None
        line, column = (first.line, first.column) if first is not None else self._start(near)
        return Mapping(entries, self._source, line, column, line, column)

    def _labelled_block(self, block: Syntax, depth: int = 2) -> Mapping:
        """A block that may come several times; its labels stand under ``__labels__``."""
        mapping = self._block(block, depth)
        labels = [child for child in block.named_children[1:] if child.type in ("string_lit", "identifier")]
        if not labels:
            return mapping
        named: list[Node] = [self._key(label, _label(label)) for label in labels]
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
                below.setdefault(_text(part.named_children[0]), []).append(part)
        for kind, blocks in below.items():
            items: list[Node] = [self._labelled_block(each, depth + 1) for each in blocks]
            key = self._key(blocks[0].named_children[0], kind)
            entries.append((key, self._sequence(items, blocks[0])))
        return self._mapping(entries, block)

    def _attributes(self, attributes: list[Syntax], depth: int) -> Entries:
        entries: Entries = []
        seen: set[str] = set()
        for attribute in attributes:
            name = _text(attribute.named_children[0])
            if name in seen:
                self._duplicate(attribute, name)
            seen.add(name)
            value = self._expression(attribute.named_children[-1], depth)
            entries.append((self._key(attribute.named_children[0], name), value))
        return entries

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
        if inner.type == "function_call" and (literal := _encoded(inner)) is not None:
            return self._expression(literal, depth + 1)
        if inner.type == "operation":
            number = _text(inner).replace(" ", "")
            if number.startswith("-") and _is_number(number[1:]):
                return self._scalar(number, node, _number(number))
        return self._symbol(node)

    def _object(self, held: Syntax, node: Syntax, depth: int) -> Mapping:
        entries: Entries = []
        seen: set[str] = set()
        for element in held.named_children:
            if element.type != "object_elem":
                continue
            key, value = element.named_children[0], element.named_children[-1]
            name = self._object_key(key)
            if name in seen:
                self._duplicate(key, name)
            seen.add(name)
            entries.append((self._key(key, name), self._expression(value, depth + 1)))
        return self._mapping(entries, node)

    def _object_key(self, key: Syntax) -> str:
        """An identifier is its own name, as in the language itself; anything else is a value."""
        inner = _only(key)
        if inner is not None and inner.type == "variable_expr":
            return _text(inner)
        value = self._expression(key, MAX_DEPTH)
        return value.raw if isinstance(value, Scalar) else _normal(key)

    def _literal(self, literal: Syntax, node: Syntax) -> Scalar:
        held = literal.named_children[0]
        if held.type == "string_lit":
            text = _unescaped(b"".join(part.text or b"" for part in held.children[1:-1]).decode())
            return self._scalar(text, node, text, "quoted")
        if held.type == "numeric_lit":
            return self._scalar(_text(held), node, _number(_text(held)))
        if held.type == "bool_lit":
            return self._scalar(_text(held), node, _text(held) == "true")
        return self._scalar("null", node, None)

    def _template(self, template: Syntax, node: Syntax) -> Scalar:
        """A quoted or heredoc template as its text, with expressions normalised; one without any is a string."""
        parts = template.children[1:-1] if template.type == "quoted_template" else _heredoc_parts(template)
        open_ = False
        out: list[str] = []
        at = parts[0].start_byte if parts else 0
        for part in parts:
            gap = self._data[at : part.start_byte].decode()
            if part.type == "template_literal":
                text = gap + _text(part)
                out.append(_unescaped(text) if template.type == "quoted_template" else text)
            elif part.type == "template_interpolation":
                open_ = True
                held = next((child for child in part.named_children if child.type == "expression"), None)
                out += (gap, "${", _normal(held) if held is not None else "", "}")
            else:
                open_ = True
                out += (gap, _normal(part))
            at = part.end_byte
        text = "".join(out)
        if open_:
            return self._scalar(text, node, text, "quoted", EXPRESSION)
        return self._scalar(text, node, text, "quoted")

    def _symbol(self, node: Syntax) -> Scalar:
        text = "${" + _normal(node) + "}"
        return self._scalar(text, node, text, "native", EXPRESSION)

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
        return (self._near.line, self._near.column) if self._near else self._place(*node.start_point)

    def _end(self, node: Syntax) -> tuple[int, int]:
        return (self._near.end_line, self._near.end_column) if self._near else self._place(*node.end_point)

    def _place(self, line: int, column: int) -> tuple[int, int]:
        """Columns are counted in bytes by the parser, in characters here."""
        if self._lines is None:
            return line, column
        if line not in self._continued:
            # Once a line: a file may be one line of a million values.
            bytes_ = self._lines[line]
            continued = () if bytes_.isascii() else enumerate(bytes_)
            self._continued[line] = [at for at, byte in continued if byte & 0xC0 == 0x80]
        return line, column - bisect_left(self._continued[line], column)

    def _rejected(self, root: Syntax) -> Rejected:
        found = _first_error(root)
        line, column = self._start(found)
        if found.is_missing:
            return Rejected(line, column, f"not HCL: {found.type!r} is missing")
        written = _text(found).strip().split("\n")[0][:40]
        return Rejected(line, column, f"not HCL: unexpected {written!r}" if written else "not HCL")


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


def _encoded(call: Syntax) -> Syntax | None:
    """The object or list that a call of ``jsonencode`` is given as such: what the text says is what counts."""
    name, *rest = call.named_children
    parts = [part for held in rest for part in held.named_children if part.type == "expression"]
    inner = _only(parts[0]) if _text(name) == "jsonencode" and len(parts) == 1 else None
    return parts[0] if inner is not None and inner.type == "collection_value" else None


def _only(expression: Syntax) -> Syntax | None:
    """What an expression consists of, if of one thing; parentheses aside."""
    while True:
        parts = [child for child in expression.children if child.type != "comment"]
        if len(parts) != 3 or parts[0].type != "(" or parts[1].type != "expression":
            return parts[0] if len(parts) == 1 else None
        expression = parts[1]


def _normal(node: Syntax) -> str:
    """The text of an expression on one line, without comments: equal for what only the layout tells apart."""
    out: list[str] = []
    end = -1
    for leaf in _leaves(node):
        if end >= 0 and leaf.start_byte > end:
            out.append(" ")
        out.append(_text(leaf))
        end = leaf.end_byte
    return "".join(out)


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


def _label(node: Syntax) -> str:
    text = _text(node)
    return text[1:-1] if text.startswith('"') else text


def _text(node: Syntax) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _unescaped(text: str) -> str:
    """``\\n``, ``\\"``, ``\\u00e9``; ``$${`` stays, so that it is not taken for a template."""
    if "\\" not in text:
        return text
    out: list[str] = []
    at = 0
    while at < len(text):
        char, following = text[at], text[at + 1 : at + 2]
        if char != "\\" or not following:
            out.append(char)
            at += 1
            continue
        width = {"u": 4, "U": 8}.get(following, 0)
        digits = text[at + 2 : at + 2 + width]
        code = int(digits, 16) if width and len(digits) == width and _is_hex(digits) else -1
        if 0 <= code <= 0x10FFFF:
            out.append(paired(chr(code)))
            at += 2 + width
        else:
            out.append(_ESCAPES.get(following, following))
            at += 2
    return "".join(out)


def _is_hex(digits: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in digits)


def _is_number(text: str) -> bool:
    return bool(text) and text[0].isdigit()


def _number(text: str) -> int | float | str:
    """Its text where no number holds it: the parser lets ``0x10`` pass, and thousands of digits."""
    for kind in (int, float):
        try:
            number = kind(text)
            return number if isfinite(number) else text
        except (ValueError, OverflowError):
            continue
    return text
