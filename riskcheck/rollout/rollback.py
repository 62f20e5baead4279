"""Rollback evidence per change: can it be taken back, and what says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from riskcheck.judged import RollbackEvidence
from riskcheck.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change, Service

EXERCISE_DAYS = 90
"""A rollback procedure that nobody walked through within a quarter is a hope, not evidence."""


def evidence(
    changes: Sequence[Change], service: Service, lossy: Sequence[str], lossy_back: Sequence[str], now: int
) -> tuple[RollbackEvidence, ...]:
    """Evidence for one edit, the same in all its environments.

    lossy: rules of class lossy or irreversible that the change hits; lossy_back: those its inverse hits.
    """
    found = [_revert(lossy, lossy_back)]
    guard = next((text for text in map(_guard, changes) if text), None)
    if guard:
        found.append(RollbackEvidence("guard", True, guard))
    if service.runbook_url:
        found.append(_runbook(service, now))
    return tuple(found)


def _revert(lossy: Sequence[str], lossy_back: Sequence[str]) -> RollbackEvidence:
    if lossy:
        return RollbackEvidence(
            "revert", False, f"a revert brings the configuration back, not what was lost ({', '.join(lossy)})"
        )
    if lossy_back:
        return RollbackEvidence("revert", False, f"the revert itself would hit {', '.join(lossy_back)}")
    return RollbackEvidence("revert", True, "the inverse change hits no rule of class lossy or irreversible")


def _guard(change: Change) -> str | None:
    """The deletion guard that still stands on the resource in head."""
    if change.resource_after is None:
        return None
    body = change.resource_after.body
    prevent = body.at("lifecycle", "prevent_destroy")
    if isinstance(prevent, Scalar) and prevent.raw == "true":
        return "lifecycle.prevent_destroy stands"
    annotations = body.at("metadata", "annotations")
    if isinstance(annotations, Mapping):
        for key, value in annotations.entries:
            if not isinstance(value, Scalar):
                continue
            if key.raw == "argocd.argoproj.io/sync-options" and "Prune=false" in value.raw:
                return "Argo CD does not prune it (Prune=false)"
            if key.raw == "helm.sh/resource-policy" and value.raw == "keep":
                return "Helm keeps it (resource-policy: keep)"
            if key.raw == "kustomize.toolkit.fluxcd.io/prune" and value.raw == "disabled":
                return "Flux does not prune it (prune: disabled)"
    return None


def _runbook(service: Service, now: int) -> RollbackEvidence:
    if not service.runbook_exercised:
        return RollbackEvidence("runbook", False, f"{service.runbook_url} was never exercised")
    today = datetime.fromtimestamp(now, UTC).date()
    exercised = date.fromisoformat(service.runbook_exercised)
    if exercised > today or today - exercised > timedelta(days=EXERCISE_DAYS):
        return RollbackEvidence(
            "runbook",
            False,
            f"{service.runbook_url} was last exercised on {exercised}, not within {EXERCISE_DAYS} days",
        )
    fits = (
        service.rto is not None
        and service.runbook_duration is not None
        and service.runbook_duration <= service.rto
    )
    measured = "within the RTO" if fits else "duration or RTO not stated, or longer than the RTO"
    return RollbackEvidence(
        "runbook", True, f"{service.runbook_url} exercised on {exercised}, {measured}", within_rto=fits
    )
