"""The form of a kustomization: what it may say, and the parts of it that are of the wrong kind.

Fields: https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/types/kustomization.go. kustomize
refuses a file that has others; here the rest of it still counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import key_at, put

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


_CANONICAL: Final = {name.lower(): name for name in _KNOWN}
_ITEM_FIELDS: Final = (
    "newName newTag tagSuffix digest name count pairs fields includeSelectors includeTemplates files envs env"
    " includeVolumeClaimTemplates literals behavior options namespace type path patch target source targets objref"
    " fieldref"
)
_NESTED: Final = {name.lower(): name for name in _ITEM_FIELDS.split()}


def canonical(root: Mapping) -> Mapping:
    """`root` with its fields, and those of the items of its lists, as they are called: Go reads them whatever the
    case they are written in."""
    changed = _renamed(root, _CANONICAL)
    for field in _MAPPING_LISTS:
        listed = changed.get(field)
        if isinstance(listed, Sequence):
            items = [_renamed(item, _NESTED) if isinstance(item, Mapping) else item for item in listed.items]
            if any(new is not old for new, old in zip(items, listed.items, strict=True)):
                changed = put(changed, field, listed.with_items(items))
    return changed


def _renamed(node: Mapping, names: dict[str, str]) -> Mapping:
    if all(key.raw == names.get(key.raw.lower(), key.raw) for key, _ in node.entries):
        return node
    present = node.index
    return node.with_entries(
        [
            (key_at(wanted, key), value)
            if (wanted := names.get(key.raw.lower(), key.raw)) != key.raw and wanted not in present
            else (key, value)
            for key, value in node.entries
        ]
    )


def faults_of(root: Mapping) -> Iterator[tuple[str, Node]]:
    """Why kustomize would refuse the file as such, and where."""
    if _TYPE.issuperset(root.index):
        yield "the kustomization is empty", root
    for key, node in root.entries:
        if key.raw not in _KNOWN:
            yield f"{key.raw} is no field of a kustomization", key
        yield from _not_text(key, node)
        wanted = Scalar if key.raw in STRING_LISTS else Mapping if key.raw in _MAPPING_LISTS else None
        if wanted is None or (isinstance(node, Scalar) and not node.raw):
            continue
        if not isinstance(node, Sequence):
            yield f"{key.raw} must be a list", node
            continue
        for item in node.items:
            if not isinstance(item, wanted):
                yield f"an item of {key.raw} is of the wrong kind", item


def _not_text(key: Scalar, node: Node) -> Iterator[tuple[str, Node]]:
    """Numbers and truth values where Go wants text: ``newTag: 1.10`` is refused, not read as 1.1."""
    if key.raw in ("namePrefix", "nameSuffix", "namespace") and not _is_text(node):
        yield f"{key.raw} must be text", node
    if key.raw in ("images", "imageTags") and isinstance(node, Sequence):
        for item in node.items:
            for field, value in item.entries if isinstance(item, Mapping) else ():
                if not _is_text(value):
                    yield f"{field.raw} must be text: quote it", value


def _is_text(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(scalar_value(node, "kustomize"), str | None)


def strings(node: Node | None) -> list[Scalar]:
    """The non-empty scalars of a list."""
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Scalar) and item.raw]


def mappings(node: Node | None) -> list[Mapping]:
    """The mappings of a list."""
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Mapping)]
