"""The resources that one file of a bundle states, with what they use of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Stated, Use
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.columns import columns_used
from riskcheck.platforms.databricks.edges import is_table, named_kind, relation_of
from riskcheck.platforms.databricks.names import (
    ANY,
    SERVED,
    filled,
    model_named,
    models_in,
    provided_by,
    table_of,
    volume_in,
)
from riskcheck.platforms.databricks.references import REFERENCE, resource_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Coupling
    from riskcheck.documents.store import Document

LOOKED_UP: Final = {
    "alert": "alerts",
    "cluster": "clusters",
    "cluster_policy": "cluster_policies",
    "dashboard": "dashboards",
    "instance_pool": "instance_pools",
    "job": "jobs",
    "pipeline": "pipelines",
    "warehouse": "sql_warehouses",
}
"""What a variable may look up, and the type of resource that it finds."""

INSIDE: Final = "inside:"
"""Starts names that hold within one bundle."""


def stated(document: Document) -> Iterator[Stated]:
    """The bundle itself, then each resource. A target's part of a resource is one more that uses things."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    name = root.at("bundle", "name")
    if isinstance(name, Scalar) and name.raw and "${" not in name.raw:
        yield Stated("databricks", "bundle", name.raw, name.file_line, name.raw)
    yield from _lookups(root)
    yield from _resources(root, "")
    targets = root.get("targets")
    for key, target in targets.entries if isinstance(targets, Mapping) else ():
        if isinstance(target, Mapping):
            yield from _resources(target, key.raw)


def _lookups(root: Mapping) -> Iterator[Stated]:
    """Variables that stand for the id of something that the deployment finds by its name.

    https://docs.databricks.com/aws/en/dev-tools/bundles/variables#retrieve-an-objects-id-value
    """
    variables = root.get("variables")
    for key, settings in variables.entries if isinstance(variables, Mapping) else ():
        lookup = settings.get("lookup") if isinstance(settings, Mapping) else None
        for kind, name in lookup.entries if isinstance(lookup, Mapping) else ():
            if kind.raw in LOOKED_UP and isinstance(name, Scalar) and name.raw and "${" not in name.raw:
                use = Use(f"databricks:{LOOKED_UP[kind.raw]}@{name.raw}", "soft", "lookup", name.file_line)
                yield Stated("databricks", "variables", key.raw, key.file_line, None, (), (use,))


def _resources(holder: Mapping, target: str) -> Iterator[Stated]:
    """target: the only one that has them, ``""`` for all."""
    groups = holder.get("resources")
    for kind, group in groups.entries if isinstance(groups, Mapping) else ():
        for key, body in group.entries if isinstance(group, Mapping) else ():
            if isinstance(body, Mapping):
                uses = dict.fromkeys(_uses(body, kind.raw, "", target))
                for use in columns_used(kind.raw, body):
                    uses[Use(use.target, "soft", use.relation, use.node.file_line, target)] = None
                provides = (*provided_by(kind.raw, body), f"{INSIDE}{kind.raw}.{key.raw}")
                yield Stated("databricks", kind.raw, key.raw, key.file_line, None, provides, tuple(uses))


def _uses(node: Node, key: str, above: str, target: str) -> Iterator[Use]:
    if isinstance(node, Mapping):
        for name, child in node.entries:
            yield from _uses(child, name.raw, key, target)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _uses(item, key, above, target)
    elif isinstance(node, Scalar) and node.raw:
        for found, coupling in _named(node.raw, key, above):
            yield Use(found, coupling, relation_of(key, above), node.file_line, target)


def _named(raw: str, key: str, above: str) -> Iterator[tuple[str, Coupling]]:
    """What a text names, and how much it depends on it."""
    if "${resources." in raw:
        for match in REFERENCE.finditer(raw):
            resource = resource_of(match[1])
            if resource is not None:
                yield f"{INSIDE}{resource[0]}.{resource[1]}", "hard"
        return
    kind = named_kind(key, above)
    table = table_of(raw) if is_table(key, above) else volume_in(raw) if "/Volumes/" in raw else None
    if table is not None:
        yield table, "soft"
        if key == SERVED:
            yield model_named(raw), "soft"
    elif "models:/" in raw:
        for model in models_in(raw):
            yield model, "soft"
            yield model_named(model.partition("@")[0]), "soft"
    elif kind is not None and ANY not in filled(raw):
        yield f"databricks:{kind}={raw}", "soft"
