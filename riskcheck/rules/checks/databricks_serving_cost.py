"""What served models and apps cost more: they run whether or not anybody asks them.

https://docs.databricks.com/aws/en/machine-learning/model-serving/create-manage-serving-endpoints
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.compute.clusters import Settings
from riskcheck.rules.checks.databricks_values import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.checks.databricks_compute import Block

CONCURRENCY: Final = {"small": 4, "medium": 16, "large": 64}
"""Requests at a time that a workload size grows to
(https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json, serving.ServedEntityInput)."""

APP_SIZES: Final = ("MEDIUM", "LARGE")
"""Compute sizes of apps, the default first; what they cost is stated by no file."""

_MOST: Final = ("max_provisioned_concurrency", "max_provisioned_throughput")
_LEAST: Final = ("min_provisioned_concurrency", "min_provisioned_throughput")


def of_endpoint(block: Block) -> Iterator[tuple[str, tuple[KeyPath, ...], float | None]]:
    """Why the served entities of an endpoint cost more: what, fields, ratio. New ones have nothing to compare
    with.
    """
    before = dict(_entities(block.before))
    for name, new in _entities(block.after):
        old = before.get(name)
        if old is not None:
            place = ("config", "served_entities", f"[{name}]")
            for what, fields, ratio in _of_entity(name, old, new):
                yield what, tuple((*place, field) for field in fields), ratio


def _entities(endpoint: Resource) -> Iterator[tuple[str, Settings]]:
    for item in items(endpoint, "config", "served_entities"):
        entity = Settings(item, endpoint.reading)
        name = entity.text("name") or entity.text("entity_name")
        if name:
            yield name, entity


def _of_entity(
    name: str, old: Settings, new: Settings
) -> Iterator[tuple[str, tuple[str, ...], float | None]]:
    was, becomes = _most(old), _most(new)
    if was and becomes and becomes != was:
        ratio = becomes / was
        what = f"may take up to {ratio:.1f} times the capacity ({name}: {was:g} → {becomes:g})"
        yield what, ("workload_size", *_MOST), ratio
    for field in _LEAST:
        least = old.number(field), new.number(field)
        if least[0] and least[1] and least[0] != least[1]:
            yield (
                f"keeps {least[1]:g} ready for {name} instead of {least[0]:g}",
                (field,),
                least[1] / least[0],
            )
    if old.value("scale_to_zero_enabled") is True and new.value("scale_to_zero_enabled") is not True:
        yield (
            f"no longer scales {name} to zero",
            ("scale_to_zero_enabled",),
            None,
        )
    types = old.text("workload_type") or "CPU", new.text("workload_type") or "CPU"
    if types[0] == "CPU" and types[1].startswith(("GPU", "MULTIGPU")):
        yield f"moves {name} to GPUs ({types[0]} → {types[1]})", ("workload_type",), None


def _most(entity: Settings) -> float | None:
    size = CONCURRENCY.get(entity.text("workload_size").lower())
    if size is not None:
        return size
    return next((most for field in _MOST if (most := entity.number(field))), None)


def of_app(block: Block) -> Iterator[tuple[str, tuple[KeyPath, ...], float | None]]:
    """That an app takes a larger compute size: what, fields, None."""
    was, becomes = (side.text("compute_size") or APP_SIZES[0] for side in (block.old, block.new))
    if was in APP_SIZES and becomes in APP_SIZES and APP_SIZES.index(becomes) > APP_SIZES.index(was):
        yield f"takes a larger compute size ({was} → {becomes})", (("compute_size",),), None
