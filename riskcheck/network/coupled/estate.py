"""What resources of one environment point at, as far as the configuration itself tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.coupled.model import Condition
    from riskcheck.nodes import Value

_NAMED: Final = re.compile(r"(?<![\w.])(data\.)?([a-z][a-z0-9_]*)\.([A-Za-z_][\w-]*)")
_NOT_RESOURCES: Final = frozenset({"var", "local", "each", "count", "self", "path", "terraform"})
_ABSENT: Final = "absent"
_PRESENT: Final = "present"
SELF: Final = "self"
OR: Final = "|"
"""Between paths of which any will do."""


class Pointed(frozenset[str]):
    """What a value may mean: ``@address`` of a resource, ``=text`` of what is written."""

    @property
    def resources(self) -> Iterator[str]:
        return (one[1:] for one in self if one.startswith("@"))


class Estate:
    """The resources of one environment on one side, of one platform."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self._by_name: dict[tuple[str, str], list[Resource]] = {}
        self._by_kind: dict[str, list[Resource]] = {}
        for one in self.resources:
            self._by_name.setdefault((one.kind, one.name.partition("[")[0]), []).append(one)
            self._by_kind.setdefault(one.kind, []).append(one)
        self._modules = {_module(one) for one in self.resources}
        self._pointed: dict[tuple[tuple[str, str, str], str], Pointed] = {}

    def of(self, kinds: Iterable[str]) -> Iterator[Resource]:
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def pointed(self, resource: Resource, path: str) -> Pointed:
        """What the values at `path` of `resource` mean."""
        key = (resource.key, path)
        known = self._pointed.get(key)
        if known is None:
            known = self._pointed[key] = self._read(resource, path)
        return known

    def _read(self, resource: Resource, path: str) -> Pointed:
        found: set[str] = set()
        for node in nodes_at(resource.body, path):
            for _, one in walk(node):
                if isinstance(one, Scalar):
                    found |= self._meant(resource, one)
        return Pointed(found)

    def _meant(self, resource: Resource, node: Scalar) -> set[str]:
        text = node.raw.strip()
        if not text or text == "null":
            return set()
        if node.tag != EXPRESSION:
            return {f"={text.lower()}"}
        found = {f"={text}"}
        for data, kind, name in _NAMED.findall(text):
            if data or kind in _NOT_RESOURCES:
                continue
            found |= {f"@{one.address}" for one in self._declared(resource, kind, name, text)}
        return found

    def _declared(self, resource: Resource, kind: str, name: str, text: str) -> list[Resource]:
        """The resources that ``kind.name`` means in the text of `resource`: in its own module or, since arguments
        of modules keep the text of their callers, in one above it. Of a module's output: all that it holds."""
        prefix = _module(resource)
        while True:
            if kind == "module":
                inside = f"{prefix}module.{name}."
                if any(one.startswith(inside) or one == inside for one in self._modules):
                    return [one for one in self.resources if _module(one).startswith(inside)]
            else:
                key = _key_of(text, f"{kind}.{name}")
                known = self._by_name.get((kind, f"{prefix}{name}".partition("[")[0]), [])
                known = [one for one in known if _module(one) == prefix]
                exact = [one for one in known if key and _has_key(one, key)]
                if known:
                    return exact or known
            if not prefix:
                return []
            prefix = _above(prefix)

    def points_at(self, resource: Resource, path: str, targets: Iterable[Resource]) -> bool:
        """Whether a value at `path` means one of `targets`: a reference to it, its name, or an id that ends so."""
        meant = self.pointed(resource, path)
        return any(self._is(meant, target) for target in targets)

    def _is(self, meant: Pointed, target: Resource) -> bool:
        if f"@{target.address}" in meant:
            # A module's output may be any of its resources: all that is known is that it is none of another module.
            return True
        name = next((text_of(node) for node in nodes_at(target.body, "name")), "").lower()
        return bool(name) and any(one == f"={name}" or one.endswith(f"/{name}") for one in meant)

    def targets(self, resource: Resource, path: str, kinds: Iterable[str] = ()) -> list[Resource]:
        """The resources that the values at `path` mean. kinds: only these, where given."""
        meant = set(self.pointed(resource, path).resources)
        wanted = set(kinds)
        return [one for one in self.resources if one.address in meant and (not wanted or one.kind in wanted)]

    def is_elsewhere(self, resource: Resource, path: str) -> bool:
        """Whether a value at `path` comes from another state: there is one, and no resource here is meant by it."""
        nodes = [one for node in nodes_at(resource.body, path) for _, one in walk(node)]
        scalars = [one for one in nodes if isinstance(one, Scalar) and one.raw not in ("", "null")]
        if not scalars:
            return False
        return not any(True for _ in self.pointed(resource, path).resources)


def same(one: Pointed, other: Pointed) -> bool:
    """Whether two values mean the same thing."""
    return bool(one & other)


def nodes_at(body: Node, path: str) -> list[Node]:
    """The nodes below keys `path` (``a.b``), of every item where lists stand between; ``self``: `body`."""
    if OR in path:
        return [node for one in path.split(OR) for node in nodes_at(body, one)]
    found: list[Node] = [body]
    for step in path.split(".") if path != SELF else ():
        below: list[Node] = []
        for node in _items(found):
            child = node.get(step) if isinstance(node, Mapping) else None
            if child is not None:
                below.append(child)
        found = below
    return [node for node in found if not (isinstance(node, Sequence) and not node.items)]


def _items(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Sequence):
            yield from node.items
        else:
            yield node


def holds(body: Node, condition: Condition) -> bool:
    """Whether `condition` holds of `body`. What is not known is no value, and present."""
    nodes = [one for node in nodes_at(body, condition.path) for one in _items([node])]
    nodes = [one for one in nodes if not (isinstance(one, Scalar) and one.raw == "null")]
    for wanted in condition.values:
        if wanted == _ABSENT:
            if not nodes:
                return True
        elif wanted == _PRESENT:
            if nodes:
                return True
        elif any(_equals(node, wanted) for node in nodes):
            return True
    return False


def _equals(node: Node, wanted: Value) -> bool:
    if not isinstance(node, Scalar):
        return False
    text = text_of(node)
    if isinstance(wanted, bool):
        return text == str(wanted).lower()
    if isinstance(wanted, str) and wanted.endswith("*"):
        return text.lower().startswith(wanted[:-1].lower())
    return text.lower() == str(wanted).lower()


def text_of(node: Node) -> str:
    """A scalar as text; an expression as it is written."""
    if not isinstance(node, Scalar):
        return ""
    value = node.raw if node.tag == EXPRESSION else scalar_value(node, "yaml-1.2")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _has_key(resource: Resource, key: str) -> bool:
    """The first instance of a count has none."""
    return resource.name.endswith(key) or (key == "[0]" and not resource.name.endswith("]"))


def _module(resource: Resource) -> str:
    """``module.net.module.spoke["a"].``; "" for the root."""
    prefix, rest = "", resource.name
    while rest.startswith("module."):
        end = _end_of_step(rest)
        prefix, rest = prefix + rest[: end + 1], rest[end + 1 :]
    return prefix


def _end_of_step(text: str) -> int:
    """Index of the dot after ``module.name["key"]``."""
    at, quoted = len("module."), False
    while at < len(text):
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == "." and not quoted:
            return at
        at += 1
    return len(text)


def _above(prefix: str) -> str:
    """The prefix of the caller of a module."""
    steps: list[str] = []
    rest = prefix
    while rest:
        end = _end_of_step(rest)
        steps.append(rest[: end + 1])
        rest = rest[end + 1 :]
    return "".join(steps[:-1])


def _key_of(text: str, name: str) -> str:
    """``["a"]`` of an instance that the text names, or ""."""
    at = text.find(name)
    rest = text[at + len(name) :] if at >= 0 else ""
    return rest[: rest.find("]") + 1] if rest.startswith("[") and "]" in rest else ""
