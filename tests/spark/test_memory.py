"""What containers come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.spark.memory import footprints
from tests.spark.applications import settings


def texts(spec: str, role: str = "executor") -> list[str]:
    return [str(one) for one in footprints(settings(spec), role)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "container"),
    [
        ("{type: Scala, executor: {memory: 16g}}", "17.6 GiB (heap 16g, overhead 10 %)"),
        ("{type: Scala, executor: {memory: 15g}}", "16.5 GiB (heap 15g, overhead 10 %)"),
        ("{type: Python, executor: {memory: 32g}}", "44.8 GiB (heap 32g, overhead 40 %)"),
        ("{type: R, executor: {memory: 10g}}", "14 GiB (heap 10g, overhead 40 %)"),
        (
            "{type: Python, executor: {memory: 32g, memoryOverhead: 2g}}",
            "34 GiB (heap 32g, overhead 2g)",
        ),
        ("{type: Scala, executor: {memory: 1g}}", "1.4 GiB (heap 1g, overhead at least 384 MiB)"),
        ("{type: Scala}", "1.4 GiB (heap 1g, overhead at least 384 MiB)"),
        (
            "{type: Scala, memoryOverheadFactor: '0.2', executor: {memory: 10g}}",
            "12 GiB (heap 10g, overhead 20 %)",
        ),
        (
            (
                "{type: Scala, memoryOverheadFactor: '0.2', executor: {memory: 10g}, "
                "sparkConf: {spark.executor.memoryOverheadFactor: '0.5'}}"
            ),
            "15 GiB (heap 10g, overhead 50 %)",
        ),
        (
            (
                "{type: Scala, memoryOverheadFactor: '0.2', executor: {memory: 10g}, "
                "sparkConf: {spark.kubernetes.memoryOverheadFactor: '0.5'}}"
            ),
            "15 GiB (heap 10g, overhead 50 %)",
        ),
        (
            (
                "{type: Scala, executor: {memory: 10g, memoryOverhead: '1024'}, sparkConf: "
                "{spark.memory.offHeap.enabled: 'true', spark.memory.offHeap.size: 4g}}"
            ),
            "15 GiB (heap 10g, overhead 1 GiB, off-heap 4g)",
        ),
        (
            (
                "{type: Python, executor: {memory: 10g, memoryOverhead: 1g}, "
                "sparkConf: {spark.executor.pyspark.memory: 3g}}"
            ),
            "14 GiB (heap 10g, overhead 1g, Python 3g)",
        ),
        (
            (
                "{type: Scala, executor: {memory: 10g, memoryOverhead: 1g}, "
                "sparkConf: {spark.executor.pyspark.memory: 3g}}"
            ),
            "11 GiB (heap 10g, overhead 1g)",
        ),
        ("{type: Scala, executor: {memory: 10g, memoryLimit: 16g}}", "16 GiB (limit 16g)"),
        ("{type: Scala, executor: {memory: 10g, memoryLimit: 16Gi}}", "16 GiB (limit 16Gi)"),
        (
            "{type: Scala, executor: {memory: 2g}, sparkConf: {spark.executor.minMemoryOverhead: 1g}}",
            "3 GiB (heap 2g, overhead at least 1024 MiB)",
        ),
    ],
)
def test_containers(spec: str, container: str) -> None:
    assert texts(spec) == [container]


def test_fields_win_over_conf_and_conf_over_defaults() -> None:
    spec = (
        "{type: Scala, driver: {memory: 4g}, sparkConf: {spark.driver.memory: 8g, spark.executor.memory: 6g}}"
    )
    assert texts(spec, "driver") == ["4.4 GiB (heap 4g, overhead 10 %)"]
    assert texts(spec) == ["6.6 GiB (heap 6g, overhead 10 %)"]


def test_an_unknown_language_leaves_two_possibilities() -> None:
    assert texts("{executor: {memory: 10g}}") == [
        "11 GiB (heap 10g, overhead 10 %)",
        "14 GiB (heap 10g, overhead 40 %)",
    ]
    assert texts("{executor: {memory: 10g, memoryOverhead: 1g}}") == ["11 GiB (heap 10g, overhead 1g)"]


def test_the_main_file_tells_the_language() -> None:
    assert texts(
        "{type: Scala, mainApplicationFile: 'local:///opt/app/etl.py', executor: {memory: 10g}}"
    ) == ["14 GiB (heap 10g, overhead 40 %)"]


@pytest.mark.parametrize(
    "spec",
    [
        "{type: Scala, executor: {memory: '${MEMORY}'}}",
        "{type: Scala, executor: {memory: 16Gi}}",
        "{type: Scala, executor: {memory: 1.5g}}",
        "{type: Scala, memoryOverheadFactor: lots, executor: {memory: 16g}}",
        "{type: Scala, memoryOverheadFactor: '-1', executor: {memory: 16g}}",
        "{type: Scala, memoryOverheadFactor: nan, executor: {memory: 16g}}",
        "{type: Scala, executor: {memory: 16g, memoryLimit: '{{ limit }}'}}",
        "{type: Scala, executor: {memory: 16g}, sparkConf: {spark.memory.offHeap.enabled: '${ON}'}}",
    ],
)
def test_what_is_not_known_is_not_guessed(spec: str) -> None:
    assert texts(spec) == []


def test_scheduled_applications_are_read_below_their_template() -> None:
    found = settings("{type: Scala, executor: {memory: 16g}}", "ScheduledSparkApplication")
    assert [one.total for one in footprints(found, "executor")] == [16384 + 1638]
    assert found.values["spark.executor.memory"].path == ("spec", "template", "executor", "memory")


@given(st.integers(0, 2**20), st.integers(0, 2**20), st.sampled_from(["Scala", "Python"]))
def test_more_heap_never_makes_a_smaller_container(one: int, more: int, language: str) -> None:
    totals = [
        footprints(settings(f"{{type: {language}, executor: {{memory: {heap}m}}}}"), "executor")[0].total
        for heap in (one, one + more)
    ]
    assert totals[0] <= totals[1]


@given(st.integers(0, 2**20), st.floats(0, 10), st.floats(0, 10))
def test_a_higher_factor_never_makes_a_smaller_container(heap: int, one: float, other: float) -> None:
    totals = [
        footprints(
            settings(f"{{type: Scala, memoryOverheadFactor: '{factor}', executor: {{memory: {heap}m}}}}"),
            "executor",
        )[0].total
        for factor in sorted((one, other))
    ]
    assert totals[0] <= totals[1]
