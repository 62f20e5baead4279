"""``moved``, ``removed`` and ``import`` blocks: under which address a resource was known, which are only forgotten,
and which are taken over.

https://developer.hashicorp.com/terraform/language/block/moved , …/block/removed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.models import Environment, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform.pending import PendingResource
from riskcheck.records import NamedTuple, replace
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.terraform.modules import Module

FORGOTTEN: Final = "removed"
"""Kind of what a ``removed`` block makes Terraform forget without destroying it; its name is the address, that of a
module ``module.net``."""

IMPORTED: Final = "import"
"""Kind of what an ``import`` block makes Terraform take over; its name is the address."""

_MOST_MOVES: Final = 20
"""Steps of a chain of moves."""

_KEY: Final = r'(?:\[(?:\d+|"[^"]*")\])?'
_ADDRESS: Final = regex(
    rf"((?:module\.[\w-]+{_KEY}\.)*)(?:module\.([\w-]+{_KEY})|([a-z]\w*)\.([\w-]+{_KEY}))"
)
_MODULE: Final = "module"


class _Place(NamedTuple):
    """kind: ``module`` for a call. name: with the modules above it, as `Resource.name` has it."""

    kind: str
    name: str


class Moves:
    """What the blocks of one root say of one side."""

    def __init__(self) -> None:
        self._from: dict[_Place, _Place] = {}
        self._told: list[tuple[str, _Place, Mapping]] = []

    def learn(self, module: Module) -> None:
        """Takes in the blocks of a module instance."""
        for block in _blocks(module, "moved"):
            old, new = (_place(block.get(end), module.prefix) for end in ("from", "to"))
            if old is not None and new is not None and old.kind == new.kind:
                self._from[new] = old
        for block in _blocks(module, "removed"):
            place = _place(block.get("from"), module.prefix)
            if place is not None and not _destroys(block):
                self._told.append((FORGOTTEN, place, block))
        for block in _blocks(module, "import"):
            place = _place(block.get("to"), module.prefix)
            if place is not None:
                self._told.append((IMPORTED, place, block))

    def identified(self, resource: Resource) -> Resource:
        """`resource` with the oldest address that it is known to have had as its identity."""
        name = resource.name
        for _ in range(_MOST_MOVES):
            older = self._older(resource.kind, name)
            if older is None:
                break
            name = older
        identity = f"{resource.kind}.{name}"
        if isinstance(resource, PendingResource):
            return resource.known_as(identity)
        return replace(resource, identity=identity)

    def _older(self, kind: str, name: str) -> str | None:
        exact = self._from.get(_Place(kind, name))
        if exact is not None:
            return exact.name
        if name.endswith("]"):
            block, bracket, key = name.rpartition("[")
            whole = self._from.get(_Place(kind, block))
            if whole is not None and bracket and not whole.name.endswith("]"):
                return f"{whole.name}[{key}"
        for new, old in self._from.items():
            if new.kind == _MODULE and name.startswith((f"{new.name}.", f"{new.name}[")):
                return old.name + name[len(new.name) :]
        return None

    def forgotten(self, environment: Environment, unit: str) -> Iterator[Resource]:
        """One resource for each ``removed`` block that destroys nothing, and for each ``import`` block."""
        for kind, place, block in self._told:
            yield Resource(
                platform="terraform",
                kind=kind,
                name=place.name if place.kind == _MODULE else f"{place.kind}.{place.name}",
                environment=environment,
                unit=unit,
                body=block,
                origin=block,
                reading="yaml-1.2",
            )


def _blocks(module: Module, kind: str) -> Iterator[Mapping]:
    yield from (one for one in module.blocks.listed.get(kind, ()) if isinstance(one, Mapping))


def _place(node: Node | None, prefix: str) -> _Place | None:
    text = node.raw.removeprefix("${").removesuffix("}") if isinstance(node, Scalar) else ""
    match = _ADDRESS.fullmatch(text.replace(" ", ""))
    if match is None:
        return None
    above, call, kind, name = match.groups()
    if call is not None:
        return _Place(_MODULE, f"{prefix}{above}{_MODULE}.{call}".replace("[0]", ""))
    return _Place(kind, f"{prefix}{above}{name}".replace("[0]", ""))


def _destroys(block: Mapping) -> bool:
    """Whether a ``removed`` block leaves the destruction to Terraform, as it does unless told otherwise."""
    held = block.get("lifecycle")
    item = held.items[0] if isinstance(held, Sequence) and held.items else held
    destroy = item.get("destroy") if isinstance(item, Mapping) else None
    return not (isinstance(destroy, Scalar) and scalar_value(destroy, "yaml-1.2") is False)
