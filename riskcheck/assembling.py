"""What goes into judging and what comes out as a report: the engine's two larger hand-overs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck import __version__
from riskcheck.documents.store import Document, DocumentStore
from riskcheck.environments import EnvironmentModel, order_of
from riskcheck.graph.reach import Reached, reach
from riskcheck.graph.services import build
from riskcheck.judgement import Cell, JudgeInput, Judgement
from riskcheck.levels import at_least
from riskcheck.levels import worst as worst_level
from riskcheck.models import Action, Change, Level, Location, Pipeline, Resource, Rule, Service, Side, Verdict
from riskcheck.policy.gate import Affected
from riskcheck.policy.load import policy_limitations
from riskcheck.redact import redact_line
from riskcheck.resolving import Resolved, relatives_at_base, service_name
from riskcheck.results import Assessment, Report
from riskcheck.rollout.canary import CanaryFacts
from riskcheck.rollout.landing import Landings
from riskcheck.rules.context import Contexts
from riskcheck.scoring import score
from riskcheck.summary import (
    ActionOf,
    changed_resources,
    environments_in_order,
    matrix,
    reached_services,
    recommend,
    same_value_since,
)
from riskcheck.trees import Comparison, MemoryTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Finding
    from riskcheck.policy.model import Policy


def judge_input(
    comparison: Comparison,
    policy: Policy,
    rules: Sequence[Rule],
    environments: EnvironmentModel,
    resolved: Resolved,
    changes: Sequence[Change],
) -> JudgeInput:
    """Gathers what judging needs; expensive facts stay behind functions until somebody asks."""
    graph = build((*resolved.head, *resolved.base), policy.services, service_name)
    changed = {service_name(change.resource) for change in changes}
    reached = reach(graph, changed)
    per_service: dict[str, tuple[Reached, ...]] = {}

    def dependants(name: str) -> Iterable[Reached]:
        if name not in per_service:
            per_service[name] = tuple(reach(graph, [name]).values())
        return per_service[name]

    def contexts(base: Iterable[Resource], head: Iterable[Resource], of: Sequence[Change]) -> Contexts:
        return Contexts(
            base,
            head,
            of,
            resolved.natural_keys,
            services=graph.services,
            options=policy.rules.options,
            now=comparison.now,
        )

    def canary_facts(resources: Sequence[Resource]) -> CanaryFacts:
        return CanaryFacts(
            base=(*resolved.base, *relatives_at_base(resolved, resources)),
            now=comparison.now,
            promotion=policy.promotion,
            declared_order=environments.has_declared_order,
            landings=_landings(comparison, resolved),
            pipelines=_pipelines(resolved),
            natural_keys=resolved.natural_keys,
            stage_of=lambda name: environments.named(name, source="pipeline"),
        )

    base_cells, head_cells = _cells(resolved.base), _cells(resolved.head)
    return JudgeInput(
        changes=changes,
        rules=rules,
        contexts=contexts(resolved.base, resolved.head, changes),
        inverse_contexts=lambda inverse: contexts(resolved.head, resolved.base, inverse),
        limitations=(*resolved.limitations, *policy_limitations(comparison)),
        touched=frozenset(change.path for change in resolved.changes),
        reached=reached,
        services=graph.services,
        graph=graph,
        service=lambda resource: graph.services.get(service_name(resource), Service(service_name(resource))),
        dependants=dependants,
        canary_facts=canary_facts,
        require_canary=policy.gate.require_canary,
        declared_order=environments.has_declared_order,
        now=comparison.now,
        environments_gone=base_cells - head_cells,
        environments_whole=base_cells ^ head_cells,
    )


def affected(given: JudgeInput) -> tuple[Affected, ...]:
    """Which service the change reaches where. Files that guard the merge itself belong to no service."""
    found = {
        (change.environment.name, given.service(change.resource).name): Affected(
            change.environment, given.service(change.resource)
        )
        for change in given.changes
        if change.resource.platform != "gate"
    }
    return tuple(found[key] for key in sorted(found))


def _cells(resources: Iterable[Resource]) -> frozenset[Cell]:
    return frozenset((resource.unit, resource.environment.name) for resource in resources)


def _pipelines(resolved: Resolved) -> tuple[Pipeline, ...]:
    from riskcheck.platforms.gate.pipelines import deploy_pipelines

    return deploy_pipelines(resolved.base_side)


def _landings(comparison: Comparison, resolved: Resolved) -> Landings | None:
    if comparison.history is None:
        return None
    return Landings(comparison.history, _parse, resolved.base_side.documents.get, comparison.now)


def _parse(path: str, data: bytes) -> Document:
    return DocumentStore(MemoryTree({path: data}, "base", "history")).get(path)


def assemble(
    comparison: Comparison,
    given: JudgeInput,
    resolved: Resolved,
    judgement: Judgement,
    decision: tuple[Verdict, tuple[Finding, ...], tuple[str, ...]],
    notes: Sequence[str],
    rules_digest: str,
) -> Report:
    """The report of a judged run."""
    verdict, findings, reasons = decision
    strengths = {name: _hanging_strength(given, name) for name in {one.service or "" for one in findings}}
    points, terms = score(findings, given.services, strengths)
    live = [finding.level for finding in findings if finding.waiver is None]
    level: Level | None = worst_level(tuple(live)) if live else None
    paths = tuple(sorted(change.path for change in resolved.changes))
    assessment = Assessment(
        verdict, level, points, recommend(verdict, findings, paths, reasons), tuple(reasons), terms
    )
    known = (*resolved.base, *resolved.head, *judgement.known)
    environments = environments_in_order((resource.environment for resource in known), order_of)
    return Report(
        version=__version__,
        rules_digest=rules_digest,
        as_of=_iso(comparison.now),
        base=comparison.base.label,
        head=comparison.head.label,
        assessment=assessment,
        findings=findings,
        changed=changed_resources(given.changes, _action_of(resolved)),
        environments=environments,
        services=reached_services(given.graph, given.reached),
        matrix=matrix(given.changes, known, service_name, same_value_since(findings)),
        limitations=tuple(
            sorted(set(judgement.limitations), key=lambda one: (one.path, one.line or 0, one.message))
        ),
        files_changed=len(comparison.changes),
        files_read=len(resolved.read),
        changes=len(given.changes),
        notes=tuple(dict.fromkeys(notes)),
        excerpts=_excerpts(findings, resolved),
    )


def _hanging_strength(given: JudgeInput, name: str) -> float:
    return sum(one.strength for one in given.dependants(name) if one.hops)


def _action_of(resolved: Resolved) -> ActionOf:
    def action_of(changes: Sequence[Change]) -> Action:
        return resolved.platform(changes[0].resource).action(changes)

    return action_of


def _excerpts(findings: Sequence[Finding], resolved: Resolved) -> dict[tuple[str, Side, int], str]:
    """The line of each finding that is printed, without secrets."""
    found: dict[tuple[str, Side, int], str] = {}
    for finding in findings:
        place = finding.location
        if at_least(finding.level, "P3") and place.path:
            found[(place.path, place.side, place.line)] = _line(place, finding.resource, resolved)
    return found


def _line(place: Location, resource: str, resolved: Resolved) -> str:
    side = resolved.base_side if place.side == "base" else resolved.head_side
    kind = resource.partition(":")[2].partition(".")[0]
    return redact_line(side.documents.get(place.path).line(place.line), kind)


def _iso(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
