"""Kubernetes objects as the checks read them: names, annotations, guards, values with their defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.documents.texts import TRUE as TRUE
from riskcheck.documents.texts import text as text
from riskcheck.documents.texts import text_at as text_at
from riskcheck.envelopes import APPLY_MODE, own_name
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext, ResourceView

_PREVIEW = regex(
    r"(?:^|[^a-z0-9])(?:preview|previews|ephemeral|review-?app|(?:pr|mr)-?[0-9]+)(?:[^a-z0-9]|$)"
)

_MOST: Final = 10**18

_HOSTS: Final = ("github.com/", "gitlab.com/", "bitbucket.org/", "git@")


def number_at(node: Node | None, *path: str) -> int | None:
    """A whole number below `path`, or None. An unquoted one is what YAML 1.1 reads: ``010`` is 8, ``1e1`` is 10."""
    found = node.at(*path) if isinstance(node, Mapping) and path else node
    written = text(found)
    if written is None or not isinstance(found, Scalar):
        return None
    value = scalar_value(found, "yaml-1.1")
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _MOST else None
    return int(written) if re.fullmatch(r"-?[0-9]{1,18}", written) else None


def mapping_at(node: Node | None, *path: str) -> Mapping | None:
    """The mapping below keys `path`, `node` itself without any; None where there is none."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    return found if isinstance(found, Mapping) else None


def written(node: Node | None) -> Node | None:
    """`node` where a file states it; None for a default: then the place where the value stood in base is told."""
    return None if node is None or node.synthetic else node


def items_at(node: Node | None, *path: str) -> list[Node]:
    """The items of a list, empty where there is none."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    return found.items if isinstance(found, Sequence) else []


def texts(node: Node | None) -> dict[str, str]:
    """A mapping of scalars (labels, annotations) as text; null entries left out."""
    if not isinstance(node, Mapping):
        return {}
    pairs = ((key.raw, text(value)) for key, value in node.entries)
    return {key: value for key, value in pairs if value is not None}


def annotations_of(resource: Resource) -> dict[str, str]:
    return texts(resource.body.at("metadata", "annotations"))


def labels_of(resource: Resource) -> dict[str, str]:
    return texts(resource.body.at("metadata", "labels"))


def group_of(resource: Resource) -> str:
    """API group; empty for the core group (``v1``)."""
    return (text_at(resource.body, "apiVersion") or "").rpartition("/")[0]


def name_of(resource: Resource) -> str:
    return own_name(resource.name).rpartition("/")[2]


def namespace_of(resource: Resource) -> str:
    """Namespace, empty where the manifest leaves it to whoever applies it."""
    return own_name(resource.name).rpartition("/")[0]


def same_namespace(one: Resource, other: Resource) -> bool:
    """A manifest without a namespace is applied into that of its unit, so it matches any."""
    first, second = namespace_of(one), namespace_of(other)
    return not first or not second or first == second


def is_preview(change: Change) -> bool:
    """An environment or namespace made for one pull request: it is meant to be thrown away."""
    names = (change.environment.name, namespace_of(change.resource), name_of(change.resource))
    return any(_PREVIEW.search(name.lower()) for name in names)


def starts_with(path: KeyPath, prefix: KeyPath) -> bool:
    return path[: len(prefix)] == prefix


def is_first(change: Change, context: CheckContext, *prefixes: KeyPath) -> bool:
    """Whether `change` is the first of its resource below `prefixes`, so that one edit is reported once.

    Where a block above was added or removed, that is the prefix itself and nothing below it.
    """
    if context.within is not None:
        return change.path in prefixes
    for other in context.changes_of(change.resource):
        if any(starts_with(other.path, prefix) or starts_with(prefix, other.path) for prefix in prefixes):
            return change.path == other.path
    return True


def neighbours(resource: Resource, view: ResourceView, kind: str | None = None) -> Iterator[Resource]:
    """Objects deployed together with `resource`: same unit, environment and namespace."""
    for other in view.find(
        platform="kubernetes", kind=kind, environment=resource.environment.name, unit=resource.unit
    ):
        if same_namespace(resource, other):
            yield other


def still_declared(resource: Resource, view: ResourceView) -> bool:
    """Whether the same object is in `view` for the same place: under its environment's name, for one that covers
    it or a part of it (``staging`` and ``staging/eu-1``), or for the same cluster of another layout
    (``production/eu-1`` and ``ring-2/eu-1``)."""
    place, name = resource.environment.name.split("/"), own_name(resource.name)
    return any(
        own_name(other.name) == name and _same_place(place, other.environment.name.split("/"))
        for other in view.find(platform="kubernetes", kind=resource.kind)
    )


def _same_place(one: list[str], other: list[str]) -> bool:
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth] or one[-1] == other[-1]


def is_new_place(resource: Resource, context: CheckContext) -> bool:
    """Whether nothing of the resource's environment was there before: a cluster that is set up."""
    name = resource.environment.name
    return not any(True for _ in context.base.find(platform="kubernetes", environment=name))


def may_come_from_elsewhere(resource: Resource, context: CheckContext) -> bool:
    """Whether the unit of `resource` takes more from out of reach (remote bases, charts) in head than in base:
    what left the repository may be among that."""
    return _taken_from_elsewhere(resource, context.head) > _taken_from_elsewhere(resource, context.base)


def leaves_the_cluster(resource: Resource, context: CheckContext) -> bool:
    """Whether an object of base that head does not have is really deleted: nothing keeps it, no other file states
    it, and nothing out of reach (a remote base, a chart that comes with the change) may."""
    if prune_guard(resource) is not None or still_declared(resource, context.head):
        return False
    charts = (
        one
        for kind in ("HelmRelease", "HelmChart", "Application")
        for one in neighbours(resource, context.head, kind)
        if context.base.get(*one.key) is None
    )
    return next(charts, None) is None and not may_come_from_elsewhere(resource, context)


def _taken_from_elsewhere(resource: Resource, view: ResourceView) -> int:
    """References that nobody follows offline. The platform shows a kustomization as a resource if it has any."""
    taken = 0
    for found in neighbours(resource, view, "Kustomization"):
        if group_of(found) in ("", "kustomize.config.k8s.io"):
            taken += 1 + len(items_at(found.body, "helmCharts")) + len(items_at(found.body, "generators"))
            for field in ("resources", "bases", "components"):
                names = (text(item) or "" for item in items_at(found.body, field))
                taken += sum("://" in name or "?ref=" in name or name.startswith(_HOSTS) for name in names)
    return taken


def prune_guard(resource: Resource) -> str | None:
    """The annotation that keeps the object in the cluster when it leaves the repository, or None.

    Argo CD: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/ ; Flux:
    https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources ;
    Helm: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
    """
    notes = annotations_of(resource)
    if "Prune=false" in sync_options(resource):
        return "argocd.argoproj.io/sync-options: Prune=false"
    if notes.get("kustomize.toolkit.fluxcd.io/prune", "").lower() == "disabled":
        return "kustomize.toolkit.fluxcd.io/prune: disabled"
    if notes.get("helm.sh/resource-policy", "").strip().lower() == "keep":
        return "helm.sh/resource-policy: keep"
    if notes.get(APPLY_MODE) == "Upsert":
        return "resourceApplyMode: Upsert of its sync set"
    return None


def sync_options(resource: Resource) -> frozenset[str]:
    """Argo CD sync options of one object."""
    found = annotations_of(resource).get("argocd.argoproj.io/sync-options", "")
    return frozenset(option.strip() for option in found.split(","))


def selects(selector: Node | None, pod_labels: dict[str, str]) -> bool:
    """Whether a label selector holds; an empty one selects everything, an absent one nothing.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    if not isinstance(selector, Mapping):
        return False
    from riskcheck.labelselectors import holds

    return holds(selector, pod_labels)
