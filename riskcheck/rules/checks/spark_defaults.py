"""Defaults that many Spark applications share: who gets an edit of them, and who states the property itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, location_of
from riskcheck.phrases import listed
from riskcheck.rules.checks.spark_reading import Pair, inherited, pair_of, speaks, users_of
from riskcheck.spark.reading import DEFAULTS_FILE, all_settings
from riskcheck.spark.sizes import bytes_of_key, is_duration, is_size, seconds_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_MOST_KEYS: Final = 3

_INERT: Final = (
    "spark.app.name",
    "spark.eventLog.",
    "spark.history.",
    "spark.log",
    "spark.metrics.",
    "spark.submit.waitAppCompletion",
    "spark.ui.",
    "spark.yarn.historyServer.",
)
"""Beginnings of properties that change no run, only what is seen of it."""


def defaults_edited(change: Change, context: CheckContext) -> Iterator[Match]:
    """Defaults of Spark that somebody inherits are other ones.

    Values: what, keys, who (texts), applications (how many are known to use them; 0 where nothing tells).
    """
    if change.path == () and change.kind == "removed":
        yield from _gone(change, context)
        return
    pair = pair_of(change, context)
    after = change.resource_after
    if pair is None or after is None or pair.after.scope != "defaults":
        return
    keys = [
        key for key in {**pair.before.values, **pair.after.values} if _decides(key) and _differs(pair, key)
    ]
    if not keys or not speaks(change, context, pair, keys):
        return
    users = users_of(after, context)
    heirs = [(user, taken) for user in users if (taken := inherited(user, keys))]
    if users and not heirs:
        return
    yield Match(
        values={
            "keys": listed(keys, _MOST_KEYS),
            "what": "1 Spark default changes" if len(keys) == 1 else f"{len(keys)} Spark defaults change",
            "who": _who(len(heirs), [key for key in keys if any(key not in taken for _, taken in heirs)]),
            "applications": len(heirs),
        },
        related=tuple(Related("application", location_of(user.origin)) for user, _ in heirs[:3]),
        resources=tuple(sorted(user.address for user, _ in heirs)),
    )


def _gone(change: Change, context: CheckContext) -> Iterator[Match]:
    """A file of defaults that goes, and is nowhere else."""
    before = change.resource
    held = next(all_settings(before), None) if before.kind == DEFAULTS_FILE else None
    if held is None:
        return
    kept: set[tuple[str, str]] = set()
    for other in context.head.find(kind=DEFAULTS_FILE, environment=before.environment.name):
        kept.update((one.key, one.text) for found in all_settings(other) for one in found.values.values())
    lost = [one.key for one in held.values.values() if _decides(one.key) and (one.key, one.text) not in kept]
    if lost:
        what = "1 Spark default goes" if len(lost) == 1 else f"{len(lost)} Spark defaults go"
        keys = listed(lost, _MOST_KEYS)
        yield Match(values={"what": what, "keys": keys, "who": _who(0, []), "applications": 0})


def _decides(key: str) -> bool:
    return not key.startswith(_INERT)


def _differs(pair: Pair, key: str) -> bool:
    """Whether a property is another one, and not the same written otherwise."""
    old, new = pair.texts(key)
    if old is None or new is None or old == new:
        return old != new
    for known, value in ((is_size, bytes_of_key), (is_duration, seconds_of_key)):
        if known(key):
            amounts = value(key, old), value(key, new)
            return amounts[0] is None or amounts[0] != amounts[1]
    return old.strip().lower() != new.strip().lower()


def _who(heirs: int, stated: list[str]) -> str:
    if not heirs:
        return "whatever is submitted with them"
    known = "1 application here" if heirs == 1 else f"{heirs} applications here"
    return f"{known}; some state {listed(stated, 2)} themselves" if stated else known
