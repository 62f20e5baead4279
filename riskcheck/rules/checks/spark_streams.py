"""What a streaming query may not have changed under it: its checkpoint, its state store, its partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text_at
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import KeyPath, Mapping
from riskcheck.rules.checks.spark_reading import Pair, pair_of, shown, speaks, subject
from riskcheck.spark.checkpoints import (
    PROPERTY,
    Checkpoint,
    all_checkpoints,
    in_arguments,
    in_entry,
    normalised,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext
    from riskcheck.spark.settings import Settings

PARTITIONS: Final = "spark.sql.shuffle.partitions"
STATE_PARTITIONS: Final = "spark.sql.streaming.stateStore.partitions"
PROVIDER: Final = "spark.sql.streaming.stateStore.providerClass"
POLICY: Final = "spark.sql.streaming.multipleWatermarkPolicy"
_STREAMING: Final = ("spark.sql.streaming.", "spark.streaming.")
_APPLICATIONS: Final = ("SparkApplication", "ScheduledSparkApplication")
_HOLDERS: Final = (
    ("databricks", "jobs"),
    ("terraform", "databricks_job"),
    *(("kubernetes", kind) for kind in _APPLICATIONS),
)
_ROCKSDB_FROM: Final = (17, 3)
"""Databricks Runtime from which on RocksDB is the default:
https://docs.databricks.com/aws/en/structured-streaming/state-repartitioning"""


def checkpoint_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """A query is told another checkpoint, or one that another query of the environment has.

    Values: what (text), shared (bool).
    """
    before, after = change.resource_before, change.resource_after
    if after is None:
        return
    if change.path == ():
        for one in all_checkpoints(after.body, after.reading):
            yield from _told(None, one, after, context)
        return
    new = _checkpoints_at(after, change.path, context)
    old = {} if before is None else _checkpoints_at(before, change.path, context)
    if change.path[-1].startswith("[") and not _is_first(change, context):
        return
    for name, one in new.items():
        was = old.get(name)
        if was is None or not _same_place(was, one):
            yield from _told(was, one, after, context)


def _told(
    was: Checkpoint | None, now: Checkpoint, resource: Resource, context: CheckContext
) -> Iterator[Match]:
    """What there is to say of a location that is new, and no longer `was`."""
    other = _other_query(now, resource, context)
    moved = was is not None and _is_told(was, now)
    if not moved and other is None:
        return
    what = f"{now.name} moves from {was.location} to" if moved and was is not None else f"{now.name} is"
    too = "" if other is None else f", which {other[0]} has too"
    places = () if other is None else (Related("other query", location_of(other[1].node)),)
    values: dict[str, Value] = {"what": f"{what} {now.location}{too}", "shared": other is not None}
    yield Match(values=values, node=now.node, related=places)


def _checkpoints_at(resource: Resource, path: KeyPath, context: CheckContext) -> dict[str, Checkpoint]:
    node = context.node(resource, path[:-1]) if path[:-1] else resource.body
    if path[-1].startswith("["):
        return {one.name: one for one in in_arguments(node, path[:-1], resource.reading)}
    if not isinstance(node, Mapping):
        return {}
    found = in_entry(node, path[-1].removeprefix("\\"), path, resource.reading)
    return {} if found is None else {found.name: found}


def _is_first(change: Change, context: CheckContext) -> bool:
    """Whether it is the first change of its list."""
    place = change.path[:-1]
    own = [one.path for one in context.changes_of(change.resource) if one.path[: len(place)] == place]
    return not own or own[0] in (change.path, place)


def _same_place(was: Checkpoint, now: Checkpoint) -> bool:
    return normalised(was.location) == normalised(now.location)


def _is_told(was: Checkpoint, now: Checkpoint) -> bool:
    """Whether both are known, or are filled in by the same templates."""
    return _templates(was.location) == _templates(now.location)


def _templates(text: str) -> list[str]:
    import re

    return re.findall(r"\$\{[^{}]*+\}|\{\{[^{}]*+\}\}|\$\([^()]*+\)", text)


def _other_query(one: Checkpoint, resource: Resource, context: CheckContext) -> tuple[str, Checkpoint] | None:
    """What else of the environment has the location, and where it says so."""
    owner = _owner(resource, one.path)
    if owner is None or not one.is_of_one_query or _templates(one.location):
        return None
    for platform, kind in _HOLDERS:
        for other in context.head.find(platform=platform, kind=kind, environment=resource.environment.name):
            for found in all_checkpoints(other.body, other.reading):
                theirs = _owner(other, found.path)
                if theirs not in (None, owner) and found.is_of_one_query and _same_place(found, one):
                    return (theirs or "", found)
    return None


def _owner(resource: Resource, path: KeyPath) -> str | None:
    """What runs with the location: an application, a task of a job; None where that cannot be told."""
    if resource.kind in _APPLICATIONS:
        return f"application {resource.name}"
    if resource.section == "jobs" and path[:1] == ("tasks",) and len(path) > 1:
        return f"task {path[1][1:-1]} of job {resource.name}"
    return None


def partitions_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Another number of shuffle partitions for what may be a stream with state.

    Values: subject, was, now, because (texts), stream (bool: something says that it is one).
    """
    pair = pair_of(change, context)
    if (
        pair is None
        or not speaks(change, context, pair, (PARTITIONS,))
        or STATE_PARTITIONS in pair.after.values
        or _starts_anew(pair)
    ):
        return
    because = _stream_because(change, pair)
    if because or pair.after.scope == "defaults":
        yield Match(
            values={
                "subject": subject(change, pair),
                "was": shown(pair.before.values.get(PARTITIONS)),
                "now": shown(pair.after.values.get(PARTITIONS)),
                "because": f"a stream by its {because}" if because else "streams among them",
                "stream": bool(because),
            }
        )


def state_store_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Another class that keeps the state, or another policy for several watermarks.

    Values: subject, key, was, now (texts), running (bool: something says that a stream runs with it).
    """
    pair = pair_of(change, context)
    if pair is None or _starts_anew(pair):
        return
    for key in (PROVIDER, POLICY):
        if not speaks(change, context, pair, (key,)):
            continue
        old, new = (_effective(one, key, change, context) for one in pair)
        if old != new:
            yield Match(
                values={
                    "subject": subject(change, pair),
                    "key": key.rpartition(".")[2],
                    "was": shown(pair.before.values.get(key)),
                    "now": shown(pair.after.values.get(key)),
                    "running": bool(_stream_because(change, pair, besides=(PROVIDER, POLICY))),
                }
            )


def _effective(settings: Settings, key: str, change: Change, context: CheckContext) -> str | None:
    """The value in force, without packages and case; None where nothing tells it."""
    text = settings.values[key].text if key in settings.values else _default(settings, key, change, context)
    return None if text is None else text.rpartition(".")[2].lower()


def _default(settings: Settings, key: str, change: Change, context: CheckContext) -> str | None:
    if key == POLICY:
        return "min"
    if settings.manager != "databricks":
        return "HDFSBackedStateStoreProvider"
    node = context.node(change.resource, settings.place) if settings.place else change.resource.body
    version = (text_at(node, "spark_version") or "").split(".") if isinstance(node, Mapping) else []
    if len(version) < 2 or not all(part.isdecimal() for part in version[:2]):
        return None
    rocks = (int(version[0]), int(version[1])) >= _ROCKSDB_FROM
    return "RocksDBStateStoreProvider" if rocks else "HDFSBackedStateStoreProvider"


def _starts_anew(pair: Pair) -> bool:
    """Whether the folder of the checkpoints moves with it: then nothing of before is read again, which the finding
    about the checkpoint says."""
    old, new = pair.texts(PROPERTY)
    return old is not None and new is not None and normalised(old) != normalised(new)


def _stream_because(change: Change, pair: Pair, besides: tuple[str, ...] = ()) -> str:
    """What says that a stream runs with the settings; ``""`` where nothing does."""
    for key in pair.after.values:
        if key.startswith(_STREAMING) and key not in besides and key in pair.before.values:
            return key
    resource = change.resource
    if pair.after.scope == "defaults":
        return ""
    if text_at(resource.body, "continuous", "pause_status") or text_at(resource.body, "continuous") == "true":
        return "continuous trigger"
    from riskcheck.sparkapps import application_of, runs_on_because

    spec = application_of(resource)
    if spec is not None and text_at(spec, "restartPolicy", "type") != "Always":
        return runs_on_because(spec, resource.name.rpartition("/")[2]) or ""
    found = next(all_checkpoints(resource.body, resource.reading), None)
    return "" if found is None else found.name
