"""The ratio that a change of compute comes to."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.databricks_cost import Compute, Side, cluster_path, cost_ratio
from tests.rules.checks.bundles import resource


def side(body: str) -> Side:
    cluster = resource("clusters", "shared", body)
    return Side(cluster.body, cluster)


def test_the_driver_counts_beside_the_workers() -> None:
    assert cost_ratio(
        Compute(2, "i3.xlarge", "i3.xlarge"), Compute(6, "i3.xlarge", "i3.xlarge")
    ) == pytest.approx(7 / 3)


def test_half_the_nodes_of_twice_the_size_cost_the_same() -> None:
    assert cost_ratio(Compute(3, "i3.xlarge", "i3.xlarge"), Compute(1, "i3.2xlarge", "i3.2xlarge")) == 1


def test_a_driver_of_another_size_is_weighed_by_its_own() -> None:
    before = Compute(4, "i3.xlarge", "i3.xlarge")
    assert cost_ratio(before, Compute(4, "i3.8xlarge", "i3.xlarge")) == pytest.approx((32 + 16) / 20)


def test_machines_are_counted_where_one_size_is_unknown() -> None:
    assert cost_ratio(Compute(1, "i3.xlarge", "i3.xlarge"), Compute(3, "mystery", "mystery")) == 2


def test_a_single_node_has_a_cost() -> None:
    assert cost_ratio(Compute(0, "", ""), Compute(1, "", "")) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{num_workers: 3, node_type_id: i3.xlarge}", Compute(3, "i3.xlarge", "i3.xlarge")),
        ("{num_workers: 3, autoscale: {min_workers: 1, max_workers: 8}}", Compute(8, "", "")),
        ("{node_type_id: a, driver_node_type_id: b}", Compute(0, "b", "a")),
    ],
)
def test_the_most_that_a_cluster_may_have_is_its_size(body: str, expected: Compute) -> None:
    assert side(body).compute() == expected


@pytest.mark.parametrize("body", ['{num_workers: "${var.n}"}', '{autoscale: {max_workers: "${var.n}"}}'])
def test_a_size_that_is_not_resolved_is_unknown(body: str) -> None:
    assert side(body).compute() is None


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        (("num_workers",), "clusters", ()),
        (
            ("job_clusters", "[main]", "new_cluster", "num_workers"),
            "jobs",
            ("job_clusters", "[main]", "new_cluster"),
        ),
        (
            ("tasks", "[a]", "for_each_task", "task", "new_cluster", "autoscale", "max_workers"),
            "jobs",
            ("tasks", "[a]", "for_each_task", "task", "new_cluster"),
        ),
        (("clusters", "[default]", "autoscale", "max_workers"), "pipelines", ("clusters", "[default]")),
        (("continuous",), "pipelines", None),
        (("performance_target",), "jobs", None),
    ],
)
def test_a_path_leads_into_its_cluster(
    path: tuple[str, ...], kind: str, expected: tuple[str, ...] | None
) -> None:
    assert cluster_path(path, kind) == expected
