"""How a Kubernetes object is called that another object takes to the clusters which that one selects."""

from __future__ import annotations

from typing import Final

MARK: Final = "@via:"
"""Between ``namespace/name`` and the name of the envelope: the same object may go elsewhere with other values.

No name of an object has it: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

APPLY_MODE: Final = "hive.openshift.io/resource-apply-mode"
"""Put among the annotations of what a sync set never deletes, as it says of itself and not of each object.

https://github.com/openshift/hive/blob/master/docs/syncset.md
"""


def enveloped(name: str, envelope: str) -> str:
    """`name` as `envelope` holds it; `name` itself where no envelope does."""
    return f"{name}{MARK}{envelope}" if envelope else name


def own_name(name: str) -> str:
    """``namespace/name`` without the envelope."""
    return name.partition(MARK)[0]


def envelope_of(name: str) -> str:
    """The name of the envelope, ``""`` for an object that stands for itself."""
    return name.partition(MARK)[2]
