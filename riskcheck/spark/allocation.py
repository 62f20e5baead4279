"""How many executors an application may have.

https://spark.apache.org/docs/latest/configuration.html#dynamic-allocation : off unless switched on, from 0, without
an upper bound; ``spark.executor.instances`` is the number without it, and where the allocation starts with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.spark.settings import Settings

ENABLED: Final = "spark.dynamicAllocation.enabled"
MINIMUM: Final = "spark.dynamicAllocation.minExecutors"
INITIAL: Final = "spark.dynamicAllocation.initialExecutors"
MAXIMUM: Final = "spark.dynamicAllocation.maxExecutors"
INSTANCES: Final = "spark.executor.instances"
TRACKING: Final = "spark.dynamicAllocation.shuffleTracking.enabled"
SERVICE: Final = "spark.shuffle.service.enabled"

KEYS: Final = (ENABLED, MAXIMUM, MINIMUM, INITIAL, INSTANCES)


class Executors(NamedTuple):
    """The executors of one application. dynamic: their number follows the load. lowest, highest: None where there
    is no bound, or where nothing here states it."""

    dynamic: bool
    lowest: int | None
    highest: int | None
    initial: int | None = None

    def __str__(self) -> str:
        if not self.dynamic:
            return "as many as the cluster manager gives" if self.highest is None else f"{self.highest}"
        most = "any number" if self.highest is None else str(self.highest)
        return f"{self.lowest or 0} to {most}"


def executors(settings: Settings) -> Executors | None:
    """None where a property that counts is a template or no number."""
    dynamic = settings.flag(ENABLED, default=False)
    if dynamic is None:
        return None
    wanted = (MINIMUM, MAXIMUM, INITIAL) if dynamic else (INSTANCES,)
    if any(key in settings.values and settings.whole(key) is None for key in wanted):
        return None
    if not dynamic:
        number = settings.whole(INSTANCES)
        return Executors(False, number, number)
    lowest = settings.whole(MINIMUM) or 0
    starts = [lowest, settings.whole(INITIAL) or 0, settings.whole(INSTANCES) or 0]
    return Executors(True, lowest, settings.whole(MAXIMUM), max(starts))
