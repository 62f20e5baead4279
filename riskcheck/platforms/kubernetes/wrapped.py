"""Objects that stand inside other objects: what is judged is what reaches a cluster, not its envelope.

| envelope | objects | whose clusters |
|---|---|---|
| OpenShift ``Template`` without a namespace | ``objects``, with default values | those of its file |
| Hive ``SyncSet``, ``SelectorSyncSet`` | ``spec.resources`` | those that it selects |
| Open Cluster Management ``ManifestWork`` | ``spec.workload.manifests`` | the one it is addressed to |

A template with a namespace is stored as one and instantiated by somebody else. An envelope that selects clusters
stays an object too, without what it holds.

https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/images/using-templates
https://github.com/openshift/hive/blob/master/docs/syncset.md
https://open-cluster-management.io/docs/concepts/work-distribution/manifestwork/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.envelopes import APPLY_MODE
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import put_at, text
from riskcheck.platforms.kubernetes.objects import KubeObject, objects_in
from riskcheck.records import NamedTuple
from riskcheck.redact import SENSITIVE, looks_secret
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SELECTING: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("hive.openshift.io", "SelectorSyncSet"): ("spec", "resources"),
    ("hive.openshift.io", "SyncSet"): ("spec", "resources"),
    ("work.open-cluster-management.io", "ManifestWork"): ("spec", "workload", "manifests"),
}
"""(group, kind) of what selects clusters, to where the objects for them stand."""

_TEMPLATES: Final = frozenset({"", "template.openshift.io"})
_PARAMETER: Final = regex(r"\$\{(\{)?([A-Za-z0-9_]+)\}(?(1)\})")


class Held(NamedTuple):
    """An object, and the name of the envelope that takes it to clusters; ``""`` for one that stands for itself."""

    found: KubeObject
    envelope: str = ""


def unwrapped(objects: Iterable[KubeObject]) -> Iterator[Held]:
    """`objects`, each envelope replaced by what is inside, envelopes within envelopes included."""
    for one in objects:
        if one.kind != "Template" and (one.group, one.kind) not in _SELECTING:
            yield Held(one)
        else:
            yield from _opened(one)


def _opened(outermost: KubeObject) -> Iterator[Held]:
    pending = [Held(outermost)]
    while pending:
        held = pending.pop()
        found, path = held.found, _SELECTING.get((held.found.group, held.found.kind))
        if path is not None:
            inside = found.body.at(*path)
            yield Held(found.evolve(_without(found.body, path)), held.envelope)
            if isinstance(inside, Sequence):
                envelope = found.name if not found.namespace else f"{found.namespace}:{found.name}"
                kept = found.group == "hive.openshift.io" and _only_adds(found.body)
                objects = (_kept(one, inside) if kept else one for one in _objects(inside.items))
                pending.extend(reversed([Held(one, envelope) for one in objects]))
        elif _is_processed(found):
            pending.extend(reversed([Held(one, held.envelope) for one in _instances(found.body)]))
        else:
            yield held


def _only_adds(sync_set: Mapping) -> bool:
    return text(sync_set.at("spec", "resourceApplyMode")) != "Sync"


def _kept(found: KubeObject, near: Node) -> KubeObject:
    """`found` with a note that it stays on the clusters when it leaves the sync set."""
    mode = made("Upsert", near)
    return found.evolve(put_at(found.body, ("metadata", "annotations", APPLY_MODE), mode))


def _is_processed(found: KubeObject) -> bool:
    return (
        found.kind == "Template"
        and found.group in _TEMPLATES
        and not found.namespace
        and isinstance(found.body.get("objects"), Sequence)
    )


def _objects(nodes: Iterable[Node]) -> Iterator[KubeObject]:
    for node in nodes:
        yield from objects_in(node)


def _instances(template: Mapping) -> Iterator[KubeObject]:
    """The objects of a template. A parameter without a value stays as it is written."""
    objects, values = template.get("objects"), _values(template.get("parameters"))
    for node in objects.items if isinstance(objects, Sequence) else ():
        yield from objects_in(_filled(node, values) if values else node)


def _values(parameters: Node | None) -> dict[str, Scalar]:
    """Parameters to their default values, as text."""
    found: dict[str, Scalar] = {}
    for item in parameters.items if isinstance(parameters, Sequence) else ():
        if isinstance(item, Mapping):
            name, value = text(item.get("name")), item.get("value")
            if name and isinstance(value, Scalar) and text(value):
                found[name] = _marked(value) if looks_secret(name) else value
    return found


def _marked(value: Scalar) -> Scalar:
    """`value`, never to be shown, nor what it is put into."""
    place = (value.source, value.line, value.column, value.end_line, value.end_column)
    return Scalar(value.raw, *place, value.style, SENSITIVE, value.native, value.via)


def _filled(node: Node, values: dict[str, Scalar]) -> Node:
    """`node` with parameters put in; what holds none stays the same node. Keys take parameters too."""
    if isinstance(node, Scalar):
        return _filled_text(node, values) if "${" in node.raw else node
    if isinstance(node, Sequence):
        items = [_filled(item, values) for item in node.items]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else node.with_items(items)
    if not isinstance(node, Mapping):
        return node
    entries = [
        (_filled_text(key, values) if "${" in key.raw else key, _filled(value, values))
        for key, value in node.entries
    ]
    same = all(new[0] is old[0] and new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
    return node if same else node.with_entries(entries)


def _filled_text(node: Scalar, values: dict[str, Scalar]) -> Scalar:
    """``${NAME}`` is text whatever it comes to, ``${{NAME}}`` is what it comes to; the value stands where the
    reference is and came through the parameter."""
    used = [values[match[2]] for match in _PARAMETER.finditer(node.raw) if match[2] in values]
    if not used:
        return node
    whole = _PARAMETER.fullmatch(node.raw)
    bare = whole is not None and whole[1] is not None
    raw = _PARAMETER.sub(lambda match: values[match[2]].raw if match[2] in values else match[0], node.raw)
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Scalar(raw, *place, "plain" if bare else "quoted", via=(*node.via, *used))


def _without(body: Mapping, path: tuple[str, ...]) -> Mapping:
    """`body` without the value at `path`."""
    entries = []
    for key, value in body.entries:
        if key.raw == path[0]:
            if len(path) == 1:
                continue
            if isinstance(value, Mapping):
                value = _without(value, path[1:])
        entries.append((key, value))
    return body.with_entries(entries)
