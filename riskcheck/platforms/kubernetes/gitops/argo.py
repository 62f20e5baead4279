"""Argo CD: what an Application deploys, or a template of one.

Facts: https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ (``spec.source.path``,
``spec.sources[]``), https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/ ,
https://argo-cd.readthedocs.io/en/stable/user-guide/directory/  .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import is_true, key_at, mapping_at, text
from riskcheck.platforms.kubernetes.gitops.deployments import NO_FILES, NOTHING, Deployment, Overrides
from riskcheck.platforms.kubernetes.gitops.templates import Parameters, filled, looked_up
from riskcheck.platforms.kubernetes.kustomize.paths import resolve
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

GROUP: Final = "argoproj.io"

_FIELDS: Final = (
    "namespace",
    "namePrefix",
    "nameSuffix",
    "patches",
    "components",
    "replicas",
    "commonAnnotations",
)
"""Fields of ``source.kustomize`` that a kustomization has under the same name."""


class Template(NamedTuple):
    """How the texts of one Application are filled in."""

    values: Parameters
    go: bool = False

    def text(self, node: Node | None) -> str:
        """A text, ``""`` where it is not known."""
        return filled(text(node), self.values, self.go) or ""


PLAIN: Final = Template({})


def is_of(root: Mapping, kind: str) -> bool:
    """Whether `root` is an Application or ApplicationSet, as `kind` says."""
    group = text(root.get("apiVersion")).partition("/")[0]
    return group == GROUP and text(root.get("kind")) == kind


def deployments_of(
    application: Mapping,
    origin: Mapping,
    template: Template = PLAIN,
    *,
    home: str = "",
    assumed: bool = False,
    read: frozenset[str] = NO_FILES,
) -> Iterator[Deployment]:
    """What an Application, or a template of one, deploys. origin: the definition that holds it."""
    spec = application.get("spec")
    if not isinstance(spec, Mapping):
        return
    sources = spec.get("sources")
    stated = [spec.get("source"), *(sources.items if isinstance(sources, Sequence) else ())]
    destination = spec.get("destination")
    cluster, namespace = "", None
    if isinstance(destination, Mapping):
        namespace = _scalar(destination.get("namespace"), template)
        cluster = template.text(destination.get("name")) or template.text(destination.get("server"))
    if template is not PLAIN:
        # The address of a cluster that no file declares is not known, but a list may tell its name.
        named = looked_up(template.values, "name") or looked_up(template.values, "nameNormalized")
        if not cluster or (named and cluster.startswith("https://")):
            cluster = named or cluster
    for source in stated:
        written = source.get("path") if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping) or written is None:
            continue
        found = template.text(written)
        path = resolve("", found.lstrip("/")) if found and "{{" not in found else None
        if path is None:
            continue
        directory = source.get("directory")
        recursive = isinstance(directory, Mapping) and is_true(directory.get("recurse"))
        yield Deployment(
            path,
            written,
            recursive,
            template.text(application.at("metadata", "name")),
            cluster,
            origin,
            home,
            assumed,
            _overrides(source.get("kustomize"), namespace, template),
            _globs(directory, "include"),
            _globs(directory, "exclude"),
            read,
        )


def _globs(directory: Node | None, field: str) -> tuple[Glob, ...]:
    """One pattern, or several as ``{a.yaml,b.yaml}``."""
    written = text(directory.get(field)) if isinstance(directory, Mapping) else ""
    try:
        return (Glob(written),) if written and "{{" not in written else ()
    except GlobError:
        return ()


def _scalar(node: Node | None, template: Template) -> Scalar | None:
    """A text with its placeholders filled in; None where that is empty or not known."""
    if not isinstance(node, Scalar) or not text(node):
        return None
    done = filled(node.raw, template.values, template.go)
    if not done:
        return None
    if done == node.raw:
        return node
    return made(done, node, (node,))


def _overrides(kustomize: Node | None, namespace: Scalar | None, template: Template) -> Overrides:
    if not isinstance(kustomize, Mapping):
        return Overrides(None, None, namespace) if namespace is not None else NOTHING
    entries: list[tuple[Scalar, Node]] = []
    for field in _FIELDS:
        node = kustomize.get(field)
        if isinstance(node, Scalar):
            node = _scalar(node, template)
        if node is not None:
            entries.append((key_at(field, node), node))
    labels = kustomize.get("commonLabels")
    if isinstance(labels, Mapping) and labels.entries:
        if is_true(kustomize.get("labelWithoutSelector")):
            item = mapping_at([(key_at("pairs", labels), labels)], labels)
            entries.append((key_at("labels", labels), _listed([item], labels)))
        else:
            entries.append((key_at("commonLabels", labels), labels))
    images = kustomize.get("images")
    if isinstance(images, Sequence) and images.items:
        changed = [image for item in images.items if (image := _image(item, template)) is not None]
        entries.append((key_at("images", images), _listed(changed, images)))
    return Overrides(mapping_at(entries, kustomize) if entries else None, None, namespace)


def _listed(items: SequenceOf[Node], near: Node) -> Sequence:
    return Sequence(list(items), near.source, near.line, near.column, near.end_line, near.end_column)


def _image(node: Node, template: Template) -> Mapping | None:
    """``name=new:tag@digest`` as the entry of a kustomization; the part before ``=`` may be left out."""
    scalar = _scalar(node, template)
    if scalar is None:
        return None
    name, equals, new = scalar.raw.partition("=")
    if not equals:
        new = name
    new, _, digest = new.partition("@")
    repository, colon, tag = new.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = new, ""
    entries = [("name", name if equals else repository), ("newName", repository if equals else "")]
    entries += [("newTag", tag), ("digest", digest)]
    pairs: list[tuple[Scalar, Node]] = [
        (key_at(key, scalar), made(value, scalar, scalar.via)) for key, value in entries if value
    ]
    return mapping_at(pairs, scalar)
