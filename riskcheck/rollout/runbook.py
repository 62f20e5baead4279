"""Whether a service's rollback runbook is evidence: there, exercised lately, and quick enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.durations import spell
from riskcheck.judged import RollbackEvidence
from riskcheck.runbooks import runbook_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Service


def runbook(service: Service, now: int, exists: Callable[[str], bool]) -> RollbackEvidence | None:
    """The evidence; None where none is linked and the service declares nothing that asks for one.

    now: seconds since the epoch. exists: whether a path is in the tree that decides.
    """
    url = service.runbook_url
    if not url:
        if service.rto is None and service.rpo is None:
            return None
        return RollbackEvidence("runbook", False, f"{service.name} links no rollback runbook")
    problem = runbook_problem(service, now, exists)
    if problem is not None:
        return RollbackEvidence("runbook", False, problem, seconds=service.runbook_duration)
    measured, fits = _measured(service)
    detail = f"{url} exercised on {service.runbook_exercised}, {measured}"
    return RollbackEvidence("runbook", True, detail, fits, service.runbook_duration)


def _measured(service: Service) -> tuple[str, bool]:
    duration, rto = service.runbook_duration, service.rto
    if duration is None:
        return "its duration is not stated", False
    if rto is None:
        return f"it took {spell(duration)}; no RTO is stated", False
    if duration > rto:
        return f"it took {spell(duration)}, longer than the RTO of {spell(rto)}", False
    return f"it took {spell(duration)}, within the RTO of {spell(rto)}", True
