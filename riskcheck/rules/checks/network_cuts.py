"""What a change of network policies takes from which pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskcheck.phrases import listed

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.rules.checks.network_policies import Direction, Policies


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


def responsible(pod: Pod, direction: Direction, before: Policies, after: Policies) -> frozenset[str]:
    return before.selecting(pod.labels, direction) | after.selecting(pod.labels, direction)


def all_responsible(
    pods: list[Pod], direction: Direction, before: Policies, after: Policies
) -> frozenset[str]:
    return frozenset().union(*(responsible(pod, direction, before, after) for pod in pods))


def titles(pods: list[Pod]) -> str:
    return listed(list(dict.fromkeys(pod.title for pod in pods)), most=2)
