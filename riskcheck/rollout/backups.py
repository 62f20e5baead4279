"""Backups that a repository declares, each with its place, and which resource each covers.

Nothing is inferred: what no file names is no backup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.cadence.rate import unix
from riskcheck.documents.texts import TRUE, text, text_at
from riskcheck.globs import wildcard
from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Environment, Resource

HOUR: Final = 3_600
DAY: Final = 86_400

MARKS: Final = (b"velero.io", b"snapscheduler.backube")
"""What a file that declares a scheduled backup holds."""

CLAIMS: Final = frozenset({"persistentvolumeclaims", "pvc", "persistentvolumeclaim", "*"})


_CLONE: Final = regex(r"\bDEEP\s+CLONE\s+`?([\w-]+)`?\.`?([\w-]+)`?\.`?([\w-]+)`?", re.IGNORECASE | re.ASCII)


class Backup(NamedTuple):
    """A declared backup. place: ``path:line``. what: in words. interval: seconds between two, None where unknown.

    namespaces: globs of what it takes, empty for all; without: globs of what it leaves out. labels: that a claim
    must have. volumes: whether volumes are taken. table: of a clone, ``catalog.schema.table``. environment: where
    its file is deployed, None where nothing tells. idle: why it takes nothing, "" where it does.
    """

    place: str
    what: str
    interval: int | None
    environment: Environment | None
    namespaces: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    volumes: bool = True
    table: str = ""
    idle: str = ""


class Backups(NamedTuple):
    """found: those of base that head still declares. unread: files that were not looked into, for their number."""

    found: tuple[Backup, ...] = ()
    unread: int = 0


def declared_backup(root: Node, environment: Environment | None) -> Backup | None:
    """The backup that one Kubernetes object declares, or None.

    Velero: https://velero.io/docs/main/api-types/schedule/ ; SnapScheduler:
    https://backube.github.io/snapscheduler/usage.html
    """
    if not isinstance(root, Mapping):
        return None
    group, kind = (text_at(root, "apiVersion") or "").rpartition("/")[0], text_at(root, "kind")
    place = f"{root.source.path}:{root.file_line}"
    if (group, kind) == ("velero.io", "Schedule"):
        return _velero(root, place, environment)
    if (group, kind) == ("snapscheduler.backube", "SnapshotSchedule"):
        return _snapshots(root, place, environment)
    return None


def _velero(root: Mapping, place: str, environment: Environment | None) -> Backup:
    template = root.at("spec", "template")
    kinds = _texts(template, "includedResources")
    left_out = {one.lower() for one in _texts(template, "excludedResources")}
    idle = ""
    if text_at(root, "spec", "paused") in TRUE:
        idle = "it is paused"
    elif isinstance(template, Mapping) and (
        template.get("labelSelector") or template.get("orLabelSelectors")
    ):
        idle = "it selects by labels, and which objects have them is not followed"
    volumes = (
        text_at(template, "snapshotVolumes") not in ("false", "False")
        and (not kinds or any(one.lower() in CLAIMS for one in kinds))
        and not left_out & CLAIMS
    )
    return Backup(
        place,
        "Velero backs it up",
        _interval(root.get("spec")),
        environment,
        tuple(one for one in _texts(template, "includedNamespaces") if one != "*"),
        _texts(template, "excludedNamespaces"),
        volumes=volumes,
        idle=idle,
    )


def _snapshots(root: Mapping, place: str, environment: Environment | None) -> Backup:
    selector = root.at("spec", "claimSelector")
    idle = ""
    if text_at(root, "spec", "disabled") in TRUE:
        idle = "it is disabled"
    elif isinstance(selector, Mapping) and selector.get("matchExpressions") is not None:
        idle = "it selects by expressions, which are not followed"
    wanted = selector.get("matchLabels") if isinstance(selector, Mapping) else None
    labels = wanted.entries if isinstance(wanted, Mapping) else []
    return Backup(
        place,
        "a schedule snapshots it",
        _interval(root.get("spec")),
        environment,
        (text_at(root, "metadata", "namespace") or "",),
        labels=tuple((key.raw, text(value) or "") for key, value in labels),
        idle=idle,
    )


def declared_clones(path: str, content: str, environment: Environment | None) -> Iterator[Backup]:
    """Deep clones that a script makes: https://docs.databricks.com/aws/en/delta/clone"""
    for number, line in enumerate(content.splitlines(), 1):
        for match in _CLONE.finditer(line):
            yield Backup(
                f"{path}:{number}", "DEEP CLONE copies it", None, environment, table=".".join(match.groups())
            )


def covers(backup: Backup, resource: Resource) -> bool:
    """Whether `backup` names this very resource. One that takes nothing covers nothing."""
    if backup.idle or not same_place(backup.environment, resource.environment):
        return False
    if backup.table:
        return resource.platform == "databricks" and backup.table == _table_name(resource)
    if resource.platform != "kubernetes" or not backup.volumes:
        return False
    return _takes(backup, resource)


def _takes(backup: Backup, resource: Resource) -> bool:
    namespace = resource.name if resource.kind == "Namespace" else resource.name.rpartition("/")[0]
    if backup.labels:
        labels = resource.body.at("metadata", "labels")
        if any(text_at(labels, key) != value for key, value in backup.labels):
            return False
    if any(wildcard(one, namespace) for one in backup.without):
        return False
    # A manifest that names no namespace is applied into one that no file tells: only a backup of all is of it.
    return not backup.namespaces or (
        bool(namespace) and any(wildcard(one, namespace) for one in backup.namespaces)
    )


def same_place(one: Environment | None, other: Environment) -> bool:
    """Whether what is declared for `one`, or for no environment in particular, holds in `other`."""
    if one is None or one.name == other.name:
        return True
    return one.stage == other.stage and one.tier in (None, other.tier) and one.region in (None, other.region)


def _table_name(resource: Resource) -> str:
    parts = [text_at(resource.body, key) for key in ("catalog_name", "schema_name", "name")]
    return ".".join(part or "" for part in parts)


def _interval(spec: Node | None) -> int | None:
    """Seconds between two backups at most; None where the schedule cannot be read."""
    cadence = unix(text_at(spec, "schedule") or "")
    return None if cadence is None else cadence.longest_gap()


def _texts(node: Node | None, key: str) -> tuple[str, ...]:
    found = node.get(key) if isinstance(node, Mapping) else None
    items: SequenceOf[Node] = found.items if isinstance(found, Sequence) else ()
    return tuple(said for said in map(text, items) if said)
