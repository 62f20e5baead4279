"""Properties in the arguments of spark-submit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.spark.arguments import properties_in


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--conf", "spark.a=1"], [("spark.a", "1", 1)]),
        (["--conf=spark.a=1"], [("spark.a", "1", 0)]),
        (["-c", "spark.a = x=y"], [("spark.a", "x=y", 1)]),
        (
            ["--executor-memory", "4g", "--conf", "spark.executor.memory=8g"],
            [("spark.executor.memory", "8g", 3), ("spark.executor.memory", "4g", 1)],
        ),
        (["--conf"], []),
        (["--conf", "nothing"], []),
        (["--num-executors=10", "app.jar"], [("spark.executor.instances", "10", 0)]),
    ],
)
def test_properties(arguments: list[str], found: list[tuple[str, str, int]]) -> None:
    assert list(properties_in(arguments)) == found


@given(st.lists(st.sampled_from(["--conf", "-c", "--conf=", "=", "a=b", "", "--driver-memory", "x"])))
def test_positions_lie_in_the_list(arguments: list[str]) -> None:
    assert all(0 <= number < len(arguments) for _, _, number in properties_in(arguments))
