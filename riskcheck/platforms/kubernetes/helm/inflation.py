"""Releases that kustomize inflates: ``helmCharts`` of a kustomization.

Facts: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/ (``valuesFile``, then
``additionalValuesFiles``, then ``valuesInline``; ``valuesMerge``; charts in ``helmGlobals.chartHome``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import drop, put, text
from riskcheck.platforms.kubernetes.helm import merge
from riskcheck.platforms.kubernetes.helm.flux import Handed
from riskcheck.platforms.kubernetes.kustomize.paths import join, resolve
from riskcheck.platforms.kubernetes.kustomize.shape import mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.kubernetes.helm.release import Releases

FIELD: Final = "helmCharts"


def handed_by(root: Mapping, directory: str, releases: Releases) -> Iterator[Handed]:
    """What the kustomization of `directory` hands to charts."""
    home = text(root.at("helmGlobals", "chartHome")) or "charts"
    for entry in mappings(root.get(FIELD)):
        chart = text(entry.get("name"))
        if not chart:
            continue
        place = resolve(directory, join(home, chart))
        layers = tuple(_layers(entry, directory, releases))
        name = text(entry.get("releaseName")) or chart
        local = place if place in releases.charts.directories else None
        yield Handed(text(entry.get("namespace")), name, layers, chart, local, entry)


def _layers(entry: Mapping, directory: str, releases: Releases) -> Iterator[Mapping]:
    further = entry.get("additionalValuesFiles")
    files: list[Node | None] = [entry.get("valuesFile")]
    files += further.items if isinstance(further, Sequence) else []
    found: list[Mapping] = []
    for written in files:
        path = resolve(directory, text(written)) if isinstance(written, Scalar) and text(written) else None
        layer = releases.files.mapping(path) if path else None
        if layer is not None:
            found.append(layer)
    inline = entry.get("valuesInline")
    if isinstance(inline, Mapping):
        how = text(entry.get("valuesMerge"))
        if how == "replace":
            found = [inline]
        elif how == "merge" and found:
            below = inline
            for layer in found:
                below = merge.over(layer, below)
            found = [below]
        else:
            found.append(inline)
    yield from found


def without_values(root: Mapping) -> Mapping:
    """A kustomization without the values in it, which are resources of their own."""
    charts = root.get(FIELD)
    if not isinstance(charts, Sequence):
        return root
    items: list[Node] = [
        drop(one, "valuesInline") if isinstance(one, Mapping) else one for one in charts.items
    ]
    return put(root, FIELD, charts.with_items(items))
