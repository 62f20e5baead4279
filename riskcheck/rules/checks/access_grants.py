"""What the roles of a tree let a service account do.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, name_of, namespace_of, text, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import ResourceView


class Account(NamedTuple):
    """A service account. namespace: ``""`` where the manifest leaves it open."""

    namespace: str
    name: str


class Grant(NamedTuple):
    """One verb on one resource of one API group; ``*`` for all."""

    group: str
    resource: str
    verb: str

    def covers(self, other: Grant) -> bool:
        return all(mine in ("*", theirs) for mine, theirs in zip(self, other, strict=True))


class Grants(NamedTuple):
    """What an account may do in its namespace. complete: no role that is bound to it lies out of reach."""

    held: frozenset[Grant]
    complete: bool

    def allow(self, wanted: Grant) -> bool:
        return any(one.covers(wanted) for one in self.held)


def grants_of(account: Account, environment: str, view: ResourceView) -> Grants:
    """What the bindings of `environment` give to `account`."""
    held: set[Grant] = set()
    complete = True
    for binding in bindings_of(account, environment, view):
        role = role_of(binding, view)
        if role is None:
            complete = False
            continue
        for rule in items_at(role.body, "rules"):
            held.update(_granted(rule))
        complete = complete and not items_at(role.body, "aggregationRule", "clusterRoleSelectors")
    return Grants(frozenset(held), complete)


def bindings_of(account: Account, environment: str, view: ResourceView) -> Iterator[Resource]:
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in view.find(platform="kubernetes", kind=kind, environment=environment):
            home = namespace_of(binding)
            if kind == "RoleBinding" and home and account.namespace and home != account.namespace:
                continue
            if any(_is(one, account, home) for one in items_at(binding.body, "subjects")):
                yield binding


def role_of(binding: Resource, view: ResourceView) -> Resource | None:
    """The role that is bound; None where the tree does not state it."""
    kind, name = (text_at(binding.body, "roleRef", field) for field in ("kind", "name"))
    for role in view.find(platform="kubernetes", kind=kind or "", environment=binding.environment.name):
        if name_of(role) == name and (kind == "ClusterRole" or namespace_of(role) == namespace_of(binding)):
            return role
    return None


def _is(subject: Node, account: Account, home: str) -> bool:
    kind, name = text_at(subject, "kind"), text_at(subject, "name")
    space = text_at(subject, "namespace") or home
    if kind == "Group":
        known = {
            "system:serviceaccounts",
            "system:authenticated",
            f"system:serviceaccounts:{account.namespace}",
        }
        return name in known
    same_space = not space or not account.namespace or space == account.namespace
    return kind == "ServiceAccount" and name == account.name and same_space


def _granted(rule: Node) -> Iterator[Grant]:
    """A rule for objects of some names only counts as none."""
    if items_at(rule, "resourceNames"):
        return
    for group in items_at(rule, "apiGroups"):
        for resource in items_at(rule, "resources"):
            for verb in items_at(rule, "verbs"):
                # The core group is written as the empty text, which reads as nothing.
                yield Grant(text(group) or "", text(resource) or "", text(verb) or "")
