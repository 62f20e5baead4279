"""Who answers how much, and which version took over from which."""

from __future__ import annotations

import pytest

from riskcheck.models import Resource
from riskcheck.rules.checks.serving_reading import entities, release_shares, replaced, shares
from tests.rules.checks.bundles import resource

Served = tuple[str, str, str]
"""Name of the entity (may be empty), model, version."""


def endpoint(*served: Served, routes: dict[str, int] | None = None) -> Resource:
    lines = ["config:", "  served_entities:"]
    for name, model, version in served:
        stated = f"name: {name}, " if name else ""
        lines.append(f'  - {{{stated}entity_name: {model}, entity_version: "{version}"}}')
    if routes is not None:
        lines += ["  traffic_config:", "    routes:"]
        for name, share in routes.items():
            lines.append(f"    - {{served_entity_name: {name}, traffic_percentage: {share}}}")
    return resource("model_serving_endpoints", "scorer", "\n".join(lines) + "\n")


def swaps(before: Resource, after: Resource) -> list[tuple[str, str]]:
    return [(old.version, new.version) for old, new in replaced(before, after, 20)]


def test_a_single_entity_without_routes_answers_everything() -> None:
    assert shares(endpoint(("", "main.ml.fraud", "7"))) == {"fraud-7": 100}


def test_several_entities_without_routes_have_no_known_share() -> None:
    assert shares(endpoint(("a", "m", "1"), ("b", "m", "2"))) == {}


@pytest.mark.parametrize("route", ["fraud-7", "main.ml.fraud-7"])
def test_a_route_finds_an_unnamed_entity(route: str) -> None:
    assert release_shares(endpoint(("", "main.ml.fraud", "7"), routes={route: 100})) == {
        ("main.ml.fraud", "7"): 100
    }


def test_two_routes_to_one_version_are_one_release() -> None:
    both = endpoint(("a", "m", "1"), ("b", "m", "1"), routes={"a": 30, "b": 70})
    assert release_shares(both) == {("m", "1"): 100}


def test_a_route_to_nowhere_keeps_its_name() -> None:
    assert release_shares(endpoint(("a", "m", "1"), routes={"ghost": 100})) == {("ghost", ""): 100}


def test_an_external_model_is_known_by_provider_and_name() -> None:
    body = (
        "config: {served_entities: [{name: chat, external_model: {provider: openai, name: gpt, task: llm}}]}"
    )
    assert [one.model for one in entities(resource("model_serving_endpoints", "chat", body))] == [
        "openai/gpt"
    ]


def test_the_exchange_of_the_only_version_is_a_replacement() -> None:
    assert swaps(endpoint(("a", "m", "1")), endpoint(("a", "m", "2"))) == [("1", "2")]


def test_another_model_alone_stands_in_for_all() -> None:
    assert swaps(endpoint(("a", "m", "1")), endpoint(("b", "other", "1"))) == [("1", "1")]


def test_a_version_beside_the_old_one_replaces_nothing() -> None:
    before = endpoint(("a", "m", "1"), routes={"a": 100})
    after = endpoint(("a", "m", "1"), ("b", "m", "2"), routes={"a": 10, "b": 90})
    assert swaps(before, after) == []


def test_the_exchange_of_a_canary_is_none() -> None:
    before = endpoint(("a", "m", "1"), ("b", "m", "2"), routes={"a": 90, "b": 10})
    after = endpoint(("a", "m", "1"), ("b", "m", "3"), routes={"a": 90, "b": 10})
    assert swaps(before, after) == []


def test_the_exchange_of_the_main_version_is_one_though_a_canary_stays() -> None:
    before = endpoint(("a", "m", "1"), ("b", "m", "2"), routes={"a": 90, "b": 10})
    after = endpoint(("a", "m", "3"), ("b", "m", "2"), routes={"a": 90, "b": 10})
    assert swaps(before, after) == [("1", "3")]


def test_the_same_version_under_another_name_replaces_nothing() -> None:
    assert swaps(endpoint(("a", "m", "1")), endpoint(("b", "m", "1"))) == []


def test_the_first_version_of_an_endpoint_replaces_nothing() -> None:
    assert (
        replaced(resource("model_serving_endpoints", "scorer", "name: scorer"), endpoint(("a", "m", "1")), 20)
        == []
    )
