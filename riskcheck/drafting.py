"""What a judged run knows of its own rollout, for `riskcheck.planning`: evidence, soak, edges, freezes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.causes import edited_place
from riskcheck.dependencies import resource_id
from riskcheck.findings import alike, changes_like
from riskcheck.governing import affected_by
from riskcheck.graph.analysis import between_services, waves
from riskcheck.models import UNDEPLOYED
from riskcheck.nodes import Scalar, walk
from riskcheck.planning.draft import draft
from riskcheck.planning.facts import ApprovalFact, FreezeFact, PlanInput, WindowFact
from riskcheck.plans import Need, Plan, Soak
from riskcheck.platforms.gate.pipelines import deploy_pipelines
from riskcheck.policy.holding import concerns, in_scope, is_approved
from riskcheck.policy.windows import is_open, next_opening
from riskcheck.progressive.limits import limits
from riskcheck.redact import REDACTED, redact_line
from riskcheck.rollout import canary, soak
from riskcheck.rollout.reversing import rollback_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from riskcheck.engine import JudgedRun, Options
    from riskcheck.judged import CanaryEvidence
    from riskcheck.models import Change, Environment, Pipeline, Resource, Rule, Side
    from riskcheck.nodes import KeyPath
    from riskcheck.policy.holding import Affected
    from riskcheck.policy.model import ApprovalNeed, Freeze, Window
    from riskcheck.results import Report

    Affects: TypeAlias = Callable[[Change], Affected]

MOST_ASKED: Final = 200
"""Edits of production that evidence is looked for; what is beyond counts as not proven."""

REGIONS_OPTION: Final = "max_regions_per_wave"
"""Option of the rule about several regions at once; plans keep to what it allows."""


ANY_TIME: Final = "describes services and deploys nothing: any time"
WHEN: Final = {"gate": "guards the merge itself: merge it on its own, before the waves"}
"""When a file of a platform that is not deployed may be merged."""


def plan_of(run: JudgedRun, rules: Sequence[Rule], options: Options) -> Plan:
    """The plan of a judged run. run.report: as it is to be shown, with its proven scope."""
    given, now = run.given, run.comparison.lands

    def affects(change: Change) -> Affected:
        return affected_by(change, given.servicemap.service(change.resource))

    pipelines = deploy_pipelines(run.resolved.base_side)
    found = frozenset(one.fingerprint for one in run.report.findings if one.waiver is None)
    return draft(
        PlanInput(
            report=run.report,
            changes=_deployed(given.changes),
            paths=run.comparison.changes,
            read=run.resolved.read,
            undeployed=_undeployed(run),
            service=given.servicemap.service,
            needs=_needs(run),
            # Most waves hold the same services.
            layers=cache(lambda names: waves(given.servicemap.graph, names)),
            back_order=_back_order(run),
            soak=_soak,
            pipelines=pipelines,
            order=_order(run, pipelines),
            regions_at_once=_regions_at_once(run, rules),
            first_share=_first_share(run),
            freezes=[_freeze(one, affects) for one in run.policy.freezes],
            windows=[_window(one, affects) for one in run.policy.windows],
            approvals=[
                _approval(one, is_approved(one, options.approvals, now, found), affects)
                for one in run.policy.approvals
            ],
            evidence=_evidence(run) if run.report.assessment.verdict != "pass" else {},
            line=_lines(run),
            key=_keys(run),
            documents=run.resolved.head_side.documents,
            now=now,
        )
    )


def empty_plan(report: Report) -> Plan:
    """The plan where no path differs."""
    return Plan(
        report.version,
        report.rules_digest,
        report.as_of,
        report.base,
        report.head,
        report.assessment,
        order="stage",
        staged=False,
        files_changed=0,
        notes=report.notes,
    )


def _deployed(changes: Iterable[Change]) -> list[Change]:
    """The changes of what is deployed. Settings of a bundle's target are told by the resources that get them; only
    where none does do they stand for themselves."""
    kept = [change for change in changes if change.resource.platform not in UNDEPLOYED]
    places = {_place(change) for change in kept if not _is_setting(change)}
    return [change for change in kept if not _is_setting(change) or _place(change) not in places]


def _place(change: Change) -> tuple[str, str]:
    return (change.resource.unit, change.environment.name)


def _is_setting(change: Change) -> bool:
    return (change.resource.platform, change.resource.kind) == ("databricks", "targets")


def _undeployed(run: JudgedRun) -> Mapping[str, str]:
    """Changed files that are judged and not deployed, each with when it may be merged: pipelines, owners, hooks and
    the policy, which guard the merge itself, and catalogs."""
    found: dict[str, str] = {}
    for resource in (*run.resolved.base, *run.resolved.head):
        if resource.platform in UNDEPLOYED:
            found[resource.origin.source.path] = WHEN.get(resource.platform, ANY_TIME)
    for platform in UNDEPLOYED:
        found.update(dict.fromkeys(run.resolved.units.get(platform, ()), WHEN.get(platform, ANY_TIME)))
    return found


def _needs(run: JudgedRun) -> tuple[Need, ...]:
    return tuple(
        Need(
            dependant,
            dependency,
            f"{edge.location.path}:{edge.location.line}" if edge.location is not None else "",
        )
        for (dependant, dependency), edge in between_services(run.given.servicemap.graph).items()
    )


def _back_order(run: JudgedRun) -> Callable[[str, Iterable[str]], tuple[tuple[str, ...], ...]]:
    edges = run.given.servicemap.graph.edges

    def order(service: str, addresses: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        names = {resource_id(service, address): address for address in addresses}
        return tuple(tuple(names[one] for one in wave) for wave in rollback_order(names, edges))

    return order


def _soak(resource: Resource, environment: Environment) -> Soak:
    seconds = soak.needed(resource, environment)
    if environment.soak_seconds is not None:
        return Soak(seconds, f"the policy's soak of {environment.name}")
    if seconds == soak.DEFAULT_SECONDS:
        return Soak(seconds, "the default")
    return Soak(seconds, f"one cycle of the schedule of {resource.address}")


def _order(run: JudgedRun, pipelines: Sequence[Pipeline]) -> Literal["declared", "pipeline", "stage"]:
    if run.given.declared_order:
        return "declared"
    return "pipeline" if any(pipeline.gated for pipeline in pipelines) else "stage"


def _regions_at_once(run: JudgedRun, rules: Iterable[Rule]) -> int:
    for rule in rules:
        if rule.options and REGIONS_OPTION in rule.options:
            own = run.policy.rules.options
            value = {**rule.options, **own.get(rule.code, {}), **own.get(rule.id, {})}[REGIONS_OPTION]
            return int(value) if isinstance(value, int | float) and value >= 1 else 1
    return 1


def _first_share(run: JudgedRun) -> float | None:
    if run.policy.promotion not in (None, "git"):
        return None
    return limits(run.policy.rules.options).first


def _freeze(one: Freeze, affects: Affects) -> FreezeFact:
    return FreezeFact(one.name, one.start, one.end, one.source, lambda change: concerns(one, affects(change)))


def _window(one: Window, affects: Affects) -> WindowFact:
    def opens(moment: int) -> int | None:
        found = next_opening(one, moment)
        return None if found is None else found[0]

    def reaches(change: Change) -> bool:
        return concerns(one, affects(change))

    return WindowFact(one.name, one.source, lambda moment: is_open(one, moment), opens, reaches)


def _approval(one: ApprovalNeed, given: bool, affects: Affects) -> ApprovalFact:
    def reaches(change: Change) -> bool:
        return in_scope(one, affects(change))

    return ApprovalFact(one.scope, one.teams, one.source, given, reaches)


def _evidence(run: JudgedRun) -> Mapping[tuple[str, str], tuple[CanaryEvidence, ...]]:
    """Canary evidence of each service in each production environment: what is found holds for all of its changes
    there, else what one of them lacks."""
    production = [
        change
        for change in run.given.changes
        if change.environment.stage == "prod" and change.resource.platform not in UNDEPLOYED
    ]
    if not production:
        return {}
    facts = run.given.canary_facts([change.resource for change in production])
    like = changes_like(run.given.changes)
    found: dict[tuple[str, str], tuple[CanaryEvidence, ...]] = {}
    for number, change in enumerate(production):
        key = (run.given.servicemap.service(change.resource).name, change.environment.name)
        if number >= MOST_ASKED:
            found[key] = ()
        elif key not in found or any(one.found for one in found[key]):
            found[key] = canary.evidence(change, like[alike(change)], facts)
    return found


def _lines(run: JudgedRun) -> Callable[[str, Side, int], str]:
    """Lines of files without secrets, those that are secret by what they are put into included."""
    kinds: dict[str, str] = {}
    secret: set[tuple[str, Side, int]] = set()
    for change in run.given.changes:
        kinds.setdefault(change.node.source.path, change.resource.kind)
        if REDACTED in (change.before, change.after):
            place = edited_place(change)
            secret.add((place.path, place.side, place.line))

    def line(path: str, side: Side, number: int) -> str:
        text = run.resolved.documents(side).get(path).line(number)
        return redact_line(text, kinds.get(path, ""), secret=(path, side, number) in secret)

    return line


def _keys(run: JudgedRun) -> Callable[[str, Side, int], KeyPath]:
    def key(path: str, side: Side, number: int) -> KeyPath:
        for chunk in run.resolved.documents(side).get(path).chunks:
            if chunk.root is not None:
                for at, node in walk(chunk.root):
                    if isinstance(node, Scalar) and node.file_line == number:
                        return at
        return ()

    return key
