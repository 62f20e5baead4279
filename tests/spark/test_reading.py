"""Where settings are found in resources of several platforms."""

from __future__ import annotations

from riskcheck.models import Environment, Resource
from riskcheck.nodes import Reading
from riskcheck.spark.allocation import executors
from riskcheck.spark.memory import footprints
from riskcheck.spark.reading import all_settings, place_of
from tests.spark.applications import mapping, settings


def resource(platform: str, kind: str, text: str, reading: Reading = "yaml-1.1") -> Resource:
    body = mapping(text)
    return Resource(platform, kind, "x", Environment("prod", "prod"), "u", body, body, reading)


JOB = """
job_clusters:
  - job_cluster_key: main
    new_cluster: {spark_conf: {spark.sql.shuffle.partitions: 200}}
tasks:
  - task_key: load
    new_cluster: {spark_conf: {spark.driver.memory: 4g}}
  - task_key: submit
    spark_submit_task: {parameters: [--conf, spark.executor.memory=8g, app.jar]}
"""


def test_every_cluster_and_task_of_a_job_has_its_own() -> None:
    found = {one.title: one.values for one in all_settings(resource("databricks", "jobs", JOB, "databricks"))}
    assert {title: list(values) for title, values in found.items()} == {
        "cluster main": ["spark.sql.shuffle.partitions"],
        "cluster load": ["spark.driver.memory"],
        "task submit": ["spark.executor.memory"],
    }


def test_pipelines_have_a_configuration_and_clusters() -> None:
    text = "{configuration: {spark.a: 1}, clusters: [{label: default, spark_conf: {spark.b: 2}}]}"
    found = list(all_settings(resource("databricks", "pipelines", text, "databricks")))
    assert [(one.title, one.scope, list(one.values)) for one in found] == [
        ("the pipeline", "pipeline", ["spark.a"]),
        ("cluster default", "cluster", ["spark.b"]),
    ]


def test_pods_submit_with_arguments() -> None:
    text = """
spec:
  template:
    spec:
      containers:
        - name: submit
          command: [spark-submit]
          args: [--master, k8s://https://api, --conf, spark.executor.memory=8g, 'local:///app.py']
        - {name: proxy, args: [--conf, /etc/proxy.conf]}
"""
    (found,) = all_settings(resource("kubernetes", "Job", text))
    assert (found.title, found.manager, found.language) == ("container submit", "kubernetes", "python")
    assert found.values["spark.executor.memory"].text == "8g"
    assert found.values["spark.executor.memory"].node.file_line == 8


def test_the_place_of_a_value() -> None:
    job = resource("databricks", "jobs", JOB)
    app = resource("kubernetes", "SparkApplication", "{}")
    config = resource("kubernetes", "ConfigMap", "{}")
    assert place_of(job, ("tasks", "[load]", "new_cluster", "spark_conf", "spark.driver.memory")) == (
        "tasks",
        "[load]",
        "new_cluster",
    )
    assert place_of(app, ("spec", "driver", "memory")) == ("spec",)
    assert place_of(app, ("metadata", "name")) is None
    assert place_of(config, ("data", "spark-defaults.conf", "spark.a")) == ("data", "spark-defaults.conf")
    assert place_of(config, ("data", "notes.txt")) is None


def test_operator_defaults_count_where_nothing_is_stated() -> None:
    assert str(executors(settings("{executor: {}}"))) == "1"
    assert str(executors(settings("{dynamicAllocation: {enabled: true, maxExecutors: 8}}"))) == "0 to 8"
    assert str(executors(settings("{dynamicAllocation: {enabled: true}}"))) == "0 to any number"
    assert executors(settings("{executor: {instances: '${N}'}}")) is None
    off = settings("{dynamicAllocation: {enabled: false, maxExecutors: 8}, executor: {instances: 3}}")
    assert str(executors(off)) == "3"


def test_hostile_shapes_have_no_settings() -> None:
    for text in (
        "{spark_conf: [1, 2], sparkConf: null, args: {}, command: [[x], {a: b}]}",
        "{tasks: [null, 3, {task_key: [x], new_cluster: {spark_conf: {spark.a: {b: c}}}}]}",
    ):
        for kind in ("jobs", "pipelines", "Job", "ConfigMap", "spark-defaults", "file"):
            found = list(all_settings(resource("databricks" if kind == "jobs" else "kubernetes", kind, text)))
            assert all(not stated.text for one in found for stated in one.values.values())
    assert list(all_settings(resource("kubernetes", "SparkApplication", "{spec: [x]}"))) == []


def test_a_connect_server_sizes_its_executors_only() -> None:
    found = settings(
        "{executor: {memory: 8g, instances: 4}, sparkConf: {spark.driver.memory: 4g}}", "SparkConnect"
    )
    assert [str(one) for one in footprints(found, "executor")] == ["8.8 GiB (heap 8g, overhead 10 %)"]
    assert footprints(found, "driver") == ()
    assert str(executors(found)) == "4"
