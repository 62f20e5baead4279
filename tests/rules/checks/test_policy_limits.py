"""What a compute policy refuses."""

from __future__ import annotations

import time

import pytest

from riskcheck.compute.policies import Limit, limits_of
from riskcheck.nodes import Value
from riskcheck.rules.checks.policy_limits import refusal, violations
from tests.rules.checks.bundles import resource


def limits(definition: str) -> tuple[Limit, ...]:
    found = resource("cluster_policies", "small", definition)
    return limits_of(found.body, found.reading)


def limit(element: str) -> Limit:
    return limits(f"{{a: {element}}}")[0]


@pytest.mark.parametrize(
    ("element", "value", "refused"),
    [
        ("{type: fixed, value: 10}", 10, False),
        ("{type: fixed, value: 10}", "10", False),
        ("{type: fixed, value: true}", "true", False),
        ("{type: fixed, value: 10}", 11, True),
        ("{type: fixed}", 11, False),
        ("{type: fixed, value: 'auto:latest-lts'}", "15.4.x-scala2.12", False),
        ("{type: forbidden}", 0, True),
        ("{type: allowlist, values: [a, b]}", "b", False),
        ("{type: whitelist, values: [a, b]}", "c", True),
        ("{type: allowlist, values: []}", "c", False),
        ("{type: allowlist, values: ['auto:latest-ml']}", "c", False),
        ("{type: blocklist, values: [a]}", "a", True),
        ("{type: blacklist, values: [a]}", "b", False),
        ("{type: range, minValue: 2, maxValue: 4}", 2, False),
        ("{type: range, minValue: 2, maxValue: 4}", 5, True),
        ("{type: range, minValue: 2}", "1", True),
        ("{type: range, maxValue: 4}", "many", False),
        ("{type: range, maxValue: 4}", True, False),
        ("{type: range, maxValue: many}", 9, False),
        ("{type: regex, pattern: 'i3\\..*'}", "i3.xlarge", False),
        ("{type: regex, pattern: 'i3'}", "i3.xlarge", True),
        ("{type: regex, pattern: 'xlarge'}", "i3.xlarge", True),
        ("{type: regex, value: '5\\.[34]'}", "5.3", False),
        ("{type: regex, pattern: '(?=x)y'}", "i3", False),
        ("{type: regex, pattern: '('}", "i3", False),
        ("{type: regex}", "i3", False),
        ("{type: unlimited}", "x", False),
    ],
)
def test_values_that_are_refused(element: str, value: Value, refused: bool) -> None:
    assert (refusal(limit(element), value) is not None) is refused


def test_a_pattern_takes_time_that_is_linear_in_the_value() -> None:
    hostile = limit("{type: regex, pattern: '(a+)+(a*)*(.*a){20}$'}")
    begin = time.perf_counter()
    refusal(hostile, "a" * 900 + "!")
    assert time.perf_counter() - begin < 2


def refused(cluster: str, definition: str, kind: str = "clusters") -> list[str]:
    found = resource(kind, "one", cluster)
    return [one.what for one in violations(found.body, found.reading, kind, limits(definition))]


def test_keys_with_dots_are_one_key() -> None:
    assert refused(
        "{spark_conf: {spark.executor.memory: 64g}}",
        "{spark_conf.spark.executor.memory: {type: allowlist, values: [8g]}}",
    ) == ["spark_conf.spark.executor.memory is 64g, which must be one of 8g"]


def test_an_item_with_a_limit_of_its_own_is_not_held_to_the_general_one() -> None:
    definition = (
        "{init_scripts.0.workspace.destination: {type: fixed, value: /a},"
        " init_scripts.*.workspace.destination: {type: forbidden}}"
    )
    first = "{workspace: {destination: /a}}"
    assert refused(f"{{init_scripts: [{first}]}}", definition) == []
    assert refused(f"{{init_scripts: [{first}, {first}]}}", definition) == [
        "init_scripts.*.workspace.destination is /a, which must not be stated"
    ]


@pytest.mark.parametrize(("kind", "count"), [("clusters", 1), ("jobs", 0), ("pipelines", 1)])
def test_a_policy_may_be_for_some_kinds_of_clusters(kind: str, count: int) -> None:
    assert len(refused("{}", "{cluster_type: {type: fixed, value: job}}", kind)) == count


def test_a_tag_that_is_asked_for_is_missed_and_a_size_is_not() -> None:
    definition = "{custom_tags.team: {type: unlimited}, num_workers: {type: range, maxValue: 3}}"
    assert refused("{autoscale: {max_workers: 2}}", definition) == [
        "custom_tags.team is missing, which must be stated"
    ]


@pytest.mark.parametrize(
    "cluster",
    ["{num_workers: null}", "{num_workers: ''}", "{num_workers: '${var.n}'}", "{num_workers: [9]}", "{}"],
)
def test_what_no_file_states_is_not_judged(cluster: str) -> None:
    assert refused(cluster, "{num_workers: {type: fixed, value: 3}}") == []
