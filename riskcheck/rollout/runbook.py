"""Whether a service's rollback runbook is evidence: there, exercised lately, and quick enough."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from riskcheck.durations import spelled
from riskcheck.judged import RollbackEvidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Service

EXERCISE_DAYS: Final = 90
"""A rollback procedure that nobody walked through within a quarter is a hope, not evidence."""


def runbook(service: Service, now: int, exists: Callable[[str], bool]) -> RollbackEvidence | None:
    """The evidence; None where none is linked and the service declares nothing that asks for one.

    now: seconds since the epoch. exists: whether a path is in the tree that decides.
    """
    url = service.runbook_url
    if not url:
        if service.rto is None and service.rpo is None:
            return None
        return RollbackEvidence("runbook", False, f"{service.name} links no rollback runbook")
    problem = _problem(service, url, now, exists)
    if problem is not None:
        return RollbackEvidence("runbook", False, problem, seconds=service.runbook_duration)
    measured, fits = _measured(service)
    detail = f"{url} exercised on {service.runbook_exercised}, {measured}"
    return RollbackEvidence("runbook", True, detail, fits, service.runbook_duration)


def _problem(service: Service, url: str, now: int, exists: Callable[[str], bool]) -> str | None:
    path = path_of(url)
    if path is not None and not exists(path):
        return f"{url} does not exist in the branch that decides"
    if not service.runbook_exercised:
        return f"{url} was never exercised"
    try:
        exercised = date.fromisoformat(service.runbook_exercised[:10])
    except ValueError:
        return f"{url}: when it was exercised cannot be read"
    today = datetime.fromtimestamp(now, UTC).date()
    if exercised > today:
        return f"{url} is said to be exercised on {exercised}, which has not come yet: not counted"
    if today - exercised > timedelta(days=EXERCISE_DAYS):
        return f"{url} was last exercised on {exercised}, not within {EXERCISE_DAYS} days"
    return None


def path_of(url: str) -> str | None:
    """The path in the repository that `url` is, without its anchor; None for an address elsewhere."""
    if ":" in url.partition("/")[0]:
        return None
    path = url.partition("#")[0].partition("?")[0].removeprefix("./").lstrip("/")
    return path or None


def _measured(service: Service) -> tuple[str, bool]:
    duration, rto = service.runbook_duration, service.rto
    if duration is None:
        return "its duration is not stated", False
    if rto is None:
        return f"it took {spelled(duration)}; no RTO is stated", False
    if duration > rto:
        return f"it took {spelled(duration)}, longer than the RTO of {spelled(rto)}", False
    return f"it took {spelled(duration)}, within the RTO of {spelled(rto)}", True
