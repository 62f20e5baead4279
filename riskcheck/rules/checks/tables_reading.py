"""What the checks of tables share: the statement or table that a change is about, and what is known of it.

A table is declared (kind ``tables``, of any platform) or something is done to it (kind ``statements``, of ``sql``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.kinds import SECURABLES
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import module_of
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

STATEMENTS: Final = "statements"
TABLES: Final = frozenset({"tables", "databricks_sql_table"})
GRANTS: Final = frozenset({"databricks_grants", "databricks_grant"})
_OPTION: Final = "throwaway"


class Around(NamedTuple):
    """Where a change belongs. name: of the table or other thing, as far as it is told. object: ``TABLE``, ``VIEW``.
    facts: words about a new statement (`riskcheck.platforms.sql.facts`); none of a declared table."""

    name: str
    object: str
    facts: frozenset[str]
    statement: Mapping | None

    @property
    def subject(self) -> str:
        """``table main.sales.orders``."""
        return f"{self.object.lower() or 'object'} {called(self.name) or 'of a name that only a run tells'}"

    def was(self, what: str) -> dict[str, str]:
        """``columns`` or ``properties`` of the table before, as the SQL files of the base have them."""
        facts = self.statement.get("facts") if self.statement is not None else None
        found = facts.at("was", what) if isinstance(facts, Mapping) else None
        if not isinstance(found, Mapping):
            return {}
        return {key.raw: node.raw for key, node in found.entries if isinstance(node, Scalar)}


def around(change: Change, context: CheckContext) -> Around | None:
    """What a change in a table or statement belongs to; None for a statement that is no news: one that went, that
    only moved to another file, or that is about something which this change itself creates."""
    if change.path[:1] != (STATEMENTS,):
        resource = change.resource
        if change.path[:1] == ("columns",) and _is_described(change):
            return None
        return Around(_told(resource), _object(resource), frozenset(), None)
    label = change.path[1][1:-1] if len(change.path) > 1 else ""
    statement = _by_label(change.resource_after).get(label)
    before = _by_label(change.resource_before).get(label)
    if not isinstance(statement, Mapping) or (before is not None and len(change.path) < 3):
        return None
    facts = statement.get("facts")
    words = (
        frozenset(key.raw for key, node in facts.entries if isinstance(node, Scalar))
        if isinstance(facts, Mapping)
        else frozenset()
    )
    if words & {"moved", "fresh"}:
        return None
    return Around(text_of(statement, "name"), text_of(statement, "object"), words, statement)


@lru_cache(maxsize=8)
def _by_label(resource: Resource | None) -> dict[str, Mapping]:
    """The statements of one script by what names them in paths: a script may have thousands."""
    return {text_of(one, "id"): one for one in statements_of(resource)}


def _is_described(change: Change) -> bool:
    """Whether a table's columns are documentation: what goes from there may well be in the table."""
    sides = (change.resource_before, change.resource_after)
    return any(one is not None and text_of(one.body, "contract") == "declared" for one in sides)


def _told(resource: Resource) -> str:
    securable = securable_of(resource)
    if securable is not None:
        return securable[1]
    return text_of(resource.body, "name") or resource.name


def securable_of(resource: Resource) -> tuple[str, str] | None:
    """Kind in upper case and name of what a ``databricks_grants`` or ``databricks_grant`` of Terraform is about;
    None for other resources."""
    if resource.kind not in GRANTS:
        return None
    for key, node in resource.body.entries:
        if isinstance(node, Scalar) and key.raw in SECURABLES:
            return key.raw.replace("_", " ").upper(), node.raw
    return "OBJECT", resource.name


_ATTRIBUTE: Final = r"\$\{(databricks_\w+)\.([\w-]+)(?:\[[^\]]*\])?\.\w+\}"
"""A value of Terraform that is exactly one attribute of a resource."""


def called(name: str) -> str:
    """`name`, or what Terraform calls the resource that it is an attribute of."""
    found = re.fullmatch(_ATTRIBUTE, name)
    return found[2] if found else name


def is_created_with(grants: Resource, context: CheckContext) -> bool:
    """Whether what a grant of Terraform is on is created by the same change, in the same module."""
    kind, name = securable_of(grants) or ("", "")
    module = module_of(grants)
    found = re.fullmatch(_ATTRIBUTE, name)
    for field in (f"databricks_{kind.lower().replace(' ', '_')}", "databricks_sql_table"):
        for other in context.head.find(platform="terraform", kind=field, unit=grants.unit):
            local = other.name.removeprefix(module).partition("[")[0]
            named = (field, local) == found.groups() if found else name == text_of(other.body, "name")
            if named and context.base.get(*other.key) is None:
                return True
    return False


def _object(resource: Resource) -> str:
    securable = securable_of(resource)
    if securable is not None:
        return securable[0]
    if resource.kind not in TABLES:
        return resource.kind.removeprefix("databricks_").removesuffix("s").replace("_", " ").upper()
    type_ = text_of(resource.body, "type").replace("_", " ").upper()
    return type_ if type_ in ("VIEW", "MATERIALIZED VIEW", "STREAMING TABLE") else "TABLE"


def is_throwaway(name: str, context: CheckContext) -> bool:
    """Whether a part of a name says that nobody relies on the thing: ``staging.orders``, ``orders_tmp``."""
    words = context.options.get(_OPTION, [])
    known = {str(word) for word in words} if isinstance(words, list) else set()
    return not known.isdisjoint(re.split(r"[^a-z0-9]+", name.lower()))


def flag(statement: Mapping | None, name: str) -> bool:
    return text_of(statement, name) == "true"


def statements_of(resource: Resource | None) -> Iterator[Mapping]:
    """All statements of a script."""
    listed = resource.body.get(STATEMENTS) if resource is not None else None
    if isinstance(listed, Sequence):
        yield from (item for item in listed.items if isinstance(item, Mapping))


def new_statements(change: Change, context: CheckContext) -> Iterator[Mapping]:
    """Statements of any script that the change brings, in the environment of `change`."""
    for resource in context.head.find(platform="sql", kind=STATEMENTS, environment=change.environment.name):
        before = context.base.get(*resource.key)
        known = {text_of(one, "id") for one in statements_of(before)}
        yield from (one for one in statements_of(resource) if text_of(one, "id") not in known)


def same_table(one: str, other: str) -> bool:
    """Whether two names, told as far as they are, may be of the same table."""
    left, right = one.lower().split("."), other.lower().split(".")
    return bool(one and other) and all(a == b for a, b in zip(reversed(left), reversed(right), strict=False))


def raw(node: Node | None) -> str:
    return node.raw if isinstance(node, Scalar) else ""


def option(context: CheckContext, name: str) -> frozenset[str]:
    """An option that lists words."""
    value: Value = context.options.get(name, [])
    return frozenset(str(one) for one in value) if isinstance(value, list) else frozenset()
