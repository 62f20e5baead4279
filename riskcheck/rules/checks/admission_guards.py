"""What may refuse an object at the API server: webhooks, admission policies, Kyverno, Gatekeeper.

https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ ,
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ ,
https://kyverno.io/docs/policy-types/cluster-policy/validate/ and
https://open-policy-agent.github.io/gatekeeper/website/docs/violations/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.admission_kinds import CONSTRAINTS, WEBHOOKS
from riskcheck.rules.checks.kubernetes_objects import group_of, items_at, mapping_at, text, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource

_COMMON: Final = frozenset({"", "*", "apps", "batch"})
"""API groups that everything in a cluster needs."""


class Guard(NamedTuple):
    """One decision of one object. blocks: whether it refuses. broad: whether it stands before what every namespace
    deploys, the system's too. common: whether it stands before what is deployed at all. content: what it decides,
    to be compared. title: in words. node: where it stands."""

    title: str
    blocks: bool
    broad: bool
    common: bool
    content: str
    node: Node


def guards_of(resource: Resource) -> dict[str, Guard]:
    """The decisions of an object by name; empty for what is none of these."""
    found: Iterator[tuple[str, Guard]]
    group = group_of(resource)
    if resource.kind in WEBHOOKS:
        found = _webhooks(resource)
    elif resource.kind == "ValidatingAdmissionPolicyBinding" or group == "policies.kyverno.io":
        found = _actions(resource)
    elif resource.kind == "ValidatingAdmissionPolicy":
        found = _policy(resource)
    elif group == "kyverno.io" and resource.kind in ("ClusterPolicy", "Policy"):
        found = _rules(resource)
    elif group == CONSTRAINTS:
        found = _constraint(resource)
    else:
        return {}
    return dict(found)


def _webhooks(resource: Resource) -> Iterator[tuple[str, Guard]]:
    """The first version of the API took failures lightly unless told not to; now it is the other way round."""
    usual = "Ignore" if (text_at(resource.body, "apiVersion") or "").endswith("v1beta1") else "Fail"
    for webhook in items_at(resource.body, "webhooks"):
        name = text_at(webhook, "name")
        if not isinstance(webhook, Mapping) or not name:
            continue
        common = any(map(_is_common, items_at(webhook, "rules")))
        chosen = any(
            _has_entries(webhook.get(field))
            for field in ("namespaceSelector", "objectSelector", "matchConditions")
        )
        fails = (text_at(webhook, "failurePolicy") or usual) == "Fail"
        content = _written(webhook, "rules", "namespaceSelector", "objectSelector")
        yield name, Guard(f"webhook {name}", fails, common and not chosen, common, content, webhook)


def _is_common(rule: Node) -> bool:
    groups = {text(one) or "" for one in items_at(rule, "apiGroups")}
    return bool(groups & _COMMON)


def _has_entries(node: Node | None) -> bool:
    return bool(node.entries) if isinstance(node, Mapping) else bool(getattr(node, "items", ()))


def _actions(resource: Resource) -> Iterator[tuple[str, Guard]]:
    spec = mapping_at(resource.body, "spec")
    if spec is None:
        return
    actions = {text(one) or "" for one in items_at(spec, "validationActions")}
    # A policy of Kyverno that states no action denies, as the API of the cluster would have it.
    blocks = "Deny" in actions or (not actions and resource.kind != "ValidatingAdmissionPolicyBinding")
    content = _written(spec, "policyName", "paramRef", "matchResources", "matchConstraints", "validations")
    yield "", Guard("it", blocks, False, True, content, spec.get("validationActions") or spec)


def _policy(resource: Resource) -> Iterator[tuple[str, Guard]]:
    """What it does when it cannot be evaluated; what it does otherwise, its bindings say."""
    spec = mapping_at(resource.body, "spec")
    if spec is not None:
        blocks = (text_at(spec, "failurePolicy") or "Fail") == "Fail"
        content = _written(spec, "matchConstraints", "validations")
        yield "", Guard("it", blocks, False, True, content, spec.get("failurePolicy") or spec)


def _rules(resource: Resource) -> Iterator[tuple[str, Guard]]:
    spec = mapping_at(resource.body, "spec")
    stated = text_at(spec, "validationFailureAction") or "Audit"
    for rule in items_at(spec, "rules"):
        check = mapping_at(rule, "validate")
        name = text_at(rule, "name")
        if check is None or not isinstance(rule, Mapping) or not name:
            continue
        action = text_at(check, "failureAction") or stated
        node = check.get("failureAction") or (spec.get("validationFailureAction") if spec else None) or rule
        yield (
            name,
            Guard(
                f"rule {name}",
                action.lower() == "enforce",
                False,
                True,
                _written(rule, "match", "exclude", "validate"),
                node,
            ),
        )


def _constraint(resource: Resource) -> Iterator[tuple[str, Guard]]:
    spec = mapping_at(resource.body, "spec")
    if spec is None:
        return
    action = text_at(spec, "enforcementAction") or "deny"
    scoped = (text_at(one, "action") for one in items_at(spec, "scopedEnforcementActions"))
    blocks = action == "deny" or (action == "scoped" and "deny" in scoped)
    node = spec.get("enforcementAction") or spec
    yield "", Guard("it", blocks, False, True, _written(spec, "match", "parameters"), node)


def _written(node: Mapping, *fields: str) -> str:
    values = {
        field: plain_value(found, "yaml-1.1") for field in fields if (found := node.get(field)) is not None
    }
    validate = values.get("validate")
    if isinstance(validate, dict):
        values["validate"] = {key: value for key, value in validate.items() if key != "failureAction"}
    return json.dumps(values, sort_keys=True, default=str)
