"""The names by which others find a resource of a bundle: in the workspace, in Unity Catalog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node

ANY: Final = "*"
"""Stands for a part of a name that only a deployment fills in."""

_OPEN: Final = regex(r"\$\{[^{}]*+\}")

_THINGS: Final = {
    "volumes": ("catalog_name", "schema_name", "name"),
    "registered_models": ("catalog_name", "schema_name", "name"),
    "schemas": ("catalog_name", "name"),
}
SERVED: Final = "entity_name"
"""The field of a served entity that names its model."""

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
    if kind == "registered_models":
        yield from _aliased(body)
    if kind in _LOOKED_UP:
        name = _part(body.get("name"))
        if name and ANY not in name:
            yield f"databricks:{kind}@{name}"
            yield f"databricks:{kind}={name}"


def _aliased(body: Mapping) -> Iterator[str]:
    """A registered model under each of its aliases."""
    model = ".".join(_part(body.get(field)) for field in _THINGS["registered_models"]).lower()
    aliases = body.get("aliases")
    for item in aliases.items if isinstance(aliases, Sequence) else ():
        alias = _part(item.get("alias_name")) if isinstance(item, Mapping) else ""
        if alias and ANY not in alias and model.count(".") == 2:
            yield f"uc:{model}@{alias}"


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


def model_named(name: str) -> str:
    """``model:classifier`` for ``main.churn.classifier``: how a packaged model finds those that serve one of its
    name (`riskcheck.platforms.mlflow`)."""
    return f"model:{name.rpartition('.')[2].lower()}"


def models_in(text: str) -> tuple[str, ...]:
    """The registered models of addresses ``models:/catalog.schema.model@alias`` and ``models:/…/version`` in a
    text, each by its name and, where it is loaded by an alias, by ``uc:catalog.schema.model@alias`` too.

    https://mlflow.org/docs/latest/ml/model-registry/workflow#using-an-alias
    """
    if "models:/" not in text:
        return ()
    found: list[str] = []
    for address in text.split("models:/")[1:]:
        name, alias = _addressed(address)
        model = table_of(name)
        if model is not None:
            found.append(model)
            if alias:
                found.append(f"{model}@{alias}")
    return tuple(dict.fromkeys(found))


def _addressed(address: str) -> tuple[str, str]:
    """Name and alias of what an address goes on with after its scheme."""
    address = re.split(r"[\s'\"`,;)\]]", address, maxsplit=1)[0]
    name, _, alias = address.partition("@")
    return name.partition("/")[0], alias


def volume_in(text: str) -> str | None:
    """The volume of a path ``/Volumes/catalog/schema/volume/…``."""
    found = text.partition("/Volumes/")[2].split("/")
    return table_of(".".join(found[:3])) if len(found) >= 3 else None
