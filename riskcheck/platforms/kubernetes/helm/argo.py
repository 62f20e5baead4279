"""Releases of Argo CD: sources of an ``Application`` that are charts, and the values that they are handed.

Facts: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-value-precedence (parameters over valuesObject
over values over valueFiles over the chart), https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
(``$ref/…``), https://github.com/argoproj/argo-cd/blob/v2.12.0/pkg/apis/application/v1alpha1/types.go (``values``
counts only where there is no ``valuesObject``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import drop, is_true, put, text
from riskcheck.platforms.kubernetes.helm.applications import Application, applications_of
from riskcheck.platforms.kubernetes.helm.flux import Handed
from riskcheck.platforms.kubernetes.helm.setting import Setting, steps_of, typed
from riskcheck.platforms.kubernetes.helm.within import stated_in
from riskcheck.platforms.kubernetes.kustomize.paths import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.kubernetes.helm.release import Releases

VALUES: Final = ("values", "valuesObject", "parameters")
"""Fields of ``source.helm`` that hold values themselves."""


def chart_directory(source: Mapping, releases: Releases) -> str | None:
    """Where in the tree the chart of a source is."""
    if text(source.get("chart")):
        return None
    path = resolve("", text(source.get("path")).lstrip("/"))
    return path if path is not None and path in releases.charts.directories else None


def files_of(
    source: Mapping, application: Application, directory: str | None
) -> Iterator[tuple[Scalar, str]]:
    """The values files of a source, each as it is written and as a path of the tree; those on the web are left out.
    They are relative to the chart, or, with ``$ref/`` or ``/`` before them, to the root of a repository."""
    refs = {text(one.get("ref")) for one in application.sources} - {""}
    listed = source.at("helm", "valueFiles")
    for item in listed.items if isinstance(listed, Sequence) else ():
        written = text(item)
        if not isinstance(item, Scalar) or not written or "://" in written:
            continue
        path: str | None
        if written.startswith("$"):
            ref, _, rest = written[1:].partition("/")
            path = resolve("", rest) if ref in refs else None
        elif written.startswith("/"):
            path = resolve("", written.lstrip("/"))
        else:
            path = resolve(directory, written) if directory is not None else None
        if path:
            yield item, path


def handed_by(body: Mapping, releases: Releases) -> Iterator[tuple[Application, Handed, tuple[str, ...]]]:
    """What an object of Argo CD hands to charts, with the values files that it names."""
    for application in applications_of(body, releases.workspace.documents):
        for source in application.sources:
            directory = chart_directory(source, releases)
            chart = text(source.get("chart"))
            helm = source.get("helm")
            if directory is None and not chart and not isinstance(helm, Mapping):
                continue
            found = list(files_of(source, application, directory))
            layers = tuple(_layers(source, found, releases))
            settings = tuple(_settings(source, directory, releases))
            if not chart and directory is None and not layers and not settings:
                continue
            name = text(source.at("helm", "releaseName")) or application.name
            label = chart or (directory or text(source.get("path"))).rpartition("/")[2]
            handed = Handed(application.namespace, name, layers, label, directory, body, settings)
            yield application, handed, tuple(path for _, path in found)


def _layers(source: Mapping, found: list[tuple[Scalar, str]], releases: Releases) -> Iterator[Mapping]:
    files = releases.files
    lenient = is_true(source.at("helm", "ignoreMissingValueFiles"))
    for written, path in found:
        root = files.mapping(path)
        if root is not None:
            yield root
        elif not lenient and not files.exists(path) and "{{" not in path:
            message = f"values file {path} is not in the repository"
            files.say(written.source.path, "missing-values", message, written)
    own = source.at("helm", "valuesObject")
    if not isinstance(own, Mapping):
        own = stated_in(source.at("helm", "values"), files)
    if isinstance(own, Mapping):
        yield own


def _settings(source: Mapping, directory: str | None, releases: Releases) -> Iterator[Setting]:
    for field in ("parameters", "fileParameters"):
        listed = source.at("helm", field)
        for item in listed.items if isinstance(listed, Sequence) else ():
            steps = steps_of(text(item.get("name"))) if isinstance(item, Mapping) else None
            if steps is None or not isinstance(item, Mapping):
                continue
            value = item.get("value" if field == "parameters" else "path")
            if isinstance(value, Scalar) and field == "parameters":
                yield Setting(steps, typed(value.raw, value, as_text=is_true(item.get("forceString"))))
            elif isinstance(value, Scalar) and directory is not None:
                path = resolve(directory, value.raw)
                if path and releases.files.exists(path):
                    releases.files.seen.add(path)
                    content = releases.workspace.documents.get(path).text
                    yield Setting(steps, typed(content, value, as_text=True))


def without_values(body: Mapping) -> Mapping:
    """An Application or ApplicationSet without the values in it, which are resources of their own."""
    steps = ("spec", "template", "spec") if text(body.get("kind")) == "ApplicationSet" else ("spec",)
    spec = body.at(*steps)
    if not isinstance(spec, Mapping):
        return body
    changed: Mapping = spec
    source, several = spec.get("source"), spec.get("sources")
    if isinstance(source, Mapping):
        changed = put(changed, "source", _bare(source))
    if isinstance(several, Sequence):
        items: list[Node] = [_bare(one) if isinstance(one, Mapping) else one for one in several.items]
        changed = put(changed, "sources", several.with_items(items))
    return _put_back(body, steps, changed)


def _bare(source: Mapping) -> Mapping:
    helm = source.get("helm")
    if not isinstance(helm, Mapping) or not any(field in helm.index for field in VALUES):
        return source
    for field in VALUES:
        helm = drop(helm, field)
    return put(source, "helm", helm)


def _put_back(body: Mapping, steps: tuple[str, ...], spec: Mapping) -> Mapping:
    if len(steps) == 1:
        return put(body, steps[0], spec)
    child = body.get(steps[0])
    assert isinstance(child, Mapping)
    return put(body, steps[0], _put_back(child, steps[1:], spec))
