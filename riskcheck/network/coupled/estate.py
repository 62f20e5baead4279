"""What resources of one environment point at, as far as the configuration itself tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.network.coupled.fields import nodes_at, text_of
from riskcheck.network.reading import module_of, reference_to
from riskcheck.nodes import Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource

_NAMED: Final = r"(?<![\w.])(data\.)?([a-z][a-z0-9_]*)\.([A-Za-z_][\w-]*)"
_NOT_RESOURCES: Final = frozenset({"var", "local", "each", "count", "self", "path", "terraform"})
_OPEN: Final = "?"


class Pointed(frozenset[str]):
    """What a value may mean: ``@address`` of a resource, ``=text`` of what is written, ``~module.net.`` for an
    output of a module, which may be anything, ``?`` for what only the caller of a module knows."""

    @property
    def resources(self) -> Iterator[str]:
        return (one[1:] for one in self if one.startswith("@"))

    @property
    def is_open(self) -> bool:
        return _OPEN in self or any(one.startswith("~") for one in self)

    def shares(self, other: Pointed) -> bool:
        """Whether both are known to mean the same thing."""
        return any(one[0] in "@=" for one in self & other)

    def may_share(self, other: Pointed) -> bool:
        """Whether both may mean the same thing."""
        return bool(self and other) and (self.is_open or other.is_open or self.shares(other))


class Estate:
    """The resources of one environment on one side, of one platform."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self._by_name: dict[tuple[str, str], list[Resource]] = {}
        self._by_kind: dict[str, list[Resource]] = {}
        for one in self.resources:
            plain = module_of(one.name) + one.name.removeprefix(module_of(one.name)).partition("[")[0]
            self._by_name.setdefault((one.kind, plain), []).append(one)
            self._by_kind.setdefault(one.kind, []).append(one)
        self._modules = {module_of(one.name) for one in self.resources}
        self._pointed: dict[tuple[tuple[str, str, str], str], Pointed] = {}

    def of(self, kinds: Iterable[str]) -> Iterator[Resource]:
        """The resources of these kinds."""
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
                    reference = reference_to(one)
                    if reference is not one and isinstance(reference, Scalar):
                        found |= self._meant(resource, reference)
        return Pointed(found)

    def _meant(self, resource: Resource, node: Scalar) -> set[str]:
        text = node.raw.strip()
        if not text or text == "null":
            return set()
        if node.tag != EXPRESSION:
            return {f"={text.lower()}"}
        found: set[str] = set()
        open_ = False
        for data, kind, name in re.findall(_NAMED, text):
            if data:
                continue
            if kind in _NOT_RESOURCES:
                open_ = True
            elif kind == "module":
                inside = self._inside(resource, name)
                found |= {f"~{inside}"} if inside else set()
                open_ = open_ or inside is None
            else:
                found |= {f"@{one.address}" for one in self._declared(resource, kind, name, text)}
        if not any(one.startswith("@") for one in found):
            found.add(f"={text}")
            if open_:
                found.add(_OPEN)
        return found

    def _inside(self, resource: Resource, name: str) -> str | None:
        """``module.net.`` of what the text of `resource` calls ``module.net``; None where that holds nothing."""
        for prefix in _outward(module_of(resource.name)):
            for inside in (f"{prefix}module.{name}.", f"{prefix}module.{name}["):
                if any(one.startswith(inside) for one in self._modules):
                    return inside
        return None

    def _declared(self, resource: Resource, kind: str, name: str, text: str) -> list[Resource]:
        """The resources that ``kind.name`` means in the text of `resource`: in its own module or, since arguments
        of modules keep the text of their callers, in one above it."""
        key = _key_of(text, f"{kind}.{name}")
        for prefix in _outward(module_of(resource.name)):
            known = self._by_name.get((kind, f"{prefix}{name}"), [])
            if known:
                return [one for one in known if key and _has_key(one, key)] or known
        return []

    def points_at(
        self, resource: Resource, path: str, targets: Iterable[Resource], *, surely: bool = False
    ) -> bool:
        """Whether a value at `path` may mean one of `targets`: a reference to it, its name, or an id that ends so.

        An output means what the module holds of that kind, else anything. surely: only what is alone of its kind
        in the module counts, and nothing that callers know.
        """
        meant = self.pointed(resource, path)
        # What another root hands over is read from its state: data sources, outputs.
        handed = not surely and any("${" in one for one in meant)
        return any(
            (handed and resource.unit != target.unit) or self._is(meant, target, surely=surely)
            for target in targets
        )

    def _is(self, meant: Pointed, target: Resource, *, surely: bool) -> bool:
        if f"@{target.address}" in meant or (_OPEN in meant and not surely):
            return True
        for one in meant:
            if one.startswith("~"):
                inside = one[1:]
                alike = [each for each in self.of([target.kind]) if each.name.startswith(inside)]
                if not alike and not surely:
                    return True  # the module may hand on what it was given
                if any(each.address == target.address for each in alike) and (len(alike) == 1 or not surely):
                    return True
        name = next((text_of(node) for node in nodes_at(target.body, "name")), "").lower()
        return bool(name) and any(one == f"={name}" or one.endswith(f"/{name}") for one in meant)

    def targets(self, resource: Resource, path: str) -> list[Resource]:
        """The resources that the values at `path` are known to mean."""
        meant = set(self.pointed(resource, path).resources)
        return [one for one in self.resources if one.address in meant]

    def is_elsewhere(self, resource: Resource, path: str) -> bool:
        """Whether a value at `path` comes from another state: it is written out, read, or handed to the root."""
        meant = self.pointed(resource, path)
        if not meant or any(one[0] in "@~" for one in meant):
            return False
        if _OPEN not in meant:
            return True
        inner = any(word in one for one in meant for word in ("local.", "each.", "module."))
        return not module_of(resource.name) and not inner


def _outward(prefix: str) -> Iterator[str]:
    """``module.a.module.b.``, ``module.a.`` and ``""``."""
    while prefix:
        yield prefix
        prefix = module_of(prefix[: prefix.rindex("module.")] + "x")
    yield ""


def _has_key(resource: Resource, key: str) -> bool:
    """The first instance of a count has none."""
    return resource.name.endswith(key) or (key == "[0]" and not resource.name.endswith("]"))


def _key_of(text: str, name: str) -> str:
    """``["a"]`` of an instance that the text names, or ""."""
    at = text.find(name)
    rest = text[at + len(name) :] if at >= 0 else ""
    return rest[: rest.find("]") + 1] if rest.startswith("[") and "]" in rest else ""
