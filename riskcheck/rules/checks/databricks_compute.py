"""What the checks of compute settings share: the cluster, warehouse, pool or pipeline that a change is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.compute.clusters import Cluster, Settings, cluster_name, cluster_of, cluster_path
from riskcheck.models import Match
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import (
    mapping_along,
    neighbours,
    referenced,
    speaks_for,
    subject,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext, ResourceView


class Block(NamedTuple):
    """The settings of one cluster, or of a whole resource, on both sides. path: where they stand."""

    path: KeyPath
    is_cluster: bool
    old: Settings
    new: Settings
    before: Resource
    after: Resource


class Reason(NamedTuple):
    """What is said of a block. fields: where that is configured, inside the block."""

    what: str
    fields: tuple[KeyPath, ...]


def block_of(change: Change, context: CheckContext) -> Block | None:
    """The cluster that `change` leads into, or the whole resource; None where it came or went with the change."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return None
    cluster = cluster_path(change.path, after.section)
    path = cluster or ()
    old, new = mapping_along(context, before, path), mapping_along(context, after, path)
    if old is None or new is None:
        return None
    return Block(
        path,
        cluster is not None,
        Settings(old, before.reading),
        Settings(new, after.reading),
        before,
        after,
    )


def clusters_of(block: Block, context: CheckContext) -> tuple[Cluster, Cluster]:
    """The cluster of a block on both sides, with the machines of its pool where the bundle declares that."""
    return (
        _pooled(cluster_of(*block.old), block.before, context.base),
        _pooled(cluster_of(*block.new), block.after, context.head),
    )


def _pooled(cluster: Cluster, resource: Resource, view: ResourceView) -> Cluster:
    named_pool = referenced(cluster.pool)
    if named_pool is None or cluster.worker:
        return cluster
    pool = next((one for one in neighbours(resource, named_pool[0], view) if one.name == named_pool[1]), None)
    node = text_at(pool, "node_type_id")
    return cluster._replace(driver=cluster.driver or node, worker=node)


def told_once(
    change: Change, context: CheckContext, block: Block, reasons: Sequence[Reason]
) -> Iterator[Match]:
    """One match for all `reasons`, at the first change that any of them hangs on. Values: ``subject``, ``what``."""
    fields = [field for one in reasons for field in one.fields]
    if reasons and speaks_for(change, context, block.path, fields):
        values = {"subject": named(block.after, block.path), "what": "; ".join(one.what for one in reasons)}
        yield Match(values=dict(values))


def named(resource: Resource, path: KeyPath) -> str:
    """``job nightly, cluster main,``: a resource, and the cluster of it at `path`."""
    name = cluster_name(path)
    return subject(resource) + (f", cluster {name}," if name else "")
