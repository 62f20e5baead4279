"""The verdict: what may not merge, and why. A pure function of findings, policy and clock.

The default rules, of which each finding needs only one: P0 in production or where the stage is unknown; P1 in
production without canary or without rollback evidence, where a promotion order is declared; the gate itself
weakened; changed input that was not analysed. A freeze and a missing approval hold the change as a whole. Low
confidence and other stages never block.

`fail_on` replaces all of this by one threshold, against which freezes and approvals count as P1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.levels import at_least
from riskcheck.models import LEVELS, Level, Verdict
from riskcheck.policy.holding import EXPOSED, GATE_SCOPE, is_approved
from riskcheck.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Limitation
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.runfacts import Hold

GATE_WEAKENED: Final = "GOV-006"
NOT_ANALYSED: Final = "GOV-010"
NOT_WAIVED: Final = frozenset({GATE_WEAKENED, NOT_ANALYSED})
"""Rules of the gate itself: a waiver of them is a way around it."""
HELD_LEVEL: Final[Level] = "P1"
"""What a freeze or a missing approval weighs against `fail_on`."""
_INCOMPLETE: Final = frozenset({"rule-failed", "too-large", "timeout"})
"""Kinds of limitations that say nothing against the file."""
NO_ORDER: Final = "no promotion order is declared, so P1 only warns; `riskcheck init` writes one"


def broken_by_change(limitations: Iterable[Limitation]) -> frozenset[str]:
    """The files that could be read in base and cannot in head. Rules that failed and limits that were reached are
    another matter: there `gate.incomplete` decides."""
    return frozenset(one.path for one in limitations if one.failed and one.kind not in _INCOMPLETE)


def decide(
    findings: Sequence[Finding],
    policy: Policy,
    *,
    fail_on: str | None,
    declared_order: bool,
    now: int,
    holds: Sequence[Hold] = (),
    approvals: Sequence[Approval] = (),
    broken: frozenset[str] = frozenset(),
) -> tuple[Verdict, tuple[Finding, ...], tuple[str, ...]]:
    """The verdict, the findings with `blocking` set, and one reason a line.

    fail_on: a level, ``never``, or None for the default rules. declared_order: the deciding policy declares a
    promotion order. now: seconds since the epoch. holds: what makes the change as a whole wait; the finding that
    tells one does not block beside it, and where that finding is waived, so is the hold. broken: files that could
    be read in base and cannot in head. Waived findings count towards nothing.
    """
    gate = _Gate(policy, declared_order, now, tuple(approvals), broken)
    held = [hold.reason for hold in holds if not _is_waived(hold, findings)]
    judged: list[Finding] = []
    reasons: list[str] = []
    for finding in findings:
        blocking = None
        if finding.waiver is None and not _tells_any(finding, holds):
            blocking = gate.blocking(finding) if fail_on is None else _over_threshold(finding, fail_on)
        judged.append(finding if blocking == finding.blocking else replace(finding, blocking=blocking))
        if blocking:
            reasons.append(f"{finding.code} {finding.resource}: {blocking}")
    if fail_on is None or (fail_on in LEVELS and at_least(HELD_LEVEL, _level(fail_on))):
        reasons.extend(held)
    live = [finding for finding in judged if finding.waiver is None]
    if reasons:
        verdict: Verdict = "block"
    else:
        verdict = "warn" if held or any(at_least(one.level, "P2") for one in live) else "pass"
    warned = (one for one in live if gate.would_block(one) and not _tells_any(one, holds))
    if fail_on is None and not declared_order and any(warned):
        reasons.append(NO_ORDER)
    return verdict, tuple(judged), tuple(dict.fromkeys(reasons))


class _Gate:
    """The default rules under one policy."""

    def __init__(
        self,
        policy: Policy,
        declared_order: bool,
        now: int,
        approvals: tuple[Approval, ...],
        broken: frozenset[str],
    ) -> None:
        self._policy = policy
        self._declared_order = declared_order
        self._now = now
        self._approvals = approvals
        self._broken = broken

    def blocking(self, finding: Finding) -> str | None:
        """Why `finding` alone blocks."""
        if finding.confidence == "low":
            return None
        if finding.code == NOT_ANALYSED:
            return self._not_analysed(finding)
        if finding.code == GATE_WEAKENED:
            return self._gate_weakened(finding)
        stages = {environment.stage for environment in finding.environments}
        if finding.level == "P0" and stages & EXPOSED:
            return "P0 in production" if "prod" in stages else "P0 where the stage is unknown"
        if self._declared_order and self.would_block(finding):
            missing = [
                kind
                for kind, lacks in (
                    ("canary", self._lacks_canary(finding)),
                    ("rollback", not finding.rollback_ready),
                )
                if lacks
            ]
            return f"P1 in production without {' and '.join(missing)} evidence"
        return None

    def would_block(self, finding: Finding) -> bool:
        """Whether it is P1 in production and lacks evidence: what blocks under a declared order."""
        return (
            finding.level == "P1"
            and finding.confidence != "low"
            and finding.code not in (GATE_WEAKENED, NOT_ANALYSED)
            and any(environment.stage == "prod" for environment in finding.environments)
            and (self._lacks_canary(finding) or not finding.rollback_ready)
        )

    def _lacks_canary(self, finding: Finding) -> bool:
        return self._policy.gate.require_canary != "never" and not finding.canary_covered

    def _not_analysed(self, finding: Finding) -> str | None:
        if not at_least(finding.level, "P1"):
            return None
        if finding.location.path in self._broken:
            return "it could be read in base and is broken in head"
        if self._policy.gate.incomplete == "warn":
            return None
        return "changed input was not analysed"

    def _gate_weakened(self, finding: Finding) -> str | None:
        if not at_least(finding.level, "P1"):
            return None
        needs = [need for need in self._policy.approvals if need.scope == GATE_SCOPE]
        found = frozenset({finding.fingerprint})
        if needs and all(is_approved(need, self._approvals, self._now, found) for need in needs):
            return None
        return "the gate itself is weakened"


def tells(finding: Finding, hold: Hold) -> bool:
    """Whether `finding` is the one that tells of `hold`."""
    return finding.code == hold.code and any(
        one.role == hold.role and one.location == hold.source for one in finding.related
    )


def _tells_any(finding: Finding, holds: Sequence[Hold]) -> bool:
    return any(tells(finding, hold) for hold in holds)


def _is_waived(hold: Hold, findings: Sequence[Finding]) -> bool:
    telling = [finding for finding in findings if tells(finding, hold)]
    return bool(telling) and all(finding.waiver is not None for finding in telling)


def _over_threshold(finding: Finding, fail_on: str) -> str | None:
    if fail_on not in LEVELS or not at_least(finding.level, _level(fail_on)):
        return None
    return f"{finding.level}, and --fail-on is {fail_on}"


def _level(word: str) -> Level:
    return next(level for level in LEVELS if level == word)
