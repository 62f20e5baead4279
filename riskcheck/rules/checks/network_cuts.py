"""Which pods a change of network policies is about, and what it takes from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import name_of, same_namespace
from riskcheck.rules.checks.kubernetes_pods import pod_labels
from riskcheck.sparkapps import application_of, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.checks.network_policies import Direction, Policies
    from riskcheck.rules.context import CheckContext, ResourceView


class Pod(NamedTuple):
    """title: for people. owner: the workload. role: ``driver``, ``executor``, or ``""`` for what is no Spark."""

    title: str
    owner: Resource
    role: str
    labels: dict[str, str]


class Cut(NamedTuple):
    """what: in words. whose: pods that are hit. policies: addresses of those that bring it about. apart: whether
    the parts of a Spark application no longer reach each other, or the driver nothing that makes executors."""

    what: str
    whose: tuple[Pod, ...]
    policies: frozenset[str]
    apart: bool = False


def pods_beside(policy: Resource, view: ResourceView) -> Iterator[Pod]:
    """What runs in the namespace and environment of `policy`, whatever unit states it."""
    for one in view.find(platform="kubernetes", environment=policy.environment.name):
        if not same_namespace(one, policy):
            continue
        name = name_of(one)
        labels = pod_labels(one)
        if labels:
            yield Pod(name, one, "", labels)
        elif application_of(one) is not None:
            for pod in pods_of(one.kind, name, one.body):
                yield Pod(f"the {pod.role} of {name}", one, pod.role, pod.labels)


def was_there(pod: Pod, base: ResourceView) -> bool:
    return base.get(*pod.owner.key) is not None


def changed_policies(policy: Resource, context: CheckContext) -> Iterator[Resource]:
    """The policies of the namespace that the change is about, of both sides."""
    for view in (context.base, context.head):
        for one in view.find(
            platform="kubernetes", kind="NetworkPolicy", environment=policy.environment.name
        ):
            if same_namespace(one, policy) and context.changes_of(one):
                yield one


def responsible(pod: Pod, direction: Direction, before: Policies, after: Policies) -> frozenset[str]:
    return before.selecting(pod.labels, direction) | after.selecting(pod.labels, direction)


def all_responsible(
    pods: list[Pod], direction: Direction, before: Policies, after: Policies
) -> frozenset[str]:
    return frozenset().union(*(responsible(pod, direction, before, after) for pod in pods))


def titles(pods: list[Pod]) -> str:
    return listed(list(dict.fromkeys(pod.title for pod in pods)), most=2)
