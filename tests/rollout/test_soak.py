from __future__ import annotations

import pytest

from riskcheck.rollout.soak import needed, spell
from tests.build import STAGING, resource


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("a: 1\n", 3_600),
        ("schedule: {quartz_cron_expression: '0 0 6 * * ?'}\n", 86_400),
        ("schedule: {quartz_cron_expression: '0 0 * * * ?'}\n", 3_600),
        ("spec: {schedule: '0 6 * * 1'}\n", 86_400),
        ("spec: {schedule: '@hourly'}\n", 3_600),
        ("schedule: {quartz_cron_expression: '0 0 0/6 * * ?'}\n", 6 * 3_600),
        ("schedule: {quartz_cron_expression: '${var.when}'}\n", 86_400),
        ("schedule: {quartz_cron_expression: '0 0 12 1 1 ? 2030'}\n", 86_400),
        ("trigger: {periodic: {interval: 4, unit: HOURS}}\n", 4 * 3_600),
        ("trigger: {file_arrival: {url: s3://landing}}\n", 3_600),
        ("continuous: {pause_status: UNPAUSED}\n", 3_600),
    ],
)
def test_batch_work_soaks_for_one_cycle_at_most_a_day(text: str, seconds: int) -> None:
    assert needed(resource(text), STAGING) == seconds


def test_the_policy_has_the_last_word() -> None:
    daily = resource("schedule: {quartz_cron_expression: '0 0 6 * * ?'}\n")
    assert needed(daily, STAGING._replace(soak_seconds=60)) == 60


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (720, "12m"), (3_600, "1h"), (90_000, "25h"), (259_200, "3d"), (-5, "0s")],
)
def test_durations_are_spelled_in_their_largest_fitting_unit(seconds: int, text: str) -> None:
    assert spell(seconds) == text
