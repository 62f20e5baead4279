"""Gates of progressive delivery that are switched off: analyses skipped, promotion without anyone looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping
from riskcheck.progressive.kargo import GROUP as KARGO
from riskcheck.progressive.kargo import (
    KargoStage,
    PromotionGraph,
    PromotionPolicy,
    policies_of,
    policy_for,
    stage_of,
)
from riskcheck.progressive.surroundings import group_of
from riskcheck.progressive.values import Part, body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

_SWITCHES: Final = (
    ("Canary", "flagger.app", ("spec", "skipAnalysis"), "promotes without analysing anything"),
    ("Canary", "flagger.app", ("spec", "suspend"), "starts no analysis for any change"),
    ("Rollout", "argoproj.io", ("spec", "paused"), "is paused by hand: its steps and analyses stand still"),
)
_BLUE_GREEN: Final = ("spec", "strategy", "blueGreen")


def gate_skipped(change: Change, context: CheckContext) -> Iterator[Match]:
    """A gate that base had and head goes round. Values: problem (text)."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    if after.kind in ("ProjectConfig", "Project"):
        yield from _promoted_by_itself(change, before, after, context)
    elif after.kind == "Stage":
        yield from _unverified(change, before, after, context)
    else:
        yield from _switched_off(change, before, after)
        yield from _unwatched(change, before, after, context)


def _switched_off(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    for kind, group, path, effect in _SWITCHES:
        if after.kind != kind or group_of(after) != group or change.path != path:
            continue
        if body_of(after).flag(*path) is True and body_of(before).flag(*path) is not True:
            yield Match({"problem": f"{path[-1]} is set: it {effect}"})


def _unwatched(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """Blue-green that switches over by itself, with no analysis before."""
    old, new = before.body.at(*_BLUE_GREEN), after.body.at(*_BLUE_GREEN)
    if after.kind != "Rollout" or group_of(after) != "argoproj.io" or change.path[:3] != _BLUE_GREEN:
        return
    if (
        not isinstance(old, Mapping)
        or not isinstance(new, Mapping)
        or not _first(change, context, _BLUE_GREEN)
    ):
        return
    if _watched(old) and not _watched(new):
        stated = new.get("autoPromotionEnabled")
        how = (
            "autoPromotionEnabled is true" if stated is not None else "autoPromotionEnabled is unset, so true"
        )
        problem = f"{how}, and no prePromotionAnalysis runs: pods that are ready get all traffic"
        yield Match({"problem": problem}, node=stated)


def _watched(strategy: Mapping) -> bool:
    """Whether a person or an analysis decides before traffic moves."""
    analysis = strategy.get("prePromotionAnalysis")
    return Part(strategy, "yaml-1.1").flag("autoPromotionEnabled") is False or isinstance(analysis, Mapping)


def _unverified(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """Verification taken from production, or from a stage that others wait for."""
    old, new = stage_of(before), stage_of(after)
    if old is None or new is None or not _first(change, context, ("spec", "verification")):
        return
    graph = PromotionGraph(stages_beside(new, context.head))
    if old.verified and not new.verified and (graph.is_production(new) or graph.feeds(new.name)):
        others = sorted(name for name in graph.stages if new.name in _waits_for(graph.stages[name]))
        so = f"; {', '.join(others)} takes what is merely healthy there" if others else ""
        yield Match({"problem": f"the verification of stage {new.name} is gone{so}"})


def _waits_for(stage: KargoStage) -> frozenset[str]:
    return frozenset(name for request in stage.requests for name in request.stages)


def _promoted_by_itself(
    change: Change, before: Resource, after: Resource, context: CheckContext
) -> Iterator[Match]:
    """A policy that lets production promote new freight without a person."""
    if group_of(after) != KARGO or not _first(change, context, ("spec", "promotionPolicies")):
        return
    old, new = policies_of(before), policies_of(after)
    # A ProjectConfig has the name of its project, which is the namespace of the stages.
    project = body_of(after).text("metadata", "name")
    graph = PromotionGraph(_of_project(project, context.head))
    known = [stage for stage in graph.stages.values() if graph.is_production(stage)]
    for stage in known or _imagined(new):
        was, is_now = policy_for(stage, old), policy_for(stage, new)
        if is_now is not None and is_now.automatic and not (was is not None and was.automatic):
            selected = f" by {is_now.name}" if is_now.name not in ("", stage.name) else ""
            problem = (
                f"stage {stage.name} promotes new freight by itself (selected{selected or ' by its labels'})"
            )
            yield Match({"problem": problem if selected else problem.partition(" (")[0]}, node=is_now.node)
            return


def _imagined(policies: tuple[PromotionPolicy, ...]) -> list[KargoStage]:
    """Where no stage is in reach: one for each name or pattern, as far as its words tell production."""
    names = {
        one.name: one.name.rpartition(":")[2].strip("^$").replace(".*", "").strip("*") for one in policies
    }
    stages = [KargoStage(names[one.name], "", one.labels, (), False) for one in policies if names[one.name]]
    graph = PromotionGraph(stages)
    return [stage for stage in stages if graph.is_production(stage)]


def stages_beside(stage: KargoStage, view: ResourceView) -> Iterator[KargoStage]:
    """The stages of the same project, wherever their files are."""
    return _of_project(stage.namespace, view)


def _of_project(project: str, view: ResourceView) -> Iterator[KargoStage]:
    for resource in view.find(platform="kubernetes", kind="Stage"):
        found = stage_of(resource)
        if found is not None and (not project or not found.namespace or found.namespace == project):
            yield found


def _first(change: Change, context: CheckContext, prefix: tuple[str, ...]) -> bool:
    """Whether `change` is the first below or above `prefix` in its resource: one finding for one edit."""
    if context.within is not None:
        return change.path == prefix
    for other in context.changes_of(change.resource):
        short = min(len(other.path), len(prefix))
        if other.path[:short] == prefix[:short]:
            return change.path == other.path
    return True


def promotion_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Less is asked of what reaches production. Values: problem (text)."""
    from riskcheck.progressive import applicationset, kargo

    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    old, new = stage_of(before), stage_of(after)
    if old is not None and new is not None:
        if not _first(change, context, ("spec", "requestedFreight")):
            return
        base, head = (PromotionGraph(stages_beside(new, view)) for view in (context.base, context.head))
        problem = kargo.weakened(old, new, base, head) if head.is_production(new) else None
        if problem:
            yield Match({"problem": f"stage {new.name} {problem}"})
        return
    earlier, later = applicationset.rolling_sync(before), applicationset.rolling_sync(after)
    if earlier is not None and later is not None and _leads(change, context):
        found = applicationset.weakened(earlier, later)
        if found is not None:
            place: Node | None = found[1] if found[1] is not after.body else None
            yield Match({"problem": f"ApplicationSet {later.name} {found[0]}"}, node=place)


def _leads(change: Change, context: CheckContext) -> bool:
    """Whether `change` is the first of its resource that this rule is shown."""
    wanted = ("strategy", "generators", "template")
    for other in context.changes_of(change.resource):
        if len(other.path) < 2 or (other.path[0] == "spec" and other.path[1] in wanted):
            return change.path == other.path
    return True
