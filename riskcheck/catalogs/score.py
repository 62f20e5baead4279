"""Score workloads. https://docs.score.dev/docs/score-specification/score-spec-reference/

A resource with an ``id`` is shared: the same type, class and id are one resource for all workloads; without an
id it is the workload's own and part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.nodes import Troubles, at, pairs, text, word
from riskcheck.dependencies import CatalogEntry, Dependency
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping

_WORKLOAD = ("service", "workload")
"""Types of resources that stand for another workload."""


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What one workload says."""
    name = text(root.at("metadata", "name"))
    if name is None:
        troubles.add(root, "a Score workload without metadata.name")
        return
    yield CatalogEntry(
        format="score",
        service=Service(name.raw.strip(), source=f"{root.source.path}:{name.file_line}"),
        location=location_of(name),
        dependencies=tuple(_resources(root, troubles)),
    )


def _resources(root: Mapping, troubles: Troubles) -> Iterator[Dependency]:
    for key, node in pairs(root.get("resources")):
        kind, shared = word(at(node, "type")), word(at(node, "id"))
        if kind is None:
            troubles.add(key, f"resource {key.raw} has no type")
        elif kind in _WORKLOAD:
            yield Dependency(shared or key.raw, "hard", f"uses {kind}", location_of(key))
        elif shared is not None:
            class_ = word(at(node, "class")) or "default"
            yield Dependency(f"{kind}.{class_}#{shared}", "hard", f"uses {kind}", location_of(key))
