"""References from pods to ConfigMaps and Secrets that resolved in base and resolve no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_index import Named, of_unit, users_of
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    annotations_of,
    group_of,
    is_first,
    items_at,
    labels_of,
    mapping_at,
    may_come_from_elsewhere,
    name_of,
    neighbours,
    same_namespace,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import ConfigUse, config_uses, pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping
    from riskcheck.rules.context import CheckContext, ResourceView

CONTENT: Final = (
    ("data",),
    ("stringData",),
    ("binaryData",),
    ("spec", "data"),
    ("spec", "dataFrom"),
    ("spec", "encryptedData"),
    ("spec", "target"),
    ("spec", "template"),
    ("spec", "secretName"),
)
"""Where the objects that provide a ConfigMap or Secret say its name and its entries."""

_EFFECTS: Final = {
    "env": "new pods hang in CreateContainerConfigError",
    "pull": "images of a private registry can no longer be pulled",
}


class Offer(NamedTuple):
    """A ConfigMap or Secret that an object provides. keys: its entries, None where they cannot be known."""

    kind: str
    name: str
    keys: frozenset[str] | None


class Consumer(NamedTuple):
    workload: Resource
    use: ConfigUse


def referenced_config_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A ConfigMap, Secret or entry that a pod template of head names, there in base and gone in head.

    Values: what (text), consumers (text), effect (text).
    """
    if pod_template(change.resource) is not None:
        yield from _misdirected(change, context)
        return
    before = change.resource_before
    if before is None or (change.path and not is_first(change, context, *CONTENT)):
        return
    if change.path == () and may_come_from_elsewhere(before, context):
        return
    for offer in offers(before):
        remaining = _offered((offer.kind, offer.name), before, context.head)
        lost = list(_lost(offer, remaining, before, context))
        if lost:
            yield _match(offer, lost, whole=not remaining)


def _match(offer: Offer, lost: list[Consumer], *, whole: bool) -> Match:
    """whole: nothing provides the object itself any more; otherwise only the entries that are named are gone."""
    keys = sorted({one.use.key for one in lost if one.use.key})
    gone = f"{offer.kind} {offer.name}"
    if keys and not whole:
        gone = ("entry " if len(keys) == 1 else "entries ") + ", ".join(keys[:3]) + f" of {gone}"
    names = sorted({f"{one.workload.kind} {name_of(one.workload)}" for one in lost})
    return Match(
        values={
            "what": gone,
            "consumers": listed(names) + (" still names it" if len(names) == 1 else " still name it"),
            "effect": _EFFECTS.get(lost[0].use.how, "new pods hang in ContainerCreating"),
        },
        related=tuple(Related("consumer", location_of(one.use.node)) for one in lost[:3]),
        resources=tuple(sorted({one.workload.address for one in lost})),
    )


def _lost(
    offer: Offer, remaining: list[Offer], provider: Resource, context: CheckContext
) -> Iterator[Consumer]:
    """Consumers in head of what `provider` offered in base, where nothing that remains offers it."""
    names = of_unit(provider, context.head, _deployed_names).get((offer.kind, offer.name), set())
    users = [
        user
        for name in {offer.name, *names}
        for user in users_of((offer.kind, name), provider, context.head)
        if _declared(user.use, provider, context.head) == offer.name
    ]
    for user in sorted(users, key=lambda one: one.number):
        if user.use.optional or not holds(offer, user.use):
            continue
        if not any(holds(other, user.use) for other in remaining):
            yield Consumer(user.workload, user.use)


def _declared(use: ConfigUse, near: Resource, view: ResourceView) -> str:
    """The name that `use` means, without the hash that a generator put behind it."""
    there = of_unit(near, view, _declaring).get((use.kind, use.name), ())
    named = [name_of(one) for one in there if same_namespace(near, one)]
    return named[-1] if named else use.name


def _declaring(resources: list[Resource]) -> dict[Named, list[Resource]]:
    """ConfigMaps and Secrets by the names that they are deployed under."""
    found: dict[Named, list[Resource]] = {}
    for one in resources:
        if one.kind in ("ConfigMap", "Secret"):
            name = text_at(one.body, "metadata", "name") or ""
            found.setdefault((one.kind, name), []).append(one)
    return found


def _deployed_names(resources: list[Resource]) -> dict[Named, set[str]]:
    """Names that ConfigMaps and Secrets are deployed under, by the names that they were declared with."""
    found: dict[Named, set[str]] = {}
    for (kind, name), declaring in _declaring(resources).items():
        for one in declaring:
            found.setdefault((kind, name_of(one)), set()).add(name)
    return found


def declared_names(near: Resource, view: ResourceView) -> dict[tuple[str, str], str]:
    """Kind and deployed name to the name without the hash that a generator put behind it."""
    named = {}
    for kind in ("ConfigMap", "Secret"):
        for other in neighbours(near, view, kind):
            named[(kind, text_at(other.body, "metadata", "name") or "")] = name_of(other)
    return named


def holds(offer: Offer, use: ConfigUse) -> bool:
    return use.key is None or offer.keys is None or use.key in offer.keys


def _offered(named: Named, near: Resource, view: ResourceView) -> list[Offer]:
    """What is offered as `named` beside `near`."""
    there = of_unit(near, view, _offers).get(named, ())
    return [offer for provider, offer in there if same_namespace(near, provider)]


def _offers(resources: list[Resource]) -> dict[Named, list[tuple[Resource, Offer]]]:
    found: dict[Named, list[tuple[Resource, Offer]]] = {}
    for resource in resources:
        for offer in offers(resource):
            found.setdefault((offer.kind, offer.name), []).append((resource, offer))
    return found


def offers(resource: Resource) -> Iterator[Offer]:
    """The ConfigMaps and Secrets that exist because of `resource`."""
    body, name = resource.body, name_of(resource)
    if resource.kind in ("ConfigMap", "Secret") and group_of(resource) == "":
        yield Offer(resource.kind, name, _own_keys(resource))
    elif resource.kind == "ExternalSecret":
        yield Offer("Secret", text_at(body, "spec", "target", "name") or name, _fetched_keys(body))
    elif resource.kind == "SealedSecret":
        yield Offer(
            "Secret", text_at(body, "spec", "template", "metadata", "name") or name, _sealed_keys(body)
        )
    elif resource.kind == "Bundle":
        yield Offer("ConfigMap", name, None)
        yield Offer("Secret", name, None)
    else:
        for made in _made(resource):
            yield Offer("Secret", made, None)


def _own_keys(resource: Resource) -> frozenset[str] | None:
    """Entries of a ConfigMap or Secret; None where a controller fills it (service CA, tokens, empty ones).

    https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/security_and_compliance/configuring-certificates
    """
    marks = annotations_of(resource) | labels_of(resource)
    injected = any("inject" in key and "cabundle" in key and value in TRUE for key, value in marks.items())
    kind = text_at(resource.body, "type") or ""
    if injected or kind == "kubernetes.io/service-account-token":
        return None
    parts = (mapping_at(resource.body, part) for part in ("data", "binaryData", "stringData"))
    keys = frozenset(key.raw for part in parts if part is not None for key, _ in part.entries)
    return keys or None


def _fetched_keys(body: Mapping) -> frozenset[str] | None:
    """https://external-secrets.io/latest/api/externalsecret/"""
    if items_at(body, "spec", "dataFrom") or mapping_at(body, "spec", "target", "template") is not None:
        return None
    return frozenset(text_at(item, "secretKey") or "" for item in items_at(body, "spec", "data")) or None


def _sealed_keys(body: Mapping) -> frozenset[str] | None:
    sealed = mapping_at(body, "spec", "encryptedData")
    if sealed is None or mapping_at(body, "spec", "template", "data") is not None:
        return None
    return frozenset(key.raw for key, _ in sealed.entries)


def _made(resource: Resource) -> Iterator[str]:
    """Secrets that a controller makes for `resource`: certificates, vault and cloud credentials."""
    serving = annotations_of(resource).get("service.beta.openshift.io/serving-cert-secret-name")
    if serving:
        yield serving
    if group_of(resource) == "" or pod_template(resource) is not None:
        return
    for path in (
        ("secretName",),
        ("destination", "name"),
        ("target", "name"),
        ("writeConnectionSecretToRef", "name"),
        ("externalSecretName",),
        ("externalSecretSpec", "target", "name"),
    ):
        found = text_at(resource.body, "spec", *path)
        if found:
            yield found


def _misdirected(change: Change, context: CheckContext) -> Iterator[Match]:
    """A reference edited so that it leads nowhere: its entry is missing from an object that is there, or it
    follows a ConfigMap that was renamed differently."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    old, new = (_use_at(change, one, context) for one in (before, after))
    if old is None or new is None or new.optional:
        return
    there = _offered((old.kind, old.name), before, context.base)
    if not any(holds(one, old) for one in there):
        return
    named = _offered((new.kind, new.name), after, context.head)
    gone = not _offered((old.kind, old.name), after, context.head)
    if any(holds(one, new) for one in named) or not (named or (gone and new.kind == "ConfigMap")):
        return
    yield _match(Offer(new.kind, new.name, None), [Consumer(after, new)], whole=not named)


def _use_at(change: Change, resource: Resource, context: CheckContext) -> ConfigUse | None:
    parent = context.node(resource, change.path[:-1])
    template = pod_template(resource)
    if parent is None or template is None:
        return None
    return next((use for use in config_uses(template) if use.node is parent), None)
