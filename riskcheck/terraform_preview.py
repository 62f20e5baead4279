"""What plans of Terraform say of the resources of their roots, and of each plan as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import LOSING, Limitation, Location, location_of
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.runfacts import Foreseen, PlanFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.planfiles.model import DeploymentPlan, PlannedResource
    from riskcheck.planmerge.matching import Target
    from riskcheck.planmerge.merge import Merged

Key = tuple[str, str, str]

_MOST_NAMED: Final = 3
_APART: Final = frozenset(
    {"orphaned_root", "emptied_root", "provider_lock", "terragrunt_unit", "terraform_remote_state"}
)
"""Kinds that stand for something else than a resource of a plan; so do all without an underscore."""


class Seen(NamedTuple):
    """foreseen: what plans say of resources that were resolved; by_plan: the same for each plan, without those that
    only plans know. told: facts for rules, by `Resource.key`."""

    foreseen: tuple[Foreseen, ...]
    by_plan: tuple[tuple[DeploymentPlan, tuple[Foreseen, ...]], ...]
    told: Mapping[Key, Mapping[str, Value]]
    plans: tuple[PlanFacts, ...]
    limitations: tuple[Limitation, ...]


def terraform_preview(
    plans: Sequence[DeploymentPlan], merged: Merged, changes: Sequence[Change], trusted: Collection[str]
) -> Seen:
    """What `plans` say. changes: of files and plans together. trusted: digests that the policy believes."""
    foreseen: list[Foreseen] = []
    by_plan = []
    told: dict[Key, Mapping[str, Value]] = {}
    outlines = []
    limitations: list[Limitation] = []
    touched = {change.resource.key for change in changes}
    at_base = {one.key for one in merged.resolved.base}
    for plan, target in zip(plans, merged.targets, strict=True):
        if target is None:
            continue
        found = []
        for resource in _resources(merged, target):
            planned = plan.resources.get(resource.address)
            if planned is None:
                continue
            known = resource.key in merged.known
            declared = merged.declared.get(resource.key, ())
            derived = merged.resolved.action(declared) if declared else "none"
            if planned.state is not None and planned.state.importing:
                derived = planned.action  # the files bring it, and it is there already
            one = Foreseen(
                resource=resource,
                action=planned.action,
                derived=derived if known else planned.action,
                changed=bool(declared) if known else resource.key in touched,
                deployed=resource.key in at_base,
                fields=tuple(field.path for field in planned.fields),
                gone=planned.gone,
                source=plan.source,
                trusted=plan.digest in trusted,
            )
            foreseen.append(one)
            told[resource.key] = facts_of(planned, derived if known else "none")
            if known:
                found.append(one)
        by_plan.append((plan, tuple(found)))
        limitations += _missed(plan, target, merged)
        limitations += _outdated(plan, target, merged)
        outlines.append(_outline(plan, target, foreseen))
    return Seen(tuple(foreseen), tuple(by_plan), told, tuple(outlines), tuple(limitations))


def facts_of(planned: PlannedResource, derived: str) -> dict[str, Value]:
    """What rules may ask: ``derived``, what the files alone come to; ``reason``, Terraform's word; ``order`` of a
    replacement, ``delete-first`` or ``create-first``; ``forgotten``, ``importing``; the attributes that are
    ``unknown``, ``sensitive``, ``replacing`` or ``drifted``."""
    state = planned.state
    assert state is not None
    order = ""
    if planned.action == "recreate":
        order = (
            "create-first"
            if state.actions.index("create") < state.actions.index("delete")
            else "delete-first"
        )
    return {
        "derived": derived,
        "reason": state.reason,
        "order": order,
        "forgotten": planned.gone,
        "importing": state.importing,
        "unknown": list(state.unknown),
        "sensitive": list(state.sensitive),
        "replacing": list(state.replacing),
        "drifted": list(state.drifted),
    }


def _resources(merged: Merged, target: Target) -> list[Resource]:
    """By address, those of head before those of base."""
    found = {
        one.address: one
        for side in (merged.resolved.base, merged.resolved.head)
        for one in side
        if one.platform == "terraform"
        and one.unit == target.unit
        and one.environment.name == target.environment.name
    }
    return [found[address] for address in sorted(found)]


def _missed(plan: DeploymentPlan, target: Target, merged: Merged) -> list[Limitation]:
    """What the files change and the plan, which lists all that it covers, does not know."""
    names = sorted(
        address
        for unit, address, environment in merged.declared
        if (unit, environment) == (target.unit, target.environment.name)
        and address.startswith("terraform:")
        and _is_planned(address.partition(":")[2].partition(".")[0])
        and "[*]" not in address
        and address not in plan.resources
    )
    if not names:
        return []
    what = listed(names, _MOST_NAMED)
    message = f"does not know {what}, which the files change: it is partial, or of another commit"
    return [Limitation(plan.source, "plan-misses-change", message)]


def _outdated(plan: DeploymentPlan, target: Target, merged: Merged) -> list[Limitation]:
    """What the plan would leave at, or bring to, the value from before the change."""
    names = []
    for (unit, address, environment), changes in merged.declared.items():
        planned = plan.resources.get(address)
        if (unit, environment) == (target.unit, target.environment.name) and planned is not None:
            state = planned.state
            if state is not None and state.after and any(_is_old(one, state.after) for one in changes):
                names.append(address)
    if not names:
        return []
    what = listed(sorted(names), _MOST_NAMED)
    message = f"has {what} as before this change: it is of another commit, or of another environment"
    return [Limitation(plan.source, "plan-outdated", message)]


def _is_old(change: Change, after: Mapping[str, object]) -> bool:
    """Whether ``after`` of a plan has the value of base where the files state another one."""
    if len(change.path) != 1 or change.kind != "modified":
        return False
    was, becomes, planned = change.before, change.after, after.get(str(change.path[0]))
    if not all(isinstance(one, str | int | float) for one in (was, becomes, planned)):
        return False
    is_text = "${" in f"{was}{becomes}"
    return not is_text and str(planned) == str(was) != str(becomes)


def _is_planned(kind: str) -> bool:
    return "_" in kind and kind not in _APART


def _outline(plan: DeploymentPlan, target: Target, foreseen: Sequence[Foreseen]) -> PlanFacts:
    assert plan.outline is not None
    outline = plan.outline
    by_address = {one.resource.address: one.resource for one in foreseen if one.source == plan.source}
    lost, changed, drifted = [], [], []
    for address, planned in sorted(plan.resources.items()):
        if planned.action != "none":
            changed.append(address)
            if planned.state is not None and planned.state.drifted:
                drifted.append((address, planned.state.drifted))
        if planned.action in LOSING:
            lost.append(address)
    first = next((by_address[address] for address in (*lost, *changed) if address in by_address), None)
    place = Location(plan.source, "head", 1, 1, 1, 1)
    if first is not None:
        place = location_of(first.origin)
    return PlanFacts(
        source=plan.source,
        environment=target.environment,
        unit=target.unit,
        place=place,
        managed=outline.managed,
        lost=tuple(lost),
        changed=tuple(changed),
        complete=outline.complete,
        errored=outline.errored,
        deferred=outline.deferred,
        failing=outline.failing,
        drifted=tuple(drifted),
    )
