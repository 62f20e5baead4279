"""Intrinsic functions as far as the template and the values of its parameters say what they come to.

What only an account knows (attributes of resources, exports of other stacks, the region) stays an expression in the
notation of ``Fn::Sub``: ``${Web.GroupId}``. It can be compared, and nothing is guessed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.growth import Growth
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, arrived, made
from riskcheck.platforms.cloudformation.conditions import Conditions
from riskcheck.regexes import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.cloudformation.template import Template

MAX_TEXT: Final = 65_536
"""Characters of a text that is put together; longer ones stay calls."""

_MOST_DEPTH: Final = 60
"""Nesting up to which values are looked into; what is deeper stays as it is written."""

_NOTHING: Final = "AWS::NoValue"
_FUNCTION_NAMES: Final = (
    "And Base64 Cidr Equals FindInMap ForEach GetAtt GetAZs If ImportValue Join Length Not Or "
    "Select Split Sub ToJsonString Transform"
)
_FUNCTIONS: Final = frozenset(_FUNCTION_NAMES.split())
_PLAIN: Final = frozenset({"Ref", "Condition"})
_VARIABLE: Final = regex(r"\$\{([^{}]{1,512})\}")
_NUMBER: Final = regex(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_PADDED: Final = regex(r"-?0[0-9]++\Z")


def call_of(node: Node) -> tuple[str, Node] | None:
    """The intrinsic function that `node` calls, without ``Fn::``, and its argument; None where it calls none."""
    tag = node.tag if isinstance(node, Scalar | Mapping | Sequence) else None
    if tag is not None and tag[:1] == "!" and tag[1:] in _FUNCTIONS | _PLAIN:
        return tag[1:], _untagged(node)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, argument = node.entries[0]
        name = key.raw.removeprefix("Fn::")
        if name in (_PLAIN if name == key.raw else _FUNCTIONS):
            return name, argument
    return None


class Evaluation:
    """What the expressions of one template come to in one environment.

    values: name of each declared parameter to its value; None where nobody states one. assumed: those of which the
    default is all that is known, so that conditions of them may hold or not. named: logical ids that were
    met since it was last emptied, each with where. imported: likewise, names of exports of other stacks.
    """

    def __init__(
        self,
        template: Template,
        values: MappingOf[str, Node | None],
        assumed: Collection[str] = frozenset(),
    ) -> None:
        self._values = values
        self._known_values = {name: node for name, node in values.items() if name not in assumed}
        self._mappings = template.section("Mappings")
        self._depth = 0
        self._growth = Growth()
        self.cut: Node | None = None
        """The first text that is left as it is written because it would be too long."""
        self.conditions = Conditions(template.section("Conditions"), call_of, self._certain)
        self.named: dict[str, Node] = {}
        self.imported: dict[str, Node] = {}
        self._known: MappingOf[str, Callable[[Node, Node], Node | None]] = {
            "FindInMap": self._find_in_map,
            "GetAtt": self._attribute,
            "If": self._if,
            "ImportValue": self._import,
            "Join": self._join,
            "Select": self._select,
            "Split": self._split,
            "Sub": self._sub,
        }

    def text(self, node: Node) -> str | None:
        """The known text that `node` comes to; None where it is not known, or none."""
        return _text(self.value(node))

    def _certain(self, node: Node) -> str | None:
        """The same without what is only assumed."""
        values, self._values = self._values, self._known_values
        try:
            return self.text(node)
        finally:
            self._values = values

    def value(self, node: Node) -> Node | None:
        """`node` with everything in it evaluated that can be; None where it comes to ``AWS::NoValue``."""
        if self._depth >= _MOST_DEPTH:
            return node
        self._depth += 1
        try:
            call = call_of(node)
            return self._inside(node) if call is None else self._called(*call, node)
        finally:
            self._depth -= 1

    def _inside(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            entries = [
                (key, found) for key, child in node.entries if (found := self.value(child)) is not None
            ]
            same = len(entries) == len(node.entries) and all(
                new[1] is old[1] for new, old in zip(entries, node.entries, strict=True)
            )
            return node if same else node.with_entries(entries)
        if isinstance(node, Sequence):
            items = [found for item in node.items if (found := self.value(item)) is not None]
            same = len(items) == len(node.items) and all(
                new is old for new, old in zip(items, node.items, strict=True)
            )
            return node if same else node.with_items(items)
        assert isinstance(node, Scalar)
        return _normal(node)

    def _called(self, name: str, argument: Node, node: Node) -> Node | None:
        if name == "Ref":
            return self._reference(argument, node)
        known = self._known.get(name)
        return known(argument, node) if known is not None else self._open(name, argument, node)

    def _open(self, name: str, argument: Node, node: Node) -> Node:
        """A call whose value is not known, in its long form, so that both forms are the same."""
        inner = self.value(argument)
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Mapping([(made(f"Fn::{name}", node), inner or _symbol(_NOTHING, node))], *place)

    def _reference(self, argument: Node, node: Node) -> Node | None:
        name = argument.raw if isinstance(argument, Scalar) else ""
        if name == _NOTHING:
            return None
        if name in self._values:
            found = self._values[name]
            return _symbol(name, node) if found is None else through(found, node)
        self._name(name, node)
        return _symbol(name, node)

    def _name(self, name: str, node: Node) -> None:
        if name and not name.startswith("AWS::"):
            self.named.setdefault(name, node)

    def _attribute(self, argument: Node, node: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else [argument]
        texts = [self.text(part) for part in parts]
        known = [text for text in texts if text is not None]
        if not known or len(known) != len(texts):
            return self._open("GetAtt", argument, node)
        path = ".".join(known)
        self._name(path.partition(".")[0], node)
        return _symbol(path, node)

    def _import(self, argument: Node, node: Node) -> Node:
        name = self.value(argument)
        if not isinstance(name, Scalar):
            return self._open("ImportValue", argument, node)
        if name.tag != EXPRESSION:
            self.imported.setdefault(name.raw, node)
        return _symbol(f"ImportValue:{name.raw}", node)

    def _if(self, argument: Node, node: Node) -> Node | None:
        items = argument.items if isinstance(argument, Sequence) else []
        if len(items) != 3 or not isinstance(items[0], Scalar):
            return self._open("If", argument, node)
        holds = self.conditions.holds(items[0].raw)
        if holds is not None:
            return self.value(items[1] if holds else items[2])
        branches = [_symbol(_NOTHING, item) if (v := self.value(item)) is None else v for item in items[1:]]
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        chosen = Sequence([items[0], *branches], *place)
        return Mapping([(made("Fn::If", node), chosen)], *place)

    def _find_in_map(self, argument: Node, node: Node) -> Node | None:
        items = argument.items if isinstance(argument, Sequence) else []
        keys = [self.text(item) for item in items[:3]]
        steps = [key for key in keys if key is not None]
        if len(steps) != 3 or self._mappings is None:
            return self._open("FindInMap", argument, node)
        found = self._mappings.at(*steps)
        if found is None and len(items) == 4 and isinstance(items[3], Mapping):
            found = items[3].get("DefaultValue")
        if found is None:
            return self._open("FindInMap", argument, node)
        value = self.value(found)
        return value if value is None else through(value, node)

    def _join(self, argument: Node, node: Node) -> Node:
        items = argument.items if isinstance(argument, Sequence) else []
        joint = _text(items[0]) if len(items) == 2 else None
        parts = self.value(items[1]) if joint is not None else None
        if joint is None or not isinstance(parts, Sequence):
            return self._open("Join", argument, node)
        scalars = [part for part in parts.items if isinstance(part, Scalar)]
        if len(scalars) != len(parts.items):
            return self._open("Join", argument, node)
        if not self._fits(sum(len(part.raw) for part in scalars) + len(joint) * len(scalars)):
            self.cut = self.cut or node
            return self._open("Join", argument, node)
        return self._written(joint.join(part.raw for part in scalars), scalars, node)

    def _select(self, argument: Node, node: Node) -> Node | None:
        items = argument.items if isinstance(argument, Sequence) else []
        if len(items) == 2:
            number, values = self.text(items[0]), self.value(items[1])
            if number is not None and _NUMBER.match(number) and isinstance(values, Sequence):
                at = int(number)
                if 0 <= at < len(values.items) and all(isinstance(one, Scalar) for one in values.items):
                    return through(values.items[at], node)
        return self._open("Select", argument, node)

    def _split(self, argument: Node, node: Node) -> Node:
        items = argument.items if isinstance(argument, Sequence) else []
        joint = _text(items[0]) if len(items) == 2 else None
        whole = self.text(items[1]) if joint else None
        if not joint or whole is None:
            return self._open("Split", argument, node)
        parts: list[Node] = [text_node(part, node) for part in whole.split(joint)]
        return Sequence(parts, node.source, node.line, node.column, node.end_line, node.end_column)

    def _sub(self, argument: Node, node: Node) -> Node:
        items = argument.items if isinstance(argument, Sequence) else [argument]
        template, local = items[0] if items else None, items[1] if len(items) > 1 else None
        if not isinstance(template, Scalar) or not isinstance(local, Mapping | None):
            return self._open("Sub", argument, node)
        used: list[Scalar] = []
        left = MAX_TEXT - len(template.raw)

        def put(match: re.Match[str]) -> str:
            nonlocal left
            name = match[1].strip()
            if left < 0:
                return ""
            if name[:1] == "!":
                return "${" + name[1:].strip() + "}"
            own = local.get(name) if local is not None else None
            if own is not None:
                found = self.value(own)
            elif name in self._values:
                found = self._values[name]
            else:
                self._name(name.partition(".")[0], node)
                found = None
            if not isinstance(found, Scalar):
                used.append(_symbol(name, node))
                return "${" + name + "}"
            used.append(found)
            left -= len(found.raw)
            return found.raw

        raw = _VARIABLE.sub(put, template.raw)
        if left < 0 or not self._fits(len(raw)):
            self.cut = self.cut or node
            return self._open("Sub", argument, node)
        return self._written(raw, used, template)

    def _fits(self, length: int) -> bool:
        return length <= MAX_TEXT and self._growth.takes(length)

    def _written(self, raw: str, parts: list[Scalar], near: Node) -> Scalar:
        """A text that was put together of `parts`; an expression where one of them is."""
        open_ = any(part.tag == EXPRESSION for part in parts)
        place = (near.source, near.line, near.column, near.end_line, near.end_column)
        via = (near, *parts) if parts else near.via
        made_ = Scalar(raw, *place, "quoted", EXPRESSION if open_ else None, via=via)
        return made_ if open_ else _normal(made_)


def through(node: Node, reference: Node) -> Node:
    """`node` as what `reference` comes to."""
    return arrived(node, (*node.via, reference))


def _text(node: Node | None) -> str | None:
    """The text of a scalar that is known."""
    return node.raw if isinstance(node, Scalar) and node.tag != EXPRESSION else None


def _symbol(name: str, near: Node) -> Scalar:
    """What only an account knows."""
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return Scalar("${" + name + "}", *place, "quoted", EXPRESSION)


def text_node(text: str, near: Node) -> Scalar:
    """A text that was taken out of another one."""
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return _normal(Scalar(text, *place, "quoted", via=(near,)))


def _untagged(node: Node) -> Node:
    """What a short form such as ``!Sub`` is given: the node without the tag."""
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    if isinstance(node, Scalar):
        return Scalar(node.raw, *place, node.style, None, node.native, node.via)
    if isinstance(node, Mapping):
        return Mapping(node.entries, *place, None, node.via)
    assert isinstance(node, Sequence)
    return Sequence(node.items, *place, None, node.via)


def _normal(node: Scalar) -> Scalar:
    """CloudFormation turns values into the type of the property: ``"8080"`` is 8080, and ``012`` is an account."""
    plain = node.style == "plain"
    if plain:
        fits = _PADDED.match(node.raw) is None
    else:
        fits = node.raw not in ("true", "false") and _NUMBER.match(node.raw) is None
    if fits:
        return node
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    copy = Scalar(node.raw, *place, "quoted" if plain else "plain", node.tag, via=node.via)
    copy.synthetic = node.synthetic
    return copy
