"""Environment variables that an application read and finds no more (K8S-029)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.scalars import same
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import listed
from riskcheck.redact import looks_secret
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    items_at,
    mapping_at,
    name_of,
    neighbours,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_podspecs import (
    Containers,
    containers_kept,
    pod_specs,
    pods_between,
    pods_kept,
)
from riskcheck.rules.checks.kubernetes_references import CONTENT, offers
from riskcheck.rules.checks.kubernetes_variables import Source, Variable, mentions, sources, variables
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import CheckContext

_PLACEHOLDERS = ("$(", "${", "{{")


def environment_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``used`` where the container still refers to the variable, ``contract``
    where the same image loses it, ``exposed`` for a secret that became text; else the image changes, too."""
    if change.resource_before is None or change.resource_after is None:
        return
    if pod_specs(change.resource_after):
        yield from matches(change, context, lambda: _of_workload(change, context))
    else:
        yield from _of_config(change, context)


def _of_workload(change: Change, context: CheckContext) -> Iterator[Weakness]:
    before, after = change.resource_before, change.resource_after
    assert before is not None and after is not None
    for pods in pods_kept(change):
        for container in containers_kept(pods):
            taken = (
                sources(container.before, before, context.base),
                sources(container.after, after, context.head),
            )
            yield from lost(container, *taken)
            yield from _retyped(container)


def lost(container: Containers, old_sources: list[Source], new_sources: list[Source]) -> Iterator[Weakness]:
    """Variables that are set no more, by whatever they were set."""
    old, new = variables(container.before), variables(container.after)
    left = {(one.kind, one.name): one for one in new_sources}
    known = {(one.kind, one.name) for one in old_sources}
    if any(one.keys is None and (one.kind, one.name) not in known for one in new_sources):
        return
    still = {*new, *(name for one in new_sources for name in one.names)}
    gone = [one for name, one in old.items() if name not in still and (one.source != "literal" or one.value)]
    came = [one for name, one in new.items() if name not in old]
    renamed = {one.name: next((other.name for other in came if _alike(one, other)), None) for one in gone}
    unsure = any(one.keys is None for one in new_sources)
    for grade, found in _by_grade(container, [one.name for one in gone], unsure=unsure).items():
        said = listed([f"{name} (now {renamed[name]})" if renamed[name] else name for name in found])
        first = next(one for one in gone if one.name == found[0])
        verb = "is" if len(found) == 1 else "are"
        yield Weakness(f"{said} of container {container.name} {verb} set no more", first.node, None, grade)
    for source in old_sources:
        if (source.kind, source.name) in left or source.keys is None:
            continue
        absent = sorted(source.names - still - old.keys())
        for grade, found in _by_grade(container, absent).items():
            said = f"{listed(found)} of {source.kind} {source.name}"
            node = container.before.get("envFrom")
            yield Weakness(f"container {container.name} is no longer given {said}", node, None, grade)


def _by_grade(container: Containers, names: list[str], *, unsure: bool = False) -> dict[str, list[str]]:
    """Names by how bad it is that they are gone. unsure: something whose entries are not known may set them."""
    found: dict[str, list[str]] = {}
    for name in names:
        grade = "contract" if same_program(container) and not unsure else ""
        found.setdefault("used" if mentions(container.after, name) else grade, []).append(name)
    return found


def same_program(container: Containers) -> bool:
    """Whether the code that reads the variables is the same as before."""
    old, new = (
        [
            text_at(one, "image"),
            *([text(item) for item in items_at(one, field)] for field in ("command", "args")),
        ]
        for one in (container.before, container.after)
    )
    return old == new


def _alike(one: Variable, other: Variable) -> bool:
    """Whether two variables are set to the same."""
    if one.source != other.source or one.source == "literal":
        return one.source == other.source and len(one.value) > 1 and one.value == other.value
    first, second = mapping_at(one.node, "valueFrom"), mapping_at(other.node, "valueFrom")
    return first is not None and second is not None and same(first, second, "yaml-1.1")


def _retyped(container: Containers) -> Iterator[Weakness]:
    old, new = variables(container.before), variables(container.after)
    for name, variable in new.items():
        was = old.get(name)
        if was is None or variable.source != "literal":
            continue
        said = f"{name} of container {container.name}"
        if not variable.value and (was.value or was.source != "literal"):
            yield Weakness(f"{said} is empty", was.node, variable.node, "contract")
        elif was.source == "secret" and not any(mark in variable.value for mark in _PLACEHOLDERS):
            grade = "exposed" if looks_secret(name) else ""
            yield Weakness(
                f"{said} is written out instead of taken from a Secret", was.node, variable.node, grade
            )


def _of_config(change: Change, context: CheckContext) -> Iterator[Match]:
    """Entries that containers take as variables through ``envFrom``, gone from a ConfigMap or Secret that stays."""
    before, after = change.resource_before, change.resource_after
    assert before is not None and after is not None
    if not change.path or not is_first(change, context, *CONTENT):
        return
    new = {(offer.kind, offer.name): offer.keys for offer in offers(after)}
    for offer in offers(before):
        left = new.get((offer.kind, offer.name))
        keys = offer.keys - left if offer.keys is not None and left is not None else frozenset()
        emptied = _emptied(before, after)
        yield from _missed(change, context, offer.kind, offer.name, keys, emptied)


def _emptied(before: Resource, after: Resource) -> frozenset[str]:
    if after.kind != "ConfigMap":
        return frozenset()
    old, new = mapping_at(before.body, "data"), mapping_at(after.body, "data")
    if old is None or new is None:
        return frozenset()
    return frozenset(key.raw for key, node in new.entries if not text(node) and text(old.get(key.raw)))


def _missed(
    change: Change,
    context: CheckContext,
    kind: str,
    name: str,
    keys: frozenset[str],
    emptied: frozenset[str],
) -> Iterator[Match]:
    """The variables that containers of head no longer get from an object that both sides have."""
    before, after = change.resource_before, change.resource_after
    assert before is not None and after is not None
    if not keys and not emptied:
        return
    missed: dict[str, None] = {}
    users: dict[str, Resource] = {}
    grades: dict[str, None] = {}
    for workload in neighbours(after, context.head):
        for container in _containers_of(workload, context):
            if not _may_take(container, name):
                continue
            named = sources(container.after, workload, context.head)
            through = [one for one in named if (one.kind, one.name) == (kind, name)]
            if not through:
                continue
            still = {*variables(container.after), *(found for one in named for found in one.names)}
            own = variables(container.after)
            found = [
                one.prefix + key for one in through for key in sorted(keys) if one.prefix + key not in still
            ]
            blank = [
                one.prefix + key for one in through for key in sorted(emptied) if one.prefix + key not in own
            ]
            for grade, names in _by_grade(container, [*found, *blank]).items():
                grades[grade] = None
                missed.update(dict.fromkeys(names))
                users[workload.address] = workload
    if not missed:
        return
    whose = listed(sorted({f"{one.kind} {name_of(one)}" for one in users.values()}), 2)
    verb = "gone or empty" if emptied else "gone"
    yield Match(
        values={
            "what": f"{listed(missed)} of {kind} {name} is {verb}, and {whose} takes all of it as variables",
            "grades": list(grades),
        },
        node=_entry(before, after, keys, emptied),
        related=tuple(Related("consumer", location_of(one.origin)) for one in list(users.values())[:3]),
        resources=tuple(sorted(users)),
    )


def _may_take(container: Containers, name: str) -> bool:
    """Whether ``envFrom`` names an object that is called so, with or without the hash of a generator."""
    taken = (
        text_at(item, field, "name") or ""
        for item in items_at(container.after, "envFrom")
        for field in ("configMapRef", "secretRef")
    )
    return any(one == name or one.startswith(f"{name}-") for one in taken)


def _containers_of(workload: Resource, context: CheckContext) -> Iterator[Containers]:
    """Containers of a workload that is there on both sides."""
    old = context.base.get(workload.unit, workload.address, workload.environment.name)
    if old is not None:
        for pods in pods_between(old, workload):
            yield from containers_kept(pods)


def _entry(before: Resource, after: Resource, keys: frozenset[str], emptied: frozenset[str]) -> Node | None:
    for resource, names in ((before, keys), (after, emptied)):
        for part in ("data", "stringData"):
            found: Mapping | None = mapping_at(resource.body, part)
            node = next((node for key, node in found.entries if key.raw in names), None) if found else None
            if node is not None:
                return node
    return None
