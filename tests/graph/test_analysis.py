from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.dependencies import Coupling, service_id
from riskcheck.graph.analysis import between_services, cycles, waves
from riskcheck.graph.services import build
from riskcheck.resolving import service_name
from tests.graph.test_reach import EDGES, LANDING, graph, pipeline, volume


def test_a_circle_is_named_in_order_with_the_edges_that_make_it() -> None:
    (circle,) = cycles(graph(("a", "b", "hard"), ("b", "c", "hard"), ("c", "a", "soft"), ("d", "a", "hard")))
    assert circle.names == tuple(service_id(name) for name in "abc")
    assert [(edge.dependant, edge.dependency) for edge in circle.edges] == [
        (service_id("a"), service_id("b")),
        (service_id("b"), service_id("c")),
        (service_id("c"), service_id("a")),
    ]


def test_only_the_couplings_asked_for_make_circles() -> None:
    assert cycles(graph(("a", "b", "hard"), ("b", "a", "soft")), frozenset(["hard"])) == ()


def test_dependencies_come_in_earlier_waves() -> None:
    found = graph(("shop", "orders", "hard"), ("orders", "ledger", "hard"), ("mail", "ledger", "soft"))
    assert waves(found, ["shop", "orders", "ledger", "mail"]) == (("ledger",), ("mail", "orders"), ("shop",))


def test_services_that_are_not_named_still_order_those_that_are() -> None:
    found = graph(("shop", "orders", "hard"), ("orders", "ledger", "hard"))
    assert waves(found, ["shop", "ledger"]) == (("ledger",), ("shop",))
    assert waves(found, ["shop", "unheard-of"]) == (("shop", "unheard-of"),)


def test_members_of_a_circle_share_a_wave() -> None:
    found = graph(("a", "b", "hard"), ("b", "a", "hard"), ("b", "c", "hard"))
    assert waves(found, "abc") == (("c",), ("a", "b"))


def test_references_of_resources_order_their_services() -> None:
    found = build([volume(), pipeline("databricks:volumes.landing")], (), service_name)
    assert LANDING in found.vertices
    assert waves(found, ["orders", "storage"]) == (("storage",), ("orders",))


@given(EDGES, st.sets(st.sampled_from("abcdefg")))
def test_every_dependency_comes_before_its_dependants_unless_they_form_a_circle(
    edges: list[tuple[str, str, Coupling]], names: set[str]
) -> None:
    found = graph(*edges)
    waved = waves(found, names)
    place = {name: number for number, wave in enumerate(waved) for name in wave}
    assert set(place) == names
    needs: networkx.DiGraph[str] = networkx.DiGraph(list(between_services(found)))
    for one, other in needs.edges:
        if one in place and other in place:
            circle = networkx.has_path(needs, other, one)
            assert place[other] == place[one] if circle else place[other] < place[one]
