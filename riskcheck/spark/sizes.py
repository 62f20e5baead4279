"""Sizes and durations as Spark reads them, each key in its own unit where it states none.

Grammar: ``byteStringAs`` and ``timeStringAs`` of
https://github.com/apache/spark/blob/master/common/utils-java/src/main/java/org/apache/spark/network/util/JavaUtils.java
(whole numbers only, units of any case, binary). Units of the keys: the ``ConfigBuilder`` entries of
https://github.com/apache/spark/blob/master/core/src/main/scala/org/apache/spark/internal/config/package.scala
and https://spark.apache.org/docs/latest/configuration.html
"""

from __future__ import annotations

from typing import Final

KIB: Final = 2**10
MIB: Final = 2**20
GIB: Final = 2**30

_SIZES: Final = {
    "b": 1,
    **dict.fromkeys(("k", "kb"), KIB),
    **dict.fromkeys(("m", "mb"), MIB),
    **dict.fromkeys(("g", "gb"), GIB),
    **dict.fromkeys(("t", "tb"), 2**40),
    **dict.fromkeys(("p", "pb"), 2**50),
}
_TIMES: Final = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    **dict.fromkeys(("m", "min"), 60.0),
    "h": 3_600.0,
    "d": 86_400.0,
}
_MOST_DIGITS: Final = 18

BARE_SIZES: Final = {
    **dict.fromkeys(
        (
            "spark.driver.memory",
            "spark.driver.memoryOverhead",
            "spark.driver.minMemoryOverhead",
            "spark.executor.memory",
            "spark.executor.memoryOverhead",
            "spark.executor.minMemoryOverhead",
            "spark.executor.pyspark.memory",
            "spark.yarn.am.memory",
        ),
        MIB,
    ),
    **dict.fromkeys(
        (
            "spark.driver.maxResultSize",
            "spark.memory.offHeap.size",
            "spark.sql.autoBroadcastJoinThreshold",
        ),
        1,
    ),
}
"""Key to the bytes of one unit of a number that states no unit."""

BARE_TIMES: Final = {
    **dict.fromkeys(
        (
            "spark.dynamicAllocation.cachedExecutorIdleTimeout",
            "spark.dynamicAllocation.executorIdleTimeout",
            "spark.dynamicAllocation.schedulerBacklogTimeout",
            "spark.network.timeout",
            "spark.rpc.askTimeout",
            "spark.rpc.lookupTimeout",
            "spark.sql.broadcastTimeout",
            "spark.storage.blockManagerSlaveTimeoutMs",
        ),
        1.0,
    ),
    **dict.fromkeys(
        (
            "spark.dynamicAllocation.shuffleTracking.timeout",
            "spark.executor.heartbeatInterval",
            "spark.network.timeoutInterval",
            "spark.speculation.interval",
            "spark.excludeOnFailure.timeout",
        ),
        1e-3,
    ),
}
"""Key to the seconds of one unit of a number that states no unit."""


def size_in_bytes(text: str, unit: int = 1) -> int | None:
    """`text` in bytes, None where Spark would refuse it (``1.5g``, ``4Gi``). unit: bytes of a bare 1."""
    parts = _number_and_unit(text)
    if parts is None:
        return None
    number, suffix = parts
    scale = _SIZES.get(suffix) if suffix else unit
    return None if scale is None else number * scale


def seconds_in(text: str, unit: float = 1.0) -> float | None:
    """`text` in seconds, None where Spark would refuse it. unit: seconds of a bare 1."""
    parts = _number_and_unit(text)
    if parts is None:
        return None
    number, suffix = parts
    scale = _TIMES.get(suffix) if suffix else unit
    return None if scale is None else number * scale


def bytes_of_key(key: str, text: str) -> int | None:
    """The size that `text` is for `key`, in bytes."""
    return size_in_bytes(text, BARE_SIZES.get(key, 1))


def seconds_of_key(key: str, text: str) -> float | None:
    """The duration that `text` is for `key`, in seconds. A key whose unit is not known must state one."""
    if key in BARE_TIMES:
        return seconds_in(text, BARE_TIMES[key])
    parts = _number_and_unit(text)
    return seconds_in(text) if parts is not None and parts[1] else None


def is_size(key: str) -> bool:
    return key in BARE_SIZES


def is_duration(key: str) -> bool:
    return key in BARE_TIMES


def spelled(amount: int) -> str:
    """Bytes for people: ``17.6 GiB``, ``384 MiB``."""
    if amount >= GIB:
        return f"{amount / GIB:.1f}".removesuffix(".0") + " GiB"
    if amount >= MIB:
        return f"{amount // MIB} MiB"
    return f"{amount} bytes"


def _number_and_unit(text: str) -> tuple[int, str] | None:
    text = text.strip().lower()
    digits = len(text) - len(text.lstrip("0123456789"))
    if not 0 < digits <= _MOST_DIGITS:
        return None
    return int(text[:digits]), text[digits:]
