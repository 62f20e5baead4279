"""What canary evidence is read from: sibling environments, CI definitions and history.

Asked for at the first risky production hit; most runs have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.past import Past
from riskcheck.platforms.gate.pipelines import deploy_pipelines
from riskcheck.progressive.limits import limits
from riskcheck.resolving import Resolved, family_root, relatives_at_base
from riskcheck.rollout import ring
from riskcheck.rollout.canary import CanaryFacts
from riskcheck.rollout.governing import Deliveries
from riskcheck.rollout.landing import Landings
from riskcheck.rollout.sought import sought_of
from riskcheck.trees import CutOffError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Resource
    from riskcheck.policy.model import Policy
    from riskcheck.rollout.branched import LowerBranch
    from riskcheck.rollout.sought import Sought
    from riskcheck.trees import Comparison


def canary_facts(
    comparison: Comparison,
    policy: Policy,
    environments: EnvironmentModel,
    resolved: Resolved,
    resources: Sequence[Resource],
) -> CanaryFacts:
    """The facts for the environments that `resources` are in, and for those that come before them."""
    branches: tuple[LowerBranch, ...] = ()
    base = resolved.base
    if policy.promotion == "branch":
        from riskcheck.branching import lower_branches

        branches = lower_branches(comparison, policy, resolved.base_side)
    else:
        base = (*base, *relatives_at_base(resolved, resources))
    past = None if comparison.history is None else Past(comparison.history, resolved.base_side)
    return CanaryFacts(
        base=base,
        now=comparison.now,
        promotion=policy.promotion,
        declared_order=environments.has_declared_order,
        landings=None if past is None else _landings(comparison, resolved, policy, past),
        pipelines=deploy_pipelines(resolved.base_side),
        natural_keys=resolved.natural_keys,
        stage_of=lambda name: environments.named(name, source="pipeline"),
        deliveries=Deliveries(base, resolved.head, frozenset().union(*resolved.units.values())),
        limits=limits(policy.rules.options),
        vanished=lambda resource: () if past is None else _vanished(past, resource, environments),
        branches=branches,
    )


def _landings(comparison: Comparison, resolved: Resolved, policy: Policy, past: Past) -> Landings:
    assert comparison.history is not None
    answers = None
    if resolved.base_side.memory is not None and (policy.digest or not policy.source):
        from riskcheck.answers import Answers

        answers = Answers(resolved.base_side.memory, comparison.base.label, policy.digest)
    return Landings(comparison.history, past, comparison.now, answers)


def _vanished(past: Past, resource: Resource, environments: EnvironmentModel) -> tuple[Sought, ...]:
    """Where lower environments of the same family held `resource` before their folders went, nearest in time."""
    root = family_root(resource.unit, environments)
    found: dict[str, Sought] = {}
    try:
        for resources in past.vanished(resource.platform, root, 0) if root is not None else ():
            for one in ring.lower(resource, resources, declared=environments.has_declared_order):
                found.setdefault(one.environment.name, sought_of(one))
            if found:
                break
    except CutOffError:
        return ()
    return tuple(found.values())
