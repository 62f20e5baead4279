"""How one cluster is read."""

from __future__ import annotations

import pytest

from riskcheck.compute.clusters import Cluster, Settings, cluster_of, cluster_path
from riskcheck.compute.warehouses import warehouse_workers
from tests.rules.checks.bundles import resource


def read(body: str) -> Cluster:
    found = resource("clusters", "shared", body)
    return cluster_of(found.body, found.reading)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{num_workers: 3, node_type_id: i3.xlarge}", Cluster(3, 3, "i3.xlarge", "i3.xlarge")),
        ("{num_workers: 3, autoscale: {min_workers: 1, max_workers: 8}}", Cluster(1, 8, "", "")),
        ("{node_type_id: a, driver_node_type_id: b}", Cluster(0, 0, "b", "a")),
        ("{num_workers: null, autoscale: null}", Cluster(0, 0, "", "")),
        ("{num_workers: -1}", Cluster(None, None, "", "")),
        ("{num_workers: 1e300}", Cluster(None, None, "", "")),
        ("{num_workers: [], aws_attributes: x, node_type_id: {}}", Cluster(None, None, "", "")),
        ("{runtime_engine: PHOTON}", Cluster(0, 0, "", "", photon=True)),
        ("{spark_version: 12.2.x-photon-scala2.12}", Cluster(0, 0, "", "", photon=True)),
        (
            "{gcp_attributes: {use_preemptible_executors: true}}",
            Cluster(0, 0, "", "", cloud="gcp", market="spot"),
        ),
        (
            "{num_workers: 2, instance_pool_id: p, aws_attributes: {availability: SPOT, first_on_demand: 1}}",
            Cluster(2, 2, "", "", "p", "aws", "spot", 1),
        ),
    ],
)
def test_what_a_cluster_has(body: str, expected: Cluster) -> None:
    assert read(body) == expected


@pytest.mark.parametrize("body", ['{num_workers: "${var.n}"}', '{autoscale: {max_workers: "${var.n}"}}'])
def test_a_size_that_is_not_resolved_is_unknown(body: str) -> None:
    assert read(body).most is None
    assert read(body).vcpus is None
    assert read(body).machines is None


def test_the_most_that_a_cluster_may_have_is_its_size() -> None:
    cluster = read("{node_type_id: i3.2xlarge, driver_node_type_id: i3.xlarge, autoscale: {max_workers: 3}}")
    assert cluster.vcpus == 4 + 3 * 8
    assert cluster.machines == 4


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


@pytest.mark.parametrize(
    ("body", "workers"),
    [
        ("{cluster_size: Small}", 4),
        ("{cluster_size: 2X-Small, max_num_clusters: 3}", 3),
        ("{cluster_size: huge}", None),
        ("{cluster_size: [Small], max_num_clusters: x}", None),
    ],
)
def test_a_warehouse_has_the_workers_of_all_its_clusters(body: str, workers: float | None) -> None:
    found = resource("sql_warehouses", "bi", body)
    assert warehouse_workers(Settings(found.body, found.reading)) == workers
