from __future__ import annotations

from math import log
from typing import get_args

import networkx
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.dependencies import (
    CatalogEntry,
    Coupling,
    Dependency,
    Edge,
    Reached,
    resource_id,
    service_id,
)
from riskcheck.graph.model import ServiceGraph
from riskcheck.graph.reach import COUPLING, WEAKEST, reach
from riskcheck.graph.services import build
from riskcheck.models import Environment, Location, Reference, Resource, Service
from riskcheck.records import replace
from riskcheck.resolving import service_name
from tests.build import PROD, resource

DEV = Environment("dev", "dev")


def graph(*edges: tuple[str, str, Coupling]) -> ServiceGraph:
    names = {name for edge in edges for name in edge[:2]}
    return ServiceGraph(
        {name: Service(name) for name in names},
        edges=[Edge(service_id(one), service_id(other), kind, "depends_on") for one, other, kind in edges],
    )


def reached(found: ServiceGraph, *names: str, most_hops: int | None = None) -> dict[str, Reached]:
    return reach(found, [service_id(name) for name in names], most_hops)


def test_dependants_are_reached_and_dependencies_are_not() -> None:
    found = reached(graph(("shop", "orders", "hard"), ("orders", "ledger", "hard")), "orders")
    assert set(found) == {"orders", "shop"}
    assert found["shop"].services == ("orders", "shop")
    assert (found["orders"].hops, found["shop"].hops) == (0, 1)


def test_the_strongest_path_wins_over_the_shortest() -> None:
    found = reached(graph(("c", "a", "soft"), ("b", "a", "hard"), ("c", "b", "hard")), "a")
    assert found["c"].services == ("a", "b", "c")
    assert found["c"].strength == 1.0


def test_within_a_limit_of_hops_the_shorter_path_counts() -> None:
    circular = graph(("c", "a", "soft"), ("b", "a", "hard"), ("c", "b", "hard"))
    assert reached(circular, "a", most_hops=1)["c"].strength == COUPLING["soft"]
    assert reached(circular, "a", most_hops=2)["c"].strength == 1.0


def test_weak_paths_end_and_circles_do_not_hang() -> None:
    found = reached(graph(("b", "a", "build"), ("c", "b", "soft"), ("a", "b", "hard")), "a")
    assert set(found) == {"a", "b"}


def test_a_service_that_needs_itself_reaches_nobody_else() -> None:
    assert set(reached(graph(("a", "a", "hard")), "a")) == {"a"}


NAMES = st.sampled_from("abcdefg")
EDGES = st.lists(st.tuples(NAMES, NAMES, st.sampled_from(get_args(Coupling))), max_size=20)


@given(EDGES)
def test_the_search_agrees_with_shortest_paths_of_networkx(edges: list[tuple[str, str, Coupling]]) -> None:
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
    expected = {name: round(length, 6) for name, length in far.items() if length <= -log(WEAKEST) + 1e-9}
    found = reached(graph(*edges), "a")
    assert {name: round(-log(one.strength), 6) for name, one in found.items()} == expected


@given(EDGES, st.tuples(NAMES, NAMES, st.sampled_from(get_args(Coupling))), st.sampled_from([None, 1, 2]))
def test_one_more_edge_never_reaches_less(
    edges: list[tuple[str, str, Coupling]], more: tuple[str, str, Coupling], hops: int | None
) -> None:
    before = reached(graph(*edges), "a", most_hops=hops)
    after = reached(graph(*edges, more), "a", most_hops=hops)
    for name, one in before.items():
        assert after[name].strength >= one.strength


@given(EDGES, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(
    edges: list[tuple[str, str, Coupling]], random: object
) -> None:
    mixed = list(edges)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random
    assert reached(graph(*edges), "a", "b") == reached(graph(*mixed), "a", "b")


def volume(environment: Environment = PROD) -> Resource:
    made = resource("a: 1\n", kind="volumes", platform="databricks", name="landing", service="storage")
    return replace(made, environment=environment, provides=("uc:main.raw.landing",))


def pipeline(target: str, environment: Environment = PROD, **more: str) -> Resource:
    made = resource("uses: landing\n", kind="pipelines", platform="databricks", name="gold", service="orders")
    node = made.body.get("uses")
    assert node is not None
    reference = Reference(target, node, "hard", "reads")
    return replace(made, environment=environment, references=(reference,), **more)  # type: ignore[arg-type]


LANDING = resource_id("storage", "databricks:volumes.landing")


def test_references_become_edges_that_know_their_line() -> None:
    found = build([volume(), pipeline("databricks:volumes.landing")], (), service_name)
    (edge,) = found.edges
    assert (edge.dependant, edge.dependency) == (resource_id("orders", "databricks:pipelines.gold"), LANDING)
    assert (edge.relation, edge.environments) == ("reads", frozenset([PROD.name]))
    assert edge.location is not None
    assert (edge.location.path, edge.location.line) == ("x.yaml", 1)


def test_the_path_names_what_the_change_goes_through() -> None:
    found = build([volume(), pipeline("databricks:volumes.landing")], (), service_name)
    one = reach(found, [LANDING])["orders"]
    assert one.path == ("volume landing", "pipeline gold", "orders")
    assert (one.services, one.hops) == (("storage", "orders"), 1)


def test_a_resource_of_another_unit_is_found_by_a_name_that_it_provides() -> None:
    gold = pipeline("uc:main.raw.landing", unit="another")
    assert set(reach(build([volume(), gold], (), service_name), [LANDING])) == {"storage", "orders"}
    stranger = pipeline("databricks:volumes.landing", unit="another")
    assert set(reach(build([volume(), stranger], (), service_name), [LANDING])) == {"storage"}


def test_a_reference_into_another_environment_is_no_edge() -> None:
    gold = pipeline("databricks:volumes.landing", DEV)
    assert build([volume(), gold], (), service_name).edges == ()


def test_an_edge_of_dev_carries_no_change_of_production() -> None:
    both = [volume(), volume(DEV), pipeline("databricks:volumes.landing", DEV)]
    found = build(both, (), service_name)
    assert set(reach(found, {LANDING: frozenset([PROD.name])})) == {"storage"}
    assert set(reach(found, {LANDING: frozenset([DEV.name])})) == {"storage", "orders"}
    assert set(reach(found, {LANDING: None})) == {"storage", "orders"}


def test_cells_that_units_name_differently_are_one() -> None:
    live = Environment("live", "prod", region="eu")
    gold = pipeline("uc:main.raw.landing", live, unit="another")
    found = build([volume(), gold], (), service_name)
    assert set(reach(found, {LANDING: frozenset([PROD.name])})) == {"storage", "orders"}


def test_declared_dependencies_name_services_that_nothing_else_does() -> None:
    declared = (Service("shop", depends_on=("ledger",), source="riskcheck.yaml:7"),)
    found = build([], declared, service_name)
    assert set(found.services) == {"shop", "ledger"}
    assert set(reached(found, "ledger")) == {"ledger", "shop"}
    (edge,) = found.edges
    assert edge.location is not None
    assert (edge.location.path, edge.location.line) == ("riskcheck.yaml", 7)


CELLS = ("dev", "eu", "us")
WITH_CELLS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        st.sampled_from(get_args(Coupling)),
        st.none() | st.frozensets(st.sampled_from(CELLS), min_size=1),
    ),
    max_size=9,
)
"""Edges with the environments in which they hold, None for all."""

Placed = tuple[str, str, Coupling, frozenset[str] | None]


def placed(edges: list[Placed]) -> ServiceGraph:
    names = {name for edge in edges for name in edge[:2]}
    return ServiceGraph(
        {name: Service(name) for name in names},
        edges=[
            Edge(service_id(one), service_id(other), kind, "depends_on", None, cells)
            for one, other, kind, cells in edges
        ],
    )


def by_all_paths(edges: list[Placed], start: str, cell: str, most_hops: int | None) -> dict[str, float]:
    """Strength by trying every path without a circle."""
    best: dict[str, float] = {}

    def walk(name: str, strength: float, seen: tuple[str, ...]) -> None:
        best[name] = max(best.get(name, 0.0), strength)
        for dependant, dependency, kind, cells in edges:
            on = strength * COUPLING[kind]
            leads = dependency == name and dependant not in seen and (cells is None or cell in cells)
            if leads and on >= WEAKEST and (most_hops is None or len(seen) <= most_hops):
                walk(dependant, on, (*seen, dependant))

    walk(start, 1.0, (start,))
    return best


@given(WITH_CELLS, st.sampled_from(CELLS), st.sampled_from([None, 1, 2]))
def test_no_path_is_stronger_than_the_one_that_is_found(
    edges: list[Placed], cell: str, hops: int | None
) -> None:
    found = reach(placed(edges), {service_id("a"): frozenset([cell])}, hops)
    assert {name: round(one.strength, 9) for name, one in found.items()} == {
        name: round(strength, 9) for name, strength in by_all_paths(edges, "a", cell, hops).items()
    }
    for one in found.values():
        assert hops is None or one.hops <= hops
        assert one.services[0] == "a"


@given(WITH_CELLS)
def test_a_change_of_several_cells_reaches_what_each_of_them_reaches(edges: list[Placed]) -> None:
    graph = placed(edges)
    each = [reach(graph, {service_id("a"): frozenset([cell])}) for cell in CELLS]
    together = reach(graph, {service_id("a"): frozenset(CELLS)})
    assert set(together) == {name for one in each for name in one}
    for name, one in together.items():
        assert one.strength == max(other[name].strength for other in each if name in other)


@given(WITH_CELLS)
def test_a_change_everywhere_is_carried_by_every_edge(edges: list[Placed]) -> None:
    everywhere = reach(placed(edges), {service_id("a"): None})
    without = reach(placed([(one, other, kind, None) for one, other, kind, _ in edges]), [service_id("a")])
    assert everywhere.keys() == without.keys()


def test_what_the_files_deploy_under_another_name_is_the_service_of_the_catalog() -> None:
    place = Location("catalog-info.yaml", "base", 3, 1, 3, 9)
    needs = Dependency("orders", "hard", "dependsOn", place)
    catalog = (
        CatalogEntry("backstage", Service("orders"), place, aliases=("storage",)),
        CatalogEntry("backstage", Service("shop"), place, dependencies=(needs,)),
    )
    found = reach(build([volume()], (), service_name, catalog), [LANDING])
    assert found["shop"].services == ("storage", "orders", "shop")
