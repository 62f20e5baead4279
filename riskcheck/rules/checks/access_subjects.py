"""Who roles are bound to in a cluster, and what each holds by that.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.access_grants import role_of
from riskcheck.rules.checks.access_powers import BUILT_IN, Power, powers
from riskcheck.rules.checks.kubernetes_objects import items_at, namespace_of, text_at

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import ResourceView

BINDINGS: Final = ("RoleBinding", "ClusterRoleBinding")

_ACCOUNT: Final = "system:serviceaccount:"
_EVERYBODY: Final = {
    "system:authenticated": "everybody who has logged in",
    "system:authenticated:oauth": "everybody who has logged in",
    "system:unauthenticated": "everybody, without a login",
    "system:anonymous": "everybody, without a login",
    "system:serviceaccounts": "every service account of the cluster",
}


class Subject(NamedTuple):
    """kind: ``ServiceAccount``, ``User`` or ``Group``. namespace: of a service account, else ``""``."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        if self.everybody:
            return _EVERYBODY[self.name]
        if self.kind == "ServiceAccount":
            return "service account " + (f"{self.namespace}/{self.name}" if self.namespace else self.name)
        return f"{self.kind.lower()} {self.name}"

    @property
    def everybody(self) -> bool:
        """Whether it is no choice of anybody."""
        return self.kind != "ServiceAccount" and self.name in _EVERYBODY


_bound: WeakKeyDictionary[ResourceView, dict[str, dict[Subject, list[Resource]]]] = WeakKeyDictionary()
"""Bindings of each subject by environment, found once a run."""


def subject_of(node: Node, home: str) -> Subject:
    """home: the namespace of the binding, which is that of an account without one."""
    kind, name = text_at(node, "kind") or "", text_at(node, "name") or ""
    space = (text_at(node, "namespace") or home) if kind == "ServiceAccount" else ""
    if kind == "User" and name.startswith(_ACCOUNT) and name.count(":") == 3:
        kind, (space, name) = "ServiceAccount", name.removeprefix(_ACCOUNT).split(":")
    return Subject(kind, space, name)


def given_by(binding: Resource, view: ResourceView) -> list[Power]:
    """What a binding allows; nothing where the role is out of reach, but for those that every cluster has."""
    role = role_of(binding, view)
    if role is not None:
        return list(powers(items_at(role.body, "rules")))
    known = BUILT_IN.get(text_at(binding.body, "roleRef", "name") or "")
    return [known] if known is not None else []


def held_by(subject: Subject, namespace: str | None, near: Resource, view: ResourceView) -> list[Power]:
    """What `subject` may do in a namespace, or in all of them (None), in the environment of `near`."""
    return [
        power
        for binding in _bindings_of(near.environment.name, view).get(subject, ())
        if binding.kind == "ClusterRoleBinding"
        or (namespace is not None and namespace_of(binding) == namespace)
        for power in given_by(binding, view)
    ]


def _bindings_of(environment: str, view: ResourceView) -> dict[Subject, list[Resource]]:
    known = _bound.setdefault(view, {})
    if environment not in known:
        found: dict[Subject, list[Resource]] = {}
        for kind in BINDINGS:
            for binding in view.find(platform="kubernetes", kind=kind, environment=environment):
                for node in items_at(binding.body, "subjects"):
                    found.setdefault(subject_of(node, namespace_of(binding)), []).append(binding)
        known[environment] = found
    return known[environment]
