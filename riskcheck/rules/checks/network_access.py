"""The public way to a service is closed: is there another one?

https://learn.microsoft.com/azure/databricks/security/network/concepts/private-link,
https://docs.databricks.com/aws/en/security/network/classic/private-access-settings,
https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.reading import address_of, blocks, is_expression, is_false, is_true, text
from riskcheck.nodes import MISSING
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.network_losses import beside, named, told
from riskcheck.rules.checks.network_proof import endpoints, proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import Mapping, MaybeValue
    from riskcheck.rules.context import CheckContext, ResourceView

_WORKSPACE: Final = "azurerm_databricks_workspace"
_REGISTERED: Final = "databricks_mws_vpc_endpoint"
_RULES: Final = "network_security_group_rules_required"
_RULES_APART: Final = "azurerm_storage_account_network_rules"
_LISTS: Final = ("network_rules", "network_acls", "network_rule_set", "network_rulesets")


class _Way(NamedTuple):
    """kinds: beginnings of types. open: values with which everybody gets through, `MISSING` where that is the
    default. closed: values with which nobody does. judge: what is left then."""

    kinds: tuple[str, ...]
    open: tuple[MaybeValue, ...]
    closed: tuple[MaybeValue, ...]
    judge: Callable[[Change, CheckContext], tuple[str, str] | None]


def tightened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Public access goes off, or private access takes fewer endpoints.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    before, after = change.resource_before, change.resource_after
    if after is None:
        return
    if not change.path:
        yield from _closed_beside(change, after, context)
        return
    if before is None:
        return
    if change.path == ("private_access_settings_id",):
        judged = _attached(change, context)
        if judged is not None:
            severity, effect = judged
            what = f"{named(after)} gets private access settings without public access"
            yield told(what, effect, severity)
        return
    field = change.path[-1]
    for way in _WAYS.get(field, ()):
        if not after.kind.startswith(way.kinds) or not _closes(change, way):
            continue
        judged = way.judge(change, context)
        if judged is not None:
            severity, effect = judged
            yield told(f"{field} of {named(after)} goes to {_shown(change.after)}", effect, severity)
        return


def _shown(value: MaybeValue) -> str:
    return "unset" if value is MISSING else str(value).lower() if isinstance(value, bool) else str(value)


def _closes(change: Change, way: _Way) -> bool:
    return _among(change.before, way.open) and _among(change.after, way.closed)


def _among(value: MaybeValue, wanted: tuple[MaybeValue, ...]) -> bool:
    folded = value.lower() if isinstance(value, str) else value
    return any(type(folded) is type(one) and folded == one for one in wanted)


def _azure(change: Change, context: CheckContext) -> tuple[str, str] | None:
    """A service of Azure that is reached by nobody but private endpoints from now on."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return None
    severity = "P0" if after.kind == _WORKSPACE else "P1"
    part = "databricks_ui_api" if after.kind == _WORKSPACE else ""
    if after.kind == _WORKSPACE and text(after.body, _RULES).lower() in ("", "allrules"):
        if is_expression(after.body.get(_RULES)):
            return None
        return (
            "P2",
            f"the provider refuses that while {_RULES} is AllRules, which it is unless told otherwise",
        )
    return proof(endpoints(before, context.base, part), endpoints(after, context.head, part), severity)


def _backend(change: Change, context: CheckContext) -> tuple[str, str] | None:
    """Clusters reach the control plane over a private endpoint only."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return None
    if _is_closing(after, context):
        return None
    part = "databricks_ui_api"
    judged = proof(endpoints(before, context.base, part), endpoints(after, context.head, part), "P0")
    if judged is None or judged[0] != "P0":
        return judged
    return "P0", "no back-end private endpoint is declared here: clusters do not reach the control plane"


def _is_closing(after: Resource, context: CheckContext) -> bool:
    """Whether public access goes off with the same change, where it is told."""
    return any(one.path == ("public_network_access_enabled",) for one in context.changes_of(after))


def _default_action(change: Change, context: CheckContext) -> tuple[str, str] | None:
    before, after = (
        _guarded(one, view)
        for one, view in (
            (change.resource_before, context.base),
            (change.resource_after, context.head),
        )
    )
    if before is None or after is None or is_false(before.body, "public_network_access_enabled"):
        return None
    if _is_closing(after, context) and is_false(after.body, "public_network_access_enabled"):
        return None
    judged = proof(endpoints(before, context.base), endpoints(after, context.head), "P1")
    lists = _lists_of(change.resource)
    return _but_listed(judged, lists) if judged is not None else None


def _guarded(resource: Resource | None, view: ResourceView) -> Resource | None:
    """The account that rules of their own are about; others stand for themselves."""
    if resource is None or resource.kind != _RULES_APART:
        return resource
    account = address_of(resource, resource.body.get("storage_account_id"))
    return view.get(resource.unit, account, resource.environment.name) or resource


def _lists_of(resource: Resource) -> list[Mapping]:
    held = [block for name in _LISTS for block in blocks(resource.body, name)]
    return held or [resource.body]


def _but_listed(judged: tuple[str, str], lists: list[Mapping]) -> tuple[str, str]:
    names = ("ip_rules", "ip_rule", "virtual_network_subnet_ids", "virtual_network_rule", "virtual_network")
    if any(one.get(name) is not None for one in lists for name in names):
        return "P2", "clients whose address or subnet is not on its list are cut off"
    return judged


def _closed_beside(change: Change, after: Resource, context: CheckContext) -> Iterator[Match]:
    """A resource of its own closes an account that stood open."""
    if change.kind != "added" or after.kind != _RULES_APART:
        return
    if text(after.body, "default_action").lower() != "deny":
        return
    account = address_of(after, after.body.get("storage_account_id"))
    key = (after.unit, account, after.environment.name)
    old, new = context.base.get(*key), context.head.get(*key)
    if old is None or new is None or blocks(old.body, "network_rules"):
        return
    judged = proof(endpoints(old, context.base), endpoints(new, context.head), "P1")
    if judged is not None:
        severity, effect = _but_listed(judged, [after.body])
        yield told(f"default_action of {named(new)} goes to Deny", effect, severity)


def _settings(change: Change, context: CheckContext) -> tuple[str, str] | None:
    """Private access settings of workspaces on AWS and Google."""
    resource = change.resource
    base, head = (list(beside(resource, view, _REGISTERED)) for view in (context.base, context.head))
    kept = {one.address for one in head}
    if any(one.address in kept for one in base):
        return "P2", "whoever does not come in through a registered VPC endpoint is cut off"
    if head:
        return "P1", f"{head[0].name} is only registered by the same change: nobody can have moved to it yet"
    return "P0", "no VPC endpoint is registered here: clients that come in over the public way are cut off"


def _attached(change: Change, context: CheckContext) -> tuple[str, str] | None:
    """A workspace gets private access settings, or other ones."""
    after = change.resource_after
    if after is None or change.after is MISSING or change.after is None:
        return None
    address = address_of(after, after.body.get("private_access_settings_id"))
    settings = context.head.get(after.unit, address, after.environment.name)
    if settings is None or is_true(settings.body, "public_access_enabled"):
        return None
    return _settings(change, context)


def _eks(change: Change, context: CheckContext) -> tuple[str, str] | None:
    before, after = change.resource_before, change.resource_after
    field = "endpoint_private_access"
    sides = [
        any(is_true(block, field) for block in blocks(one.body, "vpc_config"))
        for one in (before, after)
        if one is not None
    ]
    if all(sides):
        return "P2", "only what is in its networks reaches the API server from now on, CI runners included"
    if any(sides[1:]):
        return "P1", f"{field} is only switched on by the same change: nobody can have moved to it yet"
    return "P0", f"{field} is off too: nothing reaches the API server"


def _private_only(change: Change, context: CheckContext) -> tuple[str, str] | None:
    return "P1", "only what is in its network reaches it from now on, CI runners included"


def _readdressed(change: Change, context: CheckContext) -> tuple[str, str] | None:
    return "P2", "its name leads to a private address from now on: clients outside of its network are cut off"


def _cloud_sql(change: Change, context: CheckContext) -> tuple[str, str] | None:
    before = change.resource_before
    settings = blocks(before.body, "settings") if before is not None else []
    configured = [block for one in settings for block in blocks(one, "ip_configuration")]
    if any(text(one, "private_network") or blocks(one, "psc_config") for one in configured):
        return "P2", "only what is in its network reaches it from now on"
    return "P1", "it had no private address before: nobody can have moved to it yet"


_ON: Final = (True, MISSING, None)
_OFF: Final = (False,)
_WAYS: Final[dict[str, tuple[_Way, ...]]] = {
    "public_network_access_enabled": (_Way(("azurerm_",), _ON, _OFF, _azure),),
    "public_network_enabled": (_Way(("azurerm_",), _ON, _OFF, _azure),),
    "default_action": (_Way(("azurerm_",), ("allow", MISSING, None), ("deny",), _default_action),),
    _RULES: (
        _Way(
            (_WORKSPACE,),
            ("allrules", MISSING, None),
            ("noazuredatabricksrules", "noazureservicerules"),
            _backend,
        ),
    ),
    "public_access_enabled": (_Way(("databricks_mws_private_access_settings",), (True,), _OFF, _settings),),
    "private_access_level": (
        _Way(
            ("databricks_mws_private_access_settings",), ("account", MISSING, None), ("endpoint",), _settings
        ),
    ),
    "endpoint_public_access": (_Way(("aws_eks_cluster",), _ON, _OFF, _eks),),
    "publicly_accessible": (_Way(("aws_",), (True,), _OFF, _readdressed),),
    "enable_private_endpoint": (
        _Way(("google_container_cluster",), (False, MISSING, None), (True,), _private_only),
    ),
    "ipv4_enabled": (_Way(("google_sql_database_instance",), _ON, _OFF, _cloud_sql),),
    "ingress": (
        _Way(
            ("google_cloud_run_",),
            ("ingress_traffic_all", MISSING, None),
            ("ingress_traffic_internal_only", "ingress_traffic_internal_load_balancer"),
            _private_only,
        ),
    ),
}
