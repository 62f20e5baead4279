"""Changes into findings: rules, rehearsal of the revert, evidence, levels, and the rules beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.causes import edited_place, place_key
from riskcheck.findings import Group, alike, beside, changes_like, finding_of, group_hits, order
from riskcheck.fingerprints import fingerprint
from riskcheck.levels import LevelFacts, at_least
from riskcheck.models import (
    LEVELS,
    CanaryEvidence,
    Change,
    Environment,
    Exposure,
    Finding,
    Hit,
    Limitation,
    Location,
    Resource,
    RiskyEdit,
    Rule,
    RunFacts,
    Service,
    location_of,
)
from riskcheck.nodes import MISSING
from riskcheck.rollout import canary, ring, rollback
from riskcheck.rules.evaluate import RuleFailure, SubjectError, evaluate, evaluate_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from riskcheck.graph.reach import Reached
    from riskcheck.graph.services import ServiceGraph
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rules.context import Contexts

NO_ORDER = "no promotion order is declared or evident: canary findings are at most P2"
CAPPED_CODES = frozenset({"CAN-001", "CAN-002", "CAN-003", "CAN-004"})
FINAL = frozenset({"lossy", "irreversible"})


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Everything that was found. order: how the promotion order is known, over the whole run."""

    findings: tuple[Finding, ...]
    limitations: tuple[Limitation, ...]
    notes: tuple[str, ...]
    orders: frozenset[str]
    known: tuple[Resource, ...]
    """Resources of base that evidence was looked for in, sibling environments included; empty if none was."""


Cell: TypeAlias = tuple[str, str]
"""(unit, environment name)."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgeInput:
    """What judging needs, gathered by the engine. environments_gone: cells that only base has;
    environments_whole: cells that only one side has.

    reached: services reached from the changed ones. canary_facts: asked for at the first risky production hit
    only, with the resources it is asked about, since it reads CI definitions, sibling overlays and history.
    """

    changes: Sequence[Change]
    rules: Sequence[Rule]
    contexts: Contexts
    inverse_contexts: Callable[[Sequence[Change]], Contexts]
    limitations: tuple[Limitation, ...]
    touched: frozenset[str]
    reached: Mapping[str, Reached]
    services: Mapping[str, Service]
    graph: ServiceGraph
    service: Callable[[Resource], Service]
    dependants: Callable[[str], Iterable[Reached]]
    canary_facts: Callable[[Sequence[Resource]], CanaryFacts]
    require_canary: str
    declared_order: bool
    now: int
    environments_gone: frozenset[Cell]
    environments_whole: frozenset[Cell]


def judge(given: JudgeInput) -> Judgement:
    """All findings of a run, in order of their weight."""
    per_change = [rule for rule in given.rules if rule.match.subject == "change"]
    hits, failures = evaluate(given.changes, per_change, given.contexts)
    groups = group_hits(_one_per_gone_environment(hits, given.environments_gone))
    judge_ = _Judge(given, groups)
    findings = [judge_.finding(group) for group in groups]
    besides = judge_.beside(list(zip(groups, findings, strict=True)))
    limitations = (*given.limitations, *map(_limitation, (*failures, *judge_.failures)))
    run = judge_.run(limitations)
    return Judgement(
        order([*findings, *besides, *run]),
        limitations,
        judge_.notes,
        frozenset(judge_.orders),
        judge_.known(),
    )


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


def _limitation(failure: RuleFailure) -> Limitation:
    return Limitation(
        failure.location.path if failure.location else failure.source,
        "rule-failed",
        f"rule {failure.rule} failed: {failure.reason}",
        failure.location.line if failure.location else None,
        failure.location.side if failure.location else "head",
        failed=True,
    )


class _Judge:
    """One run's memory: evidence is gathered once per edit and environment."""

    def __init__(self, given: JudgeInput, groups: Sequence[Group]) -> None:
        self._given = given
        self._like = changes_like(given.changes)
        self._facts: CanaryFacts | None = None
        self._canary: dict[tuple[object, ...], tuple[CanaryEvidence, ...]] = {}
        self._exposures: dict[int, Exposure] = {}
        self.orders: set[str] = set()
        self._lossy_by_cause: dict[str, list[str]] = {}
        for group in groups:
            if group.rule.reversibility in FINAL:
                self._lossy_by_cause.setdefault(group.cause, []).append(group.rule.code)
        self._production = [
            hit.change.resource
            for group in groups
            for hit in group.hits
            if hit.environment.stage == "prod" and group.rule.pack != "governance"
        ]
        self._lossy_back = self._rehearse(groups)
        self.notes: tuple[str, ...] = ()
        self.failures: list[RuleFailure] = []

    def _rehearse(self, groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
        """Cause to the lossy rules that its inverse would hit: the revert, run through the same rules."""
        touched = {hit.change.resource.key: hit.change for group in groups for hit in group.hits}
        final = [
            rule
            for rule in self._given.rules
            if rule.match.subject == "change" and rule.reversibility in FINAL
        ]
        if not touched or not final:
            return {}
        inverse = [change.inverted() for change in self._given.changes if change.resource.key in touched]
        hits, _ = evaluate(inverse, final, self._given.inverse_contexts(inverse))
        found: dict[str, dict[str, None]] = {}
        for group in groups:
            for hit in group.hits:
                for back in hits:
                    if back.change.resource.key == hit.change.resource.key and _one_inside_other(
                        back.change.path, hit.change.path
                    ):
                        found.setdefault(group.cause, {})[back.rule.code] = None
        return {cause: tuple(codes) for cause, codes in found.items()}

    def finding(self, group: Group) -> Finding:
        """The finding of one group, with its evidence and level."""
        exposure = self.exposure(group)
        service = self._given.service(group.hits[0].change.resource)
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
        service = self._given.service(hit.change.resource)
        return LevelFacts(
            service=service,
            uncovered=len(uncovered),
            dependant=self._tier_one_dependant(service),
            canary_listed=bool(exposure.production) and listed,
            rollback_measured=any(
                one.found and one.within_rto and one.kind in rule.rollback for one in exposure.rollback
            ),
            neither=not exposure.covered and not any(one.found for one in exposure.rollback),
            environment_gone=(hit.change.resource.unit, hit.environment.name)
            in self._given.environments_gone,
            guard_with_target=bool((hit.match.values or {}).get("guard_removed_with_target")),
        )

    def _tier_one_dependant(self, service: Service) -> str | None:
        for one in self._given.dependants(service.name):
            if 0 < one.hops <= 2 and self._given.services[one.name].criticality == "tier-1":
                return one.name
        return None

    def exposure(self, group: Group) -> Exposure:
        """Where the group's edit goes, and the evidence for each production cell."""
        known = self._exposures.get(id(group))
        if known is None:
            known = self._exposures[id(group)] = self._expose(group)
        return known

    def _expose(self, group: Group) -> Exposure:
        first = group.hits[0].change
        everywhere = self._like.get(alike(first), [first])
        receiving: dict[str, Change] = {}
        for hit in group.hits:
            if hit.environment.stage == "prod":
                receiving.setdefault(hit.environment.name, hit.change)
        production = tuple(receiving[name].environment for name in sorted(receiving))
        evidence: list[CanaryEvidence] = []
        lower: tuple[Environment, ...] = ()
        if production and group.rule.pack != "governance":
            for name in sorted(receiving):
                evidence.extend(self._evidence(receiving[name], everywhere))
            lower = self._lower(next(iter(receiving.values())).resource)
        covered = frozenset(one.environment for one in evidence if one.found and one.kind != "coverage")
        lossy = tuple(dict.fromkeys(self._lossy_by_cause.get(group.cause, ())))
        back = self._lossy_back.get(group.cause, ())
        service = self._given.service(first.resource)
        whole = (first.kind == "added" and not first.path) or any(
            (hit.change.resource.unit, hit.environment.name) in self._given.environments_whole
            for hit in group.hits
            if hit.environment.stage == "prod"
        )
        return Exposure(
            changes=tuple(everywhere),
            production=production,
            canary=tuple(evidence),
            covered=covered,
            rollback=rollback.evidence(everywhere, service, lossy, back, self._given.now),
            order=self._order(evidence),
            lower=lower,
            only_environment=not lower and len({change.environment.name for change in everywhere}) == 1,
            shared=_shared_places([hit.change for hit in group.hits if hit.environment.stage == "prod"]),
            whole=whole,
            lossy=lossy,
            lossy_back=back,
        )

    def _canary_facts(self) -> CanaryFacts:
        if self._facts is None:
            self._facts = self._given.canary_facts(self._production)
        return self._facts

    def known(self) -> tuple[Resource, ...]:
        return tuple(self._facts.base) if self._facts else ()

    def _evidence(self, change: Change, everywhere: Sequence[Change]) -> tuple[CanaryEvidence, ...]:
        resource = change.resource
        key = (place_key(edited_place(change)), change.environment.name, resource.unit, repr(change.after))
        if key not in self._canary:
            self._canary[key] = canary.evidence(change, everywhere, self._canary_facts())
        return self._canary[key]

    def _lower(self, resource: Resource) -> tuple[Environment, ...]:
        found = {
            other.environment.name: other.environment
            for other in ring.relatives(resource, self._canary_facts().base)
            if other.environment.stage in ("dev", "staging", "canary")
        }
        return tuple(found[name] for name in sorted(found))

    def _order(self, evidence: Sequence[CanaryEvidence]) -> Literal["declared", "pipeline"] | None:
        if self._given.declared_order:
            return "declared"
        if evidence and any(pipeline.gated for pipeline in self._canary_facts().pipelines):
            return "pipeline"
        return None

    def beside(self, judged: Sequence[tuple[Group, Finding]]) -> list[Finding]:
        """Delivery and governance findings beside the risky ones; once per run where no order is known."""
        rules = [rule for rule in self._given.rules if rule.match.subject == "finding"]
        if self._given.require_canary == "never":
            rules = [rule for rule in rules if rule.code not in CAPPED_CODES]
        found: dict[tuple[str, str], Finding] = {}
        unordered: list[Finding] = []
        whole: list[Finding] = []
        for group, finding in judged:
            if not at_least(finding.level, "P2") or finding.confidence == "low":
                continue
            exposure = self.exposure(group)
            if exposure.whole and exposure.production:
                whole.append(finding)
            for rule in rules:
                one = self._one_beside(rule, group, finding, exposure)
                if one is None:
                    continue
                if rule.code in CAPPED_CODES and (exposure.order is None or exposure.only_environment):
                    unordered.append(one)
                else:
                    key = (rule.id, finding.cause)
                    if key not in found or LEVELS.index(one.level) > LEVELS.index(found[key].level):
                        found[key] = one
                if exposure.order:
                    self.orders.add(exposure.order)
        return [*found.values(), *self._once(unordered), *self._whole_note(whole)]

    def _one_beside(self, rule: Rule, group: Group, finding: Finding, exposure: Exposure) -> Finding | None:
        capped = NO_ORDER if rule.code in CAPPED_CODES and exposure.order is None else None
        if capped is None and rule.code in CAPPED_CODES and exposure.only_environment:
            capped = "the resource lives in one environment: canary findings are at most P2"
        subject = RiskyEdit(finding, exposure)
        change = exposure.changes[0]
        facts = LevelFacts(service=self._given.service(change.resource), capped=capped)
        try:
            for match, message, severity in evaluate_subject(
                rule, subject, self._given.contexts(rule, change)
            ):
                return beside(rule, group, finding, exposure, match, message, severity, facts)
        except SubjectError as error:
            self.failures.append(error.failure)
        return None

    def _once(self, unordered: Sequence[Finding]) -> list[Finding]:
        """One canary finding for the run where no order is known: the worst one speaks for all."""
        if not unordered:
            return []
        first = min(unordered, key=lambda one: (one.code, one.location.path, one.location.line))
        resources = sorted({resource for one in unordered for resource in one.resources})
        environments = {one.name: one for finding in unordered for one in finding.environments}
        more = len({one.cause for one in unordered}) - 1
        message = first.message + (f" (and {more} more risky edits alike)" if more else "")
        return [
            replace(
                first,
                message=message,
                resources=tuple(resources),
                environments=tuple(environments[name] for name in sorted(environments)),
            )
        ]

    def _whole_note(self, whole: Sequence[Finding]) -> list[Finding]:
        resources = sorted({resource for finding in whole for resource in finding.resources})
        if resources:
            names = ", ".join(resources[:3]) + (
                f" and {len(resources) - 3} more" if len(resources) > 3 else ""
            )
            self.notes = (f"new or gone as a whole, so without canary findings: {names}",)
        return []

    def run(self, limitations: tuple[Limitation, ...]) -> list[Finding]:
        """Findings about the run as a whole: what could not be analysed."""
        facts = RunFacts(limitations, self._given.touched, tuple(self._given.changes), self._unresolved())
        found = []
        for rule in self._given.rules:
            if rule.match.subject != "run":
                continue
            for match, message, severity in evaluate_subject(rule, facts, self._given.contexts.bare(rule)):
                place = match.location or Location("", "head", 1, 1, 1, 1)
                resource = next(iter(match.resources), place.path)
                found.append(
                    Finding(
                        rule=rule.id,
                        code=rule.code,
                        severity=severity,
                        level=severity,
                        confidence=rule.confidence,
                        category=rule.category,
                        cause=f"{place.path}:{place.line}",
                        message=message,
                        why=rule.why.strip(),
                        fix=rule.fix.strip(),
                        resource=resource,
                        resources=match.resources or (resource,),
                        service=None,
                        environments=(),
                        path=(),
                        location=place,
                        related=match.related,
                        before=MISSING,
                        after=MISSING,
                        reversibility=rule.reversibility,
                        canary=(),
                        canary_covered=False,
                        rollback=(),
                        rollback_ready=False,
                        steps=(),
                        fingerprint=fingerprint(rule.id, resource, (message,), MISSING, MISSING),
                        references=rule.references,
                    )
                )
        return found

    def _unresolved(self) -> tuple[Change, ...]:
        """Production changes on which a rule looks and whose new value still holds a placeholder."""
        return tuple(
            change
            for change in self._given.changes
            if change.environment.stage == "prod"
            and change.kind == "modified"
            and isinstance(change.after, str)
            and change.after.startswith("${")
            and not change.after.startswith("${resources.")
            and not isinstance(change.before, str)
        )


def _one_inside_other(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short = min(len(one), len(other))
    return one[:short] == other[:short]


def _shared_places(changes: Sequence[Change]) -> tuple[str, ...]:
    """``path:line`` of the edits from which more than one production environment takes its value."""
    readers: dict[tuple[str, int], set[str]] = {}
    for change in changes:
        node = change.node_after or change.node_before
        if node is None or not change.path:
            continue
        place = location_of(node)
        readers.setdefault((place.path, place.line), set()).add(change.environment.name)
    return tuple(f"{path}:{line}" for (path, line), names in sorted(readers.items()) if len(names) > 1)
