"""Clusters against the compute policies that they name: a value that its policy refuses, a policy that refuses
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.compute.policies import Limit, limits_of
from riskcheck.keypaths import natural_key_of_items
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_compute import named
from riskcheck.rules.checks.databricks_values import (
    PLATFORM,
    TERRAFORM,
    module_of,
    neighbours,
    referenced,
    subject,
)
from riskcheck.rules.checks.policy_limits import Violation, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext, ResourceView

KIND = "cluster_policies"
_TERRAFORM_KIND = "databricks_cluster_policy"

HOLDERS = {"jobs": ("job_clusters", "tasks"), "pipelines": ("clusters",), "clusters": ()}
"""Kinds with clusters, and the lists that hold them."""

_ITEM_KEYS = {"job_clusters": ("job_cluster_key",), "tasks": ("task_key",), "clusters": ("label",)}


class Bound(NamedTuple):
    """A cluster that names a policy which the repository holds. path: of the cluster, as changes have it."""

    path: KeyPath
    cluster: Mapping
    policy: Resource
    limits: tuple[Limit, ...]

    def refused(self, resource: Resource) -> Iterator[Violation]:
        return violations(self.cluster, resource.reading, resource.section, self.limits)


def violated(change: Change, context: CheckContext) -> Iterator[Match]:
    """A value of a cluster is, with this change, one that its policy refuses.

    Speaks once for each value, at the change that brings it. Values: ``subject``, ``what``, ``policy``.
    """
    after = change.resource_after
    if after is None:
        return
    before = change.resource_before
    known = {
        (bound.path, one.about)
        for bound in _bound(before, context.base)
        for one in (bound.refused(before) if before is not None else ())
    }
    brought = change.path if context.within is None else context.within
    for bound in _bound(after, context.head):
        for one in bound.refused(after):
            if (bound.path, one.about) in known or _brought_by(bound, one, after, context) != brought:
                continue
            if not _meet(change.path, (*bound.path, *one.path)):
                continue
            policy = bound.policy
            yield Match(
                values={"subject": named(after, bound.path), "what": one.what, "policy": policy.name},
                node=one.node,
                related=(Related("policy", location_of(one.limit.node)),),
            )


def _meet(one: KeyPath, other: KeyPath) -> bool:
    """Whether one path leads to or through the other; the name of the policy stands for all of its cluster."""
    if one[-1:] == ("policy_id",):
        one = one[:-1]
    return one == other[: len(one)] or other == one[: len(other)]


def _brought_by(bound: Bound, violation: Violation, after: Resource, context: CheckContext) -> KeyPath | None:
    """The path of the change that brings a violation: of the value or what it is in, else of the policy's name.

    None where neither changed: then the policy did, which is told there.
    """
    place, policy = (*bound.path, *violation.path), (*bound.path, "policy_id")
    by_policy: KeyPath | None = None
    for change in context.changes_of(after):
        path = change.path
        if path == place[: len(path)] or (violation.path and path[: len(place)] == place):
            return path
        if path == policy:
            by_policy = path
    return by_policy


def tightened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A policy refuses, with this change, values of clusters that name it and have them already.

    Speaks once for each limit, at the change of it. Values: ``subject``, ``what``, ``count``.
    """
    policy, was = change.resource_after, change.resource_before
    if policy is None or was is None:
        return
    before = limits_of(was.body, was.reading)
    found: list[tuple[str, Violation, Resource]] = []
    for resource in _users(policy, context.head):
        for bound in _bound(resource, context.head):
            if bound.policy.key != policy.key:
                continue
            old = {one.about for one in violations(bound.cluster, resource.reading, resource.section, before)}
            for one in bound.refused(resource):
                brought = _brought_by(bound, one, resource, context)
                if (
                    one.about not in old
                    and brought is None
                    and _told_at(policy, one.limit, context) == change.path
                ):
                    found.append((named(resource, bound.path).rstrip(","), one, resource))
    if found:
        first = found[0][1]
        names = listed(dict.fromkeys(name for name, _, _ in found), 2)
        places = [one.node for _, one, _ in found if one.node is not None]
        yield Match(
            values={"subject": subject(policy), "what": f"{first.what}, in {names}", "count": len(found)},
            related=tuple(Related("cluster", location_of(node)) for node in places[:3]),
            resources=tuple(dict.fromkeys((policy.address, *(one.address for _, _, one in found)))),
        )


def _told_at(policy: Resource, limit: Limit, context: CheckContext) -> KeyPath | None:
    """The path of the change of a limit that stands for all of them: one of head, where there is any."""
    found = [
        one
        for one in context.changes_of(policy)
        if one.path == limit.key[: len(one.path)] or one.path[: len(limit.key)] == limit.key
    ]
    return min(found, key=lambda one: one.kind == "removed").path if found else None


def _users(policy: Resource, view: ResourceView) -> Iterator[Resource]:
    for kind in HOLDERS:
        yield from neighbours(policy, kind, view)


def _bound(resource: Resource | None, view: ResourceView) -> Iterator[Bound]:
    """The clusters of `resource` that name a policy of the repository."""
    if resource is None or resource.section not in HOLDERS:
        return
    for path, cluster in _clusters(resource):
        named_policy = cluster.get("policy_id")
        if not isinstance(named_policy, Scalar) or not named_policy.raw:
            continue
        policy = _policy(named_policy.raw, resource, view)
        limits = limits_of(policy.body, policy.reading) if policy is not None else ()
        if policy is not None and limits:
            yield Bound(path, cluster, policy, limits)


def _policy(text: str, resource: Resource, view: ResourceView) -> Resource | None:
    """The policy that `text` names in a cluster of `resource`."""
    prefix, name = f"{PLATFORM}:{KIND}.", _name(text)
    if resource.platform == TERRAFORM:
        named_policy = referenced(text)
        prefix = f"{TERRAFORM}:{_TERRAFORM_KIND}.{module_of(resource)}"
        name = named_policy[1] if named_policy is not None and named_policy[0] == KIND else ""
    return view.get(resource.unit, f"{prefix}{name}", resource.environment.name) if name else None


def _name(text: str) -> str:
    """``small`` of ``${resources.cluster_policies.small.id}`` and of a lookup of that name; else the text."""
    if text.startswith(f"${{resources.{KIND}."):
        return text.removeprefix(f"${{resources.{KIND}.").rpartition(".")[0]
    if text.startswith("${lookup.") and text.endswith("}"):
        return text.removeprefix("${lookup.").removesuffix("}").partition(".")[2]
    return text


def _clusters(resource: Resource) -> Iterator[tuple[KeyPath, Mapping]]:
    if resource.section == "clusters":
        yield (), resource.body
    for field in HOLDERS[resource.section]:
        for name, item in _items(resource.body.get(field), field, resource):
            path = (field, f"[{name}]")
            if field == "clusters":
                yield path, item
                continue
            for inner in ((), ("for_each_task", "task")):
                cluster = item.at(*inner, "new_cluster")
                if isinstance(cluster, Mapping):
                    yield (*path, *inner, "new_cluster"), cluster


def _items(node: Node | None, field: str, resource: Resource) -> Iterator[tuple[str, Mapping]]:
    items = node.items if isinstance(node, Sequence) else []
    names = natural_key_of_items(items, _ITEM_KEYS[field], resource.reading)
    for number, item in enumerate(items):
        if isinstance(item, Mapping):
            yield names[number] if names is not None else str(number), item
