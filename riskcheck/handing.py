"""Resources as one process hands them to another: who they are, where they stand and what they refer to.

Of their values nothing goes over: a resource of the graph is two hundred times smaller than its tree of nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Environment, Limitation, Reference, Resolution, Resource
from riskcheck.nodes import Mapping, Node, Source
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, TypeAlias

    from riskcheck.models import Side

    Place: TypeAlias = tuple[int, int, int, int, int]
    """The number of a source; line, column, end line and end column in it."""

    Row: TypeAlias = tuple[Any, ...]


class Handed(NamedTuple):
    """A `Resolution` in plain values. Sources, nodes and environments stand once each, and are known by number."""

    sources: list[tuple[str, Side, int]]
    nodes: list[Place]
    environments: list[Row]
    resources: list[Row]
    limitations: list[Row]
    read: list[str]


class _Numbers:
    """Numbers for objects in the order in which they are seen. Keeps them alive, so that an id names one only."""

    def __init__(self) -> None:
        self.seen: list[object] = []
        self._numbers: dict[int, int] = {}

    def of(self, one: object) -> int:
        number = self._numbers.get(id(one))
        if number is None:
            number = self._numbers[id(one)] = len(self.seen)
            self.seen.append(one)
        return number


def handed(resolution: Resolution) -> Handed:
    """`resolution` for another process, as far as a graph asks."""
    nodes, environments = _Numbers(), _Numbers()
    rows = [
        (
            *(one.platform, one.kind, one.name, environments.of(one.environment), one.unit),
            *(nodes.of(one.origin), one.reading, one.service, one.identity),
            [(each.target, nodes.of(each.node), each.kind, each.relation) for each in one.references],
            one.provides,
        )
        for one in resolution.resources
    ]
    sources = _Numbers()
    places = [
        (sources.of(node.source), node.line, node.column, node.end_line, node.end_column)
        for node in nodes.seen
        if isinstance(node, Node)
    ]
    return Handed(
        [(one.path, one.side, one.first_line) for one in sources.seen if isinstance(one, Source)],
        places,
        [tuple(one) for one in environments.seen if isinstance(one, Environment)],
        rows,
        [tuple(one) for one in resolution.limitations],
        sorted(resolution.read),
    )


def taken(given: Handed) -> Resolution:
    """What `handed` was given, with nodes that have a place and nothing in them, and no values."""
    sources = [Source(*one) for one in given.sources]
    nodes = [Mapping([], sources[place[0]], *place[1:]) for place in given.nodes]
    environments = [Environment(*one) for one in given.environments]
    return Resolution(
        tuple(_resources(given.resources, nodes, environments)),
        limitations=tuple(Limitation(*one) for one in given.limitations),
        read=frozenset(given.read),
    )


def _resources(
    rows: Iterable[Row], nodes: list[Mapping], environments: list[Environment]
) -> Iterator[Resource]:
    for (
        platform,
        kind,
        name,
        environment,
        unit,
        origin,
        reading,
        service,
        identity,
        references,
        provides,
    ) in rows:
        yield Resource(
            platform,
            kind,
            name,
            environments[environment],
            unit,
            nodes[origin],
            nodes[origin],
            reading,
            service,
            identity,
            tuple(
                Reference(target, nodes[number], how, relation)
                for target, number, how, relation in references
            ),
            provides=provides,
        )
