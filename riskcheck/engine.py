"""The order of the stages. Nothing else knows it, and nothing here prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskcheck.assembling import affected, assemble, judge_input
from riskcheck.changes.compare import compare
from riskcheck.environments import EnvironmentModel
from riskcheck.judging import judge
from riskcheck.policy.gate import decide
from riskcheck.policy.waivers import apply_waivers
from riskcheck.resolving import all_paths, resolve_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Rule
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.results import Report
    from riskcheck.trees import Comparison


class Options(NamedTuple):
    """How a run is asked for. fail_on: a level, ``never``, or None for the default verdict.

    hook: at commit time partner files may still come, and only P0 blocks.
    """

    fail_on: str | None = None
    waivers: bool = True
    approvals: tuple[Approval, ...] = ()
    hook: bool = False


def analyze(
    comparison: Comparison, policy: Policy, rules: Sequence[Rule], rules_digest: str, options: Options
) -> Report:
    """What a change to configuration does, and whether it may be merged.

    comparison: base and head. policy and rules: read from the deciding tree, never from the change itself.
    """
    environments = EnvironmentModel(
        policy.environments, policy.promotion, paths=lambda: all_paths(comparison)
    )
    resolved = resolve_both(comparison, environments, policy)
    changes = compare(resolved.base, resolved.head, resolved.natural_keys)
    given = judge_input(comparison, policy, rules, environments, resolved, changes)
    judgement = judge(given)
    findings, waiver_notes = apply_waivers(judgement.findings, policy, comparison, honour=options.waivers)
    decision = decide(
        findings,
        policy,
        fail_on="P0" if options.hook and options.fail_on is None else options.fail_on,
        declared_order="declared" in judgement.orders or environments.has_declared_order,
        now=comparison.now,
        affected=affected(given),
        approvals=options.approvals,
        broken=frozenset(one.path for one in judgement.limitations if one.failed),
    )
    notes = (*comparison.notes, *policy.notes, *judgement.notes, *waiver_notes)
    return assemble(comparison, given, resolved, judgement, decision, notes, rules_digest)
