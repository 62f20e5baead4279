"""Flux: what a Kustomization deploys, and what it puts on top.

Facts: https://fluxcd.io/flux/components/kustomize/kustomizations/ (``spec.path`` is from the root of the source),
https://fluxcd.io/flux/components/source/artifactgenerators/ .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, key_at, mapping_at, text
from riskcheck.platforms.kubernetes.gitops.deployments import (
    NOTHING,
    Deployment,
    Overrides,
    Substitution,
)
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP: Final = "kustomize.toolkit.fluxcd.io"

Artifacts: TypeAlias = dict[tuple[str, str], list[tuple[str, str]]]
"""(Directory of an ArtifactGenerator, artifact) to the (path in the artifact, path in the tree) copied to it."""

_FIELDS: Final = {
    "targetNamespace": "namespace",
    "namePrefix": "namePrefix",
    "nameSuffix": "nameSuffix",
    "patches": "patches",
    "images": "images",
    "components": "components",
}
"""Fields of the spec to those of a kustomization that do the same."""


def is_kustomization(root: Mapping) -> bool:
    group = text(root.get("apiVersion")).partition("/")[0]
    return group == GROUP and text(root.get("kind")) == "Kustomization"


def deployments_of(root: Mapping, artifacts: Artifacts, home: str = "") -> Iterator[Deployment]:
    """What a Kustomization deploys: one directory, or those that an artifact was made from."""
    written = root.at("spec", "path")
    path = resolve("", text(written).lstrip("/") or ".")
    if path is None:
        return
    overrides = overrides_of(root)
    node = written or root
    # Where the cluster is named by a kubeconfig, the name of that Secret is all there is to know it by.
    cluster = text(root.at("spec", "kubeConfig", "secretRef", "name"))
    name = text(root.at("metadata", "name"))
    if text(root.at("spec", "sourceRef", "kind")) == "ExternalArtifact":
        artifact = (parent(root.source.path), text(root.at("spec", "sourceRef", "name")))
        for into, copied in artifacts.get(artifact, ()):
            below = _below(path, into)
            if below is not None:
                target = join(copied, below) if below else copied
                yield Deployment(target, node, True, name, cluster, root, home, False, overrides)
        return
    yield Deployment(path, node, True, name, cluster, root, home, False, overrides)


def overrides_of(root: Mapping) -> Overrides:
    """What the Kustomization puts on top of what its directory builds."""
    spec = root.get("spec")
    if not isinstance(spec, Mapping):
        return NOTHING
    entries: list[tuple[Scalar, Node]] = []
    for field, meant in _FIELDS.items():
        node = spec.get(field)
        filled = isinstance(node, Sequence) and node.items
        if node is not None and (filled or text(node)):
            entries.append((key_at(meant, node), node))
    metadata = spec.get("commonMetadata")
    for field, meant in (("labels", "labels"), ("annotations", "commonAnnotations")):
        pairs = metadata.get(field) if isinstance(metadata, Mapping) else None
        if isinstance(pairs, Mapping) and pairs.entries:
            node = pairs
            if field == "labels":
                item = mapping_at([(key_at("pairs", pairs), pairs)], pairs)
                entries.append((key_at(meant, pairs), _listed(item)))
            else:
                entries.append((key_at(meant, node), node))
    fields = mapping_at(entries, spec) if entries else None
    substitution = substitution_of(spec)
    return NOTHING if fields is None and substitution is None else Overrides(fields, substitution)


def _listed(item: Mapping) -> Sequence:
    return Sequence([item], item.source, item.line, item.column, item.end_line, item.end_column)


def substitution_of(spec: Mapping) -> Substitution | None:
    """``postBuild``, None where it names no variable: then nothing is put in."""
    stated = spec.at("postBuild", "substitute")
    listed = spec.at("postBuild", "substituteFrom")
    sources = tuple(
        (text(item.get("kind")), text(item.get("name")), is_true(item.get("optional")))
        for item in (listed.items if isinstance(listed, Sequence) else ())
        if isinstance(item, Mapping)
    )
    stated = stated if isinstance(stated, Mapping) and stated.entries else None
    return Substitution(stated, sources) if stated is not None or sources else None


def artifacts_of(root: Mapping) -> Artifacts:
    """What an ArtifactGenerator copies where."""
    if text(root.get("kind")) != "ArtifactGenerator":
        return {}
    found: Artifacts = {}
    artifacts = root.at("spec", "artifacts")
    for artifact in artifacts.items if isinstance(artifacts, Sequence) else ():
        copies = artifact.get("copy") if isinstance(artifact, Mapping) else None
        if not isinstance(artifact, Mapping) or not isinstance(copies, Sequence):
            continue
        pairs = found.setdefault((parent(root.source.path), text(artifact.get("name"))), [])
        for copy in copies.items:
            if isinstance(copy, Mapping):
                source, into = text(copy.get("from")), text(copy.get("to"))
                if source.startswith("@") and source.endswith("/**") and into.startswith("@artifact/"):
                    copied = source.partition("/")[2].removesuffix("/**").removesuffix("**")
                    pairs.append((into.partition("/")[2].rstrip("/"), copied))
    return found


def _below(path: str, above: str) -> str | None:
    """`path` relative to directory `above`; None where it is not below it."""
    if not above or path == above:
        return path if not above else ""
    return path.removeprefix(f"{above}/") if path.startswith(f"{above}/") else None
