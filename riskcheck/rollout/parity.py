"""In what the cells that canaried a change are unlike production: what held there may not hold here.

Looked at are the resources that the change touches, and of those only what decides whether traffic and logins work
the same way. Sizes, names, hosts, counts and labels differ between environments on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.environments import stands_for
from riskcheck.globs import wildcard
from riskcheck.judged import ParityGap
from riskcheck.keypaths import NaturalKeys, descend, natural_key_of_items
from riskcheck.nodes import KeyPath, Mapping, Node, Reading, Scalar, Sequence, escape_key, render_path
from riskcheck.regexes import regex
from riskcheck.rollout import ring
from riskcheck.rollout.classes import TRAFFIC, classes, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.judged import CanaryEvidence
    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.rollout.canary import CanaryFacts

_TAG: Final = regex(r":v?(\d++)(?:\.\d++(?!\w))*+(?:[-.+][\w.-]*+)?+\Z")


def gaps(
    change: Change, evidence: SequenceOf[CanaryEvidence], facts: CanaryFacts, like: SequenceOf[Change]
) -> tuple[ParityGap, ...]:
    """In what every lower cell that stands for the production cell of `change` is unlike it.

    evidence: for that cell. like: the same edit in all environments. Of several lower cells the one that is most
    like production speaks.
    """
    production = change.resource_after
    if production is None or not change.path or change.resource_before is None:
        return ()
    best: tuple[ParityGap, ...] | None = None
    for lower in _covering(change, evidence, facts, like):
        found = tuple(_gaps(change.path, production, lower, facts.base, facts.natural_keys(production)))
        if best is None or len(found) < len(best):
            best = found
    return best or ()


def without(patterns: Iterable[Value], found: Iterable[ParityGap]) -> tuple[ParityGap, ...]:
    """Those of `found` whose path or class none of the reviewed `patterns` names."""
    reviewed = [str(pattern) for pattern in patterns]
    return tuple(
        gap
        for gap in found
        if not any(wildcard(one, name) for one in reviewed for name in (render_path(gap.path), gap.what))
    )


def _covering(
    change: Change, evidence: SequenceOf[CanaryEvidence], facts: CanaryFacts, like: SequenceOf[Change]
) -> Iterator[Resource]:
    """The resources that the evidence was found on: what already ran, or what gets the same commit first."""
    kinds = {one.kind for one in evidence if one.found}
    if "promoted" in kinds:
        names = {name for one in evidence if one.found and one.kind == "promoted" for name in one.lower}
        below = ring.lower(change.resource, facts.base, declared=facts.declared_order)
        yield from (resource for resource in below if resource.environment.name in names)
    elif "pipeline" in kinds:
        for other in like:
            environment = other.environment
            lower = environment.stage in ("dev", "staging", "canary")
            if lower and other.resource_after is not None and stands_for(environment, change.environment):
                yield other.resource_after


def standing(
    production: Resource, known: SequenceOf[Resource], keys: NaturalKeys, *, declared: bool
) -> tuple[ParityGap, ...]:
    """In what all that comes before `production` in its ring is unlike it, change or none.

    known: the resources of all environments. declared: a promotion order is. Of several lower cells the one that is
    most like production speaks.
    """
    found = [
        tuple(_gaps((), production, below, known, keys))
        for below in ring.lower(production, known, declared=declared)
    ]
    return min(found, key=len, default=())


def _gaps(
    path: KeyPath, production: Resource, lower: Resource, known: SequenceOf[Resource], keys: NaturalKeys
) -> Iterator[ParityGap]:
    pair = _Pair(path, production, lower, keys)
    yield from pair.below(production.body, ())
    yield from pair.image()
    yield from _policies(production, lower, known)


def _policies(production: Resource, lower: Resource, known: SequenceOf[Resource]) -> Iterator[ParityGap]:
    """Whether traffic is held by network policies here and by none there."""
    if production.platform != "kubernetes" or production.kind == "NetworkPolicy":
        return
    held = [one for one in known if one.kind == "NetworkPolicy"]
    here = [
        one
        for one in held
        if (one.unit, one.environment.name) == (production.unit, production.environment.name)
    ]
    there = [one for one in held if (one.unit, one.environment.name) == (lower.unit, lower.environment.name)]
    if here and not there:
        yield ParityGap(
            production.environment.name,
            lower.environment.name,
            (),
            "network policies",
            str(len(here)),
            "none",
            here[0].origin,
        )


class _Pair:
    """One resource in production and in a lower cell."""

    def __init__(self, path: KeyPath, production: Resource, lower: Resource, keys: NaturalKeys) -> None:
        self._path = path
        self._production = production
        self._lower = lower
        self._keys = keys

    def below(self, node: Node, path: KeyPath) -> Iterator[ParityGap]:
        """The gaps at or below `node` of production. What the change itself sets is no gap."""
        if path and path == self._path:
            return
        if isinstance(node, Mapping):
            for key, child in node.entries:
                there = (*path, escape_key(key.raw))
                yield from self._at(folded(key.raw), child, there)
                yield from self.below(child, there)
        elif isinstance(node, Sequence):
            for name, item in _items(node, self._keys(path[-1] if path else ""), self._production.reading):
                yield from self.below(item, (*path, f"[{name}]"))

    def _at(self, key: str, node: Node, path: KeyPath) -> Iterator[ParityGap]:
        if path == self._path:
            return
        if isinstance(node, Sequence):
            if self._lets_through(key) and self._path[: len(path) - 1] == path[:-1]:
                yield from self._entries(node, path)
            return
        other = descend(self._lower.body, path, self._keys, self._lower.reading)
        for what, here, there in classes(key, node, other, self._production.reading):
            if here != there:
                yield self._gap(path, what, here, there, node)

    def _lets_through(self, key: str) -> bool:
        kind = self._production.kind
        return key in TRAFFIC or (key == "rules" and (kind == "Ingress" or kind.endswith("Route")))

    def _entries(self, node: Sequence, path: KeyPath) -> Iterator[ParityGap]:
        """Entries of production that the lower cell has none for: by name, or where they have none by number, since
        addresses differ between environments on purpose."""
        other = descend(self._lower.body, path, self._keys, self._lower.reading)
        known = other.items if isinstance(other, Sequence) else []
        candidates = self._keys(path[-1].removeprefix("\\"))
        names = natural_key_of_items(node.items, candidates, self._production.reading)
        there = natural_key_of_items(known, candidates, self._lower.reading)
        if names is not None and (there is not None or not known):
            lacking = [name for name in names if name not in (there or ())]
            if lacking:
                yield self._gap(path, "entries", ", ".join(lacking[:5]), "lacking", node)
        elif len(node.items) > len(known):
            yield self._gap(path, "entries", str(len(node.items)), str(len(known)), node)

    def image(self) -> Iterator[ParityGap]:
        """The runtime of the container that the change is in."""
        at = max((number for number, step in enumerate(self._path) if step.startswith("[")), default=None)
        if at is None or self._path[at - 1] not in ("containers", "initContainers"):
            return
        path = (*self._path[: at + 1], "image")
        if path == self._path:
            return
        here = descend(self._production.body, path, self._keys, self._production.reading)
        there = descend(self._lower.body, path, self._keys, self._lower.reading)
        if isinstance(here, Scalar) and isinstance(there, Scalar):
            one, other = (_TAG.search(image.raw.partition("@")[0]) for image in (here, there))
            if one and other and one[1] != other[1]:
                yield self._gap(path, "runtime major", one[1], other[1], here)

    def _gap(self, path: KeyPath, what: str, here: str, there: str, node: Node) -> ParityGap:
        return ParityGap(
            self._production.environment.name, self._lower.environment.name, path, what, here, there, node
        )


def _items(node: Sequence, candidates: SequenceOf[str], reading: Reading) -> Iterator[tuple[str, Node]]:
    names = natural_key_of_items(node.items, candidates, reading)
    for number, item in enumerate(node.items):
        yield (names[number] if names is not None else str(number)), item
