"""Values of resolved nodes, as the readers of delivery definitions need them: nothing of the wrong type counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Reading


def value_at(node: Node | None, *path: str, reading: Reading = "yaml-1.1") -> bool | int | float | str | None:
    """The scalar below `path`; None where it is absent, null, a mapping or a list."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    return scalar_value(found, reading) if isinstance(found, Scalar) else None


def text_at(node: Node | None, *path: str) -> str:
    """The text below `path`, ``""`` where there is none."""
    value = value_at(node, *path)
    return "" if value is None else str(value)


def number_of(value: object) -> float | None:
    """`value` as a number; None for anything else, booleans and what is not finite included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if abs(number) < 1e15 else None


def mappings_at(node: Node | None, *path: str) -> tuple[Mapping, ...]:
    """The mappings of the list below `path`."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    if not isinstance(found, Sequence):
        return ()
    return tuple(item for item in found.items if isinstance(item, Mapping))


def texts_at(node: Node | None, *path: str) -> tuple[str, ...]:
    """The texts of the list below `path`."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    if not isinstance(found, Sequence):
        return ()
    return tuple(item.raw for item in found.items if isinstance(item, Scalar) and item.raw)


def labels_at(node: Node | None, *path: str) -> dict[str, str]:
    """A mapping of scalars as text."""
    found = node.at(*path) if isinstance(node, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {key.raw: value.raw for key, value in found.entries if isinstance(value, Scalar)}


def api_group(resource: Resource) -> str:
    """API group of a Kubernetes object, ``""`` for the core group."""
    return text_at(resource.body, "apiVersion").rpartition("/")[0]


def spell(seconds: int) -> str:
    """``2h``, ``1h30m``, ``90s``: the largest units that give it exactly."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return (
        "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if count)
        or "0s"
    )
