"""Small questions to nodes of catalogs, which may have any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.models import Limitation, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Location

LONGEST_NAME: Final = 300
"""Characters; longer names are no names."""


class Metadata(NamedTuple):
    """What an entry says of its service beside dependencies, and where. team: the owner's name, `INDIVIDUAL` for a
    person, None for nobody."""

    owner: Node | None = None
    team: str | None = None
    criticality: Scalar | None = None
    lifecycle: Scalar | None = None

    @property
    def stage(self) -> str | None:
        """The lifecycle in lower case."""
        return self.lifecycle.raw.strip().lower() if self.lifecycle is not None else None

    @property
    def fields(self) -> tuple[tuple[str, Location], ...]:
        """Where each field stands that is said at all."""
        return places(owner=self.owner, criticality=self.criticality, lifecycle=self.lifecycle)


class Troubles:
    """What a catalog says that cannot be understood, as limitations in the order found."""

    def __init__(self) -> None:
        self._found: dict[Limitation, None] = {}

    def add(self, node: Node, message: str, kind: str = "catalog") -> None:
        """kind: a stable word, as of `Limitation`."""
        source = node.source
        self._found.setdefault(Limitation(source.path, kind, message, node.file_line, source.side))

    @property
    def found(self) -> tuple[Limitation, ...]:
        return tuple(self._found)


def text(node: Node | None) -> Scalar | None:
    """`node` where it is a scalar that says something: neither null nor blank."""
    if not isinstance(node, Scalar) or not node.raw.strip() or len(node.raw) > LONGEST_NAME:
        return None
    return None if scalar_value(node, "yaml-1.2") is None else node


def word(node: Node | None) -> str | None:
    """The text of a scalar without the blanks around it."""
    found = text(node)
    return None if found is None else found.raw.strip()


def number(node: Node | None) -> float | None:
    """A number, also one that is quoted."""
    found = text(node)
    if found is None:
        return None
    try:
        value = float(found.raw)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def items(node: Node | None) -> list[Node]:
    """The items of a list; a scalar or mapping stands for a list of one, as some formats allow."""
    if isinstance(node, SequenceNode):
        return node.items
    return [] if node is None or (isinstance(node, Scalar) and text(node) is None) else [node]


def texts(node: Node | None) -> Iterator[Scalar]:
    """The scalars of a list that say something."""
    for item in items(node):
        found = text(item)
        if found is not None:
            yield found


def pairs(node: Node | None) -> list[tuple[Scalar, Node]]:
    """The entries of a mapping; none where it is no mapping."""
    return node.entries if isinstance(node, Mapping) else []


def at(node: Node | None, *path: str) -> Node | None:
    """The node below mapping keys `path`."""
    return node.at(*path) if isinstance(node, Mapping) else None


def places(**fields: Node | None) -> tuple[tuple[str, Location], ...]:
    """Where each field stands that is said at all."""
    return tuple((name, location_of(node)) for name, node in fields.items() if node is not None)
