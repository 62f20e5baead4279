"""Releases of Flux: ``HelmRelease`` objects, after kustomize has patched them.

Facts: https://fluxcd.io/flux/components/helm/helmreleases/#values (``valuesFrom`` in its order, ``values`` over all
of them), https://fluxcd.io/flux/components/helm/helmreleases/#chart-template (a chart of a Git repository is a
path).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import drop, is_true, put, text
from riskcheck.platforms.kubernetes.helm.setting import Setting, steps_of, typed
from riskcheck.platforms.kubernetes.helm.within import mapping_within
from riskcheck.platforms.kubernetes.kustomize.paths import resolve
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.platforms.kubernetes.helm.files import Files
    from riskcheck.platforms.kubernetes.helm.release import Releases
    from riskcheck.platforms.kubernetes.objects import KubeObject

GROUP: Final = "helm.toolkit.fluxcd.io"


class Handed(NamedTuple):
    """What a deployer's object hands to a chart. See `riskcheck.platforms.kubernetes.helm.release.Release`."""

    namespace: str
    name: str
    layers: tuple[Mapping, ...]
    chart: str
    directory: str | None
    origin: Node
    settings: tuple[Setting, ...] = ()


def is_release(found: KubeObject) -> bool:
    return found.group == GROUP and found.kind == "HelmRelease"


def without_values(body: Mapping) -> Mapping:
    """The object without the values, which are a resource of their own."""
    spec = body.get("spec")
    return put(body, "spec", drop(spec, "values")) if isinstance(spec, Mapping) else body


def handed_by(found: KubeObject, beside: Iterable[KubeObject], releases: Releases) -> Handed:
    """What one HelmRelease hands over. beside: the objects that are built with it."""
    spec = found.body.get("spec")
    spec = spec if isinstance(spec, Mapping) else None
    chart = text(found.body.at("spec", "chart", "spec", "chart")) or text(
        found.body.at("spec", "chartRef", "name")
    )
    directory = None
    if text(found.body.at("spec", "chart", "spec", "sourceRef", "kind")) in ("GitRepository", "Bucket"):
        path = resolve("", chart.lstrip("/"))
        directory = path if path in releases.charts.directories else None
    layers: list[Mapping] = []
    settings: list[Setting] = []
    for one in _from(found, list(beside), releases.files):
        if isinstance(one, Setting):
            settings.append(one)
        else:
            layers.append(one)
    own = spec.get("values") if spec is not None else None
    if isinstance(own, Mapping):
        layers.append(own)
        settings = [one for one in settings if own.at(*(str(step) for step in one.steps)) is None]
    namespace = text(found.body.at("spec", "targetNamespace")) or found.namespace
    name = text(found.body.at("spec", "releaseName")) or found.name
    return Handed(namespace, name, tuple(layers), chart, directory, found.origin, tuple(settings))


def _from(found: KubeObject, beside: list[KubeObject], files: Files) -> Iterator[Mapping | Setting]:
    stated = found.body.at("spec", "valuesFrom")
    for item in stated.items if isinstance(stated, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        kind, name = text(item.get("kind")), text(item.get("name"))
        key = text(item.get("valuesKey")) or "values.yaml"
        place = item.source.path
        if kind != "ConfigMap":
            files.say(place, "encrypted", f"values from Secret {name} are not read", item)
            continue
        value = _entry(found, beside, name, key)
        if value is None:
            if not is_true(item.get("optional")):
                message = f"values from ConfigMap {name}, key {key}, are not in this build"
                files.say(place, "missing-values", message, item)
            continue
        target = text(item.get("targetPath"))
        if target:
            steps = steps_of(target)
            if steps is not None:
                yield Setting(steps, typed(value.raw, value))
            continue
        root = mapping_within(value, files)
        if root is not None:
            yield root


def _entry(found: KubeObject, beside: list[KubeObject], name: str, key: str) -> Scalar | None:
    for other in beside:
        if other.kind != "ConfigMap" or other.group or other.namespace != found.namespace:
            continue
        names = {other.name, other.first_name, *(one.name for one in other.previous)}
        if name in names:
            value = other.body.at("data", key)
            return value if isinstance(value, Scalar) else None
    return None
