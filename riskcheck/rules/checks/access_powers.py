"""Which permissions of Kubernetes lead to more than they say, and how far.

https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks and
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.nodes import Node

ALL: Final = "*"
"""Every API group, resource or verb."""


class Power(NamedTuple):
    """A rule of a role: every verb on every resource of every group that it names. names: of the only objects that
    it is about, empty for all. node: where it stands, None where a role is known by its name alone."""

    groups: frozenset[str]
    resources: frozenset[str]
    verbs: frozenset[str]
    names: frozenset[str]
    node: Node | None = None

    def covers(self, group: str, resource: str, verb: str, names: frozenset[str]) -> bool:
        """Whether this allows one verb on one resource, for the objects `names` (empty for all)."""
        if self.names and not (names and names <= self.names):
            return False
        return _has(self.verbs, verb) and _has(self.groups, group) and _has_resource(self.resources, resource)


class Danger(NamedTuple):
    """weight: 3 the whole cluster can be taken over with it, 2 much of it, 1 some of it. what: in words."""

    weight: int
    what: str


class _Way(NamedTuple):
    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    danger: Danger


EVERYTHING: Final = Power(frozenset({ALL}), frozenset({ALL}), frozenset({ALL}), frozenset())
"""What the role cluster-admin allows."""

_READ: Final = frozenset({"get", "list", "watch"})
_SHOWN: Final = frozenset({"configmaps", "pods", "services"})

BUILT_IN: Final = {
    "cluster-admin": EVERYTHING,
    "admin": Power(frozenset({""}), _SHOWN, _READ | {"create", "update", "patch", "delete"}, frozenset()),
    "edit": Power(frozenset({""}), _SHOWN, _READ | {"create", "update", "patch", "delete"}, frozenset()),
    "view": Power(frozenset({""}), _SHOWN, _READ, frozenset()),
}
"""Roles that every cluster has, by what matters of them where they are given to everybody.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""

_RBAC: Final = "rbac.authorization.k8s.io"
_WRITE: Final = ("create", "update", "patch")

_OWN_GROUPS: Final = frozenset({"", ALL, "apps", "batch", "networking.k8s.io", _RBAC})
"""API groups of the cluster itself; a wildcard within the group of a custom kind is about that kind."""

_WAYS: Final = (
    _Way(
        _RBAC, ("roles", "clusterroles"), ("escalate",), Danger(3, "give roles more than it has (escalate)")
    ),
    _Way(_RBAC, ("roles", "clusterroles"), ("bind",), Danger(3, "bind roles that it does not have (bind)")),
    _Way("", ("users", "groups", "serviceaccounts"), ("impersonate",), Danger(3, "impersonate others")),
    _Way("", ("secrets",), ("get", "list", "watch"), Danger(2, "read secrets")),
    _Way("", ("secrets",), _WRITE, Danger(1, "write secrets")),
    _Way("", ("pods/exec", "pods/attach"), ("create", "get"), Danger(2, "run commands in pods")),
    _Way("", ("pods/ephemeralcontainers",), ("update", "patch"), Danger(2, "put containers into pods")),
    _Way("", ("serviceaccounts/token",), ("create",), Danger(2, "make tokens of service accounts")),
    _Way("", ("nodes/proxy",), ("get", "create"), Danger(2, "reach the kubelet of every node (nodes/proxy)")),
    _Way(
        "admissionregistration.k8s.io",
        ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        _WRITE,
        Danger(2, "change admission webhooks"),
    ),
    _Way(
        "certificates.k8s.io",
        ("certificatesigningrequests/approval",),
        ("update", "patch"),
        Danger(2, "approve client certificates"),
    ),
)

_CONSTRAINTS: Final = "securitycontextconstraints"
_WEAK_CONSTRAINTS: Final = frozenset({"privileged", "hostaccess", "hostnetwork", "hostnetwork-v2", "anyuid"})
"""Constraints of OpenShift that let a pod do what restricted ones forbid.

https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/authentication_and_authorization/managing-pod-security-policies
"""


def powers(rules: Iterable[Node]) -> Iterator[Power]:
    """The rules of a role; those for paths of the API server itself (``nonResourceURLs``) are left out."""
    for rule in rules:
        groups, resources, verbs, names = (
            # The core group is written as the empty text, which reads as nothing.
            frozenset(
                (text(one) or "").lower() if field != "resourceNames" else text(one) or ""
                for one in items_at(rule, field)
            )
            for field in ("apiGroups", "resources", "verbs", "resourceNames")
        )
        if resources and verbs:
            yield Power(groups or frozenset({""}), resources, verbs, names, rule)


def gained(power: Power, held: list[Power]) -> Iterator[Danger]:
    """What `power` opens that `held` did not allow, each way once."""
    if _is_everything(power):
        if not any(_is_everything(one) for one in held):
            yield Danger(3, "do everything")
        return
    if power.names:
        yield from _constraints(power, held)
        return
    for way in _WAYS:
        if any(_is_gained(way.group, resource, way.verbs, power, held) for resource in way.resources):
            yield way.danger
    for resource in sorted(power.resources):
        # What leads on from secrets is told above.
        if resource != "secrets" and _is_opened(power, resource, held):
            groups = ", ".join(sorted(group or "core" for group in power.groups & _OWN_GROUPS - {ALL}))
            everything = f"all resources of {groups}" if groups else "all resources"
            yield Danger(2, f"do everything with {everything if resource == ALL else resource}")
    yield from _constraints(power, held)


def _is_gained(group: str, resource: str, verbs: tuple[str, ...], power: Power, held: list[Power]) -> bool:
    """Whether `power` allows one of `verbs`, and nothing did before."""
    none = frozenset[str]()
    return any(power.covers(group, resource, verb, none) for verb in verbs) and not any(
        one.covers(group, resource, verb, none) for one in held for verb in verbs
    )


def _is_opened(power: Power, resource: str, held: list[Power]) -> bool:
    """Whether every verb is allowed on what the cluster itself is made of, and some change to it was not."""
    return ALL in power.verbs and any(
        not any(one.covers(group, resource, verb, frozenset()) for one in held)
        for group in power.groups & _OWN_GROUPS
        for verb in (*_WRITE, "delete")
    )


def _constraints(power: Power, held: list[Power]) -> Iterator[Danger]:
    group = "security.openshift.io"
    probe = Power(power.groups, power.resources, power.verbs, frozenset())
    if not probe.covers(group, _CONSTRAINTS, "use", frozenset()):
        return
    for name in sorted(power.names & _WEAK_CONSTRAINTS) if power.names else ("privileged",):
        if not any(one.covers(group, _CONSTRAINTS, "use", frozenset({name})) for one in held):
            yield Danger(2, f"run pods under the constraint {name}")


def writes(power: Power) -> bool:
    """Whether it allows more than to look."""
    return not power.verbs <= {"get", "list", "watch"}


def is_covered(power: Power, held: list[Power]) -> bool:
    """Whether all that `power` allows was allowed."""
    return all(
        any(one.covers(group, resource, verb, power.names) for one in held)
        for group in power.groups
        for resource in power.resources
        for verb in power.verbs
    )


def _is_everything(power: Power) -> bool:
    return ALL in power.groups and ALL in power.resources and ALL in power.verbs and not power.names


def _has(stated: frozenset[str], wanted: str) -> bool:
    return wanted in stated or ALL in stated


def _has_resource(stated: frozenset[str], wanted: str) -> bool:
    """``*/exec`` is that part of every resource; ``*`` includes the parts."""
    _, slash, part = wanted.partition("/")
    return _has(stated, wanted) or bool(slash and f"*/{part}" in stated)
