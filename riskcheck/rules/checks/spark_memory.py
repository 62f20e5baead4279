"""Memory of Spark drivers and executors: what a container comes to, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.spark_reading import (
    Pair,
    pair_of,
    percent_less,
    place_of_loss,
    related,
    speaks,
    subject,
)
from riskcheck.spark.allocation import executors
from riskcheck.spark.memory import Footprint, Part, Role, footprints, heap
from riskcheck.spark.settings import MEMORY_LIMIT, Settings
from riskcheck.spark.sizes import MIB, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_SHARED: Final = ("spark.kubernetes.memoryOverheadFactor",)
_OF_EXECUTORS: Final = (
    "spark.executor.pyspark.memory",
    "spark.memory.offHeap.size",
    "spark.memory.offHeap.enabled",
)
RESULTS: Final = "spark.driver.maxResultSize"
_DEFAULT_RESULTS: Final = 1024 * MIB


class Cut(NamedTuple):
    """Less memory than before. what: of what (``driver container``). was, now: for people. percent: how much less.
    ratio: new over old."""

    what: str
    was: str
    now: str
    percent: int
    ratio: float


def keys_of(role: Role) -> tuple[str, ...]:
    """The properties that the size of a container hangs on, the most telling first."""
    own = tuple(
        f"spark.{role}.{name}"
        for name in ("memory", "memoryOverhead", "memoryOverheadFactor", "minMemoryOverhead")
    )
    return (*own, MEMORY_LIMIT[role], *_SHARED, *(_OF_EXECUTORS if role == "executor" else ()))


def driver_memory_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """A smaller driver, or a lower bound on the results that it collects.

    Values: subject, what, was, now (texts), percent, results (bool: the bound, not the memory).
    """
    pair = pair_of(change, context)
    if pair is None:
        return
    keys = keys_of("driver")
    cut = memory_cut(pair, "driver")
    if cut is not None and speaks(change, context, pair, keys):
        yield _match(change, pair, cut, "driver", keys, results=False)
    elif speaks(change, context, pair, (RESULTS,)):
        bounds = [_results(one) for one in pair]
        old, new = bounds
        if old is not None and new is not None and new and (not old or new < old):
            was = "without bound" if not old else spelled(old)
            percent = 100 if not old else percent_less(old, new)
            less = Cut(f"bound on results ({RESULTS})", was, spelled(new), percent, 0.0)
            yield _match(change, pair, less, "driver", (RESULTS,), results=True)


def executor_memory_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """Smaller executors.

    Values: subject, what, was, now (texts), percent, spread (bool: more executors keep the total), per_core (bool:
    no core has less than before).
    """
    pair = pair_of(change, context)
    if pair is None:
        return
    keys = keys_of("executor")
    cut = memory_cut(pair, "executor")
    if cut is not None and speaks(change, context, pair, keys):
        yield _match(change, pair, cut, "executor", keys, results=False)


def memory_cut(pair: Pair, role: Role) -> Cut | None:
    """None where the container is not smaller in every language that it may be for, or where it cannot be told."""
    old, new = footprints(pair.before, role), footprints(pair.after, role)
    if not old or not new:
        return _heap_cut(pair, role)
    languages = {one.language for one in (*old, *new)} if len(old) + len(new) > 2 else {old[0].language}
    sides = [(_in(old, language), _in(new, language)) for language in sorted(languages)]
    if not all(after.limit < before.limit or _tighter(before, after) for before, after in sides):
        return None
    if all(after.limit == before.limit for before, after in sides):
        sides = [(_unlimited(before), _unlimited(after)) for before, after in sides]
    ratios = [after.limit / before.limit for before, after in sides]
    before, after = sides[ratios.index(max(ratios))]
    return Cut(
        f"{role} container", str(before), str(after), percent_less(before.limit, after.limit), max(ratios)
    )


def _in(found: tuple[Footprint, ...], language: str) -> Footprint:
    return next((one for one in found if one.language == language), found[0])


def _tighter(before: Footprint, after: Footprint) -> bool:
    """The same limit, and less asked for below it."""
    return after.limit == before.limit and after.total < before.total


def _unlimited(one: Footprint) -> Footprint:
    return one._replace(stated_limit=None)


def _heap_cut(pair: Pair, role: Role) -> Cut | None:
    """A smaller heap, where the container is not known but all else that makes it up stays as it is."""
    key = f"spark.{role}.memory"
    if any(pair.differs(other) for other in keys_of(role) if other != key):
        return None
    old, new = (_stated_heap(side, role) for side in pair)
    if old is None or new is None or new.mib >= old.mib:
        return None
    return Cut(f"{role} heap", _sized(old), _sized(new), percent_less(old.mib, new.mib), new.mib / old.mib)


def _stated_heap(settings: Settings, role: Role) -> Part | None:
    """On Databricks the node type sets the heap where nothing states it."""
    found = heap(settings, role)
    return None if found is not None and found.setting is None and settings.manager == "databricks" else found


def _sized(part: Part) -> str:
    return part.because if part.setting is not None and not part.setting.operator else spelled(part.mib * MIB)


def _results(settings: Settings) -> int | None:
    return settings.bytes(RESULTS) if RESULTS in settings.values else _DEFAULT_RESULTS


def _match(
    change: Change, pair: Pair, cut: Cut, role: Role, keys: tuple[str, ...], *, results: bool
) -> Match:
    spread = role == "executor" and _keeps_total(pair, cut)
    notes = [_replaced(pair, role), "more executors keep the total" if spread else ""]
    stated = [pair.setting(key) for key in keys]
    return Match(
        values={
            "subject": subject(change, pair),
            "what": cut.what,
            "was": cut.was,
            "now": f"{cut.now}, {cut.percent} % less" + "".join(f"; {note}" for note in notes if note),
            "percent": cut.percent,
            "results": results,
            "spread": spread,
            "per_core": role == "executor" and _keeps_cores(pair, cut),
        },
        node=place_of_loss(pair, keys),
        related=related("part", [one for one in stated if one is not None and one.path != change.path])[:3],
    )


def _replaced(pair: Pair, role: Role) -> str:
    """Says so where a stated overhead takes the place of the derived one."""
    key = f"spark.{role}.memoryOverhead"
    if key in pair.before.values or key not in pair.after.values:
        return ""
    before = footprints(pair.before, role)
    derived = next((part for one in before for part in one.parts if part.name == "overhead"), None)
    return "" if derived is None else f"a stated overhead replaces the derived {spelled(derived.mib * MIB)}"


def _keeps_total(pair: Pair, cut: Cut) -> bool:
    counts = [executors(side) for side in pair]
    old, new = (None if one is None else one.highest for one in counts)
    return old is not None and new is not None and old < new and new * cut.ratio >= old


def _keeps_cores(pair: Pair, cut: Cut) -> bool:
    old, new = (side.whole("spark.executor.cores") for side in pair)
    return bool(old and new and new < old and cut.ratio * old >= new)
