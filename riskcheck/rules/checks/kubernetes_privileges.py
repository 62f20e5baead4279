"""Somebody may do more to a cluster than before, and it leads further than it says (K8S-013)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.access_grants import role_of
from riskcheck.rules.checks.access_powers import Danger, Power, gained, is_covered, powers, writes
from riskcheck.rules.checks.access_subjects import BINDINGS, Subject, given_by, held_by, subject_of
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    is_new_place,
    is_preview,
    items_at,
    labels_of,
    name_of,
    namespace_of,
    still_declared,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

_MATTER: Final = ("rules", "subjects", "roleRef")
_AGGREGATED: Final = "rbac.authorization.k8s.io/aggregate-to-"


class _Found(NamedTuple):
    weight: int
    who: str
    what: str
    where: str
    node: Node | None
    everybody: bool = False


def access_widened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A subject may do what leads further than it says.

    Values: problem (text), weight (3 the cluster, 2 much of it, 1 some of it).
    """
    resource = change.resource_after
    if resource is None or change is not _first(change, context) or is_preview(change):
        return
    if change.resource_before is None and still_declared(resource, context.base):
        return
    found = list(_found(resource, context))
    if not found:
        return
    weight = max(one.weight for one in found)
    if is_new_place(resource, context) and not any(one.everybody for one in found):
        # A cluster that is set up is looked at as such, and gives its people what they have in others.
        weight = 1
    parts: dict[tuple[str, str], list[str]] = {}
    for one in found:
        parts.setdefault((one.who, one.where), []).append(one.what)
    said = [
        f"{who} may now {listed(dict.fromkeys(what), most=3)}{where}" for (who, where), what in parts.items()
    ]
    heaviest = max(found, key=lambda one: one.weight)
    node = heaviest.node if change.path else None
    related = (
        (Related("rule", location_of(heaviest.node)),) if heaviest.node is not None and node is None else ()
    )
    yield Match({"problem": listed(said, most=2, between="; "), "weight": weight}, node=node, related=related)


def _first(change: Change, context: CheckContext) -> Change | None:
    for one in context.changes_of(change.resource):
        if not one.path or one.path[0] in _MATTER or one.path[:2] == ("metadata", "labels"):
            return one
    return None


def _found(resource: Resource, context: CheckContext) -> Iterator[_Found]:
    if resource.kind in BINDINGS:
        role = role_of(resource, context.head)
        # Where the role changes too, what it allows is told there.
        if role is None or not any(_tells(one) for one in context.changes_of(role)):
            yield from _bound(resource, resource, context)
        return
    bound = False
    for binding in _bindings(resource, context.head):
        bound = True
        yield from _bound(resource, binding, context)
    yield from _aggregated(resource, context)
    if not bound:
        yield from _unbound(resource, context)


def _tells(change: Change) -> bool:
    return not change.path or change.path[0] == "rules"


def _bindings(role: Resource, view: ResourceView) -> Iterator[Resource]:
    for kind in BINDINGS:
        for binding in view.find(platform="kubernetes", kind=kind, environment=role.environment.name):
            if text_at(binding.body, "roleRef", "name") == name_of(role) and role_of(binding, view) is role:
                yield binding


def _bound(resource: Resource, binding: Resource, context: CheckContext) -> Iterator[_Found]:
    """What `binding` gives its subjects that they did not have. resource: what changed."""
    now = given_by(binding, context.head)
    home = namespace_of(binding) if binding.kind == "RoleBinding" else ""
    narrow = binding.kind == "RoleBinding"
    where = f" in {home or 'one namespace'}" if narrow else " in all namespaces"
    for item in items_at(binding.body, "subjects"):
        subject = subject_of(item, namespace_of(binding))
        held = held_by(subject, home if narrow else None, binding, context.base)
        for power in now:
            node = item if resource is binding else power.node
            for weight, what in _weighed(
                power, held, subject, text_at(binding.body, "roleRef", "name") or ""
            ):
                less = int(narrow) + int(_is_new(subject, binding, context))
                if weight > less:
                    yield _Found(weight - less, str(subject), what, where, node, subject.everybody)


def _weighed(power: Power, held: list[Power], subject: Subject, role: str) -> Iterator[Danger]:
    dangers = list(gained(power, held))
    if not subject.everybody:
        yield from dangers
        return
    if dangers:
        yield from (Danger(3, one.what) for one in dangers)
    elif not is_covered(power, held):
        named = listed(sorted(power.resources), most=2)
        if writes(power):
            yield Danger(2, f"change {named}")
        elif role and not role.startswith("system:"):
            yield Danger(2, f"read {named}")


def _is_new(subject: Subject, near: Resource, context: CheckContext) -> bool:
    """Whether a service account comes with the change: what is installed needs rights, somebody looks at it."""
    if subject.kind != "ServiceAccount":
        return False
    sides = (
        any(
            name_of(one) == subject.name and namespace_of(one) in ("", subject.namespace)
            for one in view.find(
                platform="kubernetes", kind="ServiceAccount", environment=near.environment.name
            )
        )
        for view in (context.base, context.head)
    )
    return tuple(sides) == (False, True)


def _aggregated(role: Resource, context: CheckContext) -> Iterator[_Found]:
    """A role that the controller adds to one that every cluster has.

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
    """
    before = context.base.get(*role.key)
    old = _targets(before) if before is not None else set()
    for target in sorted(_targets(role)):
        held = list(powers(items_at(before.body, "rules"))) if before is not None and target in old else []
        for power in powers(items_at(role.body, "rules")):
            for danger in gained(power, held):
                if target != "admin" or danger.weight > 2:
                    yield _Found(
                        danger.weight, f"whoever holds the role {target}", danger.what, "", power.node
                    )


def _targets(role: Resource) -> set[str]:
    return {
        key.removeprefix(_AGGREGATED)
        for key, value in labels_of(role).items()
        if key.startswith(_AGGREGATED) and value in TRUE
    }


def _unbound(role: Resource, context: CheckContext) -> Iterator[_Found]:
    """A role whose bindings are out of reach. A new one gives nobody anything until it is bound."""
    before = context.base.get(*role.key)
    if before is None or _targets(role):
        return
    held = list(powers(items_at(before.body, "rules")))
    narrow = role.kind == "Role"
    where = f" in {namespace_of(role) or 'one namespace'}" if narrow else ""
    for power in powers(items_at(role.body, "rules")):
        for danger in gained(power, held):
            if danger.weight > narrow:
                yield _Found(
                    danger.weight - narrow,
                    f"whoever holds {role.kind} {name_of(role)}",
                    danger.what,
                    where,
                    power.node,
                )
