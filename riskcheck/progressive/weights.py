"""Traffic shares as committed: one destination against the others, and what only the smaller one reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.progressive.model import Governed, ProgressiveDelivery, Step
from riskcheck.progressive.surroundings import namespace_of, template_of
from riskcheck.progressive.values import body_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.model import Controller
    from riskcheck.progressive.surroundings import Surroundings


class Weighted(NamedTuple):
    """One destination and its weight. labels: of the pods behind it, None where they cannot be told."""

    name: str
    weight: float
    node: Node
    labels: dict[str, str] | None = None


def share_of(one: Weighted, all_of: Sequence[Weighted]) -> float:
    """Its weight over the sum of all weights, 0..1; 0 where there is no sum."""
    total = sum(other.weight for other in all_of)
    return one.weight / total if total > 0 else 0.0


def smallest(all_of: Sequence[Weighted]) -> Weighted | None:
    """The destination that gets least, of two or more that get anything; None where one gets everything."""
    with_traffic = [one for one in all_of if one.weight > 0]
    return min(with_traffic, key=lambda one: one.weight) if len(with_traffic) > 1 else None


def split_steps(least: Weighted, all_of: Sequence[Weighted]) -> tuple[Step, ...]:
    """The share of the least, until somebody edits it, and then everyone."""
    return Step(share_of(least, all_of), None, False, least.node), Step(1.0, 0, False, least.node)


def split_between(
    controller: Controller,
    resource: Resource,
    service: str,
    least: Weighted,
    all_of: Sequence[Weighted],
    around: Surroundings,
) -> ProgressiveDelivery:
    """The split that a route declares: `least` is exposed until somebody edits it. service: who gets most."""
    return ProgressiveDelivery(
        controller=controller,
        resource=resource,
        governed=Governed("Service", service, namespace_of(resource)),
        steps=split_steps(least, all_of),
        metrics=(),
        abort="manual",
        manual=True,
        strategy="split",
        exposed=behind(least, all_of, resource, around),
    )


def service_labels(host: str, near: Resource, around: Surroundings) -> dict[str, str] | None:
    """What the Service called `host` selects; None where it is out of reach or selects nothing."""
    parts = host.split(".")
    namespace = parts[1] if len(parts) > 1 else ""
    found = around.find("Service", parts[0], near, namespace)
    return (body_of(found).texts("spec", "selector") or None) if found is not None else None


def behind(
    least: Weighted, all_of: Sequence[Weighted], near: Resource, around: Surroundings
) -> frozenset[str]:
    """Addresses of the workloads whose pods only `least` reaches."""
    others = [one for one in all_of if one is not least and one.weight > 0]
    if least.labels is None or any(one.labels is None for one in others):
        return frozenset()
    return frozenset(
        workload.address
        for workload in around.workloads(near)
        if _has(workload, least.labels) and not any(_has(workload, one.labels or {}) for one in others)
    )


def _has(workload: Resource, wanted: dict[str, str]) -> bool:
    labels = template_of(workload).texts("metadata", "labels")
    return bool(labels) and all(labels.get(key) == value for key, value in wanted.items())


def full_host(host: str, near: Resource) -> str:
    """``web`` as ``web.<namespace>``, so that short and long names of one Service are the same."""
    parts = host.split(".")
    return f"{parts[0]}.{parts[1] if len(parts) > 1 else namespace_of(near)}" if parts[0] else host
