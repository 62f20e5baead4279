"""Who may do what in Unity Catalog: grants of bundles, Terraform and SQL.

Privileges: https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import Mapping, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.tables_reading import (
    GRANTS,
    around,
    is_created_with,
    is_throwaway,
    option,
    securable_of,
    statements_of,
)
from riskcheck.tables.read import grants_of, items_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node, Value
    from riskcheck.rules.context import CheckContext

_ALL: Final = "ALL_PRIVILEGES"
_WIDE: Final = frozenset({"CATALOG", "SCHEMA", "METASTORE", "EXTERNAL LOCATION", "STORAGE CREDENTIAL"})
"""Securables whose privileges reach everything below them."""


class Granted(NamedTuple):
    """privileges of a principal that came or went, on a securable: its subject, and its kind in upper case."""

    subject: str
    object: str
    principal: str
    privileges: tuple[str, ...]
    node: Node | None = None


def widened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Everybody may do more, or somebody gets a privilege with which much can be done.

    Options: ``broad_principals``, ``powerful_privileges``, ``harmless_privileges``. Values: ``subject``, ``what``,
    ``broad``, ``wide``.
    """
    broad = {name.lower() for name in option(context, "broad_principals")}
    for one in _added(change, context):
        is_broad = one.principal.lower() in broad
        if is_broad:
            risky = [name for name in one.privileges if name not in option(context, "harmless_privileges")]
        else:
            risky = [name for name in one.privileges if name in option(context, "powerful_privileges")]
        # Whoever makes an object may do everything with it anyway; a grant of its own is on one that is there.
        made = change.path == () and (
            change.resource.kind not in GRANTS or is_created_with(change.resource, context)
        )
        if not risky or (not is_broad and made):
            continue
        values: dict[str, Value] = {
            "subject": one.subject,
            "what": f"{one.principal}{' (everybody)' if is_broad else ''} gets {_listed(risky)}",
            "broad": is_broad,
            "wide": one.object in _WIDE,
            "catalog": one.object in ("CATALOG", "METASTORE"),
        }
        yield Match(values=values, node=one.node)


def removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A principal loses a privilege that its queries need, unless everybody has it. Options: ``needed_privileges``,
    ``broad_principals``. Values: ``subject``, ``what``."""
    for one in _taken(change, context):
        lost = [name for name in one.privileges if name in option(context, "needed_privileges")]
        if lost:
            what = f"{one.principal} loses {_listed(lost)}"
            yield Match(values={"subject": one.subject, "what": what}, node=one.node)


def _added(change: Change, context: CheckContext) -> Iterator[Granted]:
    found = around(change, context)
    if found is None or is_throwaway(found.name, context):
        return
    if found.statement is not None:
        if text_of(found.statement, "verb") == "GRANT" and change.path[2:] in ((), ("grants",)):
            for principal, privileges in grants_of(found.statement).items():
                yield Granted(found.subject, found.object, principal, privileges)
        return
    after, before = change.resource_after, change.resource_before
    if after is None:
        return
    was, now = grants_of(before.body if before else None), grants_of(after.body)
    for item in items_of(after.body, "grants"):
        principal = text_of(item, "principal")
        new = _gained(was.get(principal, ()), now.get(principal, ()))
        if new and _is_reported_here(change, after, item, was):
            yield Granted(found.subject, found.object, principal, new, item if change.path == () else None)


def _taken(change: Change, context: CheckContext) -> Iterator[Granted]:
    found = around(change, context)
    if found is None or is_throwaway(found.name, context):
        return
    if found.statement is not None:
        if text_of(found.statement, "verb") == "REVOKE" and change.path[2:] in ((), ("grants",)):
            for principal, privileges in grants_of(found.statement).items():
                left = tuple(
                    one for one in privileges if not _is_granted_again(change, found.name, principal, one)
                )
                yield Granted(found.subject, found.object, principal, _spelled_out(left))
        return
    before, after = change.resource_before, change.resource_after
    if before is None or (after is None and before.kind not in GRANTS):
        return
    was = grants_of(before.body)
    now = grants_of(after.body) if after is not None else _granted_elsewhere(before, context)
    for item in items_of(before.body, "grants"):
        principal = text_of(item, "principal")
        gone = _gained(now.get(principal, ()), was[principal]) if principal in was else ()
        held = after or before
        common = _common(now, context)
        gone = tuple(
            one
            for one in gone
            if common.isdisjoint((one, _ALL)) and not _is_inherited(held, principal, one, context)
        )
        if gone and _is_reported_here(change, before, item, now):
            yield Granted(found.subject, found.object, principal, _spelled_out(gone))


def _common(granted: dict[str, tuple[str, ...]], context: CheckContext) -> set[str]:
    """What everybody may do by `granted`."""
    broad = {name.lower() for name in option(context, "broad_principals")}
    return {one for name, privileges in granted.items() if name.lower() in broad for one in privileges}


def _granted_elsewhere(gone: Resource, context: CheckContext) -> dict[str, tuple[str, ...]]:
    """What other grant resources of head give on the securable of `gone`: one may only have moved."""
    granted: dict[str, tuple[str, ...]] = {}
    for kind in sorted(GRANTS):
        for other in context.head.find(platform=gone.platform, kind=kind, environment=gone.environment.name):
            if other.unit == gone.unit and securable_of(other) == securable_of(gone):
                for principal, privileges in grants_of(other.body).items():
                    granted[principal] = (*granted.get(principal, ()), *privileges)
    return granted


def _gained(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """What `after` allows beyond `before`: all privileges stand for each of them."""
    if _ALL in before:
        return ()
    return tuple(name for name in after if name not in before)


def _spelled_out(privileges: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(privileges))


def _is_reported_here(
    change: Change, resource: Resource, item: Mapping, other: dict[str, tuple[str, ...]]
) -> bool:
    """Whether this change, of the several that make up one edit of a principal's grants, is the one that tells."""
    if change.path == ():
        return True
    principal = text_of(item, "principal")
    if change.path[:2] != ("grants", f"[{principal}]"):
        return change.path == ("grants",)
    if len(change.path) < 4:
        return True
    listed = item.get("privileges")
    names = [getattr(one, "raw", "") for one in listed.items] if isinstance(listed, Sequence) else []
    known = other.get(principal, ())
    first = next((name for name in names if "_".join(name.upper().split()) not in known), "")
    return change.path[3] == f"[{first}]"


def _is_granted_again(change: Change, securable: str, principal: str, privilege: str) -> bool:
    """Whether the script that revokes it grants it, or all privileges, on the same thing."""
    for statement in statements_of(change.resource_after):
        if text_of(statement, "verb") == "GRANT" and text_of(statement, "name") == securable:
            granted = grants_of(statement).get(principal, ())
            if privilege in granted or _ALL in granted:
                return True
    return False


def _is_inherited(resource: Resource, principal: str, privilege: str, context: CheckContext) -> bool:
    """Whether the catalog or schema above, declared beside it, grants the same."""
    above = {text_of(resource.body, field).lower() for field in ("catalog_name", "schema_name")} - {""}
    parts = text_of(resource.body, "name").lower().split(".")
    above |= set(parts[:-1]) if len(parts) > 1 else set()
    for kind in ("catalogs", "schemas"):
        for other in context.head.find(kind=kind, environment=resource.environment.name):
            name = text_of(other.body, "name").lower()
            if other.address != resource.address and name in above:
                granted = grants_of(other.body).get(principal, ())
                if privilege in granted or _ALL in granted:
                    return True
    return False


def _listed(privileges: list[str]) -> str:
    return ", ".join(privileges)
