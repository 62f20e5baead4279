"""Unity Catalog in Terraform: what makes an object anew, and which resource owns the grants of one.

https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/grants
https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/sql_table
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import render_path
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_recreate import is_recreating
from riskcheck.rules.checks.databricks_values import module_of
from riskcheck.rules.checks.tables_reading import GRANTS, called, is_created_with, securable_of
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_ALL_GRANTS: Final = "databricks_grants"
_MOST_FIELDS: Final = 3
_LOST: Final = {
    "databricks_sql_table": "its rows",
    "databricks_volume": "its files",
    "databricks_schema": "every table and volume in it",
    "databricks_catalog": "every schema in it",
}
_FORCED: Final = frozenset({"databricks_schema", "databricks_catalog"})
"""Destroyed with what is in them only where they say ``force_destroy``; else the apply stops half way."""


def recreated(change: Change, context: CheckContext) -> Iterator[Match]:
    """A field changed that only a new object can have.

    Values: ``what``, ``lost`` (data goes), ``refused`` (the object is not empty, so it cannot be destroyed).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    forcing = [one for one in context.changes_of(after) if is_recreating(one, context)]
    if not forcing or forcing[0] is not change:
        return
    fields = listed(dict.fromkeys(render_path(one.path[:1]) for one in forcing), _MOST_FIELDS)
    kind = before.kind
    external = "EXTERNAL" in (text_of(before.body, "type"), text_of(before.body, "volume_type").upper())
    view = text_of(before.body, "type") == "VIEW"
    refused = kind in _FORCED and text_of(before.body, "force_destroy") != "true"
    noun = kind.removeprefix("databricks_").removeprefix("sql_")
    what = f"{noun} {_name(before)} is destroyed and created anew ({fields})"
    if external:
        what += "; what it points to stays"
    elif refused:
        what += ", which fails half way where it holds anything"
    elif not view:
        what += f", with {_LOST[kind]}"
    values: dict[str, Value] = {"what": what, "lost": not (external or refused or view), "refused": refused}
    yield Match(values=values)


def _name(resource: Resource) -> str:
    return text_of(resource.body, "name") or resource.name


def grants_owned(change: Change, context: CheckContext) -> Iterator[Match]:
    """An object's grants come under a resource that overwrites all others, or under resources of both kinds.

    Values: ``what``, ``mixed``.
    """
    after = change.resource_after
    if after is None or change.resource_before is not None or after.kind not in GRANTS:
        return
    others = [
        other
        for kind in sorted(GRANTS)
        for other in context.head.find(
            platform="terraform", kind=kind, environment=after.environment.name, unit=after.unit
        )
        if other.address != after.address and _granted_on(other) == _granted_on(after)
    ]
    partner = next((one for one in others if _ALL_GRANTS in (one.kind, after.kind)), None)
    thing = _thing(after)
    if partner is not None:
        yield Match(
            values={
                "what": f"{thing} has its grants from {after.kind}.{after.name} and {partner.kind}.{partner.name}",
                "mixed": True,
            },
            related=(Related("also grants", location_of(partner.origin)),),
        )
    elif after.kind == _ALL_GRANTS and not _is_made_here(after, context):
        yield Match(
            values={"what": f"{thing} keeps only the grants of {after.kind}.{after.name}", "mixed": False}
        )


def _granted_on(grants: Resource) -> tuple[str, str, str]:
    """What a grant is on: kind and name, and the module in which a name that refers to a resource holds."""
    kind, name = securable_of(grants) or ("", "")
    return (module_of(grants) if "${" in name else "", kind, name)


def _thing(resource: Resource) -> str:
    kind, name = securable_of(resource) or ("object", resource.name)
    return f"{kind.lower()} {called(name)}"


def _is_made_here(grants: Resource, context: CheckContext) -> bool:
    """Whether what they are on is created by the same change, or was granted by resources that they replace."""
    if is_created_with(grants, context):
        return True
    before = context.base.find(platform="terraform", environment=grants.environment.name, unit=grants.unit)
    return any(other.kind in GRANTS and _granted_on(other) == _granted_on(grants) for other in before)
