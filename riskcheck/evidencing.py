"""What canary evidence is read from: sibling environments, CI definitions and history.

Asked for at the first risky production hit; most runs have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.past import Past
from riskcheck.platforms.gate.pipelines import deploy_pipelines
from riskcheck.progressive.limits import limits
from riskcheck.resolving import Resolved, relatives_at_base
from riskcheck.rollout.canary import CanaryFacts
from riskcheck.rollout.governing import Deliveries
from riskcheck.rollout.landing import Landings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Resource
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison


def canary_facts(
    comparison: Comparison,
    policy: Policy,
    environments: EnvironmentModel,
    resolved: Resolved,
    resources: Sequence[Resource],
) -> CanaryFacts:
    """The facts for the environments that `resources` are in, and for those that come before them."""
    base = (*resolved.base, *relatives_at_base(resolved, resources))
    return CanaryFacts(
        base=base,
        now=comparison.now,
        promotion=policy.promotion,
        declared_order=environments.has_declared_order,
        landings=_landings(comparison, resolved),
        pipelines=deploy_pipelines(resolved.base_side),
        natural_keys=resolved.natural_keys,
        stage_of=lambda name: environments.named(name, source="pipeline"),
        deliveries=Deliveries(base, resolved.head, frozenset().union(*resolved.units.values())),
        limits=limits(policy.rules.options),
    )


def _landings(comparison: Comparison, resolved: Resolved) -> Landings | None:
    if comparison.history is None:
        return None
    return Landings(comparison.history, Past(comparison.history, resolved.base_side), comparison.now)
