"""References that led to an object of the repository and lead to nothing after the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, location_of
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    may_come_from_elsewhere,
    name_of,
    namespace_of,
    neighbours,
    prune_guard,
    still_declared,
)
from riskcheck.rules.checks.kubernetes_references import offers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Reference, Resource
    from riskcheck.rules.context import CheckContext

_MOST_PLACES: Final = 5


class _Effect(NamedTuple):
    """weight: ``pods`` where nothing can start, ``later`` where it shows at the next renewal, ``idle`` where what
    names it does nothing any more."""

    says: str
    weight: str


_EFFECTS: Final = {
    "PersistentVolumeClaim": _Effect("new pods stay pending", "pods"),
    "PriorityClass": _Effect("new pods are refused", "pods"),
    "RuntimeClass": _Effect("new pods are refused", "pods"),
    "StorageClass": _Effect("new volume claims stay pending", "pods"),
    "IngressClass": _Effect("no controller serves it", "pods"),
    "GatewayClass": _Effect("no controller serves it", "pods"),
    "Gateway": _Effect("no gateway serves it", "pods"),
    "Issuer": _Effect("certificates are no longer renewed", "later"),
    "ClusterIssuer": _Effect("certificates are no longer renewed", "later"),
    "SecretStore": _Effect("secrets are no longer refreshed", "later"),
    "ClusterSecretStore": _Effect("secrets are no longer refreshed", "later"),
    "Deployment": _Effect("nothing is scaled or released by it", "idle"),
    "StatefulSet": _Effect("nothing is scaled or released by it", "idle"),
    "Rollout": _Effect("nothing is scaled or released by it", "idle"),
}
"""What follows where an object of this kind is missing. Services, roles and accounts have rules of their own
(K8S-025, K8S-014), as has what pods mount (K8S-017)."""

_HELD: Final = frozenset({"ConfigMap", "Secret"})
_BY_CONSUMER: Final = {
    "Ingress": _Effect("its hosts are served with the controller's own certificate", "pods"),
    "HelmRelease": _Effect("Flux can no longer reconcile it", "pods"),
    "Kustomization": _Effect("Flux can no longer reconcile it", "pods"),
}
"""What follows where a ConfigMap or Secret is missing, for what is no pod."""


def reference_dangles(change: Change, context: CheckContext) -> Iterator[Match]:
    """An object that goes or gets another name, while others of head still name it.

    Values: what, consumers, effect (texts), weight (``pods``, ``later``, ``idle``).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or change.path or is_preview(change):
        return
    if before.kind not in _EFFECTS and before.kind not in _HELD:
        return
    if after is not None and after.name == before.name:
        return
    if prune_guard(before) is not None or still_declared(before, context.head):
        return
    if may_come_from_elsewhere(before, context):
        return
    if before.kind in _HELD and _is_offered(before, context):
        return
    found = list(_consumers(before, context))
    if not found:
        return
    effect = _BY_CONSUMER[found[0][0].kind] if before.kind in _HELD else _EFFECTS[before.kind]
    names = sorted({f"{one.kind} {name_of(one)}" for one, _ in found})
    yield Match(
        values={
            "what": f"{before.kind} {name_of(before)}",
            "consumers": listed(names) + (" still names it" if len(names) == 1 else " still name it"),
            "effect": effect.says,
            "weight": effect.weight,
        },
        related=tuple(
            Related("consumer", location_of(reference.node)) for _, reference in found[:_MOST_PLACES]
        ),
        resources=tuple(sorted({one.address for one, _ in found})),
    )


def _consumers(before: Resource, context: CheckContext) -> Iterator[tuple[Resource, Reference]]:
    """What named `before` in base and still does in head. Where a name has no namespace, only its own unit is sure
    to mean it."""
    everywhere = bool(namespace_of(before)) or bool(before.provides)
    for one in context.head.find(
        platform="kubernetes",
        environment=before.environment.name,
        unit=None if everywhere else before.unit,
    ):
        if (one.kind == before.kind and one.name == before.name) or (
            before.kind in _HELD and one.kind not in _BY_CONSUMER
        ):
            continue
        for reference in one.references:
            if reference.target == before.address:
                if reference.kind == "hard" and _named_it(one, before, context):
                    yield one, reference
                break


def _named_it(one: Resource, before: Resource, context: CheckContext) -> bool:
    """A new object may bring a name that somebody else provides."""
    was = context.base.get(one.unit, one.address, one.environment.name)
    return was is not None and any(reference.target == before.address for reference in was.references)


def _is_offered(before: Resource, context: CheckContext) -> bool:
    """Whether something beside it provides a ConfigMap or Secret of this name all the same."""
    wanted = (before.kind, name_of(before))
    return any(offer[:2] == wanted for one in neighbours(before, context.head) for offer in offers(one))
