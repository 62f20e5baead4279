"""The names by which others find a resource of a bundle: in the workspace, in Unity Catalog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node

ANY: Final = "*"
"""Stands for a part of a name that only a deployment fills in."""

_OPEN: Final = re.compile(r"\$\{[^}]*\}")

_THINGS: Final = {
    "volumes": ("catalog_name", "schema_name", "name"),
    "registered_models": ("catalog_name", "schema_name", "name"),
    "schemas": ("catalog_name", "name"),
}
_WRITERS: Final = {"pipelines": (("catalog", "schema"), ("catalog", "target"))}
"""Types that fill a schema with tables, and where they say which."""

_LOOKED_UP: Final = frozenset(
    [
        "alerts",
        "cluster_policies",
        "clusters",
        "dashboards",
        "database_instances",
        "experiments",
        "genie_spaces",
        "instance_pools",
        "jobs",
        "model_serving_endpoints",
        "pipelines",
        "secret_scopes",
        "sql_warehouses",
        "vector_search_endpoints",
    ]
)


def provided_by(kind: str, body: Mapping) -> tuple[str, ...]:
    """All such names of a resource of type `kind`, in the notation of references."""
    return tuple(dict.fromkeys(_provided(kind, body)))


def _provided(kind: str, body: Mapping) -> Iterator[str]:
    for fields in filter(None, (_THINGS.get(kind, ()), *_WRITERS.get(kind, ()))):
        parts = [_part(body.get(field)) for field in fields]
        if all(parts) and parts[1] != ANY:
            yield f"uc:{'.'.join(parts).lower()}"
    if kind in _LOOKED_UP:
        name = _part(body.get("name"))
        if name and ANY not in name:
            yield f"databricks:{kind}@{name}"
            yield f"databricks:{kind}={name}"


def _part(node: Node | None) -> str:
    return filled(node.raw) if isinstance(node, Scalar) else ""


def filled(text: str) -> str:
    """`text` with `ANY` where a deployment fills something in."""
    return _OPEN.sub(ANY, text) if "${" in text else text


def table_of(text: str) -> str | None:
    """``uc:catalog.schema.name`` for the full name of a table, volume or model; None where too little is told."""
    parts = filled(text).lower().split(".")
    if len(parts) != 3 or not all(parts) or ANY in parts[1] or ANY in parts[2]:
        return None
    return f"uc:{ANY if ANY in parts[0] else parts[0]}.{parts[1]}.{parts[2]}"


def volume_in(text: str) -> str | None:
    """The volume of a path ``/Volumes/catalog/schema/volume/…``."""
    found = text.partition("/Volumes/")[2].split("/")
    return table_of(".".join(found[:3])) if len(found) >= 3 else None
