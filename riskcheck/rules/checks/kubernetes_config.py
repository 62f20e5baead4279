"""ConfigMaps and Secrets: edits that no pod notices in an orderly way, and references that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import Scalar
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_index import users_of
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    annotations_of,
    name_of,
    neighbours,
    starts_with,
    text_at,
    texts,
)
from riskcheck.rules.checks.kubernetes_pods import (
    SERVING,
    ConfigUse,
    container_images,
    pod_template,
    template_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from riskcheck.nodes import KeyPath, Value
    from riskcheck.rules.context import CheckContext, ResourceView

CONTENT: Final = frozenset({"data", "stringData", "binaryData"})

_RELOADER: Final = "reloader.stakater.com/"


class Consumer(NamedTuple):
    """A workload that runs on with what an edited ConfigMap or Secret held.

    stale: it never sees the edit until something else restarts it; else the kubelet swaps files under it.
    """

    workload: Resource
    use: ConfigUse
    stale: bool


def config_without_rollout(change: Change, context: CheckContext) -> Iterator[Match]:
    """An edit of a ConfigMap or Secret that rolls none of the workloads that use it.

    Values: consumers (text), effect (text), stale (bool: some consumer never sees the edit).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or before.name != after.name:
        return
    edits = [
        one.path
        for one in context.changes_of(after)
        if one.path and one.path[0] in CONTENT and not _is_remark(one, before, after, context)
    ]
    found = list(_consumers(after, frozenset(map(_entry, edits)), context))
    noticed = (path for path in edits if any(_concerns(_entry(path), one.use) for one in found))
    if change.path != next(noticed, None):
        return
    stale = [one for one in found if one.stale]
    reported = stale or found
    names = sorted({f"{one.workload.kind} {name_of(one.workload)}" for one in reported})
    effect = (
        "pods will not see it before the next restart"
        if stale
        else "all pods get the new files at once, without a rollout"
    )
    yield Match(
        values={"consumers": listed(names, 2), "effect": effect, "stale": bool(stale)},
        related=tuple(Related("consumer", location_of(one.use.node)) for one in reported[:3]),
        resources=tuple(sorted({one.workload.address for one in reported})),
    )


def _is_remark(change: Change, before: Resource, after: Resource, context: CheckContext) -> bool:
    """Whether an edit of a text concerns nothing but its comments and empty lines."""
    old, new = (context.node(one, change.path) for one in (before, after))
    if (
        not isinstance(old, Scalar)
        or not isinstance(new, Scalar)
        or change.path[-1].endswith((".md", ".html"))
    ):
        return False
    if change.path[0] != "data" or after.kind != "ConfigMap" or "\n" not in old.raw + new.raw:
        return False
    return _said(old.raw) == _said(new.raw)


def _said(content: str) -> list[str]:
    """The lines that a program reads: ``#`` begins a comment in YAML, properties, shell and most others."""
    lines = (line.rstrip() for line in content.splitlines())
    return [line for line in lines if line and (not line.lstrip().startswith("#") or line.startswith("#!"))]


def _entry(path: KeyPath) -> str | None:
    """The entry that an edit at `path` concerns, None for all of them."""
    return path[1].removeprefix("\\") if len(path) > 1 else None


def _concerns(entry: str | None, use: ConfigUse) -> bool:
    return entry is None or use.key is None or entry == use.key


def _consumers(config: Resource, entries: Set[str | None], context: CheckContext) -> Iterator[Consumer]:
    tracked = _tracked_by_flagger(config, context.head)
    watchers = _words(context.options.get("watchers"))
    for _, workload, use in users_of((config.kind, name_of(config)), config, context.head):
        template = pod_template(workload) if workload.kind in SERVING else None
        if (
            template is None
            or use.how in ("unmounted", "pull")
            or name_of(workload) in tracked
            or _rolls(workload, context)
            or reloads(workload, config)
        ):
            continue
        watched = any(word in image for image in container_images(template) for word in watchers)
        stale = use.how != "volume"
        if any(_concerns(entry, use) for entry in entries) and (stale or not watched):
            yield Consumer(workload, use, stale)


def _words(option: Value) -> tuple[str, ...]:
    return tuple(str(word) for word in option) if isinstance(option, list) else ()


def _rolls(workload: Resource, context: CheckContext) -> bool:
    """New, or its pod template changes too: either way its pods start with the new content."""
    if context.base.get(workload.unit, workload.address, workload.environment.name) is None:
        return True
    path = template_path(workload.kind) or ()
    return any(
        one.path == () or starts_with(one.path, path) or starts_with(path, one.path)
        for one in context.changes_of(workload)
    )


def reloads(workload: Resource, config: Resource) -> bool:
    """Reloader and Wave restart the workload themselves.

    https://github.com/stakater/Reloader ; https://github.com/wave-k8s/wave
    """
    template = pod_template(workload)
    notes = texts(template.at("metadata", "annotations")) | annotations_of(workload) if template else {}
    kind = config.kind.lower()
    if any(notes.get(key) in TRUE for key in (_RELOADER + "auto", f"{kind}.{_RELOADER}auto")):
        return True
    if name_of(config) in notes.get(f"{kind}.{_RELOADER}reload", "").replace(" ", "").split(","):
        return True
    if notes.get(_RELOADER + "search") in TRUE and annotations_of(config).get(_RELOADER + "match") in TRUE:
        return True
    return any(key.endswith("/update-on-config-change") for key in notes)


def _tracked_by_flagger(config: Resource, view: ResourceView) -> frozenset[str]:
    """Workloads whose Canary analyses edits of their ConfigMaps and Secrets as it does new images.

    https://docs.flagger.app/usage/how-it-works#canary-target
    """
    if annotations_of(config).get("flagger.app/config-tracking") == "disabled":
        return frozenset()
    canaries = neighbours(config, view, "Canary")
    return frozenset(text_at(one.body, "spec", "targetRef", "name") or "" for one in canaries)
