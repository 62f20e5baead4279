from __future__ import annotations

from dataclasses import replace

import networkx
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.graph.reach import COUPLING, WEAKEST, reach
from riskcheck.graph.services import Edge, ServiceGraph, build
from riskcheck.models import Reference, Service
from riskcheck.resolving import service_name
from tests.build import PROD, resource


def graph(*edges: tuple[str, str, str]) -> ServiceGraph:
    names = {name for edge in edges for name in edge[:2]}
    return ServiceGraph(
        {name: Service(name) for name in names},
        [Edge(one, other, kind, None) for one, other, kind in edges],  # type: ignore[arg-type]  # literals in data
    )


def test_dependants_are_reached_and_dependencies_are_not() -> None:
    found = reach(graph(("shop", "orders", "hard"), ("orders", "ledger", "hard")), ["orders"])
    assert set(found) == {"orders", "shop"}
    assert found["shop"].path == ("orders", "shop")


def test_the_strongest_path_wins_over_the_shortest() -> None:
    found = reach(graph(("c", "a", "soft"), ("b", "a", "hard"), ("c", "b", "hard")), ["a"])
    assert found["c"].path == ("a", "b", "c")
    assert found["c"].strength == 1.0


def test_weak_paths_end_and_cycles_do_not_hang() -> None:
    found = reach(graph(("b", "a", "build"), ("c", "b", "soft"), ("a", "b", "hard")), ["a"])
    assert set(found) == {"a", "b"}


EDGES = st.lists(
    st.tuples(
        st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), st.sampled_from(["hard", "soft", "build"])
    ),
    max_size=20,
)


@given(EDGES)
def test_the_search_agrees_with_shortest_paths_of_networkx(edges: list[tuple[str, str, str]]) -> None:
    from math import log

    reference: networkx.DiGraph[str] = networkx.DiGraph()
    reference.add_node("a")
    for dependant, dependency, kind in edges:
        weight = -log(COUPLING[kind])
        if (
            not reference.has_edge(dependency, dependant)
            or reference[dependency][dependant]["weight"] > weight
        ):
            reference.add_edge(dependency, dependant, weight=weight)
    far = networkx.single_source_dijkstra_path_length(reference, "a")
    expected = {name for name, length in far.items() if length <= -log(WEAKEST) + 1e-9}
    assert set(reach(graph(*edges, ("a", "a", "hard")), ["a"])) == expected


def test_references_become_edges_that_know_their_line() -> None:
    table = resource("a: 1\n", kind="volumes", platform="databricks", name="landing", service="storage")
    job = resource("uses: landing\n", kind="jobs", platform="databricks", name="gold", service="reports")
    node = job.body.get("uses")
    assert node is not None
    job = replace(job, references=(Reference("databricks:volumes.landing", node),))
    found = build([table, job], (), service_name)
    (edge,) = found.edges
    assert (edge.dependant, edge.dependency) == ("reports", "storage")
    assert edge.location is not None
    assert (edge.location.path, edge.location.line) == ("x.yaml", 1)


def test_a_reference_into_another_environment_is_no_edge() -> None:
    table = resource("a: 1\n", kind="volumes", platform="databricks", name="landing", service="storage")
    job = resource("uses: x\n", environment=PROD._replace(name="dev"), service="reports")
    node = job.body.get("uses")
    assert node is not None
    job = replace(job, references=(Reference("databricks:volumes.landing", node),))
    assert build([table, job], (), service_name).edges == ()


def test_declared_dependencies_name_services_that_nothing_else_does() -> None:
    declared = (Service("shop", depends_on=("ledger",)),)
    found = build([], declared, service_name)
    assert set(found.services) == {"shop", "ledger"}
    assert set(reach(found, ["ledger"])) == {"ledger", "shop"}
