"""Service accounts that may do less while something runs as them (K8S-014)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Resource
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.access_grants import Account, Grant, Grants, bindings_of, grants_of, role_of
from riskcheck.rules.checks.kubernetes_objects import (
    annotations_of,
    is_preview,
    mapping_at,
    may_come_from_elsewhere,
    name_of,
    namespace_of,
    prune_guard,
    still_declared,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import pod_template
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.rules.context import CheckContext, ResourceView

_DRIVER_NEEDS: Final = tuple(
    Grant("", resource, verb)
    for resource, verbs in (
        ("pods", ("create", "get", "list", "watch", "delete")),
        ("services", ("create",)),
        ("configmaps", ("create",)),
    )
    for verb in verbs
)
"""What a driver asks the API server for.
https://spark.apache.org/docs/latest/running-on-kubernetes.html#rbac"""

_ROLES: Final = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})

_CLOUD: Final = (
    "eks.amazonaws.com/role-arn",
    "azure.workload.identity/client-id",
    "azure.workload.identity/tenant-id",
    "iam.gke.io/gcp-service-account",
)


class _User(NamedTuple):
    """What runs as an account. driver: it is the driver of a Spark application."""

    title: str
    resource: Resource
    account: Account
    driver: bool


_known: WeakKeyDictionary[ResourceView, dict[str, Sequence[_User]]] = WeakKeyDictionary()
"""Who runs as which account, by environment: each changed role asks for it."""


def access_narrowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Something that runs may do less, or runs as somebody else.

    Values: problem (text), certain (bool: it fails, whatever its code does).
    """
    if change is not _first(change, context) or is_preview(change):
        return
    if change.resource.kind == "ServiceAccount":
        yield from _account(change, context)
        return
    environment = change.environment.name
    lost: dict[str, list[str]] = {}
    certain = False
    for user in _users_of(change, context.head):
        was = _as_before(user, context.base)
        if was is None or not _concerns(change.resource, was, user, context):
            continue
        old = grants_of(was.account, environment, context.base)
        new = grants_of(user.account, environment, context.head)
        gone = _gone(user, old, new)
        if gone and new.complete and (was.account == user.account or _is_known(user, context.head)):
            certain = certain or user.driver
            lost.setdefault(gone, []).append(user.title)
    if lost:
        problem = "; ".join(f"{listed(titles, most=2)} {gone}" for gone, titles in lost.items())
        yield Match(values={"problem": problem, "certain": certain})


def _first(change: Change, context: CheckContext) -> Change | None:
    """The first change of the resource that may matter here, so that it is looked at once."""
    matter = ("rules", "subjects", "roleRef", "spec")
    for one in context.changes_of(change.resource):
        if not one.path or one.path[0] in matter or one.path[:2] == ("metadata", "annotations"):
            return one
    return None


def _users_of(change: Change, view: ResourceView) -> Iterable[_User]:
    """Of a workload only itself: it may run as another account; whatever else changes of it is no matter here."""
    if change.resource.kind in _ROLES:
        return _users(change.environment.name, view)
    return () if change.resource_after is None else _user(change.resource_after)


def _account(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    account = Account(namespace_of(before), name_of(before))
    titles = [
        one.title for one in _users(before.environment.name, context.head) if _same(one.account, account)
    ]
    if not titles:
        return
    who = listed(titles, most=2)
    if after is None:
        kept = prune_guard(before) or still_declared(before, context.head)
        if not kept and not may_come_from_elsewhere(before, context):
            yield Match(values={"problem": f"{who} run as it, and it is removed", "certain": True})
        return
    for key in _CLOUD:
        old, new = (annotations_of(one).get(key) for one in (before, after))
        if old is not None and old != new:
            what = "loses its identity in the cloud" if new is None else "gets another identity in the cloud"
            yield Match(values={"problem": f"{who} run as it, and it {what} ({key})", "certain": new is None})
            return


def _users(environment: str, view: ResourceView) -> Sequence[_User]:
    known = _known.setdefault(view, {})
    if environment not in known:
        resources = view.find(platform="kubernetes", environment=environment)
        known[environment] = [user for one in resources for user in _user(one)]
    return known[environment]


def _user(resource: Resource) -> Iterator[_User]:
    home, name = namespace_of(resource), name_of(resource)
    spec = application_of(resource)
    if spec is not None:
        stated = text_at(spec, "driver", "serviceAccount")
        stated = stated or text_at(spec, "driver", "template", "spec", "serviceAccountName")
        if stated:
            yield _User(f"the driver of {name}", resource, Account(home, stated), True)
        return
    pod = mapping_at(pod_template(resource), "spec")
    stated = text_at(pod, "serviceAccountName") or text_at(pod, "serviceAccount")
    if stated:
        yield _User(name, resource, Account(home, stated), False)


def _as_before(user: _User, base: ResourceView) -> _User | None:
    there = base.get(*user.resource.key)
    if there is None:
        return None
    return next(_user(there), None)


def _concerns(resource: Resource, was: _User, user: _User, context: CheckContext) -> bool:
    """Whether `resource` is the workload itself, or one of the bindings and roles that give it what it may do."""
    if resource.address == user.resource.address:
        return was.account != user.account
    if was.account != user.account:
        return False
    for view, one in ((context.base, was), (context.head, user)):
        for binding in bindings_of(one.account, one.resource.environment.name, view):
            role = role_of(binding, view)
            if resource.address in (binding.address, role.address if role is not None else ""):
                return True
    return False


def _gone(user: _User, old: Grants, new: Grants) -> str:
    if user.driver:
        gone = [one for one in _DRIVER_NEEDS if old.allow(one) and not new.allow(one)]
        if any(one.resource == "pods" for one in gone):
            return "may no longer make executors (" + _spelled(gone) + ")"
        return f"may no longer {_spelled(gone)}" if gone else ""
    gone = [one for one in sorted(old.held) if not new.allow(one)]
    return f"may no longer {_spelled(gone)}" if gone else ""


def _spelled(gone: list[Grant]) -> str:
    verbs: dict[str, list[str]] = {}
    for one in gone:
        verbs.setdefault(one.resource, []).append(one.verb)
    return "; ".join(f"{', '.join(found)} {resource}" for resource, found in verbs.items())


def _is_known(user: _User, view: ResourceView) -> bool:
    """Whether the tree states the account, or it is the one that every namespace has."""
    accounts = view.find(
        platform="kubernetes", kind="ServiceAccount", environment=user.resource.environment.name
    )
    stated = (Account(namespace_of(one), name_of(one)) for one in accounts)
    return user.account.name == "default" or any(_same(one, user.account) for one in stated)


def _same(one: Account, other: Account) -> bool:
    spaces = {one.namespace, other.namespace} - {""}
    return one.name == other.name and len(spaces) < 2
