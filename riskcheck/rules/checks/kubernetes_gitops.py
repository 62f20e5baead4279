"""Definitions of Flux and Argo CD that delete what they deployed, or are told to delete, replace or force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.rules.checks.kubernetes_components import named
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    annotations_of,
    group_of,
    is_preview,
    items_at,
    may_come_from_elsewhere,
    name_of,
    prune_guard,
    still_declared,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import MaybeValue, Node, Value
    from riskcheck.rules.context import CheckContext

FLUX: Final = "kustomize.toolkit.fluxcd.io"
ARGO: Final = "argoproj.io"

_DATA: Final = frozenset({"StatefulSet", "PersistentVolumeClaim", "PersistentVolume", "Namespace"})
_MOST_NODES: Final = 10_000
_SYNC_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_KEPT: Final = frozenset({"create-only", "create-update"})
_DELETING: Final = frozenset({"Delete", "MirrorPrune", "WaitForTermination"})
_FORCED: Final = {
    "Force=true": "deletes and creates objects anew that it cannot update",
    "Replace=true": "replaces objects instead of merging into them",
}
_GUARDS: Final = {
    "Prune=false": "is no longer guarded against pruning",
    "Prune=confirm": "is pruned without a person confirming",
    "Delete=false": "is deleted together with its Application",
    "Delete=confirm": "is deleted without a person confirming",
}


def told_to_delete(change: Change, context: CheckContext) -> Iterator[Match]:
    """What deletes objects of the cluster, or may from now on.

    Values: subject, problem (text), weight (``all``: everything that it deployed goes; ``retired``: so it does, and
    the files go as well; ``data``: a guard of much went; ``some``: less than that; ``little``: nothing goes yet).
    """
    if not change.path:
        if change.resource_after is None and change.resource_before is not None and not is_preview(change):
            yield from _removed(change.resource_before, context)
        return
    if change.resource_before is None or change.resource_after is None:
        return
    key = change.path[-1]
    if "annotations" in change.path:
        yield from _annotated(change, key)
    elif "finalizers" in change.path:
        yield from _finalized(change)
    elif group_of(change.resource).partition("/")[0] == FLUX:
        yield from _flux(change, key, context)
    elif group_of(change.resource).partition("/")[0] == ARGO:
        yield from _argo(change, key, context)


def is_definition(resource: Resource) -> bool:
    """Whether it is one of Flux or Argo CD: kustomizations of kustomize itself share a kind with those of Flux."""
    return group_of(resource) in (FLUX, ARGO)


def subject_of(resource: Resource) -> str:
    return f"{resource.kind} {name_of(resource)}"


def is_true(value: MaybeValue) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _match(
    resource: Resource, problem: str, weight: str, *, restored: bool = True, node: Node | None = None
) -> Match:
    """restored: whether a plain revert has all of it back."""
    values: dict[str, Value] = {
        "subject": subject_of(resource),
        "problem": problem,
        "weight": weight,
        "restored": restored,
    }
    return Match(values, node=node)


# Definitions that go


def _removed(before: Resource, context: CheckContext) -> Iterator[Match]:
    """The finalizer of an Application, and the one that Flux sets itself, deletes what was deployed."""
    if not is_definition(before) or prune_guard(before) is not None:
        return
    if still_declared(before, context.head) or may_come_from_elsewhere(before, context):
        return
    if not _takes_all_with_it(before):
        return
    follower = _follower(before, context)
    if follower is not None:
        problem = f"is removed and {subject_of(follower)} takes over: objects may be deleted and created anew"
        yield _match(before, problem, "some", restored=False)
        return
    parts = _parts(before, context)
    if parts:
        problem = f"is removed and split among {named(parts)}: objects may be deleted and created anew"
        yield _match(before, problem, "some", restored=False)
        return
    if _is_retired(before, context):
        problem = "is removed with every object that it deployed, and so are their files"
        yield _match(before, problem, "retired", restored=False)
        return
    problem = "is removed: every object that it deployed is deleted, also where its file stays"
    yield _match(before, problem, "all", restored=False)


def _takes_all_with_it(resource: Resource) -> bool:
    """https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy ,
    https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/ ; an ApplicationSet sets the finalizer of its
    Applications unless it is told to preserve what they deployed."""
    body = resource.body
    if resource.kind == "Kustomization":
        policy = text_at(body, "spec", "deletionPolicy")
        if _is_set(body, "spec", "suspend") or policy == "Orphan":
            return False
        return policy in ("Delete", "WaitForTermination") or _is_set(body, "spec", "prune")
    if resource.kind == "ApplicationSet":
        return not preserves(resource)
    return _has_finalizer(body)


def _has_finalizer(body: Mapping) -> bool:
    finalizers = (text(item) or "" for item in items_at(body, "metadata", "finalizers"))
    return any("resources-finalizer.argocd.argoproj.io" in name for name in finalizers)


def _finalized(change: Change) -> Iterator[Match]:
    """An Application that goes will take all that it deployed along, and did not before."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or after.kind != "Application" or is_preview(change):
        return
    if group_of(after) == ARGO and _has_finalizer(after.body) and not _has_finalizer(before.body):
        problem = "gets the finalizer that deletes every object that it deployed when it is deleted itself"
        yield _match(after, problem, "little")


def preserves(resource: Resource) -> bool:
    """Whether the Applications of an ApplicationSet leave what they deployed behind."""
    return _is_set(resource.body, "spec", "syncPolicy", "preserveResourcesOnDeletion")


def _is_set(body: Mapping, *path: str) -> bool:
    return text_at(body, *path) in TRUE


def _follower(before: Resource, context: CheckContext) -> Resource | None:
    """What deploys the same under another name in head."""
    own = _deployed_by(before)
    if not any(path or chart for _, path, chart in own):
        return None
    known = {one.name for one in context.base.find(platform="kubernetes", kind=before.kind)}
    for other in context.head.find(platform="kubernetes", kind=before.kind):
        if other.name not in known and is_definition(other) and _deployed_by(other) == own:
            return other
    return None


def _parts(before: Resource, context: CheckContext) -> list[Resource]:
    """New definitions of the same environment that deploy what is left of the directory of a Kustomization, each a
    part below it. Something of the directory that none of them deploys is deleted."""
    own = _deployed_by(before)
    directories = {path for _, path, _ in own if path}
    if before.kind != "Kustomization" or not directories:
        return []
    known = {one.name for one in context.base.find(platform="kubernetes", kind=before.kind)}
    found = [
        other
        for other in context.head.find(
            platform="kubernetes", kind=before.kind, environment=before.environment.name
        )
        if other.name not in known and is_definition(other) and _is_part(_deployed_by(other), own)
    ]
    covered = {path for one in found for _, path, _ in _deployed_by(one)}
    left = (
        one
        for one in context.head.find(platform="kubernetes")
        if _is_below(one.unit, directories) and not _is_below(one.unit, covered)
    )
    return found if next(left, None) is None else []


def _is_part(one: frozenset[tuple[str, str, str]], whole: frozenset[tuple[str, str, str]]) -> bool:
    return all(
        any(source == other and _is_below(path, {above}) for other, above, _ in whole)
        for source, path, _ in one
    )


def _deployed_by(resource: Resource) -> frozenset[tuple[str, str, str]]:
    """Repository, path and chart of each source; of an ApplicationSet, those of its template."""
    body = resource.body
    if resource.kind == "Kustomization":
        path = text_at(body, "spec", "path")
        return frozenset({(text_at(body, "spec", "sourceRef", "name") or "", _plain(path or "."), "")})
    spec = ("spec", "template", "spec") if resource.kind == "ApplicationSet" else ("spec",)
    sources = [body.at(*spec, "source"), *items_at(body, *spec, "sources")]
    values = _values(body) if resource.kind == "ApplicationSet" else {}
    return frozenset(
        (
            text_at(one, "repoURL") or "",
            _plain(_known_part(text_at(one, "path") or "", values)),
            _known_part(text_at(one, "chart") or "", values),
        )
        for one in sources
        if isinstance(one, Mapping)
    )


def _values(body: Mapping) -> dict[str, str]:
    """The ``values`` that generators of an ApplicationSet state, the first of each name."""
    found: dict[str, str] = {}
    pending: list[Node] = list(items_at(body, "spec", "generators"))
    for _ in range(_MOST_NODES):
        if not pending:
            break
        one = pending.pop(0)
        if isinstance(one, Mapping):
            for name, value in _scalars(one.get("values")).items():
                found.setdefault(name, value)
            pending.extend(child for _, child in one.entries)
        elif isinstance(one, Sequence):
            pending.extend(one.items)
    return found


def _known_part(written: str, values: dict[str, str]) -> str:
    """What of a templated path is the same for all Applications: whole directories from the left, of values only
    the first, which usually tells the component."""
    parts: list[str] = []
    for part in written.split("/"):
        hole = re.fullmatch(r"\{\{-?\s{0,9}\.?values\.([\w-]{1,80})\s{0,9}-?\}\}", part)
        known = values.get(hole[1]) if hole is not None and not parts else None
        if known is not None:
            parts.append(known)
        elif "{{" in part:
            break
        else:
            parts.append(part)
    return "/".join(parts)


def _plain(path: str) -> str:
    return path.strip("/").removeprefix("./").rstrip("/")


def _is_retired(before: Resource, context: CheckContext) -> bool:
    """Whether all that is known of what it deployed leaves the repository with it."""
    directories = {path for _, path, _ in _deployed_by(before) if path}
    if not directories:
        return False
    there = [one for one in context.base.find(platform="kubernetes") if _is_below(one.unit, directories)]
    left = any(_is_below(one.unit, directories) for one in context.head.find(platform="kubernetes"))
    return bool(there) and not left


def _is_below(unit: str, directories: set[str]) -> bool:
    return any(unit == directory or unit.startswith(f"{directory}/") for directory in directories)


# Settings


def _annotated(change: Change, key: str) -> Iterator[Match]:
    before, after = change.before, change.after
    weight = "data" if change.resource.kind in _DATA else "some"
    if key == _SYNC_OPTIONS:
        old, new = _options(before), _options(after)
        for option, problem in _GUARDS.items():
            if option in old and option not in new and not new & _STRICTER.get(option, frozenset()):
                yield _match(change.resource, problem, weight)
                return
        if _FORCED.keys() <= new and _FORCED.keys() - old:
            problem = "is told Force=true and Replace=true: each sync deletes and creates it anew"
            yield _match(change.resource, problem, weight)
            return
        for option, problem in _FORCED.items():
            if option in new - old:
                yield _match(change.resource, f"is told {option}: the next sync {problem}", weight)
                return
    elif key == f"{FLUX}/prune" and before == "disabled" and after != "disabled":
        yield _match(change.resource, "is no longer guarded against pruning", weight)
    elif key == f"{FLUX}/force" and _is_on(after) and not _is_on(before):
        problem = "is deleted and created anew when Flux cannot update it"
        yield _match(change.resource, problem, weight)


_STRICTER: Final = {
    "Prune=confirm": frozenset({"Prune=false"}),
    "Delete=confirm": frozenset({"Delete=false"}),
}


def _is_on(value: MaybeValue) -> bool:
    return isinstance(value, str) and value.lower() in ("enabled", "true")


def _options(value: MaybeValue) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(",")) if isinstance(value, str) else frozenset()


def _flux(change: Change, key: str, context: CheckContext) -> Iterator[Match]:
    before, after = change.before, change.after
    if key == "prune" and is_true(after) and not is_true(before):
        yield from _pruning(change, context)
    elif key == "force" and is_true(after) and not is_true(before):
        yield _match(
            change.resource, "is told to force: objects that cannot be updated are deleted first", "data"
        )
    elif (
        key == "deletionPolicy" and before == "Orphan" and (after in _DELETING or not isinstance(after, str))
    ):
        yield _match(change.resource, "no longer leaves its objects behind when it is deleted", "some")


def _pruning(change: Change, context: CheckContext) -> Iterator[Match]:
    """Where automatic sync comes with pruning at once, what is left over may as well have been pruned by hand."""
    resource = change.resource
    paths = {path for _, path, _ in _deployed_by(resource) if path}
    gone = [
        one
        for one in context.base.find(platform="kubernetes")
        if _is_below(one.unit, paths) and not still_declared(one, context.head)
    ]
    if gone:
        problem = f"starts to prune in the change that removes {len(gone)} of its objects"
        yield _match(resource, problem, "data", restored=False)
    elif context.within is None or context.within[-1] == "prune":
        problem = "starts to prune: what left the repository earlier is deleted from the cluster now"
        yield _match(resource, problem, "some", restored=False)


def _argo(change: Change, key: str, context: CheckContext) -> Iterator[Match]:
    before, after, resource = change.before, change.after, change.resource
    if key == "prune" and is_true(after) and not is_true(before):
        yield from _pruning(change, context)
    elif key == "allowEmpty" and is_true(after) and not is_true(before):
        yield _match(resource, "may delete everything when its source renders nothing (allowEmpty)", "data")
    elif "syncOptions" in change.path:
        if isinstance(after, str) and after in _FORCED and change.kind != "removed":
            yield _match(resource, f"is told {after}: every sync {_FORCED[after]}", "data")
    elif key == "applicationsSync" and before in _KEPT and after not in _KEPT:
        if not (before == "create-update" and after == "create-only"):
            yield _match(resource, "may delete Applications that its generators no longer make", "some")
    elif key == "preserveResourcesOnDeletion" and is_true(before) and not is_true(after):
        yield _match(resource, "no longer preserves what its Applications deployed when they go", "data")
    elif "generators" in change.path and resource.kind == "ApplicationSet":
        yield from _generated(change, context)


# Generators


def _generated(change: Change, context: CheckContext) -> Iterator[Match]:
    """An Application that is generated no longer is deleted, and by its finalizer all that it deployed.

    https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Controlling-Resource-Modification/
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or preserves(after):
        return
    if text_at(after.body, "spec", "syncPolicy", "applicationsSync") in _KEPT:
        return
    node = change.node_before
    if "selector" in change.path:
        first = next((one for one in context.changes_of(after) if "selector" in one.path), change)
        if _may_select_fewer(change) and (context.within is not None or first.path == change.path):
            problem = "selects clusters by other labels: the Applications of those that no longer match go"
            yield _match(after, problem, "some")
        return
    if change.kind != "removed" or node is None or _is_override(before, node) or _is_still_there(after, node):
        return
    if isinstance(node, Mapping) and text_at(node, "exclude") in TRUE:
        return
    problem = (
        f"no longer generates {_label(node)}: those Applications go with every object that they deployed"
    )
    yield _match(after, problem, "all", restored=False)


def _may_select_fewer(change: Change) -> bool:
    """A condition more, or another one. Where the selector came as a whole, there was none."""
    return change.kind in ("added", "modified")


def _is_override(before: Resource, node: Node) -> bool:
    """Whether a node is in a merge generator behind its first: that only changes values of what the first makes."""
    for generator in items_at(before.body, "spec", "generators"):
        for other in items_at(generator, "merge", "generators")[1:]:
            if other is node or any(one is node for one in items_at(other, "list", "elements")):
                return True
    return False


def _is_still_there(after: Resource, node: Node) -> bool:
    """Whether an element only went to another place in the generators."""
    own = _scalars(node)
    if not own:
        return False
    pending: list[Node] = list(items_at(after.body, "spec", "generators"))
    for _ in range(_MOST_NODES):
        if not pending:
            return False
        one = pending.pop()
        if isinstance(one, Mapping):
            if _scalars(one) == own:
                return True
            pending.extend(child for _, child in one.entries)
        elif isinstance(one, Sequence):
            pending.extend(one.items)
    return False


def _scalars(node: Node | None) -> dict[str, str]:
    if not isinstance(node, Mapping):
        return {}
    return {key.raw: value.raw for key, value in node.entries if isinstance(value, Scalar)}


def _label(node: Node) -> str:
    """What names an element of a generator: its first telling scalar, or its kind."""
    values = _scalars(node)
    for key in ("nameNormalized", "name", "cluster", "path", "env", "environment"):
        if values.get(key):
            return values[key]
    if values:
        return next(iter(values.values()))
    return (
        f"what its {node.entries[0][0].raw} generator makes"
        if isinstance(node, Mapping) and node.entries
        else "some"
    )


def annotation(resource: Resource, name: str) -> str:
    """An annotation, ``""`` where there is none."""
    return annotations_of(resource).get(name, "")
