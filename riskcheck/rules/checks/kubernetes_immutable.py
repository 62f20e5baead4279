"""Edits of fields that the API server refuses to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.immutability import edited_section, is_replaced_by_force
from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks.kubernetes_objects import (
    annotations_of,
    group_of,
    is_first,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import is_partial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

STATEFUL: Final = frozenset({"StatefulSet", "PersistentVolumeClaim"})


def immutable_field(change: Change, context: CheckContext) -> Iterator[Match]:
    """An edit that the API server will reject.

    Values: field, consequence (text), forced (bool: an annotation has the object deleted and created anew),
    stateful (bool).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or before.address != after.address or not change.path:
        return
    if is_partial(before) != is_partial(after):
        return
    section = edited_section(change.path, before, after)
    if section is None and "." in group_of(after):
        from riskcheck.rules.checks.kubernetes_transitions import frozen_section

        section = frozen_section(change.path, before, after, context)
    if section is None or not is_first(change, context, section):
        return
    forced = is_replaced_by_force(after)
    stateful = after.kind in STATEFUL
    if after.kind == "Job" and (forced or _is_recreated(before) or _is_recreated(after)):
        return
    if forced and not stateful and after.kind not in ("Deployment", "DaemonSet", "ReplicaSet"):
        return
    consequence = (
        "the force option deletes and creates the object" if forced else "the API server rejects the update"
    )
    yield Match(
        values={
            "field": ".".join(step.lstrip("\\") for step in section),
            "consequence": consequence,
            "forced": forced,
            "stateful": stateful,
        }
    )


def _is_recreated(job: Resource) -> bool:
    """Jobs that are deleted before or after they run: hooks, and those with a time to live."""
    notes = annotations_of(job)
    if "argocd.argoproj.io/hook" in notes or "helm.sh/hook" in notes:
        return True
    return text_at(job.body, "spec", "ttlSecondsAfterFinished") is not None
