"""Whether the version that ran before can still be deployed: what it was named by, and what was kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text, text_at
from riskcheck.judged import RollbackEvidence
from riskcheck.nodes import Mapping, Sequence
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, Resource

MOVING_TAGS: Final = frozenset(
    {
        "latest",
        "stable",
        "main",
        "master",
        "trunk",
        "dev",
        "develop",
        "development",
        "edge",
        "nightly",
        "canary",
    }
    | {"head", "HEAD", "snapshot", "staging", "prod", "production"}
)
"""Image tags by custom that name whatever was built last."""

MOVING_REFS: Final = frozenset({"", "HEAD", "main", "master", "develop", "trunk"})
"""Revisions of an Argo CD source that name whatever was merged last."""

_EXACT: Final = regex(r"v?[0-9]+(?:\.[0-9]+){1,3}(?:[-+][0-9A-Za-z.+-]+)?$|[0-9a-f]{40}$")
"""One version or commit, as opposed to a range, which picks the newest that fits when it is read:
https://helm.sh/docs/chart_best_practices/dependencies/#versions"""


class Previous(NamedTuple):
    """evidence: None where no version changed. moved: names that mean another version meanwhile."""

    evidence: RollbackEvidence | None = None
    moved: tuple[str, ...] = ()


def previous(changes: Iterable[Change]) -> Previous:
    """What is known of the versions that `changes` replace. The first thing that is missing is the reason."""
    kept: list[str] = []
    missing: list[str] = []
    moved: list[str] = []
    for change in changes:
        if change.resource_before is None or change.resource_after is None or not change.path:
            continue
        said = _version(change)
        if said is not None:
            name, holds, moves = said
            (kept if holds else missing).append(name)
            if moves:
                moved.append(name)
        history = _history(change)
        if history is not None:
            missing.append(history)
    if missing:
        return Previous(RollbackEvidence("previous", False, missing[0]), tuple(dict.fromkeys(moved)))
    if kept:
        return Previous(RollbackEvidence("previous", True, kept[0]))
    return Previous()


def _version(change: Change) -> tuple[str, bool, bool] | None:
    """In words, whether the old version can be had, and whether its name means another one meanwhile."""
    before, key = change.before, change.path[-1]
    resource = change.resource
    if not isinstance(before, str | int | float) or isinstance(before, bool):
        return None
    old = str(before)
    if "$" in old:
        return None
    if resource.platform == "databricks":
        return _served(change, old) if key in ("entity_version", "entity_name") else _code(key, old)
    if resource.platform != "kubernetes":
        return None
    if key == "image":
        return image_kept(old)
    if key == "version" and resource.kind == "HelmRelease" and "chart" in change.path:
        if _EXACT.match(old):
            return f"chart version {old} is exact", True, False
        return f"chart version {old} is a range: a revert takes the newest that fits", False, True
    if key == "targetRevision":
        if _EXACT.match(old):
            return f"targetRevision {old} names one version", True, False
        if old in MOVING_REFS:
            return f"targetRevision {old or 'HEAD'} names whatever came last", False, True
    return None


def _code(key: str, old: str) -> tuple[str, bool, bool] | None:
    """As `_version`, for what a job runs: its package or the revision of its repository. Jobs that run whatever is
    newest did so before as well: it is told, and no reason to call the revert another state."""
    if key == "git_branch":
        return f"git_branch {old} names whatever was pushed last", False, False
    if key in ("git_tag", "git_commit"):
        return f"{key} {old} names one revision", True, False
    if key == "package":
        if "==" in old:
            return f"package {old} is pinned", True, False
        return f"package {old} is not pinned: a revert installs the newest that fits", False, False
    return None


def image_kept(reference: str) -> tuple[str, bool, bool]:
    """As `_version`, for an image reference. https://github.com/distribution/reference/blob/main/reference.go"""
    name, _, digest = reference.partition("@")
    if digest:
        return f"previous image {name} is pinned by digest", True, False
    tag = name.rpartition("/")[2].partition(":")[2]
    if not tag or tag in MOVING_TAGS:
        said = f"tag {tag}" if tag else "no tag"
        return f"previous image {name} has {said}: it names whatever was built last", False, True
    return f"previous image {name} is named by its tag", True, False


def _served(change: Change, old: str) -> tuple[str, bool, bool]:
    """Whether the old version of the old model still stands among the served entities, loaded."""
    key = change.path[-1]
    was = next((one for one in _entities(change.resource_before) if one.get(key) is change.node_before), None)
    if was is not None and any(_release(one) == _release(was) for one in _entities(change.resource_after)):
        return f"{old} is still served beside the new one", True, False
    return f"version {old} is no longer loaded; a revert provisions it anew", False, False


def _entities(endpoint: Resource | None) -> Iterator[Mapping]:
    entities = endpoint.body.at("config", "served_entities") if endpoint is not None else None
    yield from (
        item
        for item in (entities.items if isinstance(entities, Sequence) else ())
        if isinstance(item, Mapping)
    )


def _release(entity: Mapping) -> tuple[str | None, str | None]:
    return text(entity.get("entity_name")), text(entity.get("entity_version"))


def _history(change: Change) -> str | None:
    """Why nothing of the old pods is kept, or None. The controller keeps ten old ReplicaSets unless told otherwise:
    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy"""
    after = change.resource_after
    if (
        after is None
        or after.platform != "kubernetes"
        or after.kind not in ("Deployment", "Rollout")
        or change.path[:2] != ("spec", "template")
    ):
        return None
    if text_at(after.body, "spec", "revisionHistoryLimit") == "0":
        return "revisionHistoryLimit is 0: no old ReplicaSet is kept to turn back to"
    return None


def walks_all_steps(resource: Resource) -> bool:
    """Whether an Argo Rollout takes a revert through all of its steps again: it has no rollback window.
    https://argoproj.github.io/argo-rollouts/features/rollback"""
    if resource.platform != "kubernetes" or resource.kind != "Rollout":
        return False
    steps = resource.body.at("spec", "strategy", "canary", "steps")
    window = text_at(resource.body, "spec", "rollbackWindow", "revisions")
    return isinstance(steps, Sequence) and bool(steps.items) and window in (None, "0")
