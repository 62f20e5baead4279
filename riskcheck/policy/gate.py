"""The verdict: what may not merge, and why. A pure function of findings, policy and clock.

The default rules, of which each finding needs only one: P0 in production or where the stage is unknown; P1 in
production without canary or without rollback evidence, where a promotion order is declared; the gate itself
weakened; changed input that was not analysed. A freeze and a missing approval hold the change as a whole. Low
confidence and other stages never block.

`fail_on` replaces all of this by one threshold, against which freezes and approvals count as P1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.durations import parse_moment
from riskcheck.globs import wildcard
from riskcheck.levels import at_least
from riskcheck.models import LEVELS, Environment, Level, Service, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Limitation
    from riskcheck.policy.model import Approval, ApprovalNeed, Freeze, Policy

GATE_WEAKENED: Final = "GOV-006"
NOT_ANALYSED: Final = "GOV-010"
GATE_SCOPE: Final = "gate"
"""Scope of `approvals` under which a policy lets named teams change the gate itself."""
HELD_LEVEL: Final[Level] = "P1"
"""What a freeze or a missing approval weighs against `fail_on`."""
_INCOMPLETE: Final = frozenset({"rule-failed", "too-large", "timeout"})
"""Kinds of limitations that say nothing against the file."""
EXPOSED: Final = frozenset({"prod", "unknown"})
NO_ORDER: Final = "no promotion order is declared, so P1 only warns; `riskcheck init` writes one"


def broken_by_change(limitations: Iterable[Limitation]) -> frozenset[str]:
    """The files that could be read in base and cannot in head. Rules that failed and limits that were reached are
    another matter: there `gate.incomplete` decides."""
    return frozenset(one.path for one in limitations if one.failed and one.kind not in _INCOMPLETE)


class Affected(NamedTuple):
    """One service that the change reaches in one environment; files of the gate itself left out."""

    environment: Environment
    service: Service


def decide(
    findings: Sequence[Finding],
    policy: Policy,
    *,
    fail_on: str | None,
    declared_order: bool,
    now: int,
    affected: Iterable[Affected] = (),
    approvals: Sequence[Approval] = (),
    broken: frozenset[str] = frozenset(),
) -> tuple[Verdict, tuple[Finding, ...], tuple[str, ...]]:
    """The verdict, the findings with `blocking` set, and one reason a line.

    fail_on: a level, ``never``, or None for the default rules. declared_order: the deciding policy declares a
    promotion order. now: seconds since the epoch. affected: what the change reaches. broken: files that could
    be read in base and cannot in head. Waived findings count towards nothing.
    """
    reached = tuple(affected)
    gate = _Gate(policy, declared_order, now, tuple(approvals), broken)
    held = (*gate.freezes(reached), *gate.missing_approvals(reached))
    judged: list[Finding] = []
    reasons: list[str] = []
    for finding in findings:
        blocking = None
        if finding.waiver is None:
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
    if fail_on is None and not declared_order and any(gate.would_block(one) for one in live):
        reasons.append(NO_ORDER)
    return verdict, tuple(judged), tuple(dict.fromkeys(reasons))


def held_back(
    policy: Policy, affected: Iterable[Affected], now: int, approvals: Sequence[Approval]
) -> tuple[Affected, ...]:
    """Those that a freeze or a missing approval holds now, in the order given."""
    freezes = [freeze for freeze in policy.freezes if freeze.holds(now)]
    needs = [need for need in policy.approvals if not is_approved(need, approvals, now)]
    return tuple(
        one
        for one in affected
        if any(frozen(freeze, one) for freeze in freezes) or any(in_scope(need, one) for need in needs)
    )


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
        if needs and all(is_approved(need, self._approvals, self._now) for need in needs):
            return None
        return "the gate itself is weakened"

    def freezes(self, affected: Sequence[Affected]) -> list[str]:
        """One reason for each freeze that holds now for something that the change reaches."""
        found = []
        for freeze in self._policy.freezes:
            if not freeze.holds(self._now):
                continue
            inside = [one for one in affected if frozen(freeze, one)]
            if inside:
                end = _day(freeze.end - 1)
                found.append(
                    f"freeze {freeze.name} until {end} ({freeze.source}) holds for {_listed(inside)}"
                )
        return found

    def missing_approvals(self, affected: Sequence[Affected]) -> list[str]:
        """One reason for each approval that something the change reaches in production needs and lacks."""
        found = []
        for need in self._policy.approvals:
            inside = [one for one in affected if in_scope(need, one)]
            if inside and not is_approved(need, self._approvals, self._now):
                teams = " or ".join(need.teams)
                found.append(
                    f"{need.scope} needs the approval of {teams} ({need.source}) for {_listed(inside)}"
                )
        return found


def is_approved(need: ApprovalNeed, approvals: Sequence[Approval], now: int) -> bool:
    """An approval from the future, or without a readable time, is none."""
    for approval in approvals:
        if approval.scope == need.scope and approval.team in need.teams:
            at = parse_moment(approval.at)
            if at is not None and at <= now:
                return True
    return False


def _over_threshold(finding: Finding, fail_on: str) -> str | None:
    if fail_on not in LEVELS or not at_least(finding.level, _level(fail_on)):
        return None
    return f"{finding.level}, and --fail-on is {fail_on}"


def _level(word: str) -> Level:
    return next(level for level in LEVELS if level == word)


def frozen(freeze: Freeze, one: Affected) -> bool:
    """Whether `freeze` is about `one`, whenever it holds."""
    if freeze.services and one.service.name not in freeze.services:
        return False
    if freeze.environments:
        return any(wildcard(name, one.environment.name) for name in freeze.environments)
    return one.environment.stage in EXPOSED


def in_scope(need: ApprovalNeed, one: Affected) -> bool:
    """Whether `one` needs that approval."""
    scopes = {scope.lower() for scope in one.service.scopes}
    return need.scope != GATE_SCOPE and need.scope.lower() in scopes and one.environment.stage in EXPOSED


def _listed(affected: Sequence[Affected]) -> str:
    """``orders (prod-eu, prod-us), ledger (prod-eu)``, the first few."""
    names: dict[str, dict[str, None]] = {}
    for one in affected:
        names.setdefault(one.service.name, {})[one.environment.name] = None
    shown = [f"{service} ({', '.join(environments)})" for service, environments in list(names.items())[:3]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return ", ".join(shown)


def _day(moment: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).date().isoformat()
