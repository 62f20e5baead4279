"""Whether a change goes through a declared canary at all: what starts its steps, and what passes by them.

Facts: https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/docs/features/canary/index.md (only a change of
``spec.template`` starts the steps), https://github.com/fluxcd/flagger/blob/15bd6ad5/pkg/canary/spec.go (Flagger
hashes the whole pod template) and https://github.com/fluxcd/flagger/blob/15bd6ad5/pkg/canary/config_tracker.go (and
the data of the ConfigMaps and Secrets that it names).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.progressive.surroundings import config_of, configs_of, deployed_name, name_of
from riskcheck.progressive.values import body_of

if TYPE_CHECKING:
    from riskcheck.models import Change, Resource
    from riskcheck.progressive.model import ProgressiveDelivery

    _Config: TypeAlias = tuple[str, frozenset[str]]

_TEMPLATE: Final = ("spec", "template")
_HASHED: Final = ("data", "stringData")
_SECRET_TYPES: Final = frozenset(
    {"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/tls"}
)
"""Types of Secrets that Flagger hashes; absent means Opaque."""


def flows_through(delivery: ProgressiveDelivery, change: Change) -> tuple[bool, str]:
    """Whether the canary `delivery` is what `change` goes through, and why, in words.

    Asks nothing about how good the canary is. A delivery whose workload is out of reach lets nothing through.
    """
    name = said(delivery)
    if delivery.skipped:
        switched = delivery.problem("suspended") or delivery.problem("skipped")
        return False, f"{name} is switched off" + (f": {switched.text}" if switched else "")
    if delivery.strategy == "split":
        return _through_split(delivery, change, name)
    if delivery.workload is None:
        return (
            False,
            f"{delivery.governed.kind} {delivery.governed.name}, which {name} governs, is out of reach",
        )
    if _same(change.resource, delivery.workload):
        return _through_workload(delivery, change, name)
    config = config_of(change.resource)
    if config is not None:
        return _through_config(delivery, change, config, name)
    if _same(change.resource, delivery.resource):
        return False, f"an edit of {name} itself starts no steps"
    return False, f"{name} reacts to {_reacts(delivery)}, not to {_a(change.resource.kind)}"


def said(delivery: ProgressiveDelivery) -> str:
    """``Rollout web``: what declares the delivery."""
    return f"{delivery.resource.kind} {name_of(delivery.resource)}"


def _through_workload(delivery: ProgressiveDelivery, change: Change, name: str) -> tuple[bool, str]:
    if not change.path:
        if change.kind == "added":
            return False, f"a first deployment skips the steps of {name}"
        return False, f"{name} does not stand in the way of a {change.kind} workload"
    if change.path[:2] == _TEMPLATE[: len(change.path[:2])]:
        return True, f"the pod template changes, which starts the steps of {name}"
    return False, f"{name} reacts to {_reacts(delivery)}, not to {'.'.join(change.path[:2])}"


def _through_config(
    delivery: ProgressiveDelivery, change: Change, config: _Config, name: str
) -> tuple[bool, str]:
    kind, names = config
    assert delivery.workload is not None
    used = configs_of(delivery.workload)
    sides = [one for one in (change.resource_before, change.resource_after) if one is not None]
    deployed = {(kind, deployed_name(one)) for one in sides}
    if len(deployed) > 1 and deployed & used:
        return (
            True,
            f"the name of the {kind} carries a hash of its content, so the pod template changes with it",
        )
    if not any((kind, one) in used for one in names):
        return False, f"no pod of {name} uses {kind} {name_of(change.resource)}"
    if delivery.controller != "flagger":
        return (
            False,
            f"{name} reacts to {_reacts(delivery)}; an edited {change.resource.kind} does not change it",
        )
    if not any((kind, one) in delivery.tracked for one in names):
        return False, f"{name} does not track {kind} {name_of(change.resource)}: config tracking is disabled"
    return _hashed(change, kind, name)


def _hashed(change: Change, kind: str, name: str) -> tuple[bool, str]:
    """What Flagger compares of a ConfigMap or Secret that it tracks."""
    resource = change.resource
    if resource.kind == kind and change.path and change.path[0] not in _HASHED:
        return False, f"{name} tracks the data of its configuration, not {change.path[0]}"
    secret_type = body_of(resource).text("type") if resource.kind == "Secret" else ""
    if secret_type and secret_type not in _SECRET_TYPES:
        return False, f"{name} does not track Secrets of type {secret_type}"
    return True, f"{name} tracks {kind} {name_of(resource)}"


def _through_split(delivery: ProgressiveDelivery, change: Change, name: str) -> tuple[bool, str]:
    share = f"{delivery.first_share * 100:g} %"
    if delivery.controller == "databricks-serving":
        path = change.path
        if not _same(change.resource, delivery.resource) or path[:2] != ("config", "served_entities"):
            return False, f"{name} splits traffic between served entities, and this changes none"
        if len(path) > 2 and path[2].strip("[]") in delivery.exposed:
            return True, f"only {share} of the requests of {name} reach it"
        return False, f"what is changed answers more than {share} of the requests of {name}"
    if change.resource.address in delivery.exposed:
        return True, f"only {share} of the traffic of {name} reaches it"
    return False, f"{name} sends more than {share} of its traffic there, or none that can be told"


def _same(one: Resource, other: Resource) -> bool:
    return one.address == other.address and one.environment.name == other.environment.name


def _reacts(delivery: ProgressiveDelivery) -> str:
    if delivery.controller == "flagger":
        return "the pod template and the tracked configuration of its target"
    return "spec.template" if delivery.workload is delivery.resource else "the pod template it refers to"


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIOU' else 'a'} {kind}"
