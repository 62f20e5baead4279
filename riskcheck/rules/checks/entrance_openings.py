"""Load balancers that the Internet reaches from now on, and workspaces whose allow-lists do not count any more.

Facts: https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/lb.html.markdown ,
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_forwarding_rule ,
https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/workspace_conf
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.reading import blocks, is_false, is_true, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Mapping, Value

_FIELDS: Final = {
    "aws_lb": "internal",
    "aws_alb": "internal",
    "aws_elb": "internal",
    "google_compute_forwarding_rule": "load_balancing_scheme",
    "google_compute_global_forwarding_rule": "load_balancing_scheme",
    "azurerm_lb": "public_ip_address_id",
    "databricks_workspace_conf": "enableIpAccessLists",
}
"""Kind to the field that says who gets in."""


def judges(kind: str) -> bool:
    """Whether these checks are about resources of a kind."""
    return kind in _FIELDS


def opened(change: Change) -> Iterator[Match]:
    """The field that says who gets in says everybody from now on. Values: ``what``; ``weight``: always 2."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    field = _FIELDS[after.kind]
    if field not in change.path or not (_is_closed(before) and _is_open(after)):
        return
    if after.kind == "databricks_workspace_conf":
        what = f"everybody may reach the workspace: enableIpAccessLists of {after.name} is off"
    else:
        what = f"the whole Internet may reach load balancer {after.name}, which was internal"
    values: dict[str, Value] = {"what": what, "weight": 2}
    yield Match(values=values)


def _is_closed(resource: Resource) -> bool:
    body, field = resource.body, _FIELDS[resource.kind]
    if resource.kind == "azurerm_lb":
        return any(_is_inside(one) for one in blocks(body, "frontend_ip_configuration"))
    if field == "load_balancing_scheme":
        return text(body, field).upper().startswith("INTERNAL")
    return is_true(body, *_path(resource))


def _is_open(resource: Resource) -> bool:
    body, field = resource.body, _FIELDS[resource.kind]
    if resource.kind == "azurerm_lb":
        frontends = blocks(body, "frontend_ip_configuration")
        return bool(frontends) and not any(_is_inside(one) for one in frontends)
    if field == "load_balancing_scheme":
        # An endpoint of Private Service Connect states an empty one.
        held = body.get(field)
        return held is None or text(body, field).upper().startswith("EXTERNAL")
    if resource.kind == "databricks_workspace_conf":
        return is_false(body, *_path(resource))
    return body.get(field) is None or is_false(body, field)


def _path(resource: Resource) -> tuple[str, ...]:
    field = _FIELDS[resource.kind]
    return ("custom_config", field) if resource.kind == "databricks_workspace_conf" else (field,)


def _is_inside(frontend: Mapping) -> bool:
    return frontend.get("subnet_id") is not None and frontend.get("public_ip_address_id") is None
