"""Evidence that every lower stage of a production cell's ring already runs the value, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.judged import CanaryEvidence
from riskcheck.keypaths import NaturalKeys, descend
from riskcheck.nodes import MISSING, Mapping, MaybeValue, Node
from riskcheck.redact import redact_value
from riskcheck.rollout import ring, soak
from riskcheck.rollout.landing import Landed, Landings

if TYPE_CHECKING:
    from riskcheck.models import Change, Resource
    from riskcheck.rollout.canary import CanaryFacts


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """What every lower stage of the ring of `change` runs, and since when."""
    production = change.environment
    below = ring.lower(change.resource, facts.base, declared=facts.declared_order)
    if not below:
        return CanaryEvidence("promoted", False, production.name, _no_lower(change.resource, facts))
    since: int | None = None
    details = []
    names: list[str] = []
    for stage in ring.stages_of([resource.environment for resource in below]):
        answers = [_ran(change, resource, facts) for resource in below if resource.environment.stage == stage]
        good = [answer for answer in answers if answer.found]
        if not good:
            return CanaryEvidence("promoted", False, production.name, answers[0].detail)
        details.append(good[0].detail)
        names.extend(answer.environment for answer in good)
        landed = good[0].since
        since = landed if since is None else max(since, landed or since)
    stamp = None if since is None else _iso(since)
    return CanaryEvidence("promoted", True, production.name, "; ".join(details), stamp, tuple(names))


@dataclass(frozen=True, slots=True)
class _Ran:
    environment: str
    found: bool
    detail: str
    since: int | None = None


def _ran(change: Change, below: Resource, facts: CanaryFacts) -> _Ran:
    name = below.environment.name
    keys = facts.natural_keys(below)
    node = descend(below.body, change.path, keys, below.reading)
    runs: MaybeValue = MISSING if node is None else plain_value(node, below.reading)
    wanted: MaybeValue = (
        MISSING if change.node_after is None else plain_value(change.node_after, change.resource.reading)
    )
    if change.kind in ("added", "removed") and not change.path:
        return _Ran(name, False, f"whether {name} went through the same cannot be told for a whole resource")
    shown = redact_value(change.path, below.kind, runs, node)
    if runs != wanted or (runs is MISSING) != (wanted is MISSING):
        return _Ran(name, False, f"{name} has never run this value ({_there(shown, wanted)})")
    if facts.landings is None:
        return _Ran(name, False, f"{name} runs this value; since when is unknown without git history")
    landed = _landed(below, node, change, facts.landings, keys)
    if landed.time is None:
        return _Ran(name, False, f"{name} runs this value; since when is unknown: {landed.detail}")
    age = facts.now - landed.time
    need = soak.needed(below, below.environment)
    if age < need and not landed.at_least:
        return _Ran(
            name, False, f"{name} got it {soak.spell(age)} ago; {soak.spell(need)} of soak are asked for"
        )
    more = "at least " if landed.at_least else ""
    return _Ran(name, True, f"{name} has run it for {more}{soak.spell(age)}", landed.time)


def _landed(
    below: Resource, node: Node | None, change: Change, landings: Landings, keys: NaturalKeys
) -> Landed:
    if node is not None:
        return landings.of(node, below.reading)
    parent = descend(below.body, change.path[:-1], keys, below.reading)
    if not isinstance(parent, Mapping) or parent.synthetic:
        return Landed(None, None, "it is gone there with all that held it")
    return landings.of_absence(parent, change.path[-1].removeprefix("\\"), below.reading)


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


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
