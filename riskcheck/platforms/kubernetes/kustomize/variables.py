"""``vars``: values of objects put in wherever ``$(NAME)`` stands.

Facts: https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/internal/accumulator/resaccumulator.go
and ../../filters/refvar. A variable belongs to the object that it names when its kustomization is done; it is read
last, when all names have become what they will be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.documents.scalars import scalar_value
from riskcheck.growth import Growth
from riskcheck.models import Limitation, location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import text, update
from riskcheck.platforms.kubernetes.kustomize.fields import Field, Selector, split
from riskcheck.platforms.kubernetes.kustomize.replace import child_of
from riskcheck.platforms.kubernetes.kustomize.replace import split as split_path
from riskcheck.platforms.kubernetes.objects import Id, split_api_version
from riskcheck.platforms.kubernetes.scopes import is_cluster_scoped
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.platforms.kubernetes.kustomize.accumulation import Build
    from riskcheck.platforms.kubernetes.objects import KubeObject

_Values: TypeAlias = dict[str, Scalar]

_POD_FIELDS: Final = (
    *(
        f"{containers}/{field}"
        for containers in ("containers", "initContainers")
        for field in ("args", "command", "env/value", "volumeMounts/mountPath")
    ),
    "volumes/nfs/server",
)
_PODS: Final = (
    ("Pod", "spec"),
    *(
        (kind, "spec/template/spec")
        for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet")
    ),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
)
_OTHERS: Final = (
    ("Deployment", "spec/template/metadata/annotations"),
    ("Ingress", "spec/rules/host"),
    ("Ingress", "spec/tls/hosts"),
    ("Ingress", "spec/tls/secretName"),
    ("Service", "spec/ports/port"),
    ("Service", "spec/ports/targetPort"),
    ("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
    ("CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server"),
    ("PersistentVolume", "spec/nfs/server"),
    ("", "metadata/labels"),
    ("", "metadata/annotations"),
)
FIELDS: Final = tuple(
    Field(split(path), Selector(kind))
    for kind, path in (
        *(
            (kind, f"{pod}/{field}")
            for kind, pod in _PODS
            for field in _POD_FIELDS
            if (kind, field) not in (("StatefulSet", "volumes/nfs/server"), ("CronJob", "volumes/nfs/server"))
        ),
        *_OTHERS,
    )
)
"""Where ``$(NAME)`` counts."""

_MOST_TEXT: Final = 1_000_000
"""Characters that variables bring into one object: no cluster takes larger ones."""

_REFERENCE: Final = regex(r"\$(?:\$|\(([^)]*+)\)|\([^)]*+\Z)")


class VariableError(Exception):
    """Text where there must be text only."""


def declare(build: Build, declared: list[Mapping]) -> Iterator[tuple[str, Node]]:
    """Adds the entries of one ``vars`` to `build`; yields what is wrong with them, and where."""
    for var in declared:
        name, wanted = text(var.get("name")), var.get("objref")
        if not name or not isinstance(wanted, Mapping):
            yield "a variable needs a name and an objref", var
            continue
        if name in build.vars:
            yield f"the variable {name} is declared twice", var
            continue
        build.vars[name] = var
        matching = [number for number, found in enumerate(build.objects) if _is(found, wanted)]
        if len(matching) > 1:
            yield f"{len(matching)} objects fit the variable {name}", var
        elif matching:
            found = build.objects[matching[0]]
            build.objects[matching[0]] = found.evolve(variables=(*found.vars, name))


def _is(found: KubeObject, wanted: Mapping) -> bool:
    group, version = text(wanted.get("group")), text(wanted.get("version"))
    stated = text(wanted.get("apiVersion"))
    if stated:
        own, version = split_api_version(stated)
        group = own or group
    kind, name, namespace = (text(wanted.get(field)) for field in ("kind", "name", "namespace"))
    if (found.group, found.version) != (group, version):
        return False
    clusterwide = is_cluster_scoped(f"{group}/{version}" if group else version, kind)

    def fits(known: Id) -> bool:
        same = known.kind == kind and known.name == name
        return same and (not namespace or clusterwide or known.namespace == namespace)

    return any(fits(known) for known in (*found.previous, found.id))


def resolve(build: Build, objects: list[KubeObject]) -> list[KubeObject]:
    """`objects` with the variables of `build` put in; what cannot be found is a limitation of `build`, unless
    something is out of reach."""
    values: _Values = {}
    for name, var in build.vars.items():
        value = _value(name, var, objects)
        if value is not None:
            values[name] = value
        elif build.complete:
            _limit(build, f"the variable {name} has no value", var)
    fields = (*FIELDS, *(build.fields.vars if build.fields is not None else ()))
    return [_replaced(found, fields, values, build) for found in objects] if values else objects


def _value(name: str, var: Mapping, objects: list[KubeObject]) -> Scalar | None:
    holder = next((found for found in objects if name in found.vars), None)
    if holder is None:
        return None
    reference = var.get("fieldref")
    stated = ""
    if isinstance(reference, Mapping):
        stated = text(reference.get("fieldPath")) or text(reference.get("fieldpath"))
    node: Node | None = holder.body
    for step in split_path(re.sub(r"\[([0-9]{1,9})\]", r".\1", stated or "metadata.name")):
        node = child_of(node, step)
    return node if isinstance(node, Scalar) else None


def _replaced(found: KubeObject, fields: tuple[Field, ...], values: _Values, build: Build) -> KubeObject:
    body: Node = found.body
    replaced: dict[int, Scalar] = {}
    growth = Growth(_MOST_TEXT)
    change = _changer(values, replaced, growth)
    for field in fields:
        if field.of.selects(found.group, found.version, found.kind):
            try:
                body = update(body, field.path, change)
            except VariableError:
                _limit(
                    build, f"{'.'.join(field.path)} of {found.kind} {found.name} holds other than text", body
                )
    if growth.met:
        what = f"{found.kind} {found.name[:80]}"
        message = f"variables bring more than {_MOST_TEXT:,} characters into {what}: some stay as written"
        _limit(build, message, found.body, "too-large")
    if body is found.body:
        return found
    shared = {
        id(value): replaced[id(value)]
        for setting in found.settings
        if setting.role == "labels" and isinstance(setting.node, Mapping)
        for _, value in setting.node.entries
        if id(value) in replaced
    }
    body = _everywhere(body, shared) if shared else body
    assert isinstance(body, Mapping)
    return found.evolve(body)


def _everywhere(node: Node, shared: dict[int, Scalar]) -> Node:
    """A label's value is one and the same wherever kustomize puts it in an object: in selectors, too."""
    if isinstance(node, Mapping):
        return node.with_entries([(key, _everywhere(child, shared)) for key, child in node.entries])
    if isinstance(node, Sequence):
        return node.with_items([_everywhere(item, shared) for item in node.items])
    return shared.get(id(node), node)


def _changer(
    values: _Values, replaced: dict[int, Scalar], growth: Growth
) -> Callable[[Node | None], Node | None]:
    """replaced: what was replaced by what, by identity; filled on the way."""

    def written(node: Scalar) -> Scalar:
        new = filled(node)
        if new is not node:
            replaced[id(node)] = new
        return new

    def filled(node: Scalar) -> Scalar:
        if "$" not in node.raw or not _is_text(node):
            return node
        whole = _REFERENCE.fullmatch(node.raw)
        if whole is not None and whole[1] in values:
            return _at(node, values[whole[1]])
        used = [values[match[1]] for match in _REFERENCE.finditer(node.raw) if match[1] in values]
        if not growth.takes(sum(len(one.raw) for one in used)):
            return node

        def value(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            return values[match[1]].raw if match[1] in values else match[0]

        result = _REFERENCE.sub(value, node.raw)
        return node if result == node.raw else made(result, node, tuple(used))

    def change(node: Node | None) -> Node | None:
        # A place that is a list or a mapping: update() has entered lists of places before.
        if isinstance(node, Scalar):
            return written(node)
        if isinstance(node, Mapping):
            entries = [(key, written(one) if isinstance(one, Scalar) else one) for key, one in node.entries]
            same = all(new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
            return node if same else node.with_entries(entries)
        if isinstance(node, Sequence):
            if not all(_is_text(item) for item in node.items):
                raise VariableError
            items = [written(item) if isinstance(item, Scalar) else item for item in node.items]
            same = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if same else node.with_items(items)
        return node

    return change


def _is_text(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(scalar_value(node, "kustomize"), str)


def _at(node: Scalar, value: Scalar) -> Scalar:
    """`value`, of its own type, where `node` is written."""
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Scalar(value.raw, *place, value.style, value.tag, value.native, via=(value,))


def _limit(build: Build, message: str, node: Node, kind: str = "var") -> None:
    place = location_of(node)
    failed = kind == "too-large"
    build.limit(Limitation(place.path, kind, message, place.line, place.side, failed))
