"""Audit trails and log deliveries that end or record less (GOV-008)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import MaybeValue
    from riskcheck.rules.context import CheckContext

SINKS: Final = frozenset(
    {"ClusterLogForwarder", "ClusterOutput", "LoggingLogSink", "DiagnosticSetting", "Trail"}
)
"""Kinds that deliver logs somewhere: OpenShift, the logging operator, Google's Config Connector, Azure's service
operator, AWS CloudTrail through Crossplane or ACK."""

PROFILES: Final = ("None", "Default", "WriteRequestBodies", "AllRequestBodies")
"""What OpenShift's API server records, from nothing to all:
https://docs.openshift.com/container-platform/latest/security/audit-log-policy-config.html"""

DESTINATIONS: Final = frozenset({"audit-log-path", "audit-policy-file", "audit-webhook-config-file"})
"""Arguments without which kube-apiserver records or sends no audit events:
https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/"""

KEPT: Final = frozenset({"audit-log-maxage", "audit-log-maxbackup", "logRetentionInDays"})
"""How long, or how much, is kept."""


def less_recorded(change: Change, context: CheckContext) -> Iterator[Match]:
    """Value: ``what``, in words."""
    what = _whole(change, context) if not change.path else _part(change, context)
    if what is not None:
        yield Match({"what": what})


def _whole(change: Change, context: CheckContext) -> str | None:
    resource = change.resource
    if change.kind != "removed" or resource.kind not in SINKS or resource.platform != "kubernetes":
        return None
    others = context.head.find(platform="kubernetes", kind=resource.kind, environment=change.environment.name)
    return None if next(iter(others), None) is not None else f"log delivery {resource.name} is removed"


def _part(change: Change, context: CheckContext) -> str | None:
    key = change.path[-1].strip("[]")
    if change.resource.platform == "databricks":
        return _cluster_logs(change, context) if key == "cluster_log_conf" else None
    if change.resource.platform != "kubernetes":
        return None
    if key == "profile":
        return _profile(change.before, change.after)
    if key in DESTINATIONS and not change.after:
        return f"the API server's {key} is removed, without which it records or sends no audit events"
    if key in KEPT:
        from riskcheck.rules.checks.databricks_values import number

        was, becomes = number(_numeric(change.before)), number(_numeric(change.after))
        if was is not None and becomes is not None and becomes < was:
            return f"{key} falls from {was:g} to {becomes:g}"
        return None
    if key == "disabled" and change.resource.kind == "LoggingLogSink" and change.after is True:
        return f"log delivery {change.resource.name} is disabled"
    if change.resource.kind in ("ClusterLogForwarder", "ClusterConfig", "AWSManagedControlPlane"):
        return _audit(change)
    return None


def _cluster_logs(change: Change, context: CheckContext) -> str | None:
    """The cluster stays and its logs are delivered no more. A policy whose defaults apply may deliver them."""
    cluster = context.node(change.resource_after, change.path[:-1])
    if change.kind != "removed" or not isinstance(cluster, Mapping):
        return None
    applied = cluster.get("apply_policy_default_values")
    if cluster.get("policy_id") is not None and isinstance(applied, Scalar) and applied.raw == "true":
        return None
    return "cluster logs are not delivered any more: they go with the cluster when it ends"


def _profile(before: MaybeValue, after: MaybeValue) -> str | None:
    was = PROFILES.index(before) if isinstance(before, str) and before in PROFILES else 1
    becomes = PROFILES.index(after) if isinstance(after, str) and after in PROFILES else 1
    if becomes >= was:
        return None
    return f"the API server records {PROFILES[becomes]} instead of {PROFILES[was]}"


def _audit(change: Change) -> str | None:
    """Audit events were sent and are not any more; told once a resource, at its first change of the kind."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not _sends_audit(before) or _sends_audit(after):
        return None
    return "audit events of the cluster are not sent any more"


def _sends_audit(resource: Resource) -> bool:
    body = resource.body
    if resource.kind == "AWSManagedControlPlane":
        node = body.at("spec", "logging", "audit")
        return isinstance(node, Scalar) and node.raw == "true"
    if resource.kind == "ClusterConfig":
        node = body.at("cloudWatch", "clusterLogging", "enableTypes")
        if isinstance(node, Scalar):
            return node.raw in ("all", "*")
        return bool({"audit", "all", "*"} & _texts(node))
    pipelines = body.at("spec", "pipelines")
    items = pipelines.items if isinstance(pipelines, Sequence) else []
    return any("audit" in _texts(item.get("inputRefs")) for item in items if isinstance(item, Mapping))


def _texts(node: object) -> set[str]:
    items = node.items if isinstance(node, Sequence) else []
    return {item.raw for item in items if isinstance(item, Scalar)}


def _numeric(value: MaybeValue) -> MaybeValue:
    """Arguments are written as text: ``"30"``."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 9 else value
