"""Grants in Unity Catalog by what they are on, whatever declares them: a bundle, Terraform or a SQL script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import PLATFORM, dereferenced, text_at
from riskcheck.rules.checks.tables_reading import securable_of, statements_of
from riskcheck.tables.read import items_of, privilege_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import ResourceView

_ABOVE: Final = ("catalog_name", "schema_name")
_KINDS: Final = {
    "catalogs": "catalog",
    "schemas": "schema",
    "volumes": "volume",
    "registered_models": "model",
    "external_locations": "external location",
    "storage_credentials": "storage credential",
    "tables": "table",
}
_SAME: Final = {
    "view": "table",
    "materialized view": "table",
    "streaming table": "table",
    "function": "model",
}
"""What one statement of SQL may call another: a model is granted on as a function."""


class Securable(NamedTuple):
    """kind: ``schema``, ``external location``. name: in full, as far as it is told, in lower case."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Grant(NamedTuple):
    """privileges: upper case with underscores. node: what says so."""

    securable: Securable
    principal: str
    privileges: tuple[str, ...]
    node: Node


def granted(resource: Resource, view: ResourceView) -> Iterator[Grant]:
    """Every grant that `resource` declares. view: of its side, for names that refer to others."""
    named = securable_of(resource)
    if named is not None:
        yield from _listed(_securable(*named), resource.body, "grants")
        return
    for statement in statements_of(resource):
        if text_of(statement, "verb").upper() == "GRANT" and (name := text_of(statement, "name")):
            yield from _listed(_securable(text_of(statement, "object"), name), statement, "grants")
    if resource.body.get("grants") is not None:
        yield from _listed(_of(resource, view), resource.body, "grants")


def _of(resource: Resource, view: ResourceView) -> Securable:
    parts = [text_at(resource, field) for field in _ABOVE]
    parts.append(text_at(resource, "name") or resource.name)
    if resource.platform == PLATFORM:
        parts = [dereferenced(part, resource, view) for part in parts]
    kind = _KINDS.get(resource.section, resource.section.removesuffix("s").replace("_", " "))
    return _securable(kind, ".".join(part for part in parts if part))


def _securable(kind: str, name: str) -> Securable:
    kind = kind.lower().replace("_", " ")
    return Securable(_SAME.get(kind, kind), name.lower().replace("`", ""))


def _listed(securable: Securable, holder: Mapping, field: str) -> Iterator[Grant]:
    for item in items_of(holder, field):
        yield from _one(securable, item)


def _one(securable: Securable, item: Mapping) -> Iterator[Grant]:
    principal, privileges = text_of(item, "principal"), item.get("privileges")
    if principal and isinstance(privileges, Sequence):
        words = tuple(
            privilege_of(one.raw) for one in privileges.items if isinstance(one, Scalar) and one.raw
        )
        yield Grant(securable, principal, words, item)
