"""Expressions of Terraform as far as the configuration itself says what they come to.

What only a plan or the provider knows (computed attributes, most data sources, functions with effects) stays the
expression that it is: it can be compared, and nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from riskcheck.documents.hcl import EXPRESSION, Expression
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform import expression_nodes as syntax
from riskcheck.platforms.terraform import expressions
from riskcheck.platforms.terraform.effort import Effort
from riskcheck.platforms.terraform.evaluation import Evaluation
from riskcheck.platforms.terraform.values import is_symbol, plain, text_of, through

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.platforms.terraform.expression_nodes import Call
    from riskcheck.platforms.terraform.expressions import Parsed


__all__ = ["Attributes", "Scope", "parsed_of", "plain", "text_of", "through"]


class Attributes(Protocol):
    """What a resource or data source says of itself. steps: the type, the name, an instance's key if it has one,
    attributes. Gives the value and how many of the steps lead to it; None where the text does not say."""

    def __call__(self, steps: list[str | int]) -> tuple[Node, int] | None: ...


class Scope:
    """What names mean in one module instance. lookup: (root, name) such as ``("var", "env")`` to an evaluated node;
    None where only a plan knows it. effort: what all scopes of one root may cost together. attributes: of
    resources and data sources."""

    def __init__(
        self,
        lookup: Callable[[str, str], Node | None],
        effort: Effort | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        self.lookup = lookup
        self.effort = effort or Effort()
        self.attributes = attributes

    def round(self) -> bool:
        """Whether a dynamic block is written out once more."""
        return self.effort.round()

    def value(self, node: Node) -> Node:
        """`node` with everything in it evaluated that can be; the same node where nothing changes."""
        if (isinstance(node, Scalar) and node.tag != EXPRESSION) or not self.effort.deeper():
            return node
        try:
            return self._value(node)
        except RecursionError:
            if self.effort.depth > 1:
                raise
            self.effort.nested()
            return node
        finally:
            self.effort.depth -= 1

    def _value(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            entries = [(self._key(key), self.value(child)) for key, child in node.entries]
            if all(
                new is old and one is other
                for (one, new), (other, old) in zip(entries, node.entries, strict=True)
            ):
                return node
            return node.with_entries(entries)
        if isinstance(node, Sequence):
            items = [self.value(item) for item in node.items]
            return node if all(map(_is, items, node.items)) else node.with_items(items)
        assert isinstance(node, Scalar)
        return self._scalar(node)

    def _key(self, key: Scalar) -> Scalar:
        """A key that is an expression, as the text that it comes to."""
        if key.tag != EXPRESSION:
            return key
        found = self.value(key)
        name = text_of(found)
        if name is None:
            return key
        place = (key.source, key.line, key.column, key.end_line, key.end_column)
        return Scalar(name, *place, "quoted", None, name, (*found.via, key))

    def _scalar(self, node: Scalar) -> Node:
        parsed = parsed_of(node)
        if parsed is None:
            return node
        root = parsed.root
        if isinstance(root, syntax.Template) and len(root.parts) == 1:
            only = root.parts[0]
            if not isinstance(only, str):
                root = only
        evaluation = Evaluation(self, parsed, node)
        if isinstance(root, syntax.Template):
            return self._text(node, root, evaluation)
        found = evaluation.whole(root)
        if (
            found is None
            or found is node
            or (isinstance(found, Scalar) and found.raw == node.raw and is_symbol(found))
        ):
            return node
        return through(found, node)

    def _text(self, node: Scalar, template: syntax.Template, evaluation: Evaluation) -> Scalar:
        """A template with the parts put in that are known."""
        out: list[str] = []
        via: list[Node] = []
        open_ = False
        for part in template.parts:
            if isinstance(part, str):
                out.append(part)
                continue
            found = evaluation.whole(part)
            value = text_of(found)
            if value is not None and found is not None:
                via.append(found)
                out.append(value)
            elif isinstance(part, syntax.Condition | syntax.Loop) and evaluation.is_directive(part):
                return node
            else:
                open_ = True
                out.append("${" + evaluation.parsed.written(part) + "}")
        if not self.effort.text(sum(map(len, out))):
            return node
        raw = "".join(out)
        if raw == node.raw:
            return node
        tag = EXPRESSION if open_ else None
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(raw, *place, "quoted", tag, raw, (node, *via))

    def called(self, call: Call, evaluation: Evaluation) -> Node | None:
        """What a function comes to that only this scope knows; None for those that are the same everywhere."""
        return None


def parsed_of(node: Scalar) -> Parsed | None:
    """The syntax of an expression or template; None where it is not understood."""
    if isinstance(node, Expression):
        return expressions.expression(node.written)
    return expressions.template(node.raw)


def _is(one: Node, other: Node) -> bool:
    return one is other
