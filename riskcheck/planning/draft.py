"""The plan of a judged run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.planning import files, proving, sharing, times, watch
from riskcheck.planning.back import back_steps
from riskcheck.planning.cells import grouped
from riskcheck.planning.facts import cell_of
from riskcheck.planning.order import steps_of
from riskcheck.planning.times import Draft
from riskcheck.plans import Plan, PlannedService, Wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Environment, Resource, Service
    from riskcheck.planning.facts import PlanInput
    from riskcheck.planning.files import Reach
    from riskcheck.plans import SharedFile, Signal, Soak


def draft(given: PlanInput) -> Plan:
    """The plan. A change in which nothing is risky goes in one wave."""
    report = given.report
    staged = report.assessment.verdict != "pass"
    found = files.reaches(given)
    groups = _groups(given, staged)
    drafts = tuple(_draft(number, members, given) for number, members in enumerate(groups, 1))
    soaks = tuple(times.soak_of(one, given) for one in drafts)
    begin = times.starts(drafts, soaks, given)
    shared = sharing.shared_files(given, found, groups)
    noticed = _signals(given) if staged else {}
    waves = tuple(_wave(one, given, found, shared, soaks, begin, drafts, noticed) for one in drafts)
    end = begin[-1].after + soaks[-1].seconds if begin else 0
    return Plan(
        version=report.version,
        rules_digest=report.rules_digest,
        as_of=report.as_of,
        base=report.base,
        head=report.head,
        assessment=report.assessment,
        order=given.order,
        staged=staged and len(waves) > 0,
        files_changed=report.files_changed,
        fixes=_fixes(report.findings),
        waves=waves,
        shared=shared,
        unstaged=files.unstaged(given, found),
        approvals=times.approvals(drafts, given),
        freezes=times.freezes(drafts, begin, end, given),
        windows=times.windows(drafts, begin, given),
        already=proving.already(given),
        rollback=back_steps(given, drafts, waves),
        limitations=report.limitations,
        notes=report.notes,
        response=report.response,
    )


def _fixes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What settles the blocking findings; that a canary is missing the waves themselves settle."""
    places: dict[tuple[str, str], dict[str, None]] = {}
    for one in findings:
        if one.blocking and one.waiver is None and not one.code.startswith("CAN-"):
            at = places.setdefault((one.code, one.fix), {})
            at[f"{one.location.path}:{one.location.line}"] = None
    return tuple(f"{code} ({', '.join(at)}): {fix}" for (code, fix), at in places.items())


def _groups(given: PlanInput, staged: bool) -> tuple[tuple[Environment, ...], ...]:
    environments = [change.environment for change in given.changes]
    groups = grouped(environments, given.regions_at_once)
    if staged or not groups:
        return groups
    return (tuple(one for members in groups for one in members),)


def _draft(number: int, members: Sequence[Environment], given: PlanInput) -> Draft:
    cells = {cell_of(one) for one in members}
    changes = tuple(change for change in given.changes if cell_of(change.environment) in cells)
    services: dict[str, Service] = {}
    pairs = set()
    for change in changes:
        service = given.service(change.resource)
        services.setdefault(service.name, service)
        pairs.add((cell_of(change.environment), service.name))
    in_order = {name: services[name] for name in sorted(services)}
    return Draft(number, tuple(members), changes, in_order, frozenset(pairs))


def _wave(
    one: Draft,
    given: PlanInput,
    found: Mapping[str, Reach],
    shared: Sequence[SharedFile],
    soaks: Sequence[Soak],
    begin: Sequence[times.Start],
    drafts: Sequence[Draft],
    noticed: Mapping[str, tuple[Signal, ...]],
) -> Wave:
    cells = {cell_of(environment) for environment in one.environments}
    with_others = {file.path for file in shared}
    mine = sorted(path for path, reach in found.items() if reach.cells & cells)
    start = begin[one.number - 1]
    before = list(zip(drafts, soaks, strict=True))[: one.number - 1]
    return Wave(
        number=one.number,
        environments=one.environments,
        steps=steps_of(_planned(one, given), given.layers(tuple(one.services)), given.needs),
        paths=tuple(path for path in mine if path not in with_others),
        shared=tuple(path for path in mine if path in with_others),
        soak=soaks[one.number - 1],
        starts_after=start.after,
        not_before=times.stamp(given.now + start.after) if start.freezes or start.windows else None,
        gates=times.gates(one.environments, one.number, given.pipelines),
        proofs=proving.proofs(one, before, given) if given.report.assessment.verdict != "pass" else (),
        signals=tuple(signal for name in one.services for signal in noticed.get(name, ())),
        unwatched=tuple(name for name in one.services if name in noticed and not noticed[name]),
        unit=_unit(one),
    )


def _unit(one: Draft) -> str | None:
    units = {(change.resource.platform, change.resource.unit) for change in one.changes}
    return next(iter(units))[1] or "." if len(units) == 1 else None


def _planned(one: Draft, given: PlanInput) -> dict[str, PlannedService]:
    resources: dict[str, set[str]] = {name: set() for name in one.services}
    for change in one.changes:
        resources[given.service(change.resource).name].add(change.resource.address)
    return {
        name: PlannedService(name, service.owner, service.criticality, tuple(sorted(resources[name])))
        for name, service in one.services.items()
    }


def _signals(given: PlanInput) -> dict[str, tuple[Signal, ...]]:
    """Every changed service to what the repository names to be watched for it; () where that is nothing."""
    changed: dict[str, dict[str, Resource]] = {}
    services: dict[str, Service] = {}
    for change in given.changes:
        service = given.service(change.resource)
        services[service.name] = service
        changed.setdefault(service.name, {})[change.resource.address] = change.resource
    everywhere = watch.signals(
        given.documents, [watch.watched(name, resources.values()) for name, resources in changed.items()]
    )
    found: dict[str, list[Signal]] = {name: [] for name in changed}
    for signal in everywhere:
        found[signal.service].append(signal)
    for name, resources in changed.items():
        for resource in resources.values():
            found[name].extend(watch.of_resource(name, resource))
    return {name: tuple(sorted(set(members))) for name, members in found.items()}
