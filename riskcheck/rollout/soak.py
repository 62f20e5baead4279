"""How long a value must have run in a lower environment before that says something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.cadence.bodies import started_by
from riskcheck.durations import spell

if TYPE_CHECKING:
    from riskcheck.models import Environment, Resource
    from riskcheck.nodes import Mapping

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
    """Seconds between two runs of scheduled work at most; a day where its schedule cannot be read."""
    start = started_by(body)
    if start is None or (start.cadence is None and start.block != "schedule"):
        return None
    gap = None if start.cadence is None else start.cadence.longest_gap()
    return DAY_SECONDS if gap is None else gap
