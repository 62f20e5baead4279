"""Rules about compute policies. Every change of a job asks them: what answers is imported for a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.rules.context import CheckContext


def policy_violated(change: Change, context: CheckContext) -> Iterator[Match]:
    """A value of a cluster is one that its policy refuses: `riskcheck.rules.checks.policy_users`."""
    after = change.resource_after
    kinds = (("databricks", "cluster_policies"), ("terraform", "databricks_cluster_policy"))
    if all(next(iter(context.head.find(platform=one, kind=kind)), None) is None for one, kind in kinds):
        return
    if after is not None and any(f":{kind}" in one.target for one in after.references for _, kind in kinds):
        from riskcheck.rules.checks.policy_users import violated

        yield from violated(change, context)


def policy_tightened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A policy refuses what clusters have that name it: `riskcheck.rules.checks.policy_users`."""
    from riskcheck.rules.checks.policy_users import tightened

    yield from tightened(change, context)
