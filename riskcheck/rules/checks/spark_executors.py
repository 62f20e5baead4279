"""How many executors a Spark application may have, and what becomes of shuffle files when they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.spark_reading import (
    Pair,
    number,
    pair_of,
    percent_less,
    place_of_loss,
    related,
    speaks,
    subject,
)
from riskcheck.spark.allocation import (
    ENABLED,
    INSTANCES,
    KEYS,
    MAXIMUM,
    SERVICE,
    TRACKING,
    Executors,
    executors,
)
from riskcheck.spark.memory import footprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.spark.settings import Settings

CORES: Final = "spark.executor.cores"
MANAGER: Final = "spark.shuffle.manager"
_PLUGIN: Final = "spark.shuffle.sort.io.plugin.class"
_DECOMMISSION: Final = ("spark.decommission.enabled", "spark.storage.decommission.shuffleBlocks.enabled")
_OF_SIZE: Final = ("spark.executor.memory", "spark.executor.memoryOverhead", CORES)
_SORT: Final = frozenset({"sort", "tungsten-sort", "org.apache.spark.shuffle.sort.SortShuffleManager"})


class Capacity(NamedTuple):
    """The executors of both sides. Not made where either is not known, or on Databricks, whose clusters scale by
    their own settings."""

    before: Executors
    after: Executors


def capacity_of(pair: Pair) -> Capacity | None:
    if pair.after.manager == "databricks":
        return None
    old, new = executors(pair.before), executors(pair.after)
    return None if old is None or new is None else Capacity(old, new)


def executors_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """Fewer executors at most, fewer cores of them, or fewer kept ready, by more than `ratio`.

    Values: subject, what, was, now (texts), percent, ceiling (bool: at most, not only at least).
    """
    pair = pair_of(change, context)
    capacity = None if pair is None else capacity_of(pair)
    if pair is None or capacity is None or not speaks(change, context, pair, (*KEYS, CORES)):
        return
    ratio = number(context.options.get("ratio"), 0.75)
    old, new = capacity
    cores = _cores(pair)
    if old.highest and new.highest and cores is not None:
        before, after = old.highest * cores[0], new.highest * cores[1]
        if after < before * ratio:
            counts = (old.highest, new.highest)
            yield _cut(change, pair, capacity, counts, percent_less(before, after), ceiling=True)
            return
    if old.dynamic and new.dynamic and old.highest == new.highest:
        for floors in ((old.lowest, new.lowest), (old.initial, new.initial)):
            was, now = floors
            if was and now is not None and now < was * ratio:
                yield _cut(change, pair, capacity, (was, now), percent_less(was, now), ceiling=False)
                return


def _cut(
    change: Change, pair: Pair, capacity: Capacity, counts: tuple[int, int], percent: int, *, ceiling: bool
) -> Match:
    cores = _cores(pair) or (1, 1)
    size = [f" of {one} cores" if ceiling and cores[0] != cores[1] else "" for one in cores]
    return Match(
        values={
            "subject": subject(change, pair),
            "what": "at most" if ceiling else "kept ready",
            "was": f"{counts[0]} executors{size[0]}",
            "now": f"{counts[1]}{size[1]}, {percent} % less{_why(pair, capacity)}",
            "percent": percent,
            "ceiling": ceiling,
        },
        node=place_of_loss(pair, (*KEYS, CORES)),
        related=related("allocation", [pair.setting(key) for key in KEYS if pair.differs(key)]),
    )


def _why(pair: Pair, capacity: Capacity) -> str:
    if capacity.before.dynamic and not capacity.after.dynamic:
        return "; dynamic allocation is off"
    filled = pair.after.values.get(INSTANCES)
    return "; the operator's default" if filled is not None and filled.operator else ""


def _cores(pair: Pair) -> tuple[int, int] | None:
    """Cores of an executor on both sides, one where they stay the same; None where they are not known."""
    if not pair.differs(CORES):
        return 1, 1
    old, new = (1 if CORES not in side.values else side.whole(CORES) for side in pair)
    return (old, new) if old and new else None


def shuffle_unprotected(change: Change, context: CheckContext) -> Iterator[Match]:
    """Executors come and go, and nothing keeps the shuffle files of those that go.

    Values: subject, what (text).
    """
    pair = pair_of(change, context)
    keys = (TRACKING, ENABLED, SERVICE, MANAGER, _PLUGIN, *_DECOMMISSION)
    if (
        pair is not None
        and pair.after.manager != "databricks"
        and _loses_shuffles(pair.after)
        and not _loses_shuffles(pair.before)
        and speaks(change, context, pair, keys)
    ):
        switched = pair.differs(TRACKING)
        what = (
            "shuffle tracking is switched off"
            if switched
            else "dynamic allocation runs without shuffle tracking"
        )
        yield Match(
            values={"subject": subject(change, pair), "what": what},
            related=related("allocation", [pair.after.values.get(ENABLED), pair.after.values.get(TRACKING)]),
        )


def _loses_shuffles(settings: Settings) -> bool:
    """Tracking is on by default since Spark 3.4; before, Spark refused to start without a service or tracking:
    only a stated false takes it away. https://issues.apache.org/jira/browse/SPARK-39846"""
    return (
        settings.flag(ENABLED) is True
        and settings.flag(TRACKING) is False
        and settings.flag(SERVICE, default=False) is False
        and (MANAGER not in settings.values or settings.text(MANAGER) in _SORT)
        and _PLUGIN not in settings.values
        and not all(settings.flag(key) for key in _DECOMMISSION)
    )


def ceiling_raised(change: Change, context: CheckContext) -> Iterator[Match]:
    """Executors without a bound, or `ratio` times as much of them as before.

    Values: subject, what (text), unbounded (bool), ratio (number, null if unbounded), memory_only (bool).
    """
    pair = pair_of(change, context)
    capacity = None if pair is None else capacity_of(pair)
    if pair is None or capacity is None or not speaks(change, context, pair, (MAXIMUM, *KEYS, *_OF_SIZE)):
        return
    old, new = capacity
    places = related("allocation", [pair.setting(key) for key in (MAXIMUM, *_OF_SIZE) if pair.differs(key)])
    if new.dynamic and new.highest is None:
        if old.highest is not None:
            what = f"executors were {old.highest} at most and have no bound now"
            yield _raised(change, pair, what, None, places)
        return
    if not old.highest or not new.highest:
        return
    most = number(context.options.get("ratio"), 1.5)
    cores = _cores(pair) or (1, 1)
    of_cores = new.highest * cores[1] / (old.highest * cores[0])
    of_memory = new.highest / old.highest * _memory_ratio(pair)
    ratio = max(of_cores, of_memory)
    if ratio > most:
        size = (
            f"{old.highest} to {new.highest} executors" if old.highest != new.highest else "larger executors"
        )
        what = f"may take {ratio:.1f} times as much ({size})"
        yield _raised(change, pair, what, ratio, places, memory_only=of_cores <= most)


def _raised(
    change: Change,
    pair: Pair,
    what: str,
    ratio: float | None,
    places: tuple[Related, ...],
    *,
    memory_only: bool = False,
) -> Match:
    return Match(
        values={
            "subject": subject(change, pair),
            "what": what,
            "unbounded": ratio is None,
            "ratio": None if ratio is None else round(ratio, 2),
            "memory_only": memory_only,
        },
        related=places,
    )


def _memory_ratio(pair: Pair) -> float:
    old, new = (footprints(side, "executor") for side in pair)
    return new[0].total / old[0].total if old and new and old[0].total else 1.0
