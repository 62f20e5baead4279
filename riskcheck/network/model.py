"""What lets traffic through, leads it somewhere or gives it a name, in whatever format it is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Node

Direction: TypeAlias = Literal["ingress", "egress"]


class Peer(NamedTuple):
    """Who may send, or may be sent to, as it is written: an address range, a service tag, another group, ``*``.

    A range is ``first-last`` where the format states its ends. What could not be evaluated is the expression,
    ``${…}``, which may stand for several.
    """

    text: str
    node: Node

    @property
    def is_expression(self) -> bool:
        return "${" in self.text


class Ports(NamedTuple):
    """Port numbers from `first` to `last`, both included."""

    first: int
    last: int


class TrafficRule(NamedTuple):
    """One rule of a security group, firewall or policy.

    resource: in which it is written. node: where. group: address of the group that it is a rule of, or the text
    of the reference to it, so that rules of one group can be put together. protocol: lower case, ``""`` for all.
    ports: empty for all. sources, destinations: empty for all. priority: lower counts first; None where the
    provider knows none. known: whether every part of it could be read; an expression that stayed one makes it
    False. unread: what protocol, ports, direction or verdict are written as where those could not be read, or what
    else narrows the rule (source ports); ``""`` where they mean what the fields say. Two rules of which this is the
    same text let the same ports through.
    """

    resource: Resource
    node: Node
    name: str
    group: str
    direction: Direction
    allows: bool
    protocol: str
    ports: tuple[Ports, ...]
    sources: tuple[Peer, ...]
    destinations: tuple[Peer, ...]
    priority: int | None = None
    known: bool = True
    unread: str = ""

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The other end: who sends to what the group guards, or who is sent to by it."""
        return self.sources if self.direction == "ingress" else self.destinations


class AddressList(NamedTuple):
    """Addresses that something lets in or keeps out, without ports.

    allows: False for a list of those kept out, None where whatever uses the list decides. enabled: whether it
    counts: False where everybody is let in whatever it says. purpose: what it guards, for people (``storage account
    logs``). group: address of what it guards, or the text of the reference to it: several resources may state
    entries of it.
    """

    resource: Resource
    node: Node
    purpose: str
    allows: bool | None
    enabled: bool
    entries: tuple[Peer, ...]
    known: bool = True
    group: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether it is known what the list means, even if not who is on it."""
        return self.known or any(one.is_expression for one in self.entries)


class Route(NamedTuple):
    """Where traffic for a range is sent. table: address of the route table, or the text of the reference to it.
    target: kind and id of the next hop as text, ``VirtualAppliance 10.0.0.4``."""

    resource: Resource
    node: Node
    table: str
    prefix: str
    target: str
    known: bool = True


class Record(NamedTuple):
    """A name in a zone. zone: as written. values: addresses or names, sorted. ttl: seconds."""

    resource: Resource
    node: Node
    zone: str
    name: str
    type: str
    values: tuple[str, ...]
    ttl: int | None = None
    known: bool = True
