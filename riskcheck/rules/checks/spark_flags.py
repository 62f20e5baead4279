"""Properties that change what Spark computes, or how often it does it, without any code that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text_at
from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping
from riskcheck.rules.checks.spark_reading import Pair, pair_of, shown, speaks, subject
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.spark.settings import Settings

BROADCAST: Final = "spark.sql.autoBroadcastJoinThreshold"
ANSI: Final = "spark.sql.ansi.enabled"
ZONE: Final = "spark.sql.session.timeZone"
OVERWRITE: Final = "spark.sql.sources.partitionOverwriteMode"

EFFECTS: Final = {
    ANSI: "what was null, or wrapped around, becomes an error, or the other way round",
    BROADCAST: "joins are carried out another way",
    OVERWRITE: "an overwrite takes away other partitions than before",
    ZONE: "timestamps fall on other hours and days",
    "spark.sql.caseSensitive": "columns are told apart by case, or no longer",
    "spark.sql.crossJoin.enabled": "joins without a condition are let through, or no longer",
    "spark.sql.files.ignoreCorruptFiles": "files that cannot be read are left out without a word, or no longer",
    "spark.sql.files.ignoreMissingFiles": "files that are missing are left out without a word, or no longer",
    "spark.sql.mapKeyDedupPolicy": "maps with a key twice are taken otherwise",
    "spark.sql.storeAssignmentPolicy": "values that do not fit their column are stored otherwise",
    "spark.sql.parquet.outputTimestampType": "timestamps are written in another type",
}
"""Property to what it does to results."""

_LEGACY: Final = "spark.sql.legacy."
_REBASE: Final = "RebaseMode"

_DEFAULTS: Final = {
    BROADCAST: "10485760",
    OVERWRITE: "static",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.mapKeyDedupPolicy": "exception",
    "spark.sql.storeAssignmentPolicy": "ansi",
    "spark.sql.parquet.outputTimestampType": "int96",
}
"""In lower case. ``SQLConf``: https://github.com/apache/spark/blob/master/sql/catalyst/src/main/scala/org/apache/spark/
sql/internal/SQLConf.scala, https://spark.apache.org/docs/latest/configuration.html#runtime-sql-configuration"""

_UTC: Final = frozenset({"utc", "etc/utc", "gmt", "z", "+00:00", "zulu", "universal", "etc/gmt"})

SPECULATION: Final = "spark.speculation"
FAILURES: Final = "spark.task.maxFailures"
_DEFAULT_FAILURES: Final = 4
_COMMITTING: Final = ("delta", "iceberg", "hudi")


def semantics_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Another value of a property that decides on results.

    Values: subject, key, was, now, effect (texts), semantic (bool: results, not only the way to them), restored.
    """
    pair = pair_of(change, context)
    for key in _keys(pair) if pair is not None else ():
        assert pair is not None
        if not speaks(change, context, pair, (key,)):
            continue
        old, new = (_effective(side, key, change, context) for side in pair)
        if old == new or any(side.is_open(key) for side in pair):
            continue
        yield Match(
            values={
                "subject": subject(change, pair),
                "key": key,
                "was": shown(pair.before.values.get(key)),
                "now": shown(pair.after.values.get(key)),
                "effect": _effect(key),
                "semantic": key != BROADCAST,
                "restored": key == BROADCAST,
            }
        )


def _keys(pair: Pair) -> Iterator[str]:
    for key in {**pair.before.values, **pair.after.values}:
        if (key in EFFECTS or key.startswith(_LEGACY) or _REBASE in key) and pair.differs(key):
            yield key


def _effect(key: str) -> str:
    if key in EFFECTS:
        return EFFECTS[key]
    return (
        "old dates are read or written otherwise"
        if _REBASE in key
        else "the behaviour of an older version comes or goes"
    )


def _effective(settings: Settings, key: str, change: Change, context: CheckContext) -> str | None:
    """The value in force, other spellings of it alike; None where nothing tells it."""
    if key not in settings.values:
        if key == ZONE:  # that of the JVM, which is UTC in containers and clusters that set none
            return None if settings.manager == "unknown" else "utc"
        return _ansi_default(settings, change, context) if key == ANSI else _DEFAULTS.get(key)
    if key == BROADCAST:
        size = settings.bytes(key)
        return settings.values[key].text.strip() if size is None else str(size)
    text = settings.values[key].text.strip().lower()
    return "utc" if key == ZONE and text in _UTC else text


def _ansi_default(settings: Settings, change: Change, context: CheckContext) -> str | None:
    """On since Spark 4.0, Databricks Runtime 17: https://apache.github.io/spark/sql-migration-guide.html"""
    node = context.node(change.resource, settings.place) if settings.place else change.resource.body
    spec = application_of(change.resource)
    version, first = (text_at(spec, "sparkVersion"), 4)
    if spec is None:
        version, first = (text_at(node, "spark_version") if isinstance(node, Mapping) else None, 17)
    major = (version or "").partition(".")[0]
    return ("true" if int(major) >= first else "false") if major.isdecimal() else None


def task_policy_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Tasks that run twice at once, or may fail less often.

    Values: subject, what (text).
    """
    pair = pair_of(change, context)
    if pair is None:
        return
    old, new = (side.flag(SPECULATION, default=False) for side in pair)
    if (
        old is False
        and new is True
        and not _commits(pair.after)
        and speaks(change, context, pair, (SPECULATION,))
    ):
        what = "slow tasks run twice at once (spark.speculation), and a sink without commits gets both writes"
        yield Match(values={"subject": subject(change, pair), "what": what})
    before, after = (side.whole(FAILURES) if FAILURES in side.values else _DEFAULT_FAILURES for side in pair)
    if (
        before is not None
        and after is not None
        and after < before
        and speaks(change, context, pair, (FAILURES,))
    ):
        what = f"a task may fail {after} times instead of {before} before the job does"
        yield Match(values={"subject": subject(change, pair), "what": what})


def _commits(settings: Settings) -> bool:
    """Whether a table format is set up whose commits take each task's output once."""
    return any(
        word in setting.text.lower()
        for key, setting in settings.values.items()
        if key == "spark.sql.extensions" or key.startswith("spark.sql.catalog.")
        for word in _COMMITTING
    )
