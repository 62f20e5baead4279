"""The form of a kustomization: what it may say, and the parts of it that are of the wrong kind.

Fields: https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/types/kustomization.go. kustomize
refuses a file that has others; here the rest of it still counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

STRING_LISTS: Final = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
)
PATCH_LISTS: Final = ("patches", "patchesJson6902", "replacements")
GENERATOR_LISTS: Final = ("configMapGenerator", "secretGenerator")
CHART_LISTS: Final = ("helmCharts", "helmChartInflationGenerator")
_MAPPING_LISTS: Final = (
    *PATCH_LISTS,
    *GENERATOR_LISTS,
    *CHART_LISTS,
    "images",
    "imageTags",
    "labels",
    "replicas",
    "vars",
)
_OTHERS: Final = (
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "commonAnnotations",
    "generatorOptions",
    "helmGlobals",
    "openapi",
    "sortOptions",
    "buildMetadata",
)
_TYPE: Final = frozenset({"apiVersion", "kind", "metadata"})
_KNOWN: Final = frozenset((*STRING_LISTS, *_MAPPING_LISTS, *_OTHERS)) | _TYPE


def faults_of(root: Mapping) -> Iterator[tuple[str, Node]]:
    """Why kustomize would refuse the file as such, and where."""
    if _TYPE.issuperset(root.index):
        yield "the kustomization is empty", root
    for key, node in root.entries:
        if key.raw not in _KNOWN:
            yield f"{key.raw} is no field of a kustomization", key
        wanted = Scalar if key.raw in STRING_LISTS else Mapping if key.raw in _MAPPING_LISTS else None
        if wanted is None or (isinstance(node, Scalar) and not node.raw):
            continue
        if not isinstance(node, Sequence):
            yield f"{key.raw} must be a list", node
            continue
        for item in node.items:
            if not isinstance(item, wanted):
                yield f"an item of {key.raw} is of the wrong kind", item


def strings(node: Node | None) -> list[Scalar]:
    """The non-empty scalars of a list."""
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Scalar) and item.raw]


def mappings(node: Node | None) -> list[Mapping]:
    """The mappings of a list."""
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Mapping)]
