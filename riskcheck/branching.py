"""Where the policy promotes by branch: which environment the base branch is, and what those before it run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.environments import EnvironmentModel, order_of
from riskcheck.models import Environment, Limitation
from riskcheck.past import Past
from riskcheck.rollout.branched import LowerBranch
from riskcheck.rollout.landing import Landings

if TYPE_CHECKING:
    from riskcheck.environments import DeclaredEnvironment
    from riskcheck.platforms.base import Workspace
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison


def environment_of_base(comparison: Comparison, policy: Policy) -> DeclaredEnvironment | None:
    """The environment whose branch the change goes to; None where that is none of the declared ones."""
    by_branch = {_branch(one): one for one in policy.environments}
    for name in comparison.base_branches():
        if name in by_branch:
            return by_branch[name]
    return None


def branch_limitations(comparison: Comparison, policy: Policy) -> tuple[Limitation, ...]:
    """What of the declared branches is not known here: what they run is unknown then, and no evidence."""
    found = []
    here = environment_of_base(comparison, policy)
    if here is None:
        message = (
            "which environment the base branch is, is not known: it is the branch of none of those declared"
        )
        found.append(Limitation(policy.source, "unknown-branch", message))
    last = order_of("prod") if here is None else order_of(here.stage)
    for one in policy.environments:
        if order_of(one.stage) < last and comparison.branch(_branch(one)) is None:
            path, _, line = one.source.rpartition(":")
            found.append(Limitation(path, "unknown-branch", _missing(_branch(one)), int(line)))
    return tuple(found)


def lower_branches(comparison: Comparison, policy: Policy, base: Workspace) -> tuple[LowerBranch, ...]:
    """The environments before production, each with what its branch runs. base: the workspace of the base."""
    found = []
    for one in policy.environments:
        if order_of(one.stage) >= order_of("prod"):
            continue
        environment = Environment(
            one.name, one.stage, one.tier, one.region, one.source, one.share, one.soak_seconds, one.order
        )
        name = _branch(one)
        history = comparison.branch(name)
        if history is None:
            found.append(LowerBranch(environment, name, None, _missing(name)))
            continue
        tree = history.tree(0)
        model = EnvironmentModel(policy.environments, policy.promotion, paths=tree.entries, here=one)
        present = base._replace(
            tree=tree,
            documents=base.documents.beside(tree),
            environments=model,
            touched=frozenset(),
            other=None,
            memory=None,
        )
        landings = Landings(history, Past(history, present), comparison.now)
        found.append(LowerBranch(environment, name, landings, ""))
    return tuple(found)


def _branch(one: DeclaredEnvironment) -> str:
    return one.branch or one.name


def _missing(name: str) -> str:
    return f"branch {name} is not here: `git fetch origin {name}:refs/remotes/origin/{name}` brings it"
