"""What rollback evidence is read from: platforms, the deciding tree, and the backups that a repository declares.

Asked for at the first finding; files are searched for backups where something is lost only.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.rollout.rollback import RollbackFacts, one_way_fields
from riskcheck.runbooks import is_there
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Action, Change
    from riskcheck.policy.model import Policy
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.resolving import Resolved
    from riskcheck.rollout.backups import Backup, Backups
    from riskcheck.trees import Comparison, Tree

T = TypeVar("T")

MOST_FILES: Final = 10_000
"""Files that are looked into for declared backups."""

_MANIFESTS: Final = (".yaml", ".yml", ".json")
_SCRIPTS: Final = (".sql", ".py")
_SCRIPT_WORDS: Final = ("backup", "clone", "restore", "snapshot")
"""Scripts are looked into where their path says what they are for."""

RTO_RULE: Final = "GOV-004"
RTO_RULE_ID: Final = "rollback-misses-objectives"
DETECTION: Final = "detection_minutes"
"""The option of that rule in which a policy states how long it takes until somebody notices."""


def rollback_facts(
    comparison: Comparison, policy: Policy, environments: EnvironmentModel, resolved: Resolved
) -> RollbackFacts:
    """The facts of one run; searching for backups waits until somebody asks, and happens once."""

    @_once_each
    def action(changes: Sequence[Change]) -> Action:
        return resolved.platform(changes[0].resource).action(changes) if changes else "none"

    @cache
    def delivered() -> tuple[ProgressiveDelivery, ...]:
        from riskcheck.progressive.read import deliveries

        return deliveries(resolved.head)

    def aborts(change: Change) -> tuple[str, int] | None:
        from riskcheck.progressive.triggers import flows_through, said

        for one in delivered():
            if one.abort == "automatic" and one.abort_seconds and flows_through(one, change)[0]:
                return said(one), one.abort_seconds
        return None

    return RollbackFacts(
        now=comparison.now,
        detect_seconds=stated_detection(policy),
        exists=lambda path: is_there(comparison.deciding, path),
        action=action,
        base=lambda: resolved.base,
        aborts=aborts,
        one_way=_once_each(one_way_fields),
        backups=cache(lambda: _backups(comparison, environments, policy.exclude)),
    )


def _once_each(said: Callable[[Sequence[Change]], T]) -> Callable[[Sequence[Change]], T]:
    """`said`, asked once about the changes of a resource however many findings there are in it."""
    known: dict[int, tuple[Sequence[Change], T]] = {}

    def remembered(changes: Sequence[Change]) -> T:
        # The changes are kept beside the answer, so that their identity stays theirs.
        if id(changes) not in known:
            known[id(changes)] = changes, said(changes)
        return known[id(changes)][1]

    return remembered


def stated_detection(policy: Policy) -> int | None:
    """Seconds until a bad change is noticed, where the policy says so."""
    for name in (RTO_RULE, RTO_RULE_ID):
        minutes = policy.rules.options.get(name, {}).get(DETECTION)
        if isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes > 0:
            return int(minutes * 60)
    return None


def _backups(comparison: Comparison, environments: EnvironmentModel, excluded: Sequence[str]) -> Backups:
    """Those of base that head still declares: one that comes with the change has not run yet, and one that goes
    with it is none."""
    from riskcheck.rollout.backups import Backups

    candidates = [
        path for path in comparison.base.entries() if _may_declare(path) and not matches_any(path, excluded)
    ]
    looked_at = candidates[:MOST_FILES]
    changed = {change.old_path: change.path for change in comparison.changes if change.base is not None}
    found: list[Backup] = []
    for backup in _declared(comparison.base, looked_at, environments):
        path, _, _ = backup.place.rpartition(":")
        if path not in changed or _stays(backup, comparison.head, changed[path], environments):
            found.append(backup)
    return Backups(tuple(found), len(candidates) - len(looked_at))


def _stays(backup: Backup, head: Tree, path: str, environments: EnvironmentModel) -> bool:
    return any(
        one._replace(place="", environment=None) == backup._replace(place="", environment=None)
        for one in _declared(head, [path], environments)
    )


def _may_declare(path: str) -> bool:
    if path.endswith(_SCRIPTS):
        return any(word in path.lower() for word in _SCRIPT_WORDS)
    return path.endswith(_MANIFESTS)


def _declared(tree: Tree, paths: Sequence[str], environments: EnvironmentModel) -> Iterator[Backup]:
    from riskcheck.rollout.backups import MARKS, declared_clones

    tree.prefetch(paths)
    documents = DocumentStore(tree)
    for path in paths:
        try:
            data = tree.read(path)
        except UnreadableError:
            continue
        if path.endswith(_SCRIPTS):
            if b"CLONE" in data.upper():
                yield from declared_clones(path, data.decode("utf-8", "replace"), environments.of_path(path))
        elif any(mark in data for mark in MARKS):
            yield from _of_manifest(documents, path, environments)


def _of_manifest(documents: DocumentStore, path: str, environments: EnvironmentModel) -> Iterable[Backup]:
    from riskcheck.rollout.backups import declared_backup

    for chunk in documents.get(path).chunks:
        if chunk.root is not None:
            backup = declared_backup(chunk.root, environments.of_path(path))
            if backup is not None:
                yield backup
