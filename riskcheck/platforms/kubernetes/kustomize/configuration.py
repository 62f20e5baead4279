"""``configurations`` and ``crds``: more places for transformers to look at.

Facts: https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/internal/plugins/builtinconfig and
../accumulator/loadconfigfromcrds.go. A place joins others by its path: it is left out where one of them is of a
kind that it covers. What is merged is sorted by kind, the unnamed kind after the named ones, and merged again; so
a place of one kind that a ``configurations`` file states takes the place of the built-in one for all kinds, if no
base has brought that along already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Sequence
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.kustomize.fields import (
    Field,
    Fields,
    Names,
    Selector,
    selector_of,
    stated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.nodes import Node

_KINDS: Final = (
    "Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role"
    " ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass"
    " PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget"
)
_FIRST: Final = tuple(_KINDS.split())
_LAST: Final = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_UNNAMED: Final = "~"
"""Sorts after all letters."""

_REFERENCE: Final = "x-kubernetes-object-ref-"
_MAX_DEPTH: Final = 32


NOTHING: Final = Fields((), (), (), (), (), (), (), (), (), ())
"""Where nothing has been merged yet."""


class ConflictError(Exception):
    """The same place is made where it is missing, and is not."""


def stated_in(root: Mapping) -> Fields:
    """What a file named under ``configurations`` states."""
    return Fields(
        namespace=stated(root.get("namespace")),
        labels=stated(root.get("labels")),
        template_labels=stated(root.get("templateLabels")),
        common_labels=stated(root.get("commonLabels")),
        annotations=stated(root.get("commonAnnotations")),
        images=stated(root.get("images")),
        replicas=stated(root.get("replicas")),
        names=tuple(_names(root.get("nameReference"))),
        prefix=stated(root.get("namePrefix")),
        suffix=stated(root.get("nameSuffix")),
        vars=stated(root.get("varReference")),
    )


def _names(node: Node | None) -> Iterator[Names]:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping):
            yield Names(selector_of(item), stated(item.get("fieldSpecs")))


def merged(groups: Iterable[Fields]) -> Fields:
    """All of `groups` as one, in kustomize's order. Raises `ConflictError`."""
    parts = list(groups)
    first = parts[0]
    for other in parts[1:]:
        first = _merged(first, other)
    return first


def _merged(one: Fields, other: Fields) -> Fields:
    return Fields(
        _places(one.namespace, other.namespace),
        _places(one.labels, other.labels),
        _places(one.template_labels, other.template_labels),
        _places(one.common_labels, other.common_labels),
        _places(one.annotations, other.annotations),
        _places(one.images, other.images),
        _places(one.replicas, other.replicas),
        _merged_names(one.names, other.names),
        _places(one.prefix, other.prefix),
        _places(one.suffix, other.suffix),
        _places(one.vars, other.vars),
    )


def _merged_names(one: tuple[Names, ...], other: tuple[Names, ...]) -> tuple[Names, ...]:
    known = {names.target: names.fields for names in one}
    for names in other:
        known[names.target] = _places(known.get(names.target, ()), names.fields)
    return tuple(Names(target, fields) for target, fields in known.items())


def _places(one: tuple[Field, ...], other: tuple[Field, ...]) -> tuple[Field, ...]:
    if not other or one == other:
        return one
    by_path: dict[tuple[str, ...], list[Field]] = {}
    for field in one:
        by_path.setdefault(field.path, []).append(field)
    result = list(one)
    for field in other:
        alike = by_path.setdefault(field.path, [])
        known = next((place for place in alike if field.of.selects(*_kind(place.of))), None)
        if known is None:
            alike.append(field)
            result.append(field)
        elif known.create != field.create:
            raise ConflictError(f"{'/'.join(field.path)} is stated with and without create")
    return tuple(sorted(result, key=_order))


def _kind(of: Selector) -> tuple[str, str, str]:
    return of.group, of.version, of.kind


def _order(field: Field) -> tuple[int, str, str, str]:
    kind = field.of.kind
    number = (
        _FIRST.index(kind) - len(_FIRST) if kind in _FIRST else _LAST.index(kind) + 1 if kind in _LAST else 0
    )
    return number, field.of.group or _UNNAMED, field.of.version or _UNNAMED, kind or _UNNAMED


def declared_in(root: Mapping) -> Fields:
    """What the OpenAPI definitions of a file named under ``crds`` say by their ``x-kubernetes-…`` extensions."""
    annotations: list[Field] = []
    labels: list[Field] = []
    names: list[Names] = []
    prefix: list[Field] = []
    for key, _ in root.entries:
        kind = Selector(key.raw.rpartition(".")[2])
        if not {"kind", "apiVersion", "metadata"} <= set(_properties(root, key.raw).index):
            continue
        pending: list[tuple[str, tuple[str, ...]]] = [(key.raw, ())]
        while pending:
            name, path = pending.pop()
            for step, item in _properties(root, name).entries:
                at = (*path, step.raw)
                if not isinstance(item, Mapping) or len(at) > _MAX_DEPTH:
                    continue
                if item.get("x-kubernetes-annotation") is not None:
                    annotations.append(Field(at, kind))
                if item.get("x-kubernetes-label-selector") is not None:
                    labels.append(Field(at, kind))
                if item.get("x-kubernetes-identity") is not None:
                    prefix.append(Field(at, kind))
                version, target = (item.get(f"{_REFERENCE}{part}") for part in ("api-version", "kind"))
                if version is not None and target is not None:
                    field = (*at, text(item.get(f"{_REFERENCE}name-key")) or "name")
                    names.append(Names(Selector(text(target), version=text(version)), (Field(field, kind),)))
                if text(item.get("$ref")):
                    pending.append((text(item.get("$ref")), at))
    return NOTHING._replace(
        common_labels=tuple(labels),
        annotations=tuple(annotations),
        names=tuple(names),
        prefix=tuple(prefix),
    )


def _properties(root: Mapping, name: str) -> Mapping:
    definition = root.get(name)
    found = definition.at("Schema", "properties") if isinstance(definition, Mapping) else None
    found = found or (definition.at("schema", "properties") if isinstance(definition, Mapping) else None)
    return found if isinstance(found, Mapping) else root.with_entries([])
