"""Rollback evidence per edit: can it be taken back, how, and what says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.immutability import is_one_way
from riskcheck.judged import RECOVERY_CLASSES, Recovery, RollbackEvidence
from riskcheck.nodes import Mapping, Scalar, render_path
from riskcheck.priors import DETECT_MINUTES
from riskcheck.records import NamedTuple
from riskcheck.rollout.losses import Loss, sentences
from riskcheck.rollout.previous import previous, walks_all_steps
from riskcheck.rollout.recovery import recovery_class
from riskcheck.rollout.runbook import runbook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from riskcheck.models import Action, Change, Resource, Reversibility, Service
    from riskcheck.rollout.backups import Backups


def one_way_fields(changes: Sequence[Change]) -> Collection[str]:
    """The fields of one resource that went one way and do not go back. What is refused both ways never came to
    run, so there is nothing to take back."""
    return {
        f"{change.resource.kind} {render_path(change.path)}"
        for change in changes
        if change.resource.platform == "kubernetes" and is_one_way(change)
    }


class RollbackFacts(NamedTuple):
    """What rollback evidence is read from, apart from the edit itself.

    now: seconds since the epoch. detect_seconds: what the policy states, None for nothing. exists: whether a path
    is in the tree that decides. action: what the deployment does to the resource of the changes given. base: the
    resources of base. backups: asked for where something is lost only. one_way: see `one_way_fields`.
    """

    now: int
    detect_seconds: int | None
    exists: Callable[[str], bool]
    action: Callable[[Sequence[Change]], Action]
    base: Callable[[], Iterable[Resource]]
    backups: Callable[[], Backups]
    aborts: Callable[[Change], tuple[str, int] | None] = lambda _: None
    """The controller that takes the change back by itself when a metric fails, and its time for that in seconds."""
    one_way: Callable[[Sequence[Change]], Collection[str]] = one_way_fields


class Edit(NamedTuple):
    """One edit. changes: the same in all its environments; together: with everything else that changes in the same
    resources. lossy: what rules of class lossy or irreversible hit, as (change, code, class); lossy_back: the codes
    of those that its inverse would hit. declared: the classes of all rules that it hits.
    """

    changes: Sequence[Change]
    together: Sequence[Sequence[Change]]
    service: Service
    lossy: Sequence[tuple[Change, str, Reversibility]]
    lossy_back: Sequence[str]
    declared: Sequence[Reversibility]


class RollbackPath(NamedTuple):
    """The evidence, found or missing, and how the edit is taken back."""

    evidence: tuple[RollbackEvidence, ...]
    recovery: Recovery


def path_back(edit: Edit, facts: RollbackFacts) -> RollbackPath:
    """How `edit` is taken back, and what says so."""
    actions = {_key(members[0]): facts.action(members) for members in edit.together if members}
    losses = [
        Loss(change, code, reversibility, actions.get(_key(change), "unknown"))
        for change, code, reversibility in edit.lossy
    ]
    # One of them stops the revert of all that the edit does.
    refused = tuple(sorted({field for changes in edit.together for field in facts.one_way(changes)}))
    gravest = _gravest(actions.values())
    kind, because = recovery_class(edit.changes, edit.declared, losses, gravest)
    old = previous(edit.changes)
    evidence = [_revert(losses, edit.lossy_back, refused, because if kind == "ordered" else "")]
    if old.evidence is not None:
        evidence.append(_with_steps(old.evidence, edit.changes))
    guard = next((text for text in map(_guard, edit.changes) if text), None)
    if guard:
        evidence.append(RollbackEvidence("guard", True, guard))
    if losses:
        from riskcheck.rollout.restoring import backup, window

        evidence.append(backup(losses, facts.backups()))
        detect = facts.detect_seconds or int(DETECT_MINUTES * 60)
        evidence.append(window(losses, facts.base(), detect, edit.service.rto))
    book = runbook(edit.service, facts.now, facts.exists)
    if book is not None:
        evidence.append(book)
    found = {one.kind for one in evidence if one.found}
    simple = RECOVERY_CLASSES.index(kind) < RECOVERY_CLASSES.index("restore")
    measured = book.seconds if book and book.found and (simple or found & {"backup", "window"}) else None
    aborts = next((one for one in map(facts.aborts, edit.changes) if one is not None), None)
    recovery = Recovery(kind, because, sentences(losses), refused, old.moved, measured, aborts)
    return RollbackPath(tuple(evidence), recovery)


def _key(change: Change) -> tuple[str, str, str]:
    return change.resource.key


def _gravest(actions: Iterable[Action]) -> Action:
    order: tuple[Action, ...] = ("none", "create", "update", "unknown", "rename", "recreate", "delete")
    return max(actions, key=order.index, default="none")


def _revert(
    losses: Sequence[Loss], lossy_back: Sequence[str], refused: Sequence[str], order: str
) -> RollbackEvidence:
    """order: why it goes back in steps, "" where it does not."""
    if losses:
        return RollbackEvidence("revert", False, "; ".join(sentences(losses)[:2]))
    if lossy_back:
        return RollbackEvidence("revert", False, f"the revert itself would hit {', '.join(lossy_back)}")
    if refused:
        return RollbackEvidence("revert", False, refusal(refused))
    detail = "the inverse change hits no rule of class lossy or irreversible"
    return RollbackEvidence("revert", True, f"{detail}; {order}" if order else detail)


def refusal(refused: Sequence[str]) -> str:
    """Why a revert does not go through."""
    return f"the API server refuses to set {', '.join(refused[:3])} back in place"


def _with_steps(evidence: RollbackEvidence, changes: Iterable[Change]) -> RollbackEvidence:
    if evidence.found and any(
        change.resource_after is not None and walks_all_steps(change.resource_after) for change in changes
    ):
        said = "the Rollout has no rollbackWindow, so a revert walks all its steps again"
        return evidence._replace(detail=f"{evidence.detail}; {said}")
    return evidence


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
