"""Canary evidence for each production environment that receives a change, found or missing, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.environments import stands_for
from riskcheck.judged import CanaryEvidence
from riskcheck.keypaths import NaturalKeys, descend
from riskcheck.nodes import MISSING, Mapping, MaybeValue, Node
from riskcheck.redact import redact_value
from riskcheck.rollout import ring, soak
from riskcheck.rollout.landing import Landed, Landings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.models import Change, Environment, Pipeline, Resource


@dataclass(frozen=True, slots=True, eq=False)
class CanaryFacts:
    """What canary evidence is read from.

    base: the resources of base, relatives of the changed ones included. now: seconds since the epoch.
    promotion: the only kind of promotion that counts where the policy declares one. landings: None without git.
    """

    base: Sequence[Resource]
    now: int
    promotion: str | None
    declared_order: bool
    landings: Landings | None
    pipelines: Sequence[Pipeline]
    natural_keys: Callable[[Resource], NaturalKeys]
    stage_of: Callable[[str], Environment]


def evidence(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> tuple[CanaryEvidence, ...]:
    """Evidence for the production environment of `change`; `changes` is the same edit in all environments."""
    found = []
    if facts.promotion in (None, "git"):
        found.append(_promoted(change, facts))
    if facts.promotion in (None, "pipeline"):
        found.append(_pipeline(change, changes, facts))
    if facts.promotion == "branch":
        detail = "the policy promotes by branch; what other branches run is not read yet"
        found.append(CanaryEvidence("promoted", False, change.environment.name, detail))
    found.append(_coverage(change, found, facts))
    return tuple(found)


def _promoted(change: Change, facts: CanaryFacts) -> CanaryEvidence:
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


def _pipeline(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence:
    production = change.environment
    if not facts.pipelines:
        return CanaryEvidence(
            "pipeline", False, production.name, "no CI definition deploys in order behind gates"
        )
    same = {
        other.environment.name: other.environment
        for other in changes
        if other.environment.stage in ("dev", "staging", "canary")
        and stands_for(other.environment, production)
        and _equal(other, change)
    }
    detail = "no CI definition deploys this environment"
    for pipeline in facts.pipelines:
        if pipeline.unit and not (change.resource.unit + "/").startswith(pipeline.unit + "/"):
            continue
        at = _stage_index(pipeline, production, changes, facts)
        if at is None:
            continue
        place = f"{pipeline.location.path}:{pipeline.location.line}"
        if pipeline.stages[at] not in pipeline.gated:
            detail = f"{place} deploys {production.name} without a gate"
            continue
        before = [name for name in pipeline.stages[:at] if _matching(name, same, facts)]
        if before:
            return CanaryEvidence(
                "pipeline",
                True,
                production.name,
                f"{place} deploys the same commit to {', '.join(before)} first and waits at a gate",
            )
        missed = _missed(change, pipeline.stages[:at], facts)
        if missed:
            # The branch of the pipeline that should have proved it says more than one that never could.
            detail = f"{missed} comes first ({place}) and does not get this value"
            break
        detail = f"{place} deploys {production.name} behind a gate, after no environment that stands for it"
    return CanaryEvidence("pipeline", False, production.name, detail)


def _missed(change: Change, earlier: Sequence[str], facts: CanaryFacts) -> str:
    """The environments of the ring that the pipeline deploys first and that this change leaves alone."""
    below = ring.lower(change.resource, facts.base, declared=True)
    return ", ".join(one.environment.name for one in below if one.environment.name in earlier)


def _stage_index(
    pipeline: Pipeline, production: Environment, changes: Sequence[Change], facts: CanaryFacts
) -> int | None:
    if production.name in pipeline.stages:
        return pipeline.stages.index(production.name)
    only = len({change.environment.name for change in changes if change.environment.stage == "prod"}) == 1
    if only and production.tier is None and production.region is None:
        for number, name in enumerate(pipeline.stages):
            if facts.stage_of(name).stage == production.stage:
                return number
    return None


def _matching(name: str, same: dict[str, Environment], facts: CanaryFacts) -> bool:
    return name in same or facts.stage_of(name).stage in {
        one.stage for one in same.values() if one.tier is None
    }


def _equal(one: Change, other: Change) -> bool:
    return one.kind == other.kind and one.after == other.after and one.after is not MISSING


def _coverage(change: Change, found: Sequence[CanaryEvidence], facts: CanaryFacts) -> CanaryEvidence:
    production = change.environment
    good = [one for one in found if one.found]
    where = f"{production.cell}"
    if good:
        return CanaryEvidence("coverage", True, production.name, f"{where} is covered: {good[0].detail}")
    return CanaryEvidence("coverage", False, production.name, f"nothing stands for {where}")


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
