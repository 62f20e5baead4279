"""How long a value must have run in a lower environment before that says something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.durations import spell
from riskcheck.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from riskcheck.models import Environment, Resource

__all__ = ["DAY_SECONDS", "DEFAULT_SECONDS", "needed", "spell"]

DEFAULT_SECONDS = 3600
"""One hour: AWS bakes an hour after one-box before the first wave
(https://aws.amazon.com/builders-library/automating-safe-hands-off-deployments/)."""

DAY_SECONDS = 86_400
"""The longest schedule cycle waited for."""


def needed(resource: Resource, environment: Environment) -> int:
    """Seconds of soak that count for `resource` in `environment`: the policy's word, else one hour, for batch
    work one cycle of its schedule, at most a day."""
    if environment.soak_seconds is not None:
        return environment.soak_seconds
    cycle = _cycle(resource.body)
    return DEFAULT_SECONDS if cycle is None else max(DEFAULT_SECONDS, min(cycle, DAY_SECONDS))


def _cycle(body: Mapping) -> int | None:
    quartz = body.at("schedule", "quartz_cron_expression")
    if isinstance(quartz, Scalar):
        return _hours(quartz.raw.split(), hour=2)
    cron = body.at("spec", "schedule")
    if isinstance(cron, Scalar):
        return _hours(cron.raw.split(), hour=1)
    return None


def _hours(fields: list[str], hour: int) -> int | None:
    """An hour where the hour field runs through every hour, else a day. None for an unreadable expression."""
    if len(fields) <= hour:
        return None
    return DEFAULT_SECONDS if fields[hour] in ("*", "0/1", "*/1") else DAY_SECONDS
