"""What accumulates while kustomizations are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.kubernetes.kustomize.fields import BUILT_IN, Field, Fields

if TYPE_CHECKING:
    from riskcheck.models import Limitation
    from riskcheck.nodes import Mapping
    from riskcheck.platforms.kubernetes.objects import KubeObject


class Build:
    """What became of one directory.

    incomplete: directory to kustomization, of those that name what takes a network or plugins to get. full: there
    are more objects than are taken.
    """

    __slots__ = ("fields", "full", "incomplete", "limitations", "objects", "read")

    def __init__(self) -> None:
        self.objects: list[KubeObject] = []
        self.fields: Fields = BUILT_IN
        self.read: set[str] = set()
        self.limitations: dict[Limitation, None] = {}
        self.incomplete: dict[str, Mapping] = {}
        self.full = False

    @property
    def complete(self) -> bool:
        return not self.incomplete

    def absorb(self, below: Build) -> None:
        """Takes over what was learnt on the way to a base; its objects are added one by one."""
        self.read |= below.read
        self.limitations.update(below.limitations)
        self.incomplete.update(below.incomplete)
        self.full = self.full or below.full
        if below.fields is not BUILT_IN:
            self.fields = _joined(self.fields, below.fields)

    def limit(self, limitation: Limitation) -> None:
        self.limitations.setdefault(limitation)


def _joined(one: Fields, other: Fields) -> Fields:
    if one is BUILT_IN:
        return other
    return Fields(
        _union(one.namespace, other.namespace),
        _union(one.labels, other.labels),
        _union(one.template_labels, other.template_labels),
        _union(one.common_labels, other.common_labels),
        _union(one.annotations, other.annotations),
        _union(one.images, other.images),
        _union(one.replicas, other.replicas),
        tuple(dict.fromkeys((*one.names, *other.names))),
        _union(one.name, other.name),
    )


def _union(one: tuple[Field, ...], other: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(dict.fromkeys((*one, *other)))
