"""Expressions of Terraform as far as the configuration itself says what they come to.

What only a plan or the provider knows (attributes of resources, data sources, functions with effects) stays the
expression that it is: it can be compared, and nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION, node_of, syntax_of
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, arrived, made
from riskcheck.platforms.terraform.effort import Effort
from riskcheck.platforms.terraform.functions import FUNCTIONS
from riskcheck.redact import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node as Syntax

_OPERATORS: Final = frozenset({"==", "!=", "&&", "||"})


class Scope:
    """What names mean in one module instance. lookup: (root, name) such as ``("var", "env")`` to an evaluated node;
    None where only a plan knows it. effort: what all scopes of one root may cost together."""

    def __init__(self, lookup: Callable[[str, str], Node | None], effort: Effort | None = None) -> None:
        self._lookup = lookup
        self._effort = effort or Effort()

    def round(self) -> bool:
        """Whether a dynamic block is written out once more."""
        return self._effort.round()

    def value(self, node: Node) -> Node:
        """`node` with everything in it evaluated that can be; the same node where nothing changes."""
        if (isinstance(node, Scalar) and node.tag != EXPRESSION) or not self._effort.deeper():
            return node
        try:
            return self._value(node)
        finally:
            self._effort.depth -= 1

    def _value(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            entries = [(key, self.value(child)) for key, child in node.entries]
            same = all(new is old for (_, new), (_, old) in zip(entries, node.entries, strict=True))
            return node if same else node.with_entries(entries)
        if isinstance(node, Sequence):
            items = [self.value(item) for item in node.items]
            return node if all(map(_is, items, node.items)) else node.with_items(items)
        assert isinstance(node, Scalar)
        return self._scalar(node)

    def _scalar(self, node: Scalar) -> Node:
        parts = split_template(node.raw)
        if parts is None:
            return node
        if len(parts) == 1 and parts[0][0]:
            found = self.expression(parts[0][1], node)
            return node if found is None else through(found, node)
        return self._text(node, parts)

    def _text(self, node: Scalar, parts: list[tuple[bool, str]]) -> Scalar:
        """A template with the parts put in that are known."""
        out: list[str] = []
        via: list[Node] = []
        open_ = False
        for is_expression, text in parts:
            found = self.expression(text, node) if is_expression else None
            value = text_of(found)
            if not is_expression:
                out.append(text)
            elif value is None:
                open_ = True
                out.append("${" + text + "}")
            else:
                assert found is not None
                via.append(found)
                out.append(value)
        raw = "".join(out)
        if raw == node.raw or not self._effort.text(len(raw)):
            return node
        tag = EXPRESSION if open_ else None
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(raw, *place, "quoted", tag, raw, (node, *via))

    def expression(self, text: str, near: Node) -> Node | None:
        """What the expression in `text` comes to, as a node at its origin, else at `near`; None where unknown."""
        syntax = syntax_of(text)
        return None if syntax is None else self._of(syntax, near)

    def _of(self, syntax: Syntax, near: Node) -> Node | None:
        if not self._effort.deeper():
            return None
        try:
            return self._known(syntax, near)
        finally:
            self._effort.depth -= 1

    def _known(self, syntax: Syntax, near: Node) -> Node | None:
        parts = [child for child in syntax.children if child.type != "comment"]
        if syntax.type in ("expression", "operation") and len(parts) == 1:
            return self._of(parts[0], near)
        if len(parts) == 3 and parts[0].type == "(":
            return self._of(parts[1], near)
        kind = parts[0].type if syntax.type == "expression" else syntax.type
        if kind == "variable_expr":
            return self._reference(parts if syntax.type == "expression" else [syntax], near)
        if kind == "conditional":
            return self._conditional(syntax, near)
        if kind == "function_call":
            return self._call(syntax, near)
        if kind == "binary_operation":
            return self._binary(syntax, near)
        if kind == "unary_operation":
            return self._not(syntax, near)
        if kind in ("literal_value", "collection_value", "template_expr"):
            return self._literal(syntax, near)
        return None

    def _literal(self, syntax: Syntax, near: Node) -> Node | None:
        node = node_of(_text(syntax), near)
        return None if node is None else self.value(node)

    def _reference(self, parts: list[Syntax], near: Node) -> Node | None:
        """``var.a.b["c"][0]``: the parts are a name and what is taken of it."""
        steps: list[str | int] = [_text(parts[0])]
        for part in parts[1:]:
            step = self._step(part, near)
            if step is None:
                return None
            steps.append(step)
        if len(steps) < 2 or not isinstance(steps[1], str):
            return None
        whole = found = self._lookup(str(steps[0]), steps[1])
        for step in steps[2:]:
            if isinstance(found, Mapping) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, Sequence) and isinstance(step, int) and 0 <= step < len(found.items):
                found = found.items[step]
            else:
                return None
        if found is None or whole is None or found is whole or not is_sensitive(whole):
            return found
        return through(found, whole)

    def _step(self, part: Syntax, near: Node) -> str | int | None:
        if part.type == "get_attr":
            return _text(part.named_children[0])
        if part.type != "index" or not part.named_children:
            return None
        inner = part.named_children[0]
        if inner.type == "new_index" and inner.named_children:
            key = self._of(inner.named_children[0], near)
            value = plain(key)
            return value if isinstance(value, str | int) and not isinstance(value, bool) else None
        return None

    def _call(self, call: Syntax, near: Node) -> Node | None:
        function = FUNCTIONS.get(_text(call.named_children[0]))
        if function is None:
            return None
        held = next((child for child in call.named_children if child.type == "function_arguments"), None)
        written = [] if held is None else [part for part in held.named_children if part.type == "expression"]
        if held is not None and any(part.type == "ellipsis" for part in held.children):
            return None
        arguments = [self._of(part, near) for part in written]
        known = [argument for argument in arguments if argument is not None]
        if len(known) != len(arguments) or not all(map(self._effort.fits, known)):
            return None
        if any(map(self._effort.is_open, known)):
            return None
        result = function(known, near)
        if isinstance(result, Scalar) and not self._effort.text(len(result.raw)):
            return None
        if result is None or not self._effort.fits(result) or not self._effort.spend(result):
            return None
        secret = next(filter(is_sensitive, _with_items(known)), None)
        return result if secret is None else through(result, secret)

    def _conditional(self, syntax: Syntax, near: Node) -> Node | None:
        condition, then, otherwise = [part for part in syntax.named_children if part.type == "expression"]
        value = plain(self._of(condition, near))
        if value not in (True, False, "true", "false"):
            return None
        return self._of(then if value in (True, "true") else otherwise, near)

    def _binary(self, syntax: Syntax, near: Node) -> Node | None:
        operator = next((child.type for child in syntax.children if child.type in _OPERATORS), None)
        cut = next((number for number, child in enumerate(syntax.children) if child.type == operator), 0)
        if operator is None or cut == 0:
            return None
        left, right = (self._side(side, near) for side in (syntax.children[:cut], syntax.children[cut + 1 :]))
        if left is None or right is None or self._effort.is_open(left) or self._effort.is_open(right):
            return None
        if operator in ("==", "!="):
            if not isinstance(left, Scalar) or not isinstance(right, Scalar):
                return None
            return made((plain(left) == plain(right)) == (operator == "=="), near)
        values = [plain(side) for side in (left, right)]
        if not all(isinstance(value, bool) for value in values):
            return None
        return made(all(values) if operator == "&&" else any(values), near)

    def _side(self, parts: list[Syntax], near: Node) -> Node | None:
        """One side of an operation: its parts stand in a row without an expression around them."""
        parts = [part for part in parts if part.type != "comment"]
        if parts and parts[0].type == "variable_expr":
            return self._reference(parts, near)
        return self._of(parts[0], near) if len(parts) == 1 else None

    def _not(self, syntax: Syntax, near: Node) -> Node | None:
        if syntax.children[0].type != "!":
            return None
        value = plain(self._side(syntax.children[1:], near))
        return made(not value, near) if isinstance(value, bool) else None


def split_template(raw: str) -> list[tuple[bool, str]] | None:
    """(whether it is an expression, text) of each part of ``a-${var.b}``; None where it holds directives
    (``%{ if … }``) or does not end."""
    if "%{" in raw:
        return None
    parts: list[tuple[bool, str]] = []
    literal: list[str] = []
    at = 0
    while at < len(raw):
        start = raw.find("${", at)
        if start < 0:
            literal.append(raw[at:])
            break
        if start > at and raw[start - 1] == "$":
            literal.append(raw[at : start + 2])
            at = start + 2
            continue
        end = _closing(raw, start + 2)
        if end < 0:
            return None
        text = "".join((*literal, raw[at:start]))
        if text:
            parts.append((False, text))
            literal = []
        parts.append((True, raw[start + 2 : end]))
        at = end + 1
    if literal:
        parts.append((False, "".join(literal)))
    return parts


def _closing(raw: str, at: int) -> int:
    """Where the ``}`` stands that closes what began before `at`; -1 where none does."""
    first = raw.find("}", at)
    if '"' not in raw[at:first] and "{" not in raw[at:first]:
        return first
    depth = 0
    quoted: list[int] = []
    while at < len(raw):
        char = raw[at]
        if quoted and quoted[-1] == depth:
            if char == "\\":
                at += 1
            elif char == '"':
                quoted.pop()
            elif raw.startswith("${", at):
                depth += 1
                at += 1
        elif char == '"':
            quoted.append(depth)
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return -1


def through(node: Node, reference: Node) -> Node:
    """`node` as what `reference` comes to."""
    return arrived(node, (*node.via, reference))


def plain(node: Node | None) -> str | int | float | bool | None:
    """The value of a scalar that is known; None for everything else."""
    if not isinstance(node, Scalar) or node.tag == EXPRESSION:
        return None
    value = scalar_value(node, "yaml-1.2")
    return value if isinstance(value, str | int | float | bool) else None


def text_of(node: Node | None) -> str | None:
    """What a known scalar reads as inside of a text."""
    value = plain(node)
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with_items(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Sequence):
            yield from node.items


def _is(one: Node, other: Node) -> bool:
    return one is other


def _text(syntax: Syntax) -> str:
    return (syntax.text or b"").decode("utf-8", "replace")
