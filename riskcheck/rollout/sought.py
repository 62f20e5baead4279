"""What is looked for in older commits: a resource in its cell, and the unit that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from riskcheck.cells import canonical
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Environment, Resource
    from riskcheck.trees import Footprint


class Snapshot(NamedTuple):
    """One unit behind one commit. unread: a path that could not be read there, so that what it held is unknown."""

    resources: tuple[Resource, ...]
    footprint: Footprint
    unread: str | None


class Past(Protocol):
    """Units as they were behind earlier commits; `number` as in `riskcheck.trees.Landing`."""

    def unit(self, platform: str, unit: str, number: int) -> Snapshot:
        """Raises `CutOffError`."""

    def units_reading(self, platform: str, paths: Collection[str], number: int) -> frozenset[str]:
        """The units that read any of `paths`. Raises `CutOffError`."""


class Sought(NamedTuple):
    """A resource in one environment, there or not. identity: as in `Resource`."""

    platform: str
    kind: str
    address: str
    identity: str
    unit: str
    environment: Environment

    def among(self, resources: Collection[Resource]) -> Resource | None:
        """The resource of this name in this environment; of several, the one of this very address."""
        found = None
        for one in resources:
            if one.kind != self.kind or one.environment.name != self.environment.name:
                continue
            if one.address == self.address:
                return one
            if self.identity and one.identity == self.identity:
                found = one
        return found

    def moved_among(self, resources: Collection[Resource]) -> Resource | None:
        """The same in another folder, which may spell the environment otherwise."""
        name = canonical(self.environment.name)
        there = [
            one
            for one in resources
            if one.kind == self.kind
            and one.address == self.address
            and canonical(one.environment.name) == name
        ]
        return there[0] if len(there) == 1 else None


def sought_of(resource: Resource) -> Sought:
    """`resource` itself."""
    return Sought(
        resource.platform,
        resource.kind,
        resource.address,
        resource.identity,
        resource.unit,
        resource.environment,
    )
