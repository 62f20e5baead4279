"""The facts that rules about a tree as a whole judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.whole import read_all
from riskcheck.environments import order_of
from riskcheck.globs import matches_any
from riskcheck.graph.analysis import cycles
from riskcheck.graph.merge import Merged, merge, policy_entries
from riskcheck.graph.model import ServiceGraph
from riskcheck.models import UNDEPLOYED, Location
from riskcheck.platforms.gate.pipelines import deploy_pipelines
from riskcheck.progressive.read import deliveries
from riskcheck.resolving import service_name
from riskcheck.rollout.parity import standing
from riskcheck.runbooks import is_there
from riskcheck.states import ParityFact, ServiceState, StateFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Conflict, Coupling
    from riskcheck.environments import EnvironmentModel
    from riskcheck.judgement import JudgeInput
    from riskcheck.models import Environment, Resource, Service
    from riskcheck.policy.model import Policy
    from riskcheck.resolving import Resolved
    from riskcheck.trees import Comparison


HARD: Final[frozenset[Coupling]] = frozenset({"hard"})


def state_facts(
    given: JudgeInput,
    resolved: Resolved,
    policy: Policy,
    environments: EnvironmentModel,
    state: Comparison,
) -> StateFacts:
    """What the head of `state` holds, as rules of subject ``state`` see it."""
    said = _said(resolved, policy)
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
        governed=_governed(resolved),
        waivers=policy.waivers,
        conflicts=tuple(_placed(one) for one in said.conflicts),
        cycles=cycles(ServiceGraph(said.services, (), said.edges), HARD),
        parity=tuple(_parity(given, resolved)),
        policy_source=policy.source,
        now=state.now,
        has_path=lambda path: is_there(state.head, path),
        paths=frozenset(state.head.entries()) if policy.waivers else frozenset(),
        addresses=frozenset(resource.address for resource in resolved.head),
    )


def _said(resolved: Resolved, policy: Policy) -> Merged:
    """What catalogs and the policy say of services, and of each other."""
    documents = resolved.head_side.documents
    paths = [path for path in documents.tree.entries() if not matches_any(path, policy.exclude)]
    catalogs = read_all(documents, paths, policy.catalogs)
    return merge((*policy_entries(policy.services), *catalogs.entries))


def _placed(conflict: Conflict) -> Conflict:
    return conflict._replace(values=tuple((value, _in_head(at)) for value, at in conflict.values))


def _governed(resolved: Resolved) -> frozenset[tuple[str, str]]:
    """Workloads that get a change step by step, behind a gate that can fail."""
    return frozenset(
        (one.workload.environment.name, one.workload.address)
        for one in deliveries(resolved.head)
        if one.workload is not None and not one.skipped and not one.problems and one.abort != "none"
    )


def _parity(given: JudgeInput, resolved: Resolved) -> Iterator[ParityFact]:
    """Gaps of services that somebody declared: where nobody did, environments may well be different things."""
    known = [one for one in resolved.head if one.platform not in UNDEPLOYED]
    for resource in known:
        service = given.servicemap.service(resource)
        if resource.environment.stage != "prod" or declared_at(service) is None:
            continue
        keys = resolved.natural_keys(resource)
        for gap in standing(resource, known, keys, declared=given.declared_order):
            yield ParityFact(service, resource, gap)


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
