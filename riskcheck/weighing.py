"""Hits into findings with their evidence and level, and the rules that speak beside them or about the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.exposing import Exposures
from riskcheck.findings import Group, beside, finding_of, group_hits, order, standing_alone
from riskcheck.judged import Finding, Hit, RiskyEdit
from riskcheck.judgement import Cell, JudgeInput, Judgement, limitation_of
from riskcheck.levels import LevelFacts, at_least
from riskcheck.models import LEVELS, UNDEPLOYED, Match, Rule, Selector, Service
from riskcheck.nodes import render_path
from riskcheck.phrases import listed, many
from riskcheck.records import replace
from riskcheck.rules.evaluate import RuleFailure, SubjectError, evaluate_subject
from riskcheck.rules.listed import of_subject
from riskcheck.runfacts import RiskyChange, RunFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Exposure
    from riskcheck.models import Change, Environment

CANARY_CODES: Final = frozenset({"CAN-001", "CAN-002", "CAN-003", "CAN-004", "CAN-016"})
"""Rules that ask for canary coverage; without a known promotion order they are capped and said once."""

NO_ORDER: Final = "no promotion order is declared or evident: canary findings are at most P2"
ONE_HOME: Final = "the resource lives in one environment: canary findings are at most P2"


def weigh(given: JudgeInput, hits: Sequence[Hit], facts: RunFacts) -> Judgement:
    """The judgement of a run that hit something or could not read everything."""
    groups = group_hits(_one_per_gone_environment(hits, given.environments_gone))
    others = group_hits(_unjudged(given.changes, hits)) if given.require_canary == "all" else ()
    weighing = _Weighing(given, Exposures(given, (*groups, *others)))
    judged = [(group, weighing.finding(group)) for group in (*groups, *others)]
    besides = weighing.beside(judged)
    limitations = (*facts.limitations, *map(limitation_of, weighing.failures))
    risky = tuple(risky_change(finding) for _, finding in judged[: len(groups)] if is_risky(finding))
    run = weighing.run(facts._replace(limitations=limitations, risky=risky))
    limitations = (*facts.limitations, *map(limitation_of, weighing.failures))
    weighing.exposures.save()
    return Judgement(
        order([*(finding for _, finding in judged[: len(groups)]), *besides, *run]),
        limitations,
        weighing.notes,
        frozenset(weighing.orders),
        weighing.exposures.known(),
        same_value_since(finding for _, finding in judged),
    )


def same_value_since(findings: Iterable[Finding]) -> dict[tuple[str, str], str]:
    """(service, lower environment) to since when it runs what production gets now, from the evidence found."""
    return {
        (finding.service or "", name): one.since
        for finding in findings
        for one in finding.canary
        if one.found and one.kind == "promoted" and one.since
        for name in one.lower
    }


UNJUDGED: Final = Rule(
    id="any-change",
    code="ANY",
    title="A production change that no rule finds risky",
    pack="delivery",
    severity="P3",
    confidence="high",
    reversibility="reversible",
    category="platform",
    match=Selector(),
    message="",
    why="",
    fix="",
)
"""Stands for the missing rule where the policy asks for canaries of all changes; never reported itself."""


def _unjudged(changes: Sequence[Change], hits: Sequence[Hit]) -> list[Hit]:
    """The production changes that no rule hit, as if one had."""
    hit = {id(one.change) for one in hits}
    return [
        Hit(UNJUDGED, "P3", change, Match(), "")
        for change in changes
        if change.environment.stage == "prod"
        and change.resource.platform not in UNDEPLOYED
        and id(change) not in hit
    ]


def _one_per_gone_environment(hits: Sequence[Hit], gone: frozenset[Cell]) -> Sequence[Hit]:
    """`hits`, of those in a non-production environment that goes as a whole only the worst of each service."""
    kept: list[Hit] = []
    worst: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        resource = hit.change.resource
        if (resource.unit, hit.environment.name) not in gone or hit.environment.stage in ("prod", "unknown"):
            kept.append(hit)
            continue
        key = (resource.service or resource.unit, hit.environment.name)
        known = worst.get(key)
        if known is None or LEVELS.index(hit.severity) > LEVELS.index(known.severity):
            worst[key] = hit
    return [*kept, *worst.values()]


class _Weighing:
    """One run's weighing: what is noted on the way."""

    def __init__(self, given: JudgeInput, exposures: Exposures) -> None:
        self._given = given
        self.exposures = exposures
        self.orders: set[str] = set()
        self.notes: tuple[str, ...] = ()
        self.failures: list[RuleFailure] = []

    def finding(self, group: Group) -> Finding:
        """The finding of one group, with its evidence and level."""
        exposure = self.exposures.of(group)
        service = self._given.servicemap.service(group.hits[0].change.resource)
        return finding_of(group, exposure, service, lambda hit: self._level_facts(hit, exposure))

    def _level_facts(self, hit: Hit, exposure: Exposure) -> LevelFacts:
        rule = hit.rule
        listed_kinds = rule.canary | ({"pipeline"} if "promoted" in rule.canary else frozenset())
        uncovered = [one for one in exposure.production if one.name not in exposure.covered]
        listed = all(
            any(
                one.found and one.kind in listed_kinds and one.environment == cell.name
                for one in exposure.canary
            )
            for cell in exposure.production
        )
        service = self._given.servicemap.service(hit.change.resource)
        return LevelFacts(
            service=service,
            uncovered=len(uncovered),
            dependant=self._critical_dependant(hit),
            canary_listed=bool(exposure.production) and listed and not exposure.parity,
            rollback_measured=any(
                one.found and one.within_rto and one.kind in rule.rollback for one in exposure.rollback
            ),
            neither=not exposure.covered and not any(one.found for one in exposure.rollback),
            environment_gone=(hit.change.resource.unit, hit.environment.name)
            in self._given.environments_gone,
            guard_with_target=bool((hit.match.values or {}).get("guard_removed_with_target")),
        )

    def _critical_dependant(self, hit: Hit) -> str | None:
        """A critical service within two hops, with the reason why it is one."""
        if hit.environment.stage != "prod":
            return None
        found = self._given.servicemap.downstream(hit.change.resource, 2)
        return f"{found[0].name} is {found[0].because}" if found else None

    def beside(self, judged: Sequence[tuple[Group, Finding]]) -> list[Finding]:
        """Delivery and governance findings beside the risky ones; once per run where no order is known."""
        rules = of_subject(self._given.rules, "finding")
        if self._given.require_canary == "never":
            rules = [rule for rule in rules if rule.code not in CANARY_CODES]
        found: dict[tuple[str, str], Finding] = {}
        unordered: list[tuple[Finding, Finding]] = []
        whole: list[Finding] = []
        for group, finding in judged:
            asked = group.rule is UNJUDGED
            if not asked and (not at_least(finding.level, "P2") or finding.confidence == "low"):
                continue
            if group.rule.pack == "governance":
                # The gate is not deployed: there is nowhere to try it first.
                continue
            exposure = self.exposures.of(group)
            if exposure.changes[0].resource.platform in UNDEPLOYED:
                continue
            if exposure.whole and exposure.production:
                whole.append(finding)
            for rule in rules:
                if asked and rule.code not in CANARY_CODES:
                    continue
                one = self._one_beside(rule, group, finding, exposure)
                if one is None:
                    continue
                if rule.code in CANARY_CODES and (exposure.order is None or exposure.only_environment):
                    unordered.append((finding, one))
                else:
                    key = (rule.id, finding.cause)
                    if key not in found or _first_to_tell(one) < _first_to_tell(found[key]):
                        found[key] = one
                if exposure.order:
                    self.orders.add(exposure.order)
        self.notes = _whole_note(whole)
        return [*found.values(), *self._once(unordered)]

    def _one_beside(self, rule: Rule, group: Group, finding: Finding, exposure: Exposure) -> Finding | None:
        capped = None
        if rule.code in CANARY_CODES:
            capped = NO_ORDER if exposure.order is None else ONE_HOME if exposure.only_environment else None
        subject = RiskyEdit(finding, exposure)
        change = exposure.changes[0]
        facts = LevelFacts(service=self._given.servicemap.service(change.resource), capped=capped)
        try:
            for match, message, severity in evaluate_subject(
                rule, subject, self._given.contexts(rule, change)
            ):
                return beside(rule, group, finding, exposure, match, message, severity, facts)
        except SubjectError as error:
            self.failures.append(error.failure)
        return None

    def _once(self, unordered: Sequence[tuple[Finding, Finding]]) -> list[Finding]:
        """One canary finding for the run where no order is known: the worst one, of the worst edit, speaks for all.
        `unordered` are findings, each with the one beside it."""
        if not unordered:
            return []
        _, first = min(unordered, key=_first_beside)
        told = [one for _, one in unordered]
        resources = sorted({resource for one in told for resource in one.resources})
        environments = {one.name: one for finding in told for one in finding.environments}
        more = len({one.cause for one in told}) - 1
        message = first.message + (f" (and {many(more, 'more risky edit')} alike)" if more else "")
        return [
            replace(
                first,
                message=message,
                resources=tuple(resources),
                environments=tuple(environments[name] for name in sorted(environments)),
            )
        ]

    def run(self, facts: RunFacts) -> list[Finding]:
        """Findings about the run as a whole: what holds it, what could not be analysed.

        A match that gives the node it is about is judged in its environments like any other hit; one about the run
        has the rule's severity, or says with ``undetermined`` that it could not be told.
        """
        found: list[Finding] = []
        for rule in of_subject(self._given.rules, "run"):
            context = self._given.contexts.bare(rule)
            try:
                for match, message, severity in evaluate_subject(rule, facts, context):
                    cells, service = self._about(match, facts)
                    one = standing_alone(rule, match, message, severity, cells=cells, service=service)
                    found.append(_beside_others(one, found))
            except SubjectError as error:
                self.failures.append(error.failure)
                told = limitation_of(error.failure)
                facts = facts._replace(limitations=(*facts.limitations, told))
        return found

    def _about(self, match: Match, facts: RunFacts) -> tuple[tuple[Environment, ...], Service | None]:
        """The environments that `match` names, and the service of the value that it is about."""
        about = [change for change in facts.changes if change.environment.name in match.environments]
        cells = {change.environment.name: change.environment for change in about}
        near = next((change for change in about if change.resource.address in match.resources), None)
        service = self._given.servicemap.service(near.resource) if near and match.node is not None else None
        return tuple(cells[name] for name in sorted(cells)), service


def _beside_others(one: Finding, others: Sequence[Finding]) -> Finding:
    """`one`, its cause with the column where another edit has the line, as in YAML of one line."""
    at = one.location
    apart = any(other.cause == one.cause and other.location.column != at.column for other in others)
    return (
        replace(one, cause=f"{one.cause}:{at.column}")
        if apart and one.cause == f"{at.path}:{at.line}"
        else one
    )


def _first_to_tell(one: Finding) -> tuple[int, str, str, str]:
    """Worst first, then what no order of keys or files decides, so that the fingerprint holds."""
    return (-LEVELS.index(one.level), one.resource, render_path(one.path), one.fingerprint)


def _first_beside(pair: tuple[Finding, Finding]) -> tuple[str, int, tuple[int, str, str, str]]:
    finding, beside = pair
    return beside.code, -LEVELS.index(beside.level), _first_to_tell(finding)


def is_risky(finding: Finding) -> bool:
    """Whether `finding` is P2 or worse and says what changed, which the gate's own files do not."""
    return (
        at_least(finding.level, "P2")
        and finding.confidence != "low"
        and finding.code.partition("-")[0] not in ("GOV", "CAN", "GRF")
    )


def risky_change(finding: Finding) -> RiskyChange:
    """`finding` as rules about the run see it."""
    values = () if not finding.path else (repr(finding.before), repr(finding.after))
    return RiskyChange(
        finding.code,
        finding.category,
        finding.cause,
        finding.service or finding.resource,
        finding.resource,
        (finding.rule, render_path(finding.path), *values),
        finding.location,
    )


def _whole_note(whole: Sequence[Finding]) -> tuple[str, ...]:
    resources = sorted({resource for finding in whole for resource in finding.resources})
    if not resources:
        return ()
    return (f"new or gone as a whole, so without canary findings: {listed(resources)}",)
