"""What a resource of a bundle needs: other resources of it, things of the workspace, tables.

Targets are addresses (``databricks:jobs.ingest``) where the bundle names its own resource. Elsewhere they are
``databricks:jobs#123`` (an id in the workspace), ``databricks:jobs@Nightly`` (a name that the deployment looks up),
``databricks:model_serving_endpoints=chat`` (a name) and ``uc:catalog.schema.table``.
Implicit edges: https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resourcemutator/
capture_uc_dependencies.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Reference
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import text_of
from riskcheck.platforms.databricks.names import SERVED, model_named, models_in, volume_in
from riskcheck.platforms.databricks.references import REFERENCE, resource_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_IDS: Final = {
    "job_id": "jobs",
    "pipeline_id": "pipelines",
    "existing_cluster_id": "clusters",
    "warehouse_id": "sql_warehouses",
    "dashboard_id": "dashboards",
    "alert_id": "alerts",
    "space_id": "genie_spaces",
    "experiment_id": "experiments",
    "instance_pool_id": "instance_pools",
    "driver_instance_pool_id": "instance_pools",
    "policy_id": "cluster_policies",
    "ingestion_gateway_id": "pipelines",
    "existing_pipeline_id": "pipelines",
}
"""Fields that hold the id of something in the workspace, and its type."""

_NAMES: Final = {
    ("serving_endpoint", "name"): "model_serving_endpoints",
    ("vector_search_indexes", "endpoint_name"): "vector_search_endpoints",
    ("delta_sync_index_spec", "embedding_model_endpoint_name"): "model_serving_endpoints",
    ("embedding_source_columns", "embedding_model_endpoint_name"): "model_serving_endpoints",
    ("database", "instance_name"): "database_instances",
    ("database_catalogs", "database_instance_name"): "database_instances",
    ("synced_database_tables", "database_instance_name"): "database_instances",
    ("secret", "scope"): "secret_scopes",
}
"""Fields that hold a name, as (key above, key), and the type of what is named."""

_TABLES: Final = frozenset(("table_names", "source_table_full_name", "source_table", "table_full_name"))
_THREE_PARTS: Final = frozenset(
    (
        ("quality_monitors", "table_name"),
        ("served_entities", "entity_name"),
        ("registered_models", "full_name"),
    )
)

_IN_SCHEMA: Final = (
    ("volumes", (), "catalog_name", "schema_name"),
    ("secrets", (), "catalog_name", "schema_name"),
    ("registered_models", (), "catalog_name", "schema_name"),
    ("pipelines", (), "catalog", "schema"),
    ("pipelines", (), "catalog", "target"),
    ("model_serving_endpoints", ("ai_gateway", "inference_table_config"), "catalog_name", "schema_name"),
    ("model_serving_endpoints", ("config", "auto_capture_config"), "catalog_name", "schema_name"),
    ("schemas", (), "catalog_name", ""),
)
"""Where a resource type says in which catalog and schema it is."""


NAMED: Final = frozenset(("schemas", "catalogs", *_NAMES.values()))
"""Types that others of the same bundle refer to by their names."""


IN_CATALOG: Final = frozenset(("quality_monitors", *(owner for owner, *_ in _IN_SCHEMA)))
"""Types that say in which schema of which catalog they are."""


class Names:
    """The names that a bundle's own schemas, catalogs and named resources have in one target."""

    def __init__(self, resources: Iterable[tuple[str, str, Mapping]]) -> None:
        """resources: type, key and body, before any name prefix."""
        self._schemas: dict[tuple[str, str], str] = {}
        self._catalogs: dict[str, str] = {}
        self._named: dict[tuple[str, str], str] = {}
        for kind, key, body in resources:
            name = text_of(body.get("name")) or text_of(body.get("scope"))
            if not name:
                continue
            address = f"databricks:{kind}.{key}"
            if kind == "schemas":
                self._schemas.setdefault((text_of(body.get("catalog_name")), name), address)
            elif kind == "catalogs":
                self._catalogs.setdefault(name, address)
            else:
                self._named.setdefault((kind, name), address)

    @property
    def in_catalog(self) -> bool:
        """Whether there are any schemas or catalogs."""
        return bool(self._schemas or self._catalogs)

    def schema(self, catalog: str, schema: str) -> str | None:
        return self._schemas.get((catalog.lower(), schema.lower())) if catalog and schema else None

    def catalog(self, name: str) -> str | None:
        return self._catalogs.get(name.lower())

    def named(self, kind: str, name: str) -> str:
        """The address of the bundle's own resource of that name, or the name itself as a target."""
        return self._named.get((kind, name)) or f"databricks:{kind}={name}"


NAMING_COLUMNS: Final = frozenset(
    ("vector_search_indexes", "quality_monitors", "synced_database_tables", "postgres_synced_tables")
)
"""Types that `columns` knows fields of."""


def references_of(kind: str, body: Mapping, names: Names) -> tuple[Reference, ...]:
    """All references of one resource, each target once, in document order."""
    found: dict[str, Reference] = {}
    for reference in (*_walk(body, kind, ""), *_in_catalog(kind, body, names)):
        target = reference.target
        if target.startswith("="):
            named_kind, _, name = target[1:].partition("=")
            target = names.named(named_kind, name)
            reference = reference._replace(target=target)
        elif target.startswith("uc:"):
            parts = target[3:].split(".")
            owner = names.schema(parts[0], parts[1]) if len(parts) == 3 else None
            if owner is not None:
                found.setdefault(owner, reference._replace(target=owner, kind="soft"))
        found.setdefault(target, reference)
    if kind in NAMING_COLUMNS:
        from riskcheck.platforms.databricks.columns import columns_used

        for use in columns_used(kind, body):
            found.setdefault(use.target, Reference(use.target, use.node, "soft", use.relation))
    return tuple(found.values())


def _walk(node: Node, key: str, above: str) -> Iterator[Reference]:
    if isinstance(node, Mapping):
        for name, child in node.entries:
            yield from _walk(child, name.raw, key)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _walk(item, key, above)
    elif isinstance(node, Scalar) and node.raw:
        yield from _scalar(node, key, above)


def _scalar(node: Scalar, key: str, above: str) -> Iterator[Reference]:
    raw = node.raw
    if "${" in raw:
        if "${resources." in raw:
            for match in REFERENCE.finditer(raw):
                resource = resource_of(match[1])
                if resource is not None:
                    target = f"databricks:{resource[0]}.{resource[1]}"
                    yield Reference(target, node, "hard", relation_of(key, above))
        elif key in _IDS and raw.startswith("${lookup."):
            name = raw[len("${lookup.") : -1].partition(".")[2]
            yield Reference(f"databricks:{_IDS[key]}@{name}", node, "soft", relation_of(key, above))
        return
    if key in _IDS:
        yield Reference(f"databricks:{_IDS[key]}#{raw}", node, "soft", relation_of(key, above))
    elif (above, key) in _NAMES:
        yield Reference(f"={_NAMES[above, key]}={raw}", node, "soft", relation_of(key, above))
    elif is_table(key, above) and raw.count(".") == 2:
        yield Reference(f"uc:{raw.lower()}", node, "soft", relation_of(key, above))
        if key == SERVED:
            yield Reference(model_named(raw), node, "soft", "serves a model of this name")
    elif "/Volumes/" in raw:
        volume = volume_in(raw)
        if volume is not None:
            yield Reference(volume, node, "soft", relation_of(key, above))
    elif "models:/" in raw:
        for model in models_in(raw):
            yield Reference(model, node, "soft", "loads")
            yield Reference(model_named(model.partition("@")[0]), node, "soft", "loads a model of this name")


_WORTH: Final = frozenset((*_IDS, *(key for _, key in _NAMES), *_TABLES, *(key for _, key in _THREE_PARTS)))


def may_refer(key: str, above: str, raw: str) -> bool:
    """Whether the text `raw` at `key`, in a mapping under `above`, may refer to something by itself."""
    if key in _WORTH and (key in _IDS or (above, key) in _NAMES or is_table(key, above)):
        return True
    return "/Volumes/" in raw or "models:/" in raw


def is_table(key: str, above: str) -> bool:
    """Whether a field holds the full name of a table or model."""
    return key in _TABLES or (above, key) in _THREE_PARTS


def relation_of(key: str, above: str) -> str:
    """The word of a reference: the task it makes, else its field."""
    return above if above.endswith("_task") else key or above


def named_kind(key: str, above: str) -> str | None:
    """The type of what a field names, in the workspace."""
    return _NAMES.get((above, key))


def _in_catalog(kind: str, body: Mapping, names: Names) -> Iterator[Reference]:
    for owner, path, catalog_field, schema_field in _IN_SCHEMA:
        holder = body.at(*path) if owner == kind else None
        if not isinstance(holder, Mapping):
            continue
        catalog, schema = holder.get(catalog_field), holder.get(schema_field)
        if schema is not None:
            address = names.schema(text_of(catalog), text_of(schema))
            if address is not None:
                yield Reference(address, schema, "hard", schema_field)
        if catalog is not None:
            address = names.catalog(text_of(catalog))
            if address is not None:
                yield Reference(address, catalog, "hard", catalog_field)
    output = body.get("output_schema_name") if kind == "quality_monitors" else None
    if output is not None:
        catalog_name, _, schema_name = text_of(output).partition(".")
        for address in (names.schema(catalog_name, schema_name), names.catalog(catalog_name)):
            if address is not None:
                yield Reference(address, output, "hard", "output_schema_name")
