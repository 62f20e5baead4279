"""Approvals that list what they were given for: they hold while nothing else is found in their scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.policy.gate import tells
from riskcheck.policy.holding import APPROVAL_CODE, FREEZE_CODE, is_approved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.judged import Finding
    from riskcheck.policy.model import Approval, ApprovalNeed, Policy
    from riskcheck.runfacts import Hold


def settled(
    findings: Sequence[Finding],
    holds: Sequence[Hold],
    policy: Policy,
    approvals: Sequence[Approval],
    now: int,
) -> tuple[tuple[Finding, ...], tuple[Hold, ...]]:
    """`findings` and `holds` without the missing approvals that are given for just what was found.

    A subset keeps an approval, anything else in its scope ends it. Waived findings count towards nothing.
    """
    given = [hold for hold in holds if _is_given(hold, findings, policy, approvals, now)]
    return (
        tuple(one for one in findings if not any(tells(one, hold) for hold in given)),
        tuple(hold for hold in holds if hold not in given),
    )


def _is_given(
    hold: Hold, findings: Sequence[Finding], policy: Policy, approvals: Sequence[Approval], now: int
) -> bool:
    need = _need(hold, policy)
    if need is None:
        return False
    found = frozenset(one.fingerprint for one in findings if _is_in_scope(one, hold))
    return is_approved(need, approvals, now, found)


def _need(hold: Hold, policy: Policy) -> ApprovalNeed | None:
    """What `hold` waits for."""
    if hold.code != APPROVAL_CODE or hold.role != "approval":
        return None
    source = f"{hold.source.path}:{hold.source.line}"
    held = [need for need in policy.approvals if need.source == source]
    named = [need for need in held if hold.what.startswith(f"{need.scope} needs the approval")]
    return named[0] if len(named) == 1 else None


def _is_in_scope(finding: Finding, hold: Hold) -> bool:
    """Whether `finding` counts and is about what the approval is asked for."""
    if finding.waiver is not None or finding.level == "note" or finding.code in (APPROVAL_CODE, FREEZE_CODE):
        return False
    about = finding.resources or (finding.resource,)
    if set(about).isdisjoint(hold.resources):
        return False
    names = {environment.name for environment in finding.environments}
    return not names or not names.isdisjoint(hold.environments)
