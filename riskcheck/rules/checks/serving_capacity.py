"""How many requests a serving endpoint answers at once, and how soon the first one after a pause.

Sizes: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json (serving.ServedEntityInput);
bounds of concurrency: https://github.com/databricks/terraform-provider-databricks/blob/684f44249/docs/resources/
model_serving.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import MISSING
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import entry, listed, node_at, number, subject, value_at
from riskcheck.rules.checks.serving_reading import ENTITIES, Entity, entities, leads, place, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_SIZES: Final = {"small": (4.0, 4.0), "medium": (8.0, 16.0), "large": (16.0, 64.0)}
"""Workload size to the least and most requests that are answered at once."""

_TYPES: Final = {
    name: rank
    for rank, names in enumerate(
        (
            "CPU",
            "CPU_MEDIUM",
            "CPU_LARGE",
            "GPU_SMALL",
            "GPU_MEDIUM",
            "MULTIGPU_MEDIUM GPU_LARGE",
            "GPU_XLARGE",
            "GPU_XLARGE_8",
        )
    )
    for name in names.split()
}
"""Workload types by what one unit of them computes; those that cannot be compared share a rank."""

_AMOUNTS: Final = {
    "min_provisioned_throughput": "minimum throughput",
    "max_provisioned_throughput": "maximum throughput",
    "provisioned_model_units": "model units",
}
_BOUNDS: Final = ("minimum concurrency", "maximum concurrency")
_BOUND_FIELDS: Final = ("min_provisioned_concurrency", "max_provisioned_concurrency")


class Loss(NamedTuple):
    """What got less, in words, and where that is stated: in head, in base where it went."""

    what: str
    node: Node | None = None


def capacity_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A served entity got a smaller size, a weaker machine or a cold start. Speaks once an endpoint.

    Values: ``subject``, ``reason``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not leads(change, context, ENTITIES):
        return
    old, new = entities(before), entities(after)
    losses = [
        loss._replace(what=f"{one.routes[0]}: {loss.what}" if len(old) > 1 else loss.what)
        for one in new
        if (twin := _twin(one, old, new)) is not None
        for loss in _losses(twin, before, one, after, context)
    ]
    if losses:
        first = losses[0].node
        place_before = place(old[0].node)
        yield Match(
            values={"subject": subject(after), "reason": listed([loss.what for loss in losses])},
            node=first,
            related=(Related("before", location_of(place_before)),) if place_before else (),
        )


def _twin(one: Entity, old: tuple[Entity, ...], new: tuple[Entity, ...]) -> Entity | None:
    """What `one` was before: the entity of the same name, else the only one of its model that lost its name."""
    names = set(one.routes)
    alike = [other for other in old if names & set(other.routes)]
    if not alike:
        kept = {name for each in new for name in each.routes}
        alike = [other for other in old if other.model == one.model and not kept & set(other.routes)]
    return alike[0] if len(alike) == 1 else None


def _losses(
    old: Entity, before: Resource, new: Entity, after: Resource, context: CheckContext
) -> Iterator[Loss]:
    yield from _concurrency(old, before, new, after)
    for field, said in _AMOUNTS.items():
        was, becomes = number(entry(old.node, field, before)), number(entry(new.node, field, after))
        if was is not None and becomes is not None and becomes < was:
            yield Loss(f"{said} falls from {was:g} to {becomes:g}", new.node.get(field))
    was_type, type_now = text(old.node, "workload_type", before), text(new.node, "workload_type", after)
    ranks = [_TYPES.get((name or "CPU").upper()) for name in (was_type, type_now)]
    if ranks[0] is not None and ranks[1] is not None and ranks[1] < ranks[0]:
        node = place(new.node.get("workload_type"), old.node.get("workload_type"))
        yield Loss(f"workload type goes from {was_type or 'CPU'} to {type_now or 'CPU'}", node)
    sleepy = context.options.get("unstated_scale_to_zero", False) is True
    if _flag(new, "scale_to_zero_enabled", after, sleepy) and not _flag(
        old, "scale_to_zero_enabled", before, sleepy
    ):
        yield Loss("it may scale to zero", new.node.get("scale_to_zero_enabled"))
    if _flag(old, "burst_scaling_enabled", before, True) and not _flag(
        new, "burst_scaling_enabled", after, True
    ):
        yield Loss("it no longer bursts", new.node.get("burst_scaling_enabled"))


def _flag(entity: Entity, field: str, endpoint: Resource, unstated: bool) -> bool:
    value = entry(entity.node, field, endpoint)
    return unstated if value is MISSING or not isinstance(value, bool) else value


def _concurrency(old: Entity, before: Resource, new: Entity, after: Resource) -> Iterator[Loss]:
    was, becomes = _bounds(old, before), _bounds(new, after)
    sizes = text(old.node, "workload_size", before), text(new.node, "workload_size", after)
    if all(sizes):
        if None not in was and None not in becomes and becomes < was:
            yield Loss(f"workload size goes from {sizes[0]} to {sizes[1]}", new.node.get("workload_size"))
        return
    for said, field, one, other in zip(_BOUNDS, _BOUND_FIELDS, was, becomes, strict=True):
        if one is not None and other is not None and other < one:
            node = place(new.node.get(field), new.node.get("workload_size"))
            yield Loss(f"{said} falls from {one:g} to {other:g}", node)


def _bounds(entity: Entity, endpoint: Resource) -> tuple[float | None, float | None]:
    """The least and most requests that are answered at once, in either notation; None where nothing says it."""
    size = _SIZES.get(text(entity.node, "workload_size", endpoint).lower())
    if size is not None:
        return size
    least, most = (number(entry(entity.node, field, endpoint)) for field in _BOUND_FIELDS)
    return least, most


def queries_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A vector search endpoint is sized for fewer queries. Values: ``subject``, ``reason``."""
    before, after = change.resource_before, change.resource_after
    was, becomes = (number(value_at(side, "target_qps")) for side in (before, after))
    if after is None or was is None:
        return
    if becomes is None and node_at(after, "target_qps") is None:
        what = f"target queries per second are no longer set ({was:g} before)"
    elif becomes is not None and becomes < was:
        what = f"target queries per second fall from {was:g} to {becomes:g}"
    else:
        return
    yield Match(values={"subject": subject(after), "reason": what})


def less_capacity(change: Change, context: CheckContext) -> Iterator[Match]:
    """`capacity_reduced` or `queries_reduced`, as the kind has it."""
    if change.resource.section == "vector_search_endpoints":
        yield from queries_reduced(change, context)
    else:
        yield from capacity_reduced(change, context)
