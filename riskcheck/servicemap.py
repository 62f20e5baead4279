"""The service graph around a change, made when somebody first asks: most changes are silent, and nobody does.

Making it takes as long as judging a small change, and where nothing was kept from earlier runs the whole estate is
read for it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from riskcheck.models import UNDEPLOYED, Service
from riskcheck.records import NamedTuple
from riskcheck.resolving import Resolved, service_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from riskcheck.dependencies import Dependant, Downstream, Reached
    from riskcheck.environments import EnvironmentModel
    from riskcheck.graph.beyond import Estate
    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Change, Limitation, Resource
    from riskcheck.neighbourhood import Neighbourhood
    from riskcheck.nodes import Node
    from riskcheck.policy.model import Policy
    from riskcheck.surroundings import Surroundings
    from riskcheck.trees import Comparison


class _Made(NamedTuple):
    graph: ServiceGraph
    estate: Estate
    surroundings: Surroundings
    neighbourhood: Neighbourhood


class ServiceMap:
    """One run's services: which there are, who hangs off what. Also `riskcheck.rules.context.Surrounding`."""

    def __init__(
        self,
        comparison: Comparison,
        policy: Policy,
        environments: EnvironmentModel,
        resolved: Resolved,
        changes: Sequence[Change],
        jobs: int = 1,
    ) -> None:
        """jobs: how many processes may read the estate."""
        self._comparison = comparison
        self._jobs = jobs
        self._policy = policy
        self._environments = environments
        self._resolved = resolved
        self._changes = changes
        self._hanging: dict[str, tuple[Reached, ...]] = {}

    @property
    def graph(self) -> ServiceGraph:
        return self._made.graph

    @property
    def services(self) -> Mapping[str, Service]:
        """By name: those of the change, those that are declared, and those met on the way."""
        return self._made.graph.services

    def service(self, resource: Resource) -> Service:
        """The service of `resource`."""
        name = service_name(resource)
        return self.services.get(name, Service(name))

    @cached_property
    def reached(self) -> Mapping[str, Reached]:
        """Services reached from all that changes, the changed ones with no hops."""
        from riskcheck.graph.reach import reach

        starts = {name: cells for each in self._changed.values() for name, cells in each.items()}
        return reach(self.graph, starts)

    def hanging_off(self, name: str) -> Iterable[Reached]:
        """Services reached from what changes in the service of that name."""
        if name not in self._hanging:
            from riskcheck.graph.reach import reach

            self._hanging[name] = tuple(reach(self.graph, self._changed.get(name, {})).values())
        return self._hanging[name]

    def downstream(self, resource: Resource, hops: int) -> Sequence[Downstream]:
        """Critical services reached from `resource`, in its environment, within so many hops."""
        return self._made.neighbourhood.downstream(resource, hops)

    def dependants(self, resource: Resource) -> Sequence[Dependant]:
        """What other services use of a resource of base and nothing in head provides any more."""
        return self._made.neighbourhood.dependants(resource)

    def users(self, names: Collection[str], near: Resource) -> Sequence[Dependant]:
        """What uses a thing in head, in the environment of `near`, by one of its names."""
        return self._made.neighbourhood.users(names, near)

    def limitations(self) -> tuple[Limitation, ...]:
        """What keeps dependants from being known; nothing where nobody asked for any."""
        made = self.__dict__.get("_made")
        return made.surroundings.limitations(made.estate) if made is not None else ()

    def notes(self) -> tuple[str, ...]:
        """One line, for people, for each service that the policy names and nothing declares."""
        if not self._policy.undeclared:
            return ()
        return self._made.surroundings.notes({service_name(one) for one in self._deployed})

    @cached_property
    def _deployed(self) -> list[Resource]:
        # Files that guard the merge and catalogs are no part of a service: they are judged, not deployed.
        head = [resource for resource in self._resolved.head if resource.platform not in UNDEPLOYED]
        known = {resource.key: resource for resource in head}
        base = (resource for resource in self._resolved.base if resource.platform not in UNDEPLOYED)
        return [*head, *(one for one in base if not _says_no_more(one, known.get(one.key)))]

    @cached_property
    def _made(self) -> _Made:
        from riskcheck.graph.services import build
        from riskcheck.neighbourhood import Neighbourhood
        from riskcheck.surroundings import Surroundings

        surroundings = Surroundings(
            self._comparison, self._resolved, self._policy, self._environments, self._jobs
        )
        estate = surroundings.estate(self._deployed)
        owners = surroundings.owners(self._deployed)
        graph = build(self._deployed, self._policy.services, service_name, owners, estate)
        return _Made(graph, estate, surroundings, Neighbourhood(graph, estate, self._resolved))

    @cached_property
    def _changed(self) -> dict[str, dict[str, frozenset[str]]]:
        """Service to its vertices that change, each with the names of the environments in which it does."""
        from riskcheck.dependencies import resource_id

        found: dict[str, dict[str, frozenset[str]]] = {}
        for change in self._changes:
            resource = change.resource
            if resource.platform not in UNDEPLOYED:
                service = service_name(resource)
                vertices = found.setdefault(service, {})
                vertex = resource_id(service, resource.address)
                vertices[vertex] = vertices.get(vertex, frozenset()) | {resource.environment.name}
        return found


def _is_same_place(one: Node, other: Node) -> bool:
    if one is other:
        return True
    left, right = ((node.source.path, node.line, node.column) for node in (one, other))
    return left == right


def _says_no_more(before: Resource, after: Resource | None) -> bool:
    """Whether a resource of base adds nothing to what the same one of head says of services."""
    return (
        after is not None
        and _is_same_place(before.origin, after.origin)
        and before.service == after.service
        and before.environment == after.environment
        and before.is_connected_as(after)
    )
