"""How each wave comes back: the last first, dependants before what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.planning.facts import cell_of
from riskcheck.plans import BackService, BackStep, Runbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Service
    from riskcheck.planning.facts import PlanInput
    from riskcheck.planning.times import Draft
    from riskcheck.plans import Wave


def back_steps(given: PlanInput, drafts: Sequence[Draft], waves: Sequence[Wave]) -> tuple[BackStep, ...]:
    """One step a wave, in the order in which waves are taken back."""
    found = []
    for draft, wave in reversed(list(zip(drafts, waves, strict=True))):
        runbooks, without = _runbooks(draft.services, given)
        services = tuple(
            BackService(service.name, given.back_order(service.name, service.resources))
            for step in reversed(wave.steps)
            for service in reversed(step.services)
        )
        found.append(
            BackStep(
                wave.number,
                tuple(one.name for one in wave.environments),
                services,
                len(wave.steps) > 1 or any(len(one.order) > 1 for one in services),
                wave.paths,
                wave.shared,
                _losses(draft, given),
                runbooks,
                without,
            )
        )
    return tuple(found)


def _losses(draft: Draft, given: PlanInput) -> tuple[str, ...]:
    """What a plain revert of the wave does not bring back, one sentence a thing."""
    cells = {cell_of(one) for one in draft.environments}
    said: dict[str, None] = {}
    for finding in given.report.findings:
        if any(cell_of(one) in cells for one in finding.environments):
            said.update(dict.fromkeys(_of_finding(finding)))
    return tuple(said)


def _of_finding(finding: Finding) -> Iterator[str]:
    place = f"{finding.location.path}:{finding.location.line}"
    recovery = finding.recovery
    if recovery is not None and (recovery.lost or recovery.refused or recovery.moved):
        for sentence in recovery.lost:
            yield f"{sentence} ({place})"
        if recovery.refused:
            yield f"{finding.resource} ({place}): a revert of {', '.join(recovery.refused)} is refused"
        for name in recovery.moved:
            yield f"{finding.resource} ({place}): the previous version was named by {name}, which may have moved"
        return
    missing = next((one for one in finding.rollback if one.kind == "revert" and not one.found), None)
    if missing is not None:
        yield f"{finding.resource} ({place}): {missing.detail}"


def _runbooks(
    services: Mapping[str, Service], given: PlanInput
) -> tuple[tuple[Runbook, ...], tuple[str, ...]]:
    linked = []
    without = []
    for name in sorted(services):
        service = services[name]
        if service.runbook_url:
            note = _note(name, given.report.findings) or _exercised(service)
            linked.append(Runbook(name, service.runbook_url, service.runbook_exercised, note))
        else:
            without.append(name)
    return tuple(linked), tuple(without)


def _note(name: str, findings: Iterable[Finding]) -> str | None:
    """What the evidence says of the service's runbook."""
    for finding in findings:
        if finding.service == name:
            for one in finding.rollback:
                if one.kind == "runbook":
                    return one.detail
    return None


def _exercised(service: Service) -> str:
    if not service.runbook_exercised:
        return f"{service.runbook_url} was never exercised, as far as is declared"
    return f"{service.runbook_url} was last exercised on {service.runbook_exercised}"
