"""The facts that rules about a tree as a whole judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.whole import read_all
from riskcheck.environments import order_of
from riskcheck.globs import matches_any
from riskcheck.graph.merge import merge, policy_entries
from riskcheck.models import UNDEPLOYED, Location
from riskcheck.platforms.gate.pipelines import deploy_pipelines
from riskcheck.resolving import service_name
from riskcheck.states import ServiceState, StateFacts

if TYPE_CHECKING:
    from riskcheck.dependencies import Conflict
    from riskcheck.environments import EnvironmentModel
    from riskcheck.judgement import JudgeInput
    from riskcheck.models import Environment, Resource, Service
    from riskcheck.policy.model import Policy
    from riskcheck.resolving import Resolved
    from riskcheck.trees import Comparison


def state_facts(
    given: JudgeInput,
    resolved: Resolved,
    policy: Policy,
    environments: EnvironmentModel,
    state: Comparison,
) -> StateFacts:
    """What the head of `state` holds, as rules of subject ``state`` see it."""
    held: dict[str, list[Resource]] = {}
    cells: dict[str, Environment] = {}
    for resource in resolved.head:
        if resource.platform in UNDEPLOYED:
            continue
        held.setdefault(service_name(resource), []).append(resource)
        cells.setdefault(resource.environment.name, resource.environment)
    return StateFacts(
        services=tuple(
            _service_state(service, held.get(name, []))
            for name, service in sorted(given.servicemap.services.items())
        ),
        environments=_in_order(cells),
        declared_order=environments.has_declared_order,
        pipelines=deploy_pipelines(resolved.head_side),
        governed=frozenset(),
        waivers=policy.waivers,
        conflicts=_contradictions(resolved, policy),
        cycles=(),
        dangling=(),
        policy_source=policy.source,
        now=state.now,
        has_path=lambda path: state.head.entry(path) is not None,
    )


def _contradictions(resolved: Resolved, policy: Policy) -> tuple[Conflict, ...]:
    """Where catalogs and the policy say different things of one service."""
    documents = resolved.head_side.documents
    paths = [path for path in documents.tree.entries() if not matches_any(path, policy.exclude)]
    catalogs = read_all(documents, paths, policy.catalogs)
    found = merge((*policy_entries(policy.services), *catalogs.entries)).conflicts
    return tuple(
        one._replace(values=tuple((value, _in_head(at)) for value, at in one.values)) for one in found
    )


def _in_head(place: Location) -> Location:
    """A state has one side; the policy's own places are those of the branch that decides."""
    return place._replace(side="head")


def _service_state(service: Service, resources: list[Resource]) -> ServiceState:
    cells = {resource.environment.name: resource.environment for resource in resources}
    return ServiceState(service, declared_at(service), _in_order(cells), tuple(resources))


def _in_order(cells: dict[str, Environment]) -> tuple[Environment, ...]:
    return tuple(sorted(cells.values(), key=lambda one: (order_of(one.stage), one.name)))


def declared_at(service: Service) -> Location | None:
    """The line that declares `service`, from its ``path:line``; None where it was only inferred."""
    path, colon, line = service.source.rpartition(":")
    if not colon or not line.isdecimal():
        return None
    return Location(path, "head", int(line), 1, int(line), 1)
