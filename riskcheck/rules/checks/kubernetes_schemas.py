"""Schemas of custom resources that take less: fields that go, fields that are required, other types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_custom import Instance, instances, versions
from riskcheck.rules.checks.kubernetes_objects import TRUE, items_at, text, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext

_ROOT: Final = ("spec", "versions", "", "schema", "openAPIV3Schema")
_SPECIAL: Final = frozenset({"status", "metadata", "apiVersion", "kind"})
"""Fields of every object that no manifest sets, or that the API server checks itself."""


class Field(NamedTuple):
    """What a path of a schema is about. steps: names of fields, ``[]`` for items of a list, ``{}`` for values of a
    map. keyword: what of that field's schema, empty for the field itself."""

    steps: tuple[str, ...]
    keyword: KeyPath

    @property
    def shown(self) -> str:
        return ".".join(self.steps).replace(".[]", "[]").replace(".{}", ".*") or "the object"


class Narrowed(NamedTuple):
    """says: what leads to the objects, which are the custom resources in sight that need what goes."""

    problem: str
    objects: list[Instance]
    says: str = "set in "


def field_at(path: KeyPath) -> Field | None:
    """The field that a change at `path` of a definition is about; None outside of a schema."""
    if len(path) < len(_ROOT) or path[:2] != _ROOT[:2] or path[3:5] != _ROOT[3:]:
        return None
    steps: list[str] = []
    number = len(_ROOT)
    while number < len(path):
        step = path[number]
        if step == "properties" and number + 1 < len(path):
            steps.append(path[number + 1].removeprefix("\\"))
            number += 2
        elif step in ("items", "additionalProperties"):
            steps.append("[]" if step == "items" else "{}")
            number += 1
        else:
            break
    return Field(tuple(steps), path[number:])


def narrowed(
    change: Change, version: str, before: Resource, after: Resource, context: CheckContext
) -> Iterator[Narrowed]:
    """What the schema of `version` no longer takes, told at the first of the changes that say the same."""
    field = field_at(change.path)
    if field is None or (field.steps[:1] and field.steps[0] in _SPECIAL):
        return
    if not field.keyword or (
        field.keyword[0] == "properties" and len(field.keyword) == 1 and change.kind == "removed"
    ):
        yield from _removed(change, version, after, context)
    elif field.keyword[0] == "required":
        yield from _required(change, field, before, after, context, version)
    elif field.keyword == ("type",) and change.kind == "modified":
        problem = f"{field.shown} of {version} goes from {change.before} to {change.after}"
        yield Narrowed(problem, _setting(after, version, [field], context))


def _removed(change: Change, version: str, after: Resource, context: CheckContext) -> Iterator[Narrowed]:
    gone = [
        (one.path, field)
        for one in context.changes_of(after)
        if one.kind == "removed" and one.path[2:3] == change.path[2:3]
        for field in [field_at(one.path)]
        if field is not None
        and field.steps[:1]
        and field.steps[0] not in _SPECIAL
        and field.steps[-1] not in ("[]", "{}")
        and field.keyword in ((), ("properties",))
        and not _is_open(after, version, one.path)
    ]
    if not gone or gone[0][0] != change.path:
        return
    fields = [field for _, field in gone]
    verb = "is" if len(fields) == 1 else "are"
    what = listed([one.shown for one in fields])
    problem = (
        f"{what} {verb} no longer in the schema of {version}: the API server prunes what objects hold there"
    )
    yield Narrowed(problem, _setting(after, version, fields, context))


def _is_open(after: Resource, version: str, path: KeyPath) -> bool:
    """Whether what the schema does not name is kept all the same, as below
    ``x-kubernetes-preserve-unknown-fields``, and by all definitions of ``v1beta1`` that do not say otherwise."""
    if text_at(after.body, "apiVersion") != "apiextensions.k8s.io/v1":
        return True
    if text_at(after.body, "spec", "preserveUnknownFields") in TRUE:
        return True
    node: Node | None = versions(after).get(version)
    for step in path[3:]:
        if not isinstance(node, Mapping):
            return False
        if text_at(node, "x-kubernetes-preserve-unknown-fields") in TRUE or isinstance(
            node.get("additionalProperties"), Mapping
        ):
            return True
        node = node.get(step.removeprefix("\\"))
    return False


def _required(
    change: Change, field: Field, before: Resource, after: Resource, context: CheckContext, version: str
) -> Iterator[Narrowed]:
    """Fields that an object must have from now on. Those with a default are filled in."""
    depth = len(change.path) - len(field.keyword)
    holders = [_schema(one, version, change.path[3:depth]) for one in (before, after)]
    if not all(isinstance(one, Mapping) for one in holders):
        return
    old, new = ({text(item) or "" for item in items_at(one, "required")} for one in holders)
    added = [
        name
        for name in sorted(new - old)
        if not (isinstance(holders[1], Mapping) and holders[1].at("properties", name, "default") is not None)
    ]
    same = [
        one.path for one in context.changes_of(after) if one.path[: depth + 1] == change.path[: depth + 1]
    ]
    if not added or same[:1] != [change.path]:
        return
    fields = [Field((*field.steps, name), ()) for name in added]
    what = listed([one.shown for one in fields])
    problem = f"{what} must be set from now on ({version}): objects without it can no longer be written"
    yield Narrowed(problem, _setting(after, version, fields, context, lacking=True), "missing in ")


def _schema(definition: Resource, version: str, path: KeyPath) -> Node | None:
    node: Node | None = versions(definition).get(version)
    return node.at(*(step.removeprefix("\\") for step in path)) if isinstance(node, Mapping) else None


def _setting(
    definition: Resource, version: str, fields: list[Field], context: CheckContext, *, lacking: bool = False
) -> list[Instance]:
    """Custom resources in sight that set one of `fields`; `lacking`: that have what holds it and not the field."""
    found = instances(definition, [version], context.head, context)
    return [
        one
        for one in found
        if one.resource is not None
        and any(_has(one.resource.body, field.steps, lacking=lacking) for field in fields)
    ]


def _has(node: Node | None, steps: tuple[str, ...], *, lacking: bool) -> bool:
    if not steps:
        return node is not None
    step, rest = steps[0], steps[1:]
    if step == "[]":
        return isinstance(node, Sequence) and any(_has(item, rest, lacking=lacking) for item in node.items)
    if not isinstance(node, Mapping):
        return False
    if step == "{}":
        return any(_has(value, rest, lacking=lacking) for _, value in node.entries)
    child = node.get(step)
    if not rest and lacking:
        return child is None
    return (
        child is not None
        and plain_value(child, "yaml-1.1") is not None
        and _has(child, rest, lacking=lacking)
    )
