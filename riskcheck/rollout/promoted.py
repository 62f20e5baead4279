"""Evidence that every lower stage of a production cell's ring already runs the value, and since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.documents.scalars import plain_value
from riskcheck.judged import CanaryEvidence
from riskcheck.keypaths import descend
from riskcheck.nodes import MISSING, KeyPath, MaybeValue, Node, escape_key, render_path
from riskcheck.placeholders import is_open
from riskcheck.redact import redact_value
from riskcheck.rollout import ring, soak
from riskcheck.rollout.landing import NEVER, Sought, sought_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.landing import Landed

_MOST_NEIGHBOURS: Final = 20
"""Resources of a unit by which the cells below it are looked for."""

_MOST_PATHS: Final = 3
"""Differing paths that are named."""

_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, beyond which no date can be spelled."""


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """What every lower stage of the ring of `change` runs, and since when."""
    production = change.environment.name
    below = _cells(change, facts)
    if not below:
        return CanaryEvidence("promoted", False, production, _no_lower(change.resource, facts))
    wanted = _Wanted(change, facts)
    proved: list[_Ran] = []
    details: list[str] = []
    for stage in ring.stages_of([sought.environment for sought, _ in below]):
        answers = [
            wanted.ran(sought, resource) for sought, resource in below if sought.environment.stage == stage
        ]
        good = [answer for answer in answers if answer.since is not None]
        if not good:
            return CanaryEvidence("promoted", False, production, answers[0].detail)
        proved.extend(good)
        details.append(min(good, key=lambda answer: answer.since or 0).detail)
    since = max(
        min(one.since for one in proved if one.since is not None and one.stage == stage)
        for stage in {one.stage for one in proved}
    )
    names = tuple(answer.environment for answer in proved)
    return CanaryEvidence("promoted", True, production, "; ".join(details), stamp(since), names)


class _Ran(NamedTuple):
    """What one lower cell proves. since: seconds since the epoch; None where it proves nothing."""

    environment: str
    stage: str
    detail: str
    since: int | None = None


def _cells(change: Change, facts: CanaryFacts) -> list[tuple[Sought, Resource | None]]:
    """The cells below, with the resource as they have it at base. One that is removed may be gone there already:
    then the cells of its unit are meant."""
    resource = change.resource
    declared = facts.declared_order
    found: dict[tuple[str, str], tuple[Sought, Resource | None]] = {}
    for one in ring.lower(resource, facts.base, declared=declared):
        found.setdefault((one.unit, one.environment.name), (sought_of(one), one))
    if not _is_removal(change):
        return list(found.values())
    neighbours = [
        one
        for one in facts.base
        if one.unit == resource.unit
        and one.platform == resource.platform
        and one.environment.name == resource.environment.name
        and one.key != resource.key
    ]
    for neighbour in neighbours[:_MOST_NEIGHBOURS]:
        for one in ring.lower(neighbour, facts.base, declared=declared):
            sought = sought_of(resource)._replace(unit=one.unit, environment=one.environment)
            found.setdefault((one.unit, one.environment.name), (sought, None))
    return sorted(found.values(), key=lambda cell: ring.place_in_ring(cell[0].environment))


def _is_removal(change: Change) -> bool:
    return change.kind == "removed" and not change.path


class _Wanted:
    """What production gets by one change, asked of the cells below."""

    def __init__(self, change: Change, facts: CanaryFacts) -> None:
        self._change = change
        self._facts = facts
        self._whole = change.kind in ("added", "removed") and not change.path
        self._value: MaybeValue = (
            change.after
            if change.kind == "moved"
            else MISSING
            if change.node_after is None
            else plain_value(change.node_after, change.resource.reading)
        )

    def ran(self, sought: Sought, resource: Resource | None) -> _Ran:
        """Whether the cell runs it at base, and since when."""
        name, stage = sought.environment.name, sought.environment.stage
        doubt = self._doubt(name, resource)
        if doubt is not None:
            return _Ran(name, stage, doubt)
        landings = self._facts.landings
        gone = _is_removal(self._change)
        runs = "is without it" if gone else "has the same" if self._whole else "runs this value"
        if landings is None:
            return _Ran(name, stage, f"{name} {runs}; since when is unknown without git history")
        landed = landings.lost(sought) if gone else landings.since(sought, self._holds)
        if landed.time is None and gone and landed.detail == NEVER:
            return _Ran(name, stage, f"{name} never had it")
        if landed.time is None:
            return _Ran(name, stage, f"{name} {runs}; since when is unknown: {landed.detail}")
        return self._soaked(sought, resource or self._change.resource, landed)

    def _soaked(self, sought: Sought, resource: Resource, landed: Landed) -> _Ran:
        name, stage = sought.environment.name, sought.environment.stage
        assert landed.time is not None
        age = self._facts.now - landed.time
        need = soak.needed(resource, sought.environment)
        verb = "lost" if _is_removal(self._change) else "got"
        if age < 0:
            at = stamp(landed.time)
            detail = f"{name} {verb} it at {at}, in the future: some clock is ahead, so no soak counts"
            return _Ran(name, stage, detail)
        if age < need and landed.at_least:
            known = f"for {soak.spell(age)} at least; its history is too long to be read back further"
            return _Ran(name, stage, f"{name} runs it {known}, and {soak.spell(need)} of soak are asked for")
        if age < need:
            short = f"{name} {verb} it {soak.spell(age)} ago; {soak.spell(need)} of soak are asked for"
            return _Ran(name, stage, short)
        more = "at least " if landed.at_least else ""
        done = "has been without it" if _is_removal(self._change) else "has run it"
        return _Ran(name, stage, f"{name} {done} for {more}{soak.spell(age)}", landed.time)

    def _doubt(self, name: str, resource: Resource | None) -> str | None:
        """Why the cell does not run it at base; None where it does."""
        change = self._change
        if isinstance(self._value, str) and change.resource.platform == "databricks" and is_open(self._value):
            return (
                f"whether {name} runs this value is unknown: it holds a placeholder that is filled elsewhere"
            )
        if self._holds(resource):
            return None
        if _is_removal(change):
            return f"{name} still has it"
        assert resource is not None
        if self._whole:
            return f"{name} has it with other values{self._differing(resource)}"
        if change.kind == "moved":
            return f"{name} has it under {resource.address}"
        node = self._node(resource)
        runs: MaybeValue = MISSING if node is None else plain_value(node, resource.reading)
        shown = redact_value(change.path, resource.kind, runs, node)
        return f"{name} has never run this value ({_there(shown, self._value)})"

    def _differing(self, resource: Resource) -> str:
        """The first paths at which the whole resource differs there."""
        there = plain_value(resource.body, resource.reading)
        paths = sorted(_differences(there, self._value, ()))
        if not paths:
            return ""
        more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
        return f" ({', '.join(map(render_path, paths[:_MOST_PATHS]))}{more})"

    def _holds(self, resource: Resource | None) -> bool:
        """Whether production would get what `resource`, as a lower cell has or had it, is."""
        if resource is None or _is_removal(self._change):
            return resource is None and _is_removal(self._change)
        if self._change.kind == "moved":
            return resource.address == self._value
        node = self._node(resource)
        if node is None or self._value is MISSING:
            return node is None and self._value is MISSING
        runs = plain_value(node, resource.reading)
        # 1 and true are equal in Python.
        return runs == self._value and isinstance(runs, bool) == isinstance(self._value, bool)

    def _node(self, resource: Resource) -> Node | None:
        return descend(resource.body, self._change.path, self._facts.natural_keys(resource), resource.reading)


def told(change: Change, resource: Resource, facts: CanaryFacts) -> tuple[str, int | None]:
    """What `resource`, the same thing in another cell, says of `change`; and the time (seconds since the epoch)
    from which it has run it for long enough, None where it has not."""
    ran = _Wanted(change, facts).ran(sought_of(resource), resource)
    return ran.detail, ran.since


def runs(change: Change, resource: Resource, facts: CanaryFacts) -> bool:
    """Whether `resource` has at base what `change` brings to production, for however short a time."""
    return _Wanted(change, facts)._holds(resource)


def _no_lower(resource: Resource, facts: CanaryFacts) -> str:
    others = [
        other.environment
        for other in ring.relatives(resource, facts.base)
        if other.environment.stage in ("dev", "staging", "canary")
    ]
    tier = resource.environment.tier
    if others and tier:
        names = ", ".join(
            sorted({f"{one.name} is {one.tier}" for one in others if one.tier and one.tier != tier})
        )
        if names:
            return f"no lower environment of tier {tier} ({names})"
    return "no lower environment holds this resource"


def _differences(one: MaybeValue, other: MaybeValue, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {*one, *other}:
            yield from _differences(one.get(key, MISSING), other.get(key, MISSING), (*path, escape_key(key)))
    elif one != other:
        yield path


def _there(runs: MaybeValue, wanted: MaybeValue) -> str:
    """What the lower environment has instead."""
    if runs is MISSING:
        return "absent there"
    if wanted is MISSING:
        return "still set there"
    if isinstance(runs, dict | list):
        return "it differs there"
    text = str(runs)
    return f"{text if len(text) <= 40 else text[:37] + '…'} there"


def stamp(seconds: int) -> str:
    """Seconds since the epoch as UTC ISO-8601."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
