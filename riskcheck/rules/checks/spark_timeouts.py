"""Timeouts of Spark: after which silence an executor counts as lost, a question or a broadcast as failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.rules.checks.spark_reading import Pair, number, pair_of, related, shown, speaks, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.spark.settings import Settings

NETWORK: Final = "spark.network.timeout"
HEARTBEAT: Final = "spark.executor.heartbeatInterval"
ASK: Final = "spark.rpc.askTimeout"
BROADCAST: Final = "spark.sql.broadcastTimeout"

_DEFAULTS: Final = {NETWORK: 120.0, HEARTBEAT: 10.0, BROADCAST: 300.0}
"""Seconds: https://spark.apache.org/docs/latest/configuration.html"""


def timeouts_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Heartbeats that are too rare for the timeout, or a timeout under `ratio` of what it was.

    Values: subject, what (text), refused (bool: Spark does not start).
    """
    pair = pair_of(change, context)
    if pair is None:
        return
    rare = _too_rare(pair)
    if rare:
        if speaks(change, context, pair, (HEARTBEAT, NETWORK)):
            yield _match(change, pair, rare[0], (HEARTBEAT, NETWORK), refused=rare[1])
        return
    ratio = number(context.options.get("ratio"), 0.5)
    for key in (NETWORK, ASK, BROADCAST):
        old, new = (_seconds(side, key) for side in pair)
        falls = old is not None and new is not None and 0 < new < ratio * old
        if falls and speaks(change, context, pair, (key,)):
            was, now = (shown(side.values.get(key)) for side in pair)
            was = f"its default of {old:g}s" if was == "unset" else was
            yield _match(change, pair, f"{key} falls from {was} to {now}", (key,), refused=False)


def _too_rare(pair: Pair) -> tuple[str, bool] | None:
    """What is wrong between heartbeats and timeout, and whether Spark refuses it; None where it was so before.

    ``SparkConf.validateSettings`` wants the timeout above the interval; the documentation wants it far above.
    """
    beats = [_seconds(side, HEARTBEAT) for side in pair]
    silences = [_seconds(side, NETWORK) for side in pair]
    (before, after), (old, new) = beats, silences
    if before is None or after is None or old is None or new is None:
        return None
    told = f"a heartbeat every {after:g}s and a network timeout of {new:g}s"
    if after >= new and before < old:
        return f"{told}: Spark does not start with it", True
    if new > after > new / 2 and before <= old / 2:
        return f"{told}: one heartbeat that is late counts an executor as lost", False
    return None


def _seconds(settings: Settings, key: str) -> float | None:
    if key in settings.values:
        return settings.seconds(key)
    return _seconds(settings, NETWORK) if key == ASK else _DEFAULTS[key]


def _match(change: Change, pair: Pair, what: str, keys: tuple[str, ...], *, refused: bool) -> Match:
    others = [one for key in keys if (one := pair.setting(key)) is not None and one.path != change.path]
    return Match(
        values={"subject": subject(change, pair), "what": what, "refused": refused},
        related=related("timeout", others),
    )
