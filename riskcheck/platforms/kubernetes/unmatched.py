"""Patches whose target selects nothing: kustomize passes them over in silence, so that a typo undoes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Resource
from riskcheck.nodes import Mapping
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.kustomize.paths import parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Environment

KIND: Final = "KustomizePatch"
_FIELDS: Final = ("group", "version", "kind", "namespace", "name", "labelSelector", "annotationSelector")


def unmatched_patches(entries: Iterable[Mapping], unit: str, environment: Environment) -> Iterator[Resource]:
    """Each of `entries` as a resource, by its kustomization and what it selects."""
    counts: dict[str, int] = {}
    for entry in entries:
        target = entry.get("target")
        assert isinstance(target, Mapping)
        wanted = "/".join(text(target.get(field)) for field in _FIELDS if text(target.get(field)))
        name = f"{parent(entry.source.path) or '.'}:{wanted}"
        counts[name] = counts.get(name, 0) + 1
        yield Resource(
            platform="kubernetes",
            kind=KIND,
            name=name if counts[name] == 1 else f"{name}#{counts[name]}",
            environment=environment,
            unit=unit,
            body=entry,
            origin=entry,
            reading="yaml-1.1",
        )
