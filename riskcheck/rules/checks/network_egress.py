"""What may leave: serverless compute of Databricks, and machines in a security group without a way out.

https://docs.databricks.com/aws/en/security/network/serverless-network-security/,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.reading import address_of, blocks, text, unwritten
from riskcheck.nodes import Sequence
from riskcheck.phrases import listed
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.network_losses import beside, goes_with, is_another, loss_of, named, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext, ResourceView

_RULE: Final = "databricks_mws_ncc_private_endpoint_rule"
_PARTS: Final = {
    _RULE: (
        "serverless private endpoint to {target}",
        "serverless compute no longer reaches it, and a new one waits until the owner of the target approves it",
        ("network_connectivity_config_id",),
    ),
    "databricks_mws_ncc_binding": (
        "binding of network connectivity {name}",
        "serverless compute of the workspace leaves by public addresses again, which firewalls do not know",
        ("network_connectivity_config_id", "workspace_id"),
    ),
    "databricks_mws_network_connectivity_config": (
        "network connectivity {name}",
        "its private endpoints go with it, and addresses that firewalls let in change",
        (),
    ),
    "databricks_workspace_network_option": (
        "network policy of workspace {name}",
        "the workspace falls back to the default policy",
        ("workspace_id",),
    ),
    "databricks_account_network_policy": (
        "network policy {name}",
        "workspaces that it was put on fall back to the default policy",
        (),
    ),
}
"""Type to what it is called, what its loss means, and attributes that name what it belongs to."""

_EGRESS_RULES: Final = ("aws_security_group_rule", "aws_vpc_security_group_egress_rule")
_GROUPS: Final = ("aws_security_group", "aws_default_security_group")
_TIGHTER: Final = {
    "restriction_mode": {"FULL_ACCESS": "RESTRICTED_ACCESS"},
    "enforcement_mode": {"DRY_RUN": "ENFORCED"},
}
_ALLOWED: Final = frozenset(
    {
        "allowed_internet_destinations",
        "allowed_storage_destinations",
        "allowed_databricks_destinations",
        "domain_names",
        "resource_names",
    }
)


def changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """What could leave no longer does.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    before = change.resource_before
    if before is None:
        return
    if before.kind in _GROUPS:
        yield from _emptied(change, before, context)
    elif before.kind in _EGRESS_RULES:
        yield from _last_rule(change, before, context)
    elif before.kind in _PARTS:
        yield from _of_databricks(change, before, context)


def _of_databricks(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    words, effect, ends = _PARTS[before.kind]
    what = words.format(name=named(before), target=_target(before))
    loss = loss_of(change, context)
    if loss is not None:
        if loss.recreated or not any(goes_with(before.body.get(end), before, context) for end in ends):
            if not loss.recreated and before.kind == _RULE:
                effect = "serverless compute no longer reaches it"
            yield told(f"{what} is {loss.how}", f"{effect}{_root_storage(before, context)}", "P1")
        return
    if not change.path or change.resource_after is None:
        return
    field = fields_of(change.path)[-1]
    if field == "enabled" and change.after is False and change.before is not False:
        yield told(f"{what} is switched off", "serverless compute no longer reaches it", "P1")
    elif field in ("network_connectivity_config_id", "network_policy_id") and change.kind == "modified":
        if is_another(change, context):
            said = "all that serverless compute of the workspace reaches is decided by another one at once"
            yield told(f"{what} is exchanged", said, "P1")
    elif field in _TIGHTER and _tighter(change, field):
        said = "serverless compute reaches only what the policy names, and whatever it does not is cut off"
        yield told(f"{what}: {field} goes to {change.after}", said, "P1")
    elif change.kind == "removed" and not _ALLOWED.isdisjoint(fields_of(change.path)):
        said = "serverless compute no longer reaches it"
        yield told(f"{what} no longer names {listed(_destinations(change.before), 2)}", said, "P1")


def _destinations(value: object) -> list[str]:
    """What the entries of a list lead to, without their types."""
    if isinstance(value, list):
        return [found for one in value for found in _destinations(one)]
    if isinstance(value, dict):
        names = ("destination", "bucket_name", "azure_storage_account", "workspace_ids")
        return [str(value[name]) for name in names if value.get(name)][:1] or ["a destination"]
    return [str(value)]


def _tighter(change: Change, field: str) -> bool:
    return isinstance(change.before, str) and _TIGHTER[field].get(change.before.upper()) == change.after


def _target(resource: Resource) -> str:
    body = resource.body
    fields = ("resource_id", "endpoint_service")
    found = next((held for field in fields if (held := text(body, field))), "") or resource.name
    part = text(body, "group_id")
    short = found.rstrip("/").rpartition("/")[2].replace("${", "").replace("}", "")
    return f"{short} ({part})" if part else short


def _root_storage(before: Resource, context: CheckContext) -> str:
    """Storage is reached by two rules, and one alone does not do."""
    group = text(before.body, "group_id").lower()
    pair = {"blob": "dfs", "dfs": "blob"}.get(group)
    if before.kind != _RULE or pair is None:
        return ""
    target = address_of(before, before.body.get("resource_id"))
    for other in beside(before, context.head, _RULE):
        same = address_of(other, other.body.get("resource_id")) == target
        if same and text(other.body, "group_id").lower() == pair:
            return f"; the rule for {pair} stays and does not do alone"
    return ""


def _emptied(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """``egress = []``: the provider takes away what is there. Without any ``egress`` it leaves the rules alone."""
    after = change.resource_after
    if after is None or change.path[:1] != ("egress",):
        return
    held = after.body.get("egress")
    if not isinstance(held, Sequence) or held.items or not blocks(before.body, "egress"):
        return
    mine = [one for one in context.changes_of(after) if one.path[:1] == ("egress",)]
    if mine and mine[0] is change and not _has_way_out(after.address, after, context.head):
        yield told(f"security group {named(after)} has no egress rule any more", _NOTHING_OUT, "P1")


_NOTHING_OUT: Final = (
    "what is in it cannot open a connection to anything, name servers and the control plane included"
)


def _last_rule(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """The last rule of its own that lets a group out goes."""
    if change.path or change.resource_after is not None or not _is_egress(before):
        return
    node = before.body.get("security_group_id")
    group = address_of(before, node)
    if loss_of(change, context) is None or goes_with(node, before, context) or "${" in group:
        return
    held = context.head.get(before.unit, group, before.environment.name)
    if held is None or _has_way_out(group, held, context.head):
        return
    gone = [one for one in _rules(group, before, context.base) if context.head.get(*one.key) is None]
    if gone and gone[0].key == before.key:
        yield told(f"security group {named(held)} has no egress rule any more", _NOTHING_OUT, "P1")


def _is_egress(rule: Resource) -> bool:
    return rule.kind != "aws_security_group_rule" or text(rule.body, "type") == "egress"


def _rules(group: str, near: Resource, view: ResourceView) -> Iterator[Resource]:
    for one in beside(near, view, *_EGRESS_RULES):
        if _is_egress(one) and address_of(one, one.body.get("security_group_id")) == group:
            yield one


def _has_way_out(group: str, held: Resource, view: ResourceView) -> bool:
    if blocks(held.body, "egress") or unwritten(held.body, "egress") is not None:
        return True
    unknown = any(
        "${" in address_of(one, one.body.get("security_group_id")) and _is_egress(one)
        for one in beside(held, view, *_EGRESS_RULES)
    )
    return unknown or any(True for _ in _rules(group, held, view))
