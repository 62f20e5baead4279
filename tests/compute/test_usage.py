"""What a resource runs, what becomes of it, and what share of everything that is."""

from __future__ import annotations

from math import inf

import pytest

from riskcheck.compute.delta import delta_of, share_of
from riskcheck.compute.prices import DAYS, hourly, monthly
from riskcheck.compute.usage import Usage, usage_of
from riskcheck.pricetable import Hours, Prices
from tests.rules.checks.bundles import resource

JOB = """
schedule: {{quartz_cron_expression: "0 0 {hours} * * ?", timezone_id: UTC}}
job_clusters:
  - job_cluster_key: main
    new_cluster: {{node_type_id: i3.xlarge, num_workers: {workers}}}
  - job_cluster_key: idle
    new_cluster: {{node_type_id: i3.xlarge, num_workers: 100}}
tasks:
  - {{task_key: a, job_cluster_key: main}}
  - {{task_key: b, job_cluster_key: main}}
  - {{task_key: c, for_each_task: {{task: {{new_cluster: {{node_type_id: i3.xlarge, num_workers: 1}}}}}}}}
  - {{task_key: d, existing_cluster_id: 0101-x}}
"""


def usage(body: str, kind: str = "jobs") -> Usage:
    found = usage_of(resource(kind, "one", body))
    assert found is not None
    return found


def job(workers: int = 3, hours: str = "2") -> Usage:
    return usage(JOB.format(workers=workers, hours=hours))


def test_a_shared_job_cluster_counts_once_and_an_unused_one_not_at_all() -> None:
    assert [part.name for part in job().parts] == ["cluster main", "task c"]
    assert [part.size(by_vcpus=True) for part in job().parts] == [16, 8]


def test_what_a_for_each_task_repeats_is_found_where_it_stands() -> None:
    assert job().parts[1].path == ("tasks", "[c]", "for_each_task", "task", "new_cluster")


@pytest.mark.parametrize(
    ("kind", "body", "runs"),
    [
        ("jobs", '{schedule: {quartz_cron_expression: "0 0 0/6 * * ?"}}', 4),
        ("jobs", '{schedule: {quartz_cron_expression: "0 0 2 * * ?", pause_status: PAUSED}}', 0),
        ("jobs", "{trigger: {periodic: {interval: 12, unit: HOURS}}}", 2),
        ("jobs", "{trigger: {file_arrival: {url: x}}}", None),
        ("jobs", "{}", None),
        ("jobs", "{continuous: {pause_status: UNPAUSED}}", inf),
        ("pipelines", "{continuous: true}", inf),
        ("clusters", "{autotermination_minutes: 0}", inf),
        ("clusters", "{autotermination_minutes: 30}", None),
        ("sql_warehouses", "{auto_stop_mins: 0, cluster_size: Small}", inf),
        ("sql_warehouses", "{auto_stop_mins: 10}", None),
    ],
)
def test_how_often_something_runs(kind: str, body: str, runs: float | None) -> None:
    assert usage(body, kind).runs == runs


def test_other_kinds_take_no_compute_that_is_known() -> None:
    assert usage_of(resource("volumes", "landing", "{name: landing}")) is None


def test_all_clusters_of_a_job_count() -> None:
    assert delta_of(job(3), job(9)).ratio == pytest.approx((40 + 8) / 24)


def test_the_frequency_multiplies_the_size() -> None:
    found = delta_of(job(3, "2"), job(7, "2,14"))
    assert found.size == pytest.approx(40 / 24)
    assert found.frequency == 2
    assert found.ratio == pytest.approx(80 / 24)


def test_an_unknown_part_is_left_out_where_it_stays_the_same() -> None:
    body = "tasks: [{{task_key: a, notebook_task: {{}}}}, {{task_key: b, new_cluster: {{num_workers: {}}}}}]"
    found = delta_of(usage(body.format(1)), usage(body.format(3)))
    assert (found.ratio, found.unknown) == (2, ("task a",))


def test_moving_to_serverless_has_no_ratio() -> None:
    classic = "tasks: [{task_key: a, notebook_task: {}, new_cluster: {num_workers: 1}}]"
    assert delta_of(usage(classic), usage("tasks: [{task_key: a, notebook_task: {}}]")).ratio is None


def test_a_schedule_that_becomes_unknown_has_no_ratio() -> None:
    events = "trigger: {file_arrival: {url: x}}"
    daily = 'schedule: {quartz_cron_expression: "0 0 2 * * ?"}'
    assert delta_of(usage(daily), usage(events)).ratio is None


@pytest.mark.parametrize(
    "body",
    [
        "{tasks: x, job_clusters: {}}",
        "{tasks: [null, 1, {}, {task_key: []}, {job_cluster_key: nope}], schedule: 3, trigger: []}",
        "{job_clusters: [{job_cluster_key: a, new_cluster: 3}], tasks: [{job_cluster_key: a}]}",
    ],
)
def test_shapes_that_are_none_are_read_as_unknown(body: str) -> None:
    delta_of(usage(body), usage(body))
    assert share_of([resource("jobs", "one", body)], []).increase is None


def test_a_share_of_an_estate_counts_runs_alike_without_hours() -> None:
    big = resource("jobs", "big", JOB.format(workers=3, hours="2"))
    grown = resource("jobs", "big", JOB.format(workers=9, hours="2"))
    other = resource("jobs", "other", JOB.format(workers=3, hours="0/8"))
    warehouse = resource("sql_warehouses", "bi", "{cluster_size: Small}")
    found = share_of([big, other, warehouse], [grown, other, warehouse])
    assert found.increase == pytest.approx((48 - 24) / (24 + 3 * 24))
    assert (found.counted, found.left_out, found.hours) == (2, 1, False)


PRICES = Prices(
    "USD",
    machines={"i3.xlarge": 0.3},
    dbus={"i3.xlarge": 1.0, "small": 12.0},
    products={"jobs": 0.15, "sql": 0.7, "all-purpose": 0.5},
    hours=(Hours("databricks:jobs.*", per_run=0.5), Hours("databricks:sql*", per_day=8)),
    spot_discount=0.6,
    photon=2.0,
)


def test_a_share_counts_hours_where_they_are_stated() -> None:
    steady = resource(
        "clusters", "one", "{node_type_id: i3.xlarge, num_workers: 1, autotermination_minutes: 0}"
    )
    small = resource("jobs", "one", JOB.format(workers=3, hours="2"))
    found = share_of(
        [steady, small], [steady, resource("jobs", "one", JOB.format(workers=9, hours="2"))], PRICES
    )
    assert found.hours
    assert found.increase == pytest.approx(24 * 0.5 / (8 * 24 + 24 * 0.5))


def test_machines_and_dbus_make_the_price_of_a_run() -> None:
    hourly = 6 * (0.3 + 0.15)
    assert monthly(PRICES, "databricks:jobs.one", job(3)) == pytest.approx(hourly * 0.5 * DAYS)


def test_spot_machines_and_photon_are_priced_as_the_table_has_them() -> None:
    body = (
        "{node_type_id: i3.xlarge, num_workers: 4, autotermination_minutes: 0, runtime_engine: PHOTON, "
        "aws_attributes: {availability: SPOT, first_on_demand: 2}}"
    )
    machines = 2 * 0.3 + 3 * 0.3 * 0.4
    assert monthly(PRICES, "databricks:clusters.one", usage(body, "clusters")) == pytest.approx(
        (machines + 5 * 1.0 * 0.5 * 2) * 24 * DAYS
    )


def test_a_driver_that_may_be_spot_counts_in_full_unless_it_is_stated() -> None:
    body = "{{node_type_id: i3.xlarge, num_workers: 0, aws_attributes: {{availability: SPOT{}}}}}"
    unstated = hourly(PRICES, usage(body.format(""), "clusters").parts[0])
    stated = hourly(PRICES, usage(body.format(", first_on_demand: 0"), "clusters").parts[0])
    assert unstated == pytest.approx(0.3 + 0.5)
    assert stated == pytest.approx(0.12 + 0.5)


def test_a_warehouse_is_priced_by_its_size() -> None:
    found = usage("{cluster_size: Small, max_num_clusters: 2, auto_stop_mins: 10}", "sql_warehouses")
    assert monthly(PRICES, "databricks:sql_warehouses.one", found) == pytest.approx(2 * 12 * 0.7 * 8 * DAYS)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("jobs", "tasks: [{task_key: a, new_cluster: {num_workers: 1}}]"),
        (
            "jobs",
            "{continuous: {}, tasks: [{task_key: a, new_cluster: {node_type_id: mystery, num_workers: 1}}]}",
        ),
        ("jobs", "{continuous: {}, tasks: [{task_key: a, notebook_task: {}}]}"),
        ("clusters", "{node_type_id: i3.xlarge, num_workers: 1}"),
        ("pipelines", "{continuous: true, clusters: [{node_type_id: i3.xlarge, num_workers: 1}]}"),
        ("sql_warehouses", "{cluster_size: Large, auto_stop_mins: 0}"),
    ],
)
def test_a_price_or_time_that_is_missing_leaves_the_cost_unknown(kind: str, body: str) -> None:
    assert monthly(PRICES, f"databricks:{kind}.one", usage(body, kind)) is None


def test_a_paused_job_costs_nothing() -> None:
    body = '{schedule: {quartz_cron_expression: "0 0 2 * * ?", pause_status: PAUSED}, tasks: []}'
    assert monthly(PRICES, "databricks:jobs.one", usage(body)) == 0
