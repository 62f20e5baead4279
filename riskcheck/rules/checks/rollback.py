"""The way back: what a plain revert leaves, and whether a service's promises can be kept (GOV-004, GOV-005)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.models import Match
from riskcheck.priors import CLASS_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.judged import Recovery, RiskyEdit, RollbackEvidence
    from riskcheck.models import RollbackKind, Service
    from riskcheck.rules.context import CheckContext

MOST_SENTENCES: Final = 2
"""Things whose loss is told one by one."""


def revert_does_not_restore(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """A plain `git revert` leaves something lost, would itself lose something, is refused, or brings back another
    version than the one that ran (GOV-005).

    Values: reason (text).
    """
    exposure = subject.exposure
    recovery = exposure.recovery
    if recovery is not None and recovery.lost:
        more = len(recovery.lost) - MOST_SENTENCES
        said = "; ".join(recovery.lost[:MOST_SENTENCES]) + (f"; and {more} more alike" if more > 0 else "")
        yield Match({"reason": said})
    elif exposure.lossy_back:
        codes = ", ".join(exposure.lossy_back)
        yield Match({"reason": f"the inverse change would itself hit {codes}"})
    elif recovery is not None and recovery.refused:
        fields = ", ".join(recovery.refused)
        yield Match({"reason": f"the API server refuses to set {fields} back in place"})
    elif recovery is not None and recovery.moved:
        yield Match({"reason": recovery.moved[0]})


def rollback_misses_objectives(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """Nothing restores what is lost within the service's RPO, or taking the edit back takes longer than its RTO
    (GOV-004). Silent where the service declares neither.

    Values: reason (text), sure (bool: measured or stated, not estimated from the class of the change).
    """
    exposure, service = subject.exposure, context.service
    recovery = exposure.recovery
    if recovery is None or not exposure.production or (service.rto is None and service.rpo is None):
        return
    evidence = {one.kind: one for one in exposure.rollback}
    if recovery.kind in ("restore", "one-way"):
        reason = _unrestored(evidence, service)
        if reason is not None:
            yield Match({"reason": reason, "sure": True})
            return
    if service.rto is not None:
        yield from _too_slow(recovery, evidence, service.rto, _minutes(context, "detection_minutes") * 60)


def _unrestored(evidence: Mapping[RollbackKind, RollbackEvidence], service: Service) -> str | None:
    """Why what is lost does not come back as the service promises, or None."""
    backup, window = evidence.get("backup"), evidence.get("window")
    if window is not None and window.found:
        return None
    objectives = _objectives(service)
    if backup is None or not backup.found:
        detail = backup.detail if backup is not None else "nothing in the repository names a backup"
        return f"{service.name} promises {objectives}, and {detail}"
    if service.rpo is not None and backup.seconds and backup.seconds > service.rpo:
        lost = f"{backup.detail}: up to {spell(backup.seconds)} of data are lost"
        return f"{lost}, and {service.name} promises an RPO of {spell(service.rpo)}"
    return None


def _too_slow(
    recovery: Recovery, evidence: Mapping[RollbackKind, RollbackEvidence], rto: int, detect: int
) -> Iterator[Match]:
    """What is measured counts; else the class of the change, where that is worse than applying a file again, of
    which nobody knows here how long it takes."""
    runbook = evidence.get("runbook")
    noticing = f" after {spell(detect)} to notice" if detect else ""
    if runbook is not None and runbook.found and runbook.seconds is not None:
        if runbook.seconds + detect > rto:
            took = f"taking it back took {spell(runbook.seconds)} when it was exercised{noticing}"
            yield Match({"reason": f"{took}, and the RTO is {spell(rto)}", "sure": True})
        if recovery.measured_seconds is not None:
            return
    if recovery.aborts is not None and recovery.aborts[1] + detect > rto:
        name, seconds = recovery.aborts
        slow = f"{name} takes {spell(seconds)} from the first bad measurement to its abort{noticing}"
        yield Match({"reason": f"{slow}, and the RTO is {spell(rto)}", "sure": True})
        return
    minutes = CLASS_MINUTES[recovery.kind]
    if recovery.kind in ("toggle", "reapply") or minutes * 60 + detect <= rto:
        return
    about = f"{recovery.because}, which by its class takes about {spell(minutes * 60)}{noticing}"
    reason = f"{about}; the RTO is {spell(rto)}, and no exercised runbook says otherwise"
    yield Match({"reason": reason, "sure": False})


def _objectives(service: Service) -> str:
    named = (("RTO", service.rto), ("RPO", service.rpo))
    return " and ".join(f"an {name} of {spell(value)}" for name, value in named if value is not None)


def _minutes(context: CheckContext, name: str) -> int:
    value = context.options.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0
