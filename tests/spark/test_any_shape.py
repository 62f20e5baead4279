"""Whatever stands where Spark settings are looked for, it is read without raising."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.models import Environment, Resource
from riskcheck.spark.allocation import executors
from riskcheck.spark.checkpoints import all_checkpoints
from riskcheck.spark.memory import footprints
from riskcheck.spark.reading import all_settings
from tests.spark.applications import mapping

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 2**60),
    st.sampled_from(
        ["4g", "4Gi", "${X}", "", "0.4", "nan", "true", "--conf", "spark.a=b", "--checkpoint", "/a/b"]
    ),
)
KEYS = st.sampled_from(
    [
        "args",
        "arguments",
        "checkpoint",
        "clusters",
        "command",
        "configuration",
        "data",
        "driver",
        "dynamicAllocation",
        "enabled",
        "executor",
        "instances",
        "memory",
        "memoryLimit",
        "memoryOverheadFactor",
        "name",
        "new_cluster",
        "parameters",
        "spark_conf",
        "spark_submit_task",
        "spark.executor.memory",
        "spark.executor.memoryOverhead",
        "spark.memory.offHeap.enabled",
        "sparkConf",
        "spec",
        "task_key",
        "tasks",
        "template",
        "value",
    ]
)
SHAPES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
KINDS = st.sampled_from(
    [
        ("databricks", "jobs"),
        ("databricks", "pipelines"),
        ("kubernetes", "SparkApplication"),
        ("kubernetes", "ScheduledSparkApplication"),
        ("kubernetes", "ConfigMap"),
        ("kubernetes", "Job"),
        ("plain", "spark-defaults"),
        ("plain", "file"),
    ]
)


@given(st.dictionaries(KEYS, SHAPES), KINDS)
def test_no_shape_is_too_odd(content: object, of: tuple[str, str]) -> None:
    body = mapping(json.dumps(content))
    platform, kind = of
    resource = Resource(platform, kind, "x", Environment("prod", "prod"), "u", body, body, "yaml-1.1")
    for settings in all_settings(resource):
        for role in ("driver", "executor"):
            assert all(one.total >= 0 for one in footprints(settings, role))
        executors(settings)
    for found in all_checkpoints(body, "yaml-1.1"):
        assert "/" in found.location
