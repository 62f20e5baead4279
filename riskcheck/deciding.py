"""Findings into the verdict, the score and what to do. Imported when there is something to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from riskcheck.levels import at_least, worst
from riskcheck.policy.gate import broken_by_change, decide
from riskcheck.policy.waivers import apply_waivers
from riskcheck.redact import REDACTED, redact_line
from riskcheck.response import response_to
from riskcheck.restoration import stated_detection
from riskcheck.results import Assessment, Outcome, Recommendation
from riskcheck.rules.known import KnownNames
from riskcheck.scoring import score

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.documents.linemaps import LineMap
    from riskcheck.judged import Finding
    from riskcheck.judgement import JudgeInput, Judgement
    from riskcheck.models import Level, Location, Side, Verdict
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.resolving import Resolved
    from riskcheck.response import Response
    from riskcheck.trees import Comparison

LEAK: Final = "GOV-007"
"""The rule whose line holds a secret whatever its key is called."""


def decided(
    comparison: Comparison,
    policy: Policy,
    given: JudgeInput,
    resolved: Resolved,
    judgement: Judgement,
    *,
    waivers: bool,
    fail_on: str | None,
    approvals: Sequence[Approval],
    chance: float | None = None,
) -> Outcome:
    """What a judged run comes to. waivers: whether they are honoured. fail_on: as `decide` takes it. chance: as
    `score` takes it."""
    names = KnownNames(given.rules, policy.rules.packs, comparison.deciding)
    found, notes = apply_waivers(
        judgement.findings, policy, comparison, honour=waivers, unknown=names.unknown
    )
    holds = given.holds
    if any(approval.findings is not None for approval in approvals):
        from riskcheck.policy.settling import settled

        found, holds = settled(found, holds, policy, approvals, comparison.lands)
    verdict, findings, reasons = decide(
        found,
        policy,
        fail_on=fail_on,
        declared_order="declared" in judgement.orders or given.declared_order,
        now=comparison.lands,
        holds=holds,
        approvals=approvals,
        broken=broken_by_change(judgement.limitations),
    )
    strengths = {name: _hanging_strength(given, name) for name in {one.service or "" for one in findings}}
    stated = stated_detection(policy)
    # What waits for a date or an approval breaks nothing by itself.
    harmful = [finding for finding in findings if not _waits(finding)]
    services = given.servicemap.services if harmful else {}
    points, terms = score(harmful, services, strengths, None if stated is None else stated / 60, chance)
    live = [finding.level for finding in findings if finding.waiver is None]
    level: Level | None = worst(tuple(live)) if live else None
    paths = tuple(sorted(change.path for change in resolved.changes))
    recommendation = recommend(verdict, findings, paths, reasons)
    return Outcome(
        Assessment(verdict, level, points, recommendation, tuple(reasons), terms),
        findings,
        notes,
        excerpts(findings, resolved),
        _response(harmful, policy),
        _HeadLines(findings, resolved),
    )


def _response(findings: Sequence[Finding], policy: Policy) -> Response | None:
    """What the worst of `findings` asks for if it comes true."""
    level = worst(tuple(finding.level for finding in findings if finding.waiver is None))
    return response_to(level, policy.response) if at_least(level, "P2") else None


def _hanging_strength(given: JudgeInput, name: str) -> float:
    return sum(one.strength for one in given.servicemap.hanging_off(name) if one.hops)


def recommend(
    verdict: Verdict, findings: Sequence[Finding], changed_paths: Sequence[str], reasons: Sequence[str]
) -> Recommendation:
    """What to do with the change as a whole. What is blocked is held back as a whole: which part of it can go ahead
    is for `riskcheck.scoping` to prove. Where nothing but time or an approval is missing no path is named."""
    live = [finding for finding in findings if finding.waiver is None]
    if verdict == "block":
        blocking = [finding for finding in live if finding.blocking]
        if not blocking:
            return Recommendation("delay", tuple(reasons))
        why = tuple(dict.fromkeys(f"{one.code}: {one.message}" for one in blocking))
        return Recommendation("delay", why, (), tuple(changed_paths))
    if verdict == "warn":
        risky = [finding for finding in live if at_least(finding.level, "P2")]
        safeguards = tuple(dict.fromkeys(one.fix for one in risky))
        return Recommendation("proceed-with-safeguards", safeguards)
    return Recommendation("proceed")


def _waits(finding: Finding) -> bool:
    """Whether it tells of a freeze, a closed window or a missing approval: its files cannot merge now either."""
    return any(one.role in ("freeze", "window", "approval") for one in finding.related)


def excerpts(findings: Sequence[Finding], resolved: Resolved) -> dict[tuple[str, Side, int], str]:
    """The line of each finding that is printed, without secrets."""
    found: dict[tuple[str, Side, int], str] = {}
    for finding in findings:
        place = finding.location
        if at_least(finding.level, "P3") and place.path:
            found[(place.path, place.side, place.line)] = _line(place, finding, resolved)
    return found


class _HeadLines(Mapping[tuple[str, int], int]):
    """Where the places of base that `findings` name would stand in head, as `Report` has it: worked out where a
    format asks for it. What was before at the same place is in the finding; nobody looks for it in head."""

    def __init__(self, findings: Sequence[Finding], resolved: Resolved) -> None:
        self._places = frozenset(
            (place.path, place.line)
            for finding in findings
            for place in (
                finding.location,
                *(one.location for one in finding.related if one.role != "before"),
            )
            if place.side == "base" and place.path
        )
        self._base, self._head = resolved.base_side.documents, resolved.head_side.documents
        self._maps: dict[str, LineMap] = {}

    def __getitem__(self, place: tuple[str, int]) -> int:
        path, line = place
        head = self._head.get(path).text if place in self._places else ""
        if not head:
            raise KeyError(place)
        if path not in self._maps:
            from riskcheck.documents.linemaps import LineMap

            self._maps[path] = LineMap(self._base.get(path).text, head)
        return self._maps[path].head_line(line)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return (place for place in sorted(self._places) if self._head.get(place[0]).text)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _line(place: Location, finding: Finding, resolved: Resolved) -> str:
    side = resolved.base_side if place.side == "base" else resolved.head_side
    kind = finding.resource.partition(":")[2].partition(".")[0]
    secret = REDACTED in (finding.before, finding.after) or finding.code == LEAK
    line = redact_line(side.documents.get(place.path).line(place.line), kind, secret=secret)
    owners = (
        finding.resource.startswith(("catalog:", "service:", "gate:Owners.")) or "CODEOWNERS" in place.path
    )
    if not owners:
        return line
    from riskcheck.catalogs.teams import without_persons

    return without_persons(line)
