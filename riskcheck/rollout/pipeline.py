"""Evidence that CI deploys one commit to lower environments first and waits at a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.environments import stands_for
from riskcheck.judged import CanaryEvidence
from riskcheck.rollout import ring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change, Environment, Pipeline
    from riskcheck.rollout.canary import CanaryFacts


def evidence(change: Change, changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence:
    """What the pipelines of base do with `change`; `changes` is the same edit in all environments."""
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
    below = (one.environment.name for one in ring.before(change.resource, facts.base))
    return ", ".join(name for name in dict.fromkeys(below) if name in earlier)


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
    return one.kind == other.kind and one.after == other.after
