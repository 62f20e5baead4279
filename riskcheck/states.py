"""The vocabulary of `riskcheck lint`: one tree as it is, without a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.dependencies import Conflict, Cycle
    from riskcheck.judged import ParityGap, Waiver
    from riskcheck.models import Environment, Location, Pipeline, Resource, Service


class ServiceState(NamedTuple):
    """One service as the tree has it. location: where it is declared, None where it is only inferred.

    cells: the environments that hold any of its resources. resources: all of them, over all environments.
    """

    service: Service
    location: Location | None
    cells: tuple[Environment, ...]
    resources: tuple[Resource, ...]

    @property
    def production(self) -> tuple[Environment, ...]:
        return tuple(one for one in self.cells if one.stage == "prod")

    @property
    def lower(self) -> tuple[Environment, ...]:
        """The cells that come before production."""
        return tuple(one for one in self.cells if one.stage in ("dev", "staging", "canary"))


class ParityFact(NamedTuple):
    """A resource of a declared service that everything before production is unlike."""

    service: Service
    resource: Resource
    gap: ParityGap


class StateFacts(NamedTuple):
    """What a rule with subject ``state`` judges.

    services: in order of their names. declared_order: the policy says in which order environments get a change.
    governed: (environment name, address) of workloads behind a progressive delivery that works. cycles: of what is
    declared. waivers: of the policy. policy_source: path of the policy file, ``""`` without one. now: seconds since
    the epoch.
    """

    services: tuple[ServiceState, ...]
    environments: tuple[Environment, ...]
    declared_order: bool
    pipelines: tuple[Pipeline, ...]
    governed: frozenset[tuple[str, str]]
    waivers: tuple[Waiver, ...]
    conflicts: tuple[Conflict, ...]
    cycles: tuple[Cycle, ...]
    parity: tuple[ParityFact, ...]
    policy_source: str
    now: int
    has_path: Callable[[str], bool]
    """Whether the tree has a file at this path."""
    paths: frozenset[str] = frozenset()
    """All files of the tree."""
    addresses: frozenset[str] = frozenset()
    """All resources of the tree, those included that nothing deploys."""
