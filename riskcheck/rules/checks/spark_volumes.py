"""Volumes of a Spark application that no longer hold what its runs leave there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, text_at
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource

_SCRATCH: Final = "spark-local-dir-"
"""Volumes that Spark takes for scratch space by this beginning of their names.
https://spark.apache.org/docs/latest/running-on-kubernetes.html#local-storage"""

_GOES_WITH: Final = {"emptyDir": "the pod", "ephemeral": "the pod", "hostPath": "the node"}


def swapped(before: Resource, after: Resource) -> Iterator[tuple[str, str]]:
    """Problem and loss of each claim that the application no longer mounts as the volume of a name.

    Loss: ``later``, what is written from now on goes; ``kept``, what was written stays, elsewhere.
    """
    spec, now = application_of(before), application_of(after)
    if spec is None or now is None:
        return
    held = {text_at(one, "name"): one for one in items_at(now, "volumes")}
    for volume in items_at(spec, "volumes"):
        name = text_at(volume, "name") or ""
        claim = text_at(volume, "persistentVolumeClaim", "claimName")
        new = held.get(name)
        if claim is None or new is None or name.startswith(_SCRATCH) or not _is_written(spec, name):
            continue
        other = text_at(new, "persistentVolumeClaim", "claimName")
        kind = _kind(new)
        if kind in _GOES_WITH:
            yield (
                f"volume {name} is {kind} instead of claim {claim}: its data goes with {_GOES_WITH[kind]}",
                "later",
            )
        elif other is not None and other != claim:
            yield f"volume {name} is claim {other} instead of {claim}, whose data stays behind", "kept"


def _kind(volume: Node) -> str:
    return next(
        (one for one in _GOES_WITH if isinstance(volume, Mapping) and volume.get(one) is not None), ""
    )


def _is_written(spec: Mapping, name: str) -> bool:
    """Whether driver or executors mount it and may write."""
    mounts = [
        one
        for role in ("driver", "executor")
        for one in items_at(mapping_at(spec, role), "volumeMounts")
        if text_at(one, "name") == name
    ]
    return any(text_at(one, "readOnly") != "true" for one in mounts)
