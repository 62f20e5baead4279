"""Dependencies before dependants, then little at stake before much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.dependencies import Edge, service_id
from riskcheck.graph.analysis import between_services, waves
from riskcheck.graph.model import ServiceGraph
from riskcheck.models import Service
from riskcheck.planning.order import steps_of
from riskcheck.plans import Need, PlannedService, Step


def steps(criticality: dict[str, str | None], *needs: tuple[str, str]) -> tuple[Step, ...]:
    edges = [Edge(service_id(one), service_id(other), "hard", "needs") for one, other in needs]
    graph = ServiceGraph({name: Service(name) for name in criticality}, (), edges)
    services = {name: PlannedService(name, None, tier, ()) for name, tier in criticality.items()}
    told = [Need(one, other) for one, other in between_services(graph)]
    return steps_of(services, waves(graph, criticality), told)


def names(found: tuple[Step, ...]) -> list[list[str]]:
    return [[one.name for one in step.services] for step in found]


def test_what_others_need_goes_first_and_says_for_whom() -> None:
    found = steps({"orders": None, "ledger": None, "close": None}, ("close", "ledger"), ("ledger", "orders"))
    assert names(found) == [["orders"], ["ledger"], ["close"]]
    assert found[2].needs == (Need("close", "ledger"),)


def test_among_equals_the_least_critical_goes_first() -> None:
    found = steps({"a": "tier-1", "b": "tier-4", "c": None, "d": "tier-2", "e": "tier-3"})
    assert names(found) == [["b"], ["e"], ["c"], ["d"], ["a"]]


def test_need_weighs_more_than_criticality() -> None:
    assert names(steps({"core": "tier-1", "page": "tier-4"}, ("page", "core"))) == [["core"], ["page"]]


def test_services_in_a_circle_go_together_as_the_most_critical_of_them() -> None:
    found = steps({"a": "tier-4", "b": "tier-1", "c": "tier-4"}, ("a", "b"), ("b", "a"))
    assert names(found) == [["c"], ["a", "b"]]
    assert [step.together for step in found] == [False, True]


SERVICES = "abcdef"


@given(st.sets(st.tuples(st.sampled_from(SERVICES), st.sampled_from(SERVICES)), max_size=12))
def test_nothing_goes_before_what_it_needs(pairs: set[tuple[str, str]]) -> None:
    found = steps(dict.fromkeys(SERVICES), *sorted(pairs))
    at = {name: number for number, step in enumerate(names(found)) for name in step}
    assert sorted(at) == list(SERVICES)
    for one, other in pairs:
        circle = found[at[one]].together and at[one] == at[other]
        assert one == other or at[other] < at[one] or circle
