"""Whether a canary and what it stands for fall together.

For most changes a canary in the same region says as much as one elsewhere. A change of something that a whole
cluster or region has once cannot be tried beside production in the same one: whoever breaks it has broken both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import CanaryStrength
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.judged import CanaryEvidence
    from riskcheck.models import Change, Environment, Resource

WIDE: Final = frozenset(
    {
        "APIService",
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "Gateway",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
        "catalogs",
        "external_locations",
        "metastores",
        "schemas",
    }
)
"""Kinds of which a cluster, or a region's metastore, has one for all that runs in it."""


class Doubt(NamedTuple):
    """Why a canary says less than it seems. void: it says nothing at all."""

    text: str
    void: bool


def same_fate(change: Change, canary: Environment) -> Doubt | None:
    """What `canary` shares with the production cell of `change`, where that matters for what is changed."""
    production = change.environment
    if change.resource.kind not in WIDE or production.region is None or canary.region != production.region:
        return None
    if canary.cell == production.cell:
        return Doubt(
            f"{canary.name} is in the same cell, {production.cell}: what breaks it breaks both", True
        )
    return Doubt(f"{canary.name} is in {production.region} too: what takes the region down takes both", False)


def qualified(one: CanaryEvidence, change: Change, known: Iterable[Resource]) -> CanaryEvidence:
    """`one` with what its environments share with the production cell. It still holds: another stage is another
    installation, and half a proof is no kind of its own."""
    if not one.found or change.resource.kind not in WIDE:
        return one
    lower = {
        other.environment.name: other.environment for other in known if other.environment.name in one.lower
    }
    doubts = [doubt.text for name in sorted(lower) if (doubt := same_fate(change, lower[name])) is not None]
    if not doubts:
        return one
    strength = (one.strength or CanaryStrength())._replace(independent=False)
    return one._replace(detail="; ".join((one.detail, *doubts)), strength=strength)
