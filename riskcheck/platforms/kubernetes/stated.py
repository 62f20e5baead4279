"""What one manifest uses of other units: services by their names in DNS, Flux definitions that must be ready first.

https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.platforms.kubernetes.addresses import addresses
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.kustomize.paths import resolve
from riskcheck.platforms.kubernetes.objects import name_of
from riskcheck.platforms.kubernetes.references import SERVICE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document

_FLUX: Final = {"Kustomization": "kustomize.toolkit.fluxcd.io", "HelmRelease": "helm.toolkit.fluxcd.io"}


def stated(document: Document) -> Iterator[Stated]:
    """The objects of one file that use something of another unit."""
    for chunk in document.chunks:
        if ".svc" not in chunk.text and "toolkit.fluxcd.io" not in chunk.text:
            continue
        root = chunk.root
        for body in root.items if isinstance(root, Sequence) else [root]:
            if isinstance(body, Mapping):
                yield from _object(body)


def _object(body: Mapping) -> Iterator[Stated]:
    kind, group = text(body.get("kind")), text(body.get("apiVersion")).partition("/")[0]
    name, namespace = name_of(body)
    if not kind or not name or not group:
        return
    uses = dict.fromkeys(Use(target, "soft", "calls", node.file_line) for target, node in addresses(body))
    provides: tuple[str, ...] = ()
    service = next((label for key in SERVICE_LABELS if (label := _label(body, key))), None)
    if _FLUX.get(kind) == group:
        provides = (f"flux:{kind}/{namespace}/{name}",)
        uses.update(dict.fromkeys(_flux_uses(body, kind, namespace)))
        service = service or name
    if uses:
        where = f"{namespace}/{name}" if namespace else name
        line = body.file_line
        yield Stated("kubernetes", kind, where, line, service, provides, tuple(uses))


def _flux_uses(body: Mapping, kind: str, namespace: str) -> Iterator[Use]:
    needed = body.at("spec", "dependsOn")
    for item in needed.items if isinstance(needed, Sequence) else ():
        if isinstance(item, Mapping) and text(item.get("name")):
            there = text(item.get("namespace")) or namespace
            yield Use(f"flux:{kind}/{there}/{text(item.get('name'))}", "soft", "dependsOn", item.file_line)
    written = body.at("spec", "path")
    if kind == "Kustomization" and isinstance(written, Scalar):
        path = resolve("", written.raw.lstrip("/") or ".")
        if path:
            yield Use(f"path:{path}", "hard", "applies", written.file_line)


def _label(body: Mapping, key: str) -> str:
    for holder in (("metadata", "labels"), ("metadata", "annotations")):
        labels = body.at(*holder)
        found = text(labels.get(key)) if isinstance(labels, Mapping) else ""
        if found:
            return found
    return ""
