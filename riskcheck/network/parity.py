"""In what the network of one environment is unlike that of another: by role, not by number.

Private ranges differ between environments on purpose, so that what leads to one, or lets one in, is compared by
what it does: direction, protocol and ports of a rule, next hop of a route, name of a record. Public addresses are
the same everywhere and are compared as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.addresses import addresses
from riskcheck.network.readers import address_lists, traffic_rules
from riskcheck.network.records import records
from riskcheck.network.routes import routes
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import Peer, Record, Route, TrafficRule
    from riskcheck.nodes import Node

PRIVATE: Final = addresses(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
_WORDS: Final = regex(r"[A-Za-z0-9]+")
_STAGES: Final = frozenset(
    (
        *(
            "dev",
            "development",
            "test",
            "testing",
            "qa",
            "int",
            "integration",
            "uat",
            "stg",
            "staging",
            "stage",
        ),
        *("preprod", "preproduction", "pre", "canary", "prd", "prod", "production", "live", "sandbox"),
    )
)
_NOWHERE: Final = "None"


class Trait(NamedTuple):
    """What an environment has. what: for people, equal in both where it is the same. node: where."""

    what: str
    node: Node


class Traits(NamedTuple):
    """All of one environment. unread: kinds of traits of which some could not be read, so that none is missed."""

    held: dict[str, Trait]
    unread: frozenset[str]


def traits(resources: Iterable[Resource], environment: str) -> Traits:
    """The traits of `resources`, which are of the environment of this name."""
    held: dict[str, Trait] = {}
    unread: set[str] = set()
    for resource in resources:
        for kind, trait in _of(resource, environment):
            if trait is None:
                unread.add(kind)
            else:
                held.setdefault(f"{kind} {trait.what}", trait._replace(what=f"{kind} {trait.what}"))
    return Traits(held, frozenset(unread))


def lacking(here: Traits, there: Traits) -> list[Trait]:
    """What `here` has and `there` lacks, as far as `there` could be read."""
    return [
        trait
        for key, trait in here.held.items()
        if key not in there.held and key.partition(" ")[0] not in there.unread
    ]


def _of(resource: Resource, environment: str) -> Iterator[tuple[str, Trait | None]]:
    for rule in traffic_rules(resource):
        yield from (("rule", one) for one in _of_rule(rule))
    for listed in address_lists(resource):
        if listed.enabled:
            for peer in listed.entries:
                yield "address", _of_entry(peer, allows=listed.allows)
    for route in routes(resource):
        yield "route", _of_route(route)
    for record in records(resource):
        yield "record", _of_record(record, environment)


def _of_rule(rule: TrafficRule) -> Iterator[Trait | None]:
    if not rule.known:
        yield None
        return
    ports = ",".join(f"{p.first}-{p.last}" if p.first != p.last else str(p.first) for p in rule.ports)
    what = f"{rule.protocol or 'any protocol'} {ports or 'any port'}"
    peers = rule.sources if rule.direction == "ingress" else rule.destinations
    way = "from" if rule.direction == "ingress" else "to"
    verb = "allows" if rule.allows else "denies"
    for role in dict.fromkeys(_role(peer) for peer in peers) or ("anywhere",):
        yield Trait(f"that {verb} {what} {way} {role}", rule.node)


def _of_entry(peer: Peer, *, allows: bool | None) -> Trait | None:
    role = _role(peer)
    if "${" in peer.text:
        return None
    return Trait(f"{'kept out' if allows is False else 'listed'}: {role}", peer.node)


def _of_route(route: Route) -> Trait | None:
    if not route.known and not route.target:
        return None
    hop = route.target.partition(" ")[0]
    role = "everything" if route.prefix in ("0.0.0.0/0", "::/0") else _role_of(route.prefix)
    return Trait(f"to {role} through {hop or _NOWHERE}", route.node)


def _of_record(record: Record, environment: str) -> Trait | None:
    if "${" in record.name or record.type in ("TXT", "NS", "SOA", "CAA"):
        return None if "${" in record.name else Trait("of the zone itself", record.node)
    return Trait(f"{record.type} {_without(record.name, environment)}", record.node)


def _role(peer: Peer) -> str:
    return _role_of(peer.text)


def _role_of(text: str) -> str:
    held = addresses((text,))
    if held.names:
        name = text.lower()
        # A reference or a group: what it is called differs, that it is one does not.
        return "another resource" if "${" in text or ":" in name or name.startswith("sg-") else text
    if held.everybody or held.is_world:
        return "anywhere"
    return "a private range" if PRIVATE.covers(held) else text


def _without(name: str, environment: str) -> str:
    """A name without the words that tell the environment."""
    own = {word.lower() for word in _WORDS.findall(environment)} | _STAGES
    return _WORDS.sub(lambda match: "*" if match.group().lower() in own else match.group(), name)
