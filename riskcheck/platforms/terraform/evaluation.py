"""What one expression comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION, Expression
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform import expression_nodes as syntax
from riskcheck.platforms.terraform.expressions import Parsed, normal, references
from riskcheck.platforms.terraform.operators import binary, negated
from riskcheck.platforms.terraform.values import (
    Failure,
    Set,
    as_text,
    bool_in,
    has_open_keys,
    in_order,
    is_null,
    is_symbol,
    listed,
    mapped,
    number_in,
    plain,
    text_of,
    through,
    written,
)
from riskcheck.redact import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.terraform.evaluate import Scope

_NAMES: Final = frozenset({"var", "local", "module", "each", "count", "path", "terraform", "self"})


class Unknown(Exception):
    """What surrounds it is not known either."""


class Evaluation:
    """Of one expression in a scope. near: the scalar that it stands in. bound: what loops call their elements."""

    def __init__(
        self,
        scope: Scope,
        parsed: Parsed,
        near: Node,
        bound: MappingOf[str, Node] | None = None,
    ) -> None:
        self.scope = scope
        self.parsed = parsed
        self.near = near
        self.effort = scope.effort
        self._bound = bound or {}
        self._whole: syntax.Expression | None = None
        self._exact = isinstance(near, Expression) and near.written == parsed.text

    def whole(self, part: syntax.Expression) -> Node | None:
        """What `part` comes to; where that is not known None, or a symbol, which is `near` where it has no more to
        say."""
        self._whole = part
        try:
            return self.of(part)
        except (Failure, Unknown):
            return None

    def is_directive(self, part: syntax.Expression) -> bool:
        return self.parsed.text.startswith("%{", part.start)

    def of(self, part: syntax.Expression) -> Node:
        """What `part` comes to; a symbol where it is not known. Raises `Failure` where Terraform refuses it."""
        if not self.effort.deeper():
            return self.symbol(part)
        try:
            return self._of(part)
        except Unknown:
            return self.symbol(part)
        finally:
            self.effort.depth -= 1

    def _of(self, part: syntax.Expression) -> Node:
        if not self.effort.step():
            return self.symbol(part)
        if isinstance(part, syntax.Literal):
            return self._literal(part)
        if isinstance(part, syntax.Traversal | syntax.Variable):
            return self._traversal(part)
        if isinstance(part, syntax.Call):
            return self._call(part)
        if isinstance(part, syntax.Template):
            return self._template(part)
        if isinstance(part, syntax.Condition):
            return self._condition(part)
        if isinstance(part, syntax.Operation):
            return self._operation(part)
        if isinstance(part, syntax.Items):
            return self._kept(listed([self.of(item) for item in part.items], self.at(part)))
        if isinstance(part, syntax.Pairs):
            return self._kept(mapped([self._pair(*pair) for pair in part.pairs], self.at(part)))
        if self.is_directive(part):
            return self._repeated(part)
        return self._kept(self._loop(part))

    def _kept(self, node: Node) -> Node:
        if not self.effort.fits(node):
            raise Unknown
        return node

    def at(self, part: syntax.Expression) -> Node:
        """A node that stands where `part` does."""
        if not self._exact:
            return self.near
        near = self.near
        line, column = self.parsed.place(part.start)
        end, end_column = self.parsed.place(part.end)
        return Scalar(
            "",
            near.source,
            near.line + line,
            column if line else near.column + column,
            near.line + end,
            end_column if end else near.column + end_column,
        )

    def symbol(self, part: syntax.Expression) -> Node:
        """The text of what is not known, with the elements of loops put in. Raises `Unknown` where they have no
        text."""
        if part is self._whole:
            return self.near  # a symbol of which nobody needs the text
        text = self.parsed.text
        if self._bound:
            out: list[str] = []
            end = part.start
            used = references(part, self._bound.__contains__)
            for each in sorted(used, key=lambda one: one.start):
                value = self._traversal(each) if each is not part else None
                inner = value.raw if isinstance(value, Scalar) and value.tag == EXPRESSION else None
                known = plain(value)
                if inner is not None and inner.startswith("${") and inner.endswith("}"):
                    held = inner[2:-1]
                elif isinstance(known, str) and not any(mark in known for mark in ('"', "\\", "\n", "{")):
                    held = f'"{known}"'
                elif isinstance(known, int | float):
                    held = written(known)
                else:
                    raise Unknown
                out += (text[end : each.start], held)
                end = each.end
            shown = normal("".join((*out, text[end : part.end])))
        else:
            shown = self.parsed.written(part)
        if "<<" in shown or not self.effort.text(len(shown)):
            raise Unknown
        near = self.at(part)
        raw = "${" + shown + "}"
        place = (near.source, near.line, near.column, near.end_line, near.end_column)
        return Scalar(raw, *place, "native", EXPRESSION, raw)

    def _literal(self, part: syntax.Literal) -> Node:
        near = self.at(part)
        value = part.value
        place = (near.source, near.line, near.column, near.end_line, near.end_column)
        if isinstance(value, str):
            return Scalar(value, *place, "quoted", None, value)
        raw = "null" if value is None else written(value)
        return Scalar(raw, *place, "native", None, value)

    def _pair(self, key: syntax.Expression, value: syntax.Expression) -> tuple[Scalar, Node]:
        found = self.of(key)
        name = text_of(found)
        if name is None:
            raise Unknown
        at = self.at(key)
        place = (at.source, at.line, at.column, at.end_line, at.end_column)
        return Scalar(name, *place, "quoted", None, name, found.via), self.of(value)

    def _template(self, part: syntax.Template) -> Node:
        out: list[str] = []
        via: list[Node] = []
        for held in part.parts:
            if isinstance(held, str):
                out.append(held)
                continue
            found = self.of(held)
            if len(part.parts) == 1 and not self.is_directive(held):
                return found
            text = text_of(found)
            if text is None:
                return self.symbol(part)
            via.append(found)
            out.append(text)
        if not self.effort.text(sum(map(len, out))):
            raise Unknown
        text = "".join(out)
        near = self.at(part)
        place = (near.source, near.line, near.column, near.end_line, near.end_column)
        return Scalar(text, *place, "quoted", None, text, tuple(via))

    def _condition(self, part: syntax.Condition) -> Node:
        test = bool_in(self.of(part.test))
        if test is None:
            return self.symbol(part)
        found = self.of(part.then if test else part.otherwise)
        if isinstance(found, Scalar) and not is_symbol(found) and not isinstance(plain(found), str):
            other = part.otherwise if test else part.then
            if isinstance(other, syntax.Literal) and isinstance(other.value, str):
                return as_text(found)
        return found

    def _operation(self, part: syntax.Operation) -> Node:
        value: bool | int | float | None
        if len(part.sides) == 2:
            left, right = self.of(part.sides[0]), self.of(part.sides[1])
            value = binary(part.operator, left, right)
            known = [left, right]
        else:
            side = self.of(part.sides[0])
            known = [side]
            number = number_in(side)
            value = negated(side) if part.operator == "!" else None if number is None else -number
        if value is None:
            return self.symbol(part)
        result = made(value, self.at(part))
        secret = next(filter(is_sensitive, known), None)
        return result if secret is None else through(result, secret)

    def _traversal(self, part: syntax.Traversal | syntax.Variable) -> Node:
        """``var.a.b["c"][0]``, ``local.all[*].id``."""
        if isinstance(part, syntax.Variable):
            found = self._bound.get(part.name)
            if found is None:
                return self.symbol(part)
            return found
        base, used, partial = self._based(part)
        if base is None:
            return self.symbol(part)
        return self._walked(part, base, used, partial)

    def _based(self, part: syntax.Traversal) -> tuple[Node | None, int, bool]:
        """Where the steps start from, how many are used up by it, and whether what it lacks is not known."""
        base, steps = part.base, part.steps
        if not isinstance(base, syntax.Variable):
            found = self.of(base)
            return (None if is_symbol(found) else found), 0, False
        if base.name in self._bound:
            return self._bound[base.name], 0, False
        if not isinstance(steps[0], str) or steps[0] in (syntax.SPLAT, syntax.ATTRIBUTE_SPLAT):
            return None, 0, False
        if base.name == "module" and len(steps) > 1 and not isinstance(steps[1], str):
            key = plain(self.of(steps[1]))
            shown = f'"{key}"' if isinstance(key, str) else key
            return (None if key is None else self.scope.lookup("module", f"{steps[0]}[{shown}]")), 2, True
        found_ = self.scope.lookup(base.name, steps[0])
        if found_ is not None:
            return found_, 1, base.name == "module"
        if base.name in _NAMES or self.scope.attributes is None:
            return None, 0, False
        named: list[str | int] = [base.name]
        for step in steps:
            name = step if isinstance(step, str) else plain(self.of(step))
            if name in (syntax.SPLAT, syntax.ATTRIBUTE_SPLAT) or type(name) not in (str, int):
                break
            assert isinstance(name, str | int)
            named.append(name)
        stated = self.scope.attributes(named)
        # The type is the base itself.
        return (None, 0, False) if stated is None else (stated[0], stated[1] - 1, False)

    def _walked(self, part: syntax.Traversal, base: Node, used: int, partial: bool) -> Node:
        """`base` and the steps of `part` behind the first `used`."""
        found, secret = base, None
        for number in range(used, len(part.steps)):
            step = part.steps[number]
            if secret is None and is_sensitive(found):
                secret = found
            if isinstance(step, str) and step in (syntax.SPLAT, syntax.ATTRIBUTE_SPLAT):
                found = self._splat(part, found, number)
                break
            if is_symbol(found):
                found = self._further(part, found, number)
                break
            key: Node | str = step if isinstance(step, str) else self.of(step)
            if not isinstance(key, str) and is_symbol(key):
                return self.symbol(part)
            inner = _step(found, key)
            if inner is None:
                if partial and number == used:
                    return self.symbol(part)
                raise Failure
            found = inner
        return found if secret is None or found is secret else through(found, secret)

    def _splat(self, part: syntax.Traversal, found: Node, number: int) -> Node:
        if is_symbol(found) or (isinstance(found, Mapping) and has_open_keys(found)):
            return self.symbol(part)
        items = found.items if isinstance(found, Sequence) else [] if is_null(found) else [found]
        end = len(part.steps)
        if part.steps[number] == syntax.ATTRIBUTE_SPLAT:
            end = number + 1
            while end < len(part.steps) and isinstance(part.steps[end], str):
                end += 1
        inner = part._replace(steps=part.steps[:end], ends=part.ends[:end])
        found_: list[Node] = []
        for item in items:
            if not self.effort.step():
                raise Unknown
            found_.append(self._walked(inner, item, number + 1, False))
        result: Node = listed(found_, self.at(part))
        self._kept(result)
        return result if end == len(part.steps) else self._walked(part, result, end, False)

    def _further(self, part: syntax.Traversal, found: Node, number: int) -> Node:
        """An attribute of a symbol: ``local.all[0].id`` where the first one is ``aws_subnet.a``."""
        assert isinstance(found, Scalar)
        inner = found.raw[2:-1]
        if not (found.raw.startswith("${") and found.raw.endswith("}")) or not _is_path(inner):
            return self.symbol(part)
        steps = part.steps[number:]
        if not all(isinstance(step, str | syntax.Literal) for step in steps):
            return self.symbol(part)
        start = part.ends[number - 1] if number else part.base.end
        raw = "${" + inner + normal(self.parsed.text[start : part.ends[-1]]) + "}"
        if not self.effort.text(len(raw)):
            raise Unknown
        place = (found.source, found.line, found.column, found.end_line, found.end_column)
        return Scalar(raw, *place, "native", EXPRESSION, raw, found.via)

    def _call(self, part: syntax.Call) -> Node:
        from riskcheck.platforms.terraform.functions import OPEN, function_of

        found = self.scope.called(part, self)
        if found is not None:
            return found
        if part.name in ("try", "can"):
            return self._tried(part)
        function = function_of(part.name)
        if function is None:
            return self.symbol(part)
        arguments = [self.of(argument) for argument in part.arguments]
        if part.expanded:
            last = arguments.pop()
            if not isinstance(last, Sequence):
                return self.symbol(part)
            arguments += last.items
        if any(map(is_symbol, arguments)) and part.name != "coalesce":
            return self.symbol(part)
        if not all(map(self.effort.fits, arguments)):
            raise Unknown
        if part.name not in OPEN and any(map(self.effort.is_open, arguments)):
            return self.symbol(part)
        result = function(arguments, self.at(part))
        if isinstance(result, Scalar) and not self.effort.text(len(result.raw)):
            raise Unknown
        if result is None:
            return self.symbol(part)
        if not self.effort.fits(result) or not self.effort.spend(result):
            raise Unknown
        secret = next(filter(is_sensitive, _with_items(arguments)), None)
        return result if secret is None else through(result, secret)

    def _tried(self, part: syntax.Call) -> Node:
        """The first argument that is no error; of ``can`` whether there is none."""
        for argument in part.arguments:
            try:
                found = self.of(argument)
            except Failure:
                if part.name == "can":
                    return made(False, self.at(part))
                continue
            if self.effort.is_open(found):
                return self.symbol(part)
            return made(True, self.at(part)) if part.name == "can" else found
        raise Failure

    def _loop(self, part: syntax.Loop) -> Node:
        found: list[tuple[Scalar, Node]] = []
        groups: dict[str, tuple[Scalar, list[Node]]] = {}
        values: list[Node] = []
        for inner in self._rounds(part):
            if part.condition is not None:
                wanted = bool_in(inner.of(part.condition))
                if wanted is None:
                    return self.symbol(part)
                if not wanted:
                    continue
            if part.key is None:
                values.append(inner.of(part.body))
                continue
            key, value = inner._pair(part.key, part.body)
            if part.grouped:
                groups.setdefault(key.raw, (key, []))[1].append(value)
            elif key.raw in groups:
                raise Failure
            else:
                groups[key.raw] = (key, [])
                found.append((key, value))
        near = self.at(part)
        if part.key is None:
            return listed(values, near)
        if part.grouped:
            found = [(key, listed(items, near)) for key, items in groups.values()]
        return mapped(found, near)

    def _rounds(self, part: syntax.Loop) -> Iterator[Evaluation]:
        """An evaluation in which the names of a loop are known, for each element in Terraform's order."""
        over = self.of(part.over)
        pairs: list[tuple[Node, Node]]
        if isinstance(over, Mapping) and not has_open_keys(over):
            pairs = list(in_order(over))
        elif isinstance(over, Set):
            pairs = [(item, item) for item in over.items]
        elif isinstance(over, Sequence):
            pairs = [(made(number, item), item) for number, item in enumerate(over.items)]
        elif is_symbol(over) or isinstance(over, Mapping):
            raise Unknown
        else:
            raise Failure
        for pair in pairs:
            names = dict(zip(part.names, pair[-len(part.names) :], strict=True))
            yield Evaluation(self.scope, self.parsed, self.near, {**self._bound, **names})

    def _repeated(self, part: syntax.Loop) -> Node:
        """``%{ for … }``"""
        texts: list[str] = []
        for inner in self._rounds(part):
            text = text_of(inner.of(part.body))
            if text is None or not self.effort.text(sum(map(len, texts)) + len(text)):
                raise Unknown
            texts.append(text)
        return made("".join(texts), self.at(part))


def _step(found: Node, key: Node | str) -> Node | None:
    """An element of a known value; None where it has none of this name. Raises `Unknown` where that is open."""
    if isinstance(found, Mapping):
        name = key if isinstance(key, str) else text_of(key)
        inner = None if name is None else found.get(name)
        if inner is None and has_open_keys(found):
            raise Unknown
        return inner
    if isinstance(found, Sequence) and not isinstance(found, Set) and not isinstance(key, str):
        number = number_in(key)
        if number is not None and number == int(number) and 0 <= number < len(found.items):
            return found.items[int(number)]
    return None


def _is_path(text: str) -> bool:
    """Whether `text` is names and indexes alone."""
    return all(char.isalnum() or char in '._-[]"' for char in text)


def _with_items(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Sequence):
            yield from node.items
