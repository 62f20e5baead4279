"""OpenSLO. https://github.com/OpenSLO/OpenSLO: a Service, and SLOs that name theirs by ``spec.service``.

An objective is ``target`` (0 to 1) or ``targetPercent`` (0 to 100); the strictest one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.nodes import Troubles, at, items, number, places, text
from riskcheck.catalogs.teams import team
from riskcheck.dependencies import CatalogEntry
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node, Scalar


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What a Service or SLO says; other kinds say nothing of a service."""
    kind = text(root.get("kind"))
    if kind is None or kind.raw not in ("Service", "SLO"):
        return
    name = text(root.at("metadata", "name") if kind.raw == "Service" else root.at("spec", "service"))
    if name is None:
        troubles.add(root, f"an OpenSLO {kind.raw} that names no service")
        return
    owner = _owner(root) if kind.raw == "Service" else None
    target, node = strictest(root.get("spec")) if kind.raw == "SLO" else (None, None)
    yield CatalogEntry(
        format="openslo",
        service=Service(
            name.raw.strip(),
            owner=team(owner.raw if owner else None),
            source=f"{root.source.path}:{name.file_line}",
        ),
        location=location_of(name),
        fields=places(owner=owner, slo=node),
        slo=target,
    )


def _owner(root: Mapping) -> Scalar | None:
    labels = root.at("metadata", "labels")
    for key in ("owner", "team"):
        for node in items(at(labels, key)):
            found = text(node)
            if found is not None:
                return found
    return None


def strictest(spec: Node | None) -> tuple[float | None, Node | None]:
    """The highest target of all objectives, 0..1, and where it stands."""
    best: tuple[float | None, Node | None] = (None, None)
    for objective in items(at(spec, "objectives")):
        value, node = target_of(objective)
        if value is not None and (best[0] is None or value > best[0]):
            best = (value, node)
    return best


def target_of(objective: Node) -> tuple[float | None, Node | None]:
    """The target of one objective, 0..1, and where it stands."""
    share, percent = at(objective, "target"), at(objective, "targetPercent")
    value = number(share)
    if value is not None and 0 <= value <= 1:
        return value, share
    value = number(percent)
    if value is not None and 0 <= value <= 100:
        return value / 100, percent
    return None, None
