from __future__ import annotations

import pytest

from riskcheck.cadence.bodies import started_by
from tests.build import resource


@pytest.mark.parametrize(
    ("text", "block", "runs", "paused"),
    [
        ("schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC}", "schedule", 1, False),
        ("schedule: {quartz_cron_expression: 0 0 6 * * ?, pause_status: PAUSED}", "schedule", 1, True),
        ("schedule: {quartz_cron_schedule: 0 0 * * * ?}", "schedule", 24, False),
        ("schedule: {quartz_cron_expression: '${var.cron}'}", "schedule", None, False),
        ("schedule: {}", "schedule", None, False),
        ("trigger: {periodic: {interval: 6, unit: HOURS}}", "trigger", 4, False),
        ("trigger: {periodic: {interval: six, unit: HOURS}}", "trigger", None, False),
        ("trigger: {cron: {quartz_cron_schedule: 0 0 6 * * ?, timezone_id: UTC}}", "trigger", 1, False),
        ("trigger: {file_arrival: {url: s3://landing/}, pause_status: PAUSED}", "trigger", None, True),
        ("continuous: {pause_status: UNPAUSED}", "continuous", float("inf"), False),
        ("continuous: true", "continuous", float("inf"), False),
        ("spec: {schedule: 0 6 * * *, timeZone: Europe/Berlin}", "schedule", 1, False),
        ("spec: {schedule: '@every 12h', suspend: true}", "schedule", 2, True),
    ],
)
def test_what_starts_something(text: str, block: str, runs: float | None, paused: bool) -> None:
    start = started_by(resource(text + "\n").body)
    assert start is not None
    assert (start.block, start.paused) == (block, paused)
    assert (None if start.cadence is None else start.cadence.runs_per_day) == runs


@pytest.mark.parametrize(
    "text",
    [
        "name: nightly",
        "schedule: daily",
        "trigger: {manual: {}}",
        "trigger: []",
        "continuous: false",
        "spec: {schedule: [1]}",
        "spec: 3",
    ],
)
def test_what_nothing_starts(text: str) -> None:
    assert started_by(resource(text + "\n").body) is None


def test_times_are_in_the_zone_that_is_written() -> None:
    start = started_by(resource("spec: {schedule: 30 6 * * *, timeZone: Europe/Berlin}\n").body)
    assert start is not None
    assert start.cadence is not None
    assert start.cadence.zone == "Europe/Berlin"
    assert start.cadence.times == (6 * 3600 + 30 * 60,)
