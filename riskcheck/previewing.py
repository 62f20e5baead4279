"""Plan files beside what was resolved: which plan speaks of which deployment, and where the two differ."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from riskcheck.bundles.carried import with_carried
from riskcheck.errors import RunError
from riskcheck.models import LOSING, Limitation
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.runfacts import Foreseen, PlanFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from riskcheck.models import Action, Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.planmerge.merge import Merged
    from riskcheck.resolving import Resolved

Key = tuple[str, str, str]
"""Unit, address, environment, as `Resource.key`."""

_SETTINGS: Final = "targets"
_MOST_NAMED: Final = 3


class Deployment(NamedTuple):
    """What is deployed together: the resources of one unit in one environment, by address, head before base."""

    unit: str
    environment: str
    resources: Mapping[str, Resource]


class Preview(NamedTuple):
    """What plan files say of the resources that were resolved. foreseen, told: by `Resource.key`. told: what the
    plan says beyond `Foreseen`. plans: those of Terraform as a whole."""

    foreseen: Mapping[Key, Foreseen]
    limitations: tuple[Limitation, ...] = ()
    told: Mapping[Key, Mapping[str, Value]] = MappingProxyType({})
    plans: tuple[PlanFacts, ...] = ()

    def facts(self) -> Mapping[Key, Mapping[str, Value]]:
        """What rules may ask of it: ``facts.action``, ``facts.fields``, ``facts.plan``; of a plan of Terraform also
        what `riskcheck.terraform_preview.facts_of` tells."""
        return {
            key: {
                "action": one.action,
                "fields": list(one.fields),
                "plan": one.source,
                **self.told.get(key, {}),
            }
            for key, one in self.foreseen.items()
        }

    def action(self, changes: Sequence[Change], derived: Action) -> Action:
        """What would be done to the one resource of `changes`; `derived`, from its fields, where no plan says."""
        found = self.foreseen.get(changes[0].resource.key)
        return derived if found is None else found.action


def preview_of(
    plans: Sequence[DeploymentPlan],
    resolved: Resolved,
    changes: Sequence[Change],
    trusted: Collection[str],
    merged: Merged | None = None,
) -> Preview:
    """What `plans` say. trusted: digests of plans that the policy believes. merged: what those of Terraform were
    put together with.

    Raises `RunError` where a plan does not tell of which target it is, and several could be meant.
    """
    deployments = _deployments((*resolved.base, *resolved.head))
    of_resource: dict[Key, list[Change]] = {}
    for change in changes:
        of_resource.setdefault(change.resource.key, []).append(change)
    declared = {resource.key for resource in resolved.base}
    foreseen: dict[Key, Foreseen] = {}
    limitations: list[Limitation] = []
    told: dict[Key, Mapping[str, Value]] = {}
    outlines: list[PlanFacts] = []
    if merged is not None:
        from riskcheck.terraform_preview import terraform_preview

        seen = terraform_preview([one for one in plans if one.tool == "terraform"], merged, changes, trusted)
        foreseen.update((one.resource.key, one) for one in seen.foreseen)
        told.update(seen.told)
        outlines += seen.plans
        limitations += merged.limitations
        for plan, ours in seen.by_plan:
            limitations += _disagreements(plan, ours)
        limitations += seen.limitations
    for plan in plans:
        limitations += [_limit(plan, "plan-not-understood", note) for note in plan.notes]
        if plan.tool != "databricks":
            continue
        deployment = _deployment_of(plan, deployments)
        if isinstance(deployment, Limitation):
            limitations.append(deployment)
            continue
        found = []
        actions = _derived(deployment, resolved, of_resource)
        for address, resource in sorted(deployment.resources.items()):
            planned = plan.resources.get(address)
            if planned is not None:
                members = of_resource.get(resource.key, ())
                found.append(
                    Foreseen(
                        resource=resource,
                        action=planned.action,
                        derived=actions.get(address, "none"),
                        changed=bool(members),
                        deployed=resource.key in declared,
                        fields=tuple(field.path for field in planned.fields),
                        gone=planned.gone,
                        source=plan.source,
                        trusted=plan.digest in trusted,
                    )
                )
        foreseen.update((one.resource.key, one) for one in found)
        limitations += _beyond(plan, deployment)
        limitations += _disagreements(plan, found)
    return Preview(foreseen, tuple(limitations), told, tuple(outlines))


def _derived(
    deployment: Deployment, resolved: Resolved, of_resource: Mapping[Key, Sequence[Change]]
) -> Mapping[str, Action]:
    """What a deployment would do, by what differs and by what that brings about, by address."""
    changes = {
        address: members
        for address, resource in deployment.resources.items()
        if (members := of_resource.get(resource.key, ()))
    }
    actions = {address: resolved.action(members) for address, members in changes.items()}
    return with_carried(deployment.resources.values(), changes, actions)


def _deployments(resources: Iterable[Resource]) -> tuple[Deployment, ...]:
    found: dict[tuple[str, str], dict[str, Resource]] = {}
    for resource in resources:
        if resource.platform == "databricks" and resource.kind != _SETTINGS:
            found.setdefault((resource.unit, resource.environment.name), {})[resource.address] = resource
    return tuple(Deployment(unit, name, held) for (unit, name), held in sorted(found.items()))


def _deployment_of(plan: DeploymentPlan, deployments: Sequence[Deployment]) -> Deployment | Limitation:
    """The deployment that the plan knows most resources of. A limitation where it is of none that this change
    touches: nothing can be said then, and nothing needs to be."""
    meant = [one for one in deployments if plan.environment in (None, one.environment)]
    if not meant:
        names = sorted({one.environment for one in deployments})
        there = f"; there are {listed(names, 5)}" if names else ""
        message = f"is for target {plan.environment}, of no bundle that this change touches{there}"
        return _limit(plan, "plan-of-another-bundle", message)
    counts = [len(plan.resources.keys() & one.resources.keys()) for one in meant]
    if max(counts) == 0:
        message = (
            f"is of another bundle: none of its {len(plan.resources)} resources is declared in one that this "
            "change touches"
        )
        return _limit(plan, "plan-of-another-bundle", message)
    best = [one for one, count in zip(meant, counts, strict=True) if count == max(counts)]
    names = sorted({one.environment for one in best})
    if len(names) > 1:
        raise RunError(
            f"{plan.source}: for which target was it made? Write --databricks-plan {names[0]}={plan.source} "
            f"(targets: {listed(names, 8)})"
        )
    if len(best) > 1:
        units = listed([one.unit for one in best], _MOST_NAMED)
        return _limit(plan, "plan-of-another-bundle", f"fits several bundles alike ({units}); it is not used")
    return best[0]


def _beyond(plan: DeploymentPlan, deployment: Deployment) -> Iterator[Limitation]:
    """What the plan acts on and neither side declares. What is left alone, or only forgotten, concerns nobody."""
    names = sorted(
        name
        for name, planned in plan.resources.items()
        if name not in deployment.resources and planned.action != "none" and not planned.gone
    )
    if names:
        message = f"acts on {listed(names, _MOST_NAMED)}, which neither side declares"
        yield _limit(plan, "plan-beyond-configuration", message)


def _disagreements(plan: DeploymentPlan, found: Sequence[Foreseen]) -> Iterator[Limitation]:
    """What the plan and the configuration say differently, once a kind, with the resources that it is about.

    A plan compares with what is deployed: updates of what this change leaves alone were merged before it.
    """
    groups: dict[tuple[Action, Action], list[str]] = {}
    for one in found:
        told = one.changed or one.action in LOSING
        if told and one.derived not in (one.action, "unknown") and not one.gone:
            groups.setdefault((one.action, one.derived), []).append(one.resource.address)
    for (action, derived), addresses in sorted(groups.items()):
        where = listed(addresses, _MOST_NAMED)
        deploys = _WORDS[derived].format("it" if len(addresses) == 1 else "them")
        message = f"{_WORDS[action].format(where)}; by what differs here, a deployment {deploys}"
        yield _limit(plan, "plan-disagrees", message)


_WORDS: Final[Mapping[Action, str]] = {
    "create": "creates {}",
    "update": "updates {}",
    "rename": "renames {}",
    "recreate": "recreates {}",
    "delete": "deletes {}",
    "none": "leaves {} alone",
    "unknown": "does something unknown to {}",
}


def _limit(plan: DeploymentPlan, kind: str, message: str) -> Limitation:
    return Limitation(plan.source, kind, message)
