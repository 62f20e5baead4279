"""What only a page has room for: how the services that are reached hang together, and in which order a blocked
change can go out. Imported where such a page is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import PART_OF
from riskcheck.results import Rollout, RolloutWave, ServiceLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.engine import JudgedRun, Options
    from riskcheck.models import Rule
    from riskcheck.plans import Wave

MOST_LINKS: Final = 20_000


def service_links(run: JudgedRun) -> tuple[ServiceLink, ...]:
    """The edges that lead to a service that is reached, as one failure after the other takes them. Those to one
    that changed anyway would hide them."""
    shown = {one.service.name for one in run.report.services}
    reached = {one.service.name for one in run.report.services if not one.changed}
    if not reached:
        return ()
    graph = run.given.servicemap.graph
    found: dict[ServiceLink, None] = {}
    for edge in graph.edges:
        start, end = graph.vertex(edge.dependency).service, graph.vertex(edge.dependant).service
        if start != end and start in shown and end in reached and edge.relation != PART_OF:
            at = edge.location
            found[ServiceLink(start, end, edge.relation, f"{at.path}:{at.line}" if at else "")] = None
    return tuple(sorted(found)[:MOST_LINKS])


def rollout(run: JudgedRun, rules: Sequence[Rule], options: Options) -> Rollout:
    """The waves of `riskcheck plan`, with the files that reach each of them."""
    from riskcheck.drafting import plan_of

    plan = plan_of(run, rules, options)
    return Rollout(
        tuple(_wave(one) for one in plan.waves),
        tuple((one.path, one.waves) for one in plan.shared),
    )


def _wave(one: Wave) -> RolloutWave:
    return RolloutWave(
        tuple(environment.name for environment in one.environments),
        one.paths,
        one.soak.seconds,
        tuple(dict.fromkeys(proof.detail for proof in one.proofs if not proof.found)),
    )
