"""Objects that hold data, and the policies that decide whether it outlives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.immutability import edited_section, is_replaced_by_force
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.rules.checks.kubernetes_objects import (
    annotations_of,
    is_first,
    items_at,
    labels_of,
    may_come_from_elsewhere,
    name_of,
    number_at,
    prune_guard,
    still_declared,
    sync_options,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_operated import OPERATED_KINDS, operated
from riskcheck.sparkapps import PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView


_POLICIES: Final = frozenset(
    {
        "reclaimPolicy",
        "deletionPolicy",
        "persistentVolumeReclaimPolicy",
        "whenDeleted",
        "whenScaled",
        "replicas",
    }
)
"""Keys that decide what becomes of data, or, the count, how much of it there is."""


def persistent_data_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Data that goes with its object, and policies that let it go later.

    Values: problem (text), loss (``now``: the data goes with this change; ``later``: a guard of it went;
    ``kept``: the object goes, its data stays).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or is_ephemeral(before, context.options.get("ephemeral")):
        return
    if before.kind in OPERATED_KINDS and operated(before) is None:
        return
    if before.kind in PATHS:
        if after is not None and is_first(change, context, (*PATHS[before.kind], "volumes")):
            from riskcheck.rules.checks.spark_volumes import swapped

            for problem, loss in swapped(before, after):
                yield _match(problem, loss, restored=True)
        return
    if after is None:
        if change.path == () and not _stays(before, context):
            yield from _removed(before, context)
    elif change.path and change.path[-1] in _POLICIES:
        yield from _policy_flipped(change, before, after)
    elif change.path:
        yield from _replaced(change, before, after, context)


def _stays(resource: Resource, context: CheckContext) -> bool:
    """Guarded against pruning, still declared by another unit, or perhaps by a remote base."""
    return (
        prune_guard(resource) is not None
        or still_declared(resource, context.head)
        or may_come_from_elsewhere(resource, context)
    )


def is_ephemeral(resource: Resource, words: Value) -> bool:
    """Whether a label or annotation says that its data may be lost, as ``purpose: cache`` does."""
    known = {str(word) for word in words} if isinstance(words, list) else set()
    for key, value in (labels_of(resource) | annotations_of(resource)).items():
        named = key.rpartition("/")[2] in known and value.lower() not in ("false", "no", "off")
        if named or value.lower() in known:
            return True
    return False


def _removed(resource: Resource, context: CheckContext) -> Iterator[Match]:
    if resource.kind in ("StorageClass", "VolumeSnapshotClass"):
        return
    if resource.kind == "StatefulSet":
        yield from _stateful_set_removed(resource)
        return
    problem, loss = f"the {resource.kind} is removed and its data with it", "now"
    made = operated(resource)
    if made is not None:
        problem = f"the {resource.kind} is removed, and its operator deletes {made}"
    if resource.kind == "PersistentVolume" and _policy(resource) != "Delete":
        problem, loss = "the PersistentVolume is removed; its disk stays, unclaimed", "kept"
    elif resource.kind == "PersistentVolumeClaim" and _is_retained(resource, context.base):
        problem, loss = "the PersistentVolumeClaim is removed; its volume is retained, unclaimed", "kept"
    elif resource.kind == "ObjectBucketClaim" and _is_retained(resource, context.base):
        problem, loss = "the ObjectBucketClaim is removed; its bucket is retained, unclaimed", "kept"
    elif resource.kind in ("VolumeSnapshot", "VolumeSnapshotContent"):
        if text_at(resource.body, "spec", "deletionPolicy") == "Retain":
            return
        problem, loss = f"the {resource.kind} is removed: a copy to restore from is lost", "later"
    if "Prune=confirm" in sync_options(resource):
        problem, loss = problem + " once a person confirms the pruning", "kept"
    yield _match(problem, loss)


def _stateful_set_removed(resource: Resource) -> Iterator[Match]:
    if not items_at(resource.body, "spec", "volumeClaimTemplates"):
        return
    if text_at(resource.body, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete":
        yield _match(
            "the StatefulSet is removed and, by its retention policy, its volume claims with it", "now"
        )
    else:
        # A set of the same name takes them up again.
        yield _match("the StatefulSet is removed; its volume claims stay behind", "kept", restored=True)


def _replaced(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """A claim that the API server would keep as it is, and that the GitOps engine deletes to have its way."""
    if before.kind != "PersistentVolumeClaim" or before.address != after.address:
        return
    section = edited_section(change.path, before, after)
    if section is None or not is_first(change, context, section) or not is_replaced_by_force(after):
        return
    problem = f"the claim is deleted and created anew to change {'.'.join(section)} (force option)"
    if _is_retained(before, context.base):
        yield _match(f"{problem}; its volume is retained, unclaimed", "kept")
    else:
        yield _match(f"{problem}, and its data goes with the old volume", "now")


def _match(problem: str, loss: str, related: tuple[Related, ...] = (), *, restored: bool = False) -> Match:
    """restored: whether a plain revert has all of it back."""
    return Match(values={"problem": problem, "loss": loss, "restored": restored}, related=related)


def _is_retained(claim: Resource, view: ResourceView) -> bool:
    """Whether the volume behind `claim` outlives it, by what its volume or its storage class says.

    Dynamically provisioned volumes are deleted unless the class says ``Retain``.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
    """
    volume, storage_class = (
        text_at(claim.body, "spec", field) for field in ("volumeName", "storageClassName")
    )
    everywhere = {"platform": "kubernetes", "environment": claim.environment.name}
    for found in view.find(kind="PersistentVolume", **everywhere):
        bound = text_at(found.body, "spec", "claimRef", "name") == name_of(claim)
        if (volume and name_of(found) == volume) or bound:
            return _policy(found) != "Delete"
    for found in view.find(kind="StorageClass", **everywhere):
        if storage_class and name_of(found) == storage_class:
            return text_at(found.body, "reclaimPolicy") == "Retain"
    return False


def _policy(volume: Resource) -> str:
    """A volume written by hand is retained unless it says otherwise."""
    return text_at(volume.body, "spec", "persistentVolumeReclaimPolicy") or "Retain"


def _policy_flipped(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    if change.path[-1] == "replicas":
        yield from _scaled_down(before, after)
        return
    default = "Delete" if before.kind == "StorageClass" else "Retain"
    path = tuple(change.path)
    old, new = (text_at(one.body, *path) or default for one in (before, after))
    if old != "Delete" and new == "Delete":
        yield _match(
            f"{path[-1]} goes from {old} to Delete: the next removal takes the data with it", "later"
        )


def _scaled_down(before: Resource, after: Resource) -> Iterator[Match]:
    """``whenScaled: Delete`` removes the claims of the replicas that go.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
    """
    old, new = (number_at(one.body, "spec", "replicas") for one in (before, after))
    policy = after.body.at("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled")
    templates = items_at(after.body, "spec", "volumeClaimTemplates")
    if (
        old is None
        or new is None
        or new >= old
        or policy is None
        or text(policy) != "Delete"
        or not templates
    ):
        return
    gone = (old - new) * len(templates)
    claims = f"{gone} volume claim" + ("s" if gone > 1 else "")
    related = (Related("policy", location_of(policy)),)
    yield _match(f"replicas go from {old} to {new}, which deletes {claims} (whenScaled)", "now", related)
