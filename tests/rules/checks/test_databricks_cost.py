"""The ratio that a change of compute comes to."""

from __future__ import annotations

import pytest

from riskcheck.compute.clusters import Cluster
from riskcheck.rules.checks.databricks_cost import cost_ratio


def of(workers: float, driver: str, worker: str) -> Cluster:
    return Cluster(workers, workers, driver, worker)


def test_the_driver_counts_beside_the_workers() -> None:
    assert cost_ratio(of(2, "i3.xlarge", "i3.xlarge"), of(6, "i3.xlarge", "i3.xlarge")) == pytest.approx(
        7 / 3
    )


def test_half_the_nodes_of_twice_the_size_cost_the_same() -> None:
    assert cost_ratio(of(3, "i3.xlarge", "i3.xlarge"), of(1, "i3.2xlarge", "i3.2xlarge")) == 1


def test_a_driver_of_another_size_is_weighed_by_its_own() -> None:
    before = of(4, "i3.xlarge", "i3.xlarge")
    assert cost_ratio(before, of(4, "i3.8xlarge", "i3.xlarge")) == pytest.approx((32 + 16) / 20)


def test_machines_are_counted_where_one_size_is_unknown() -> None:
    assert cost_ratio(of(1, "i3.xlarge", "i3.xlarge"), of(3, "mystery", "mystery")) == 2


def test_a_single_node_has_a_cost() -> None:
    assert cost_ratio(of(0, "", ""), of(1, "", "")) == 2


def test_an_open_size_has_no_ratio() -> None:
    assert cost_ratio(Cluster(None, None, "", ""), of(1, "", "")) is None
