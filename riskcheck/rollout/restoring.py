"""What brings back what a revert does not: declared backups, and windows in which the platform keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text_at
from riskcheck.durations import spell
from riskcheck.judged import RollbackEvidence
from riskcheck.rollout.backups import covers, same_place
from riskcheck.rollout.statements import done, parent_goes
from riskcheck.rollout.windows import RETAINED, window_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.models import Resource
    from riskcheck.rollout.backups import Backup, Backups
    from riskcheck.rollout.losses import Loss

RECOVER_SECONDS: Final = 4 * 3_600
"""Time that a recovery may take where no RTO is stated."""

_NO_WINDOW: Final = "no recovery window is known for it"


def backup(losses: Sequence[Loss], known: Backups) -> RollbackEvidence:
    """One backup for each thing that is lost; the first without one is the reason."""
    details: list[str] = []
    slowest: int | None = 0
    for loss in _each(losses):
        taken = next((one for one in known.found if _covers(one, loss)), None)
        if taken is None:
            idle = next(
                (one for one in known.found if one.idle and _covers(one._replace(idle=""), loss)), None
            )
            said = f"; {idle.place} would, but {idle.idle}" if idle else ""
            more = f" ({known.unread} files were not looked into)" if known.unread else ""
            detail = f"nothing in the repository names a backup of {_called(loss)}{said}{more}"
            return RollbackEvidence("backup", False, detail)
        every = f" every {spell(taken.interval)}" if taken.interval else ""
        details.append(f"{taken.what}{every} ({taken.place})")
        slowest = None if slowest is None or taken.interval is None else max(slowest, taken.interval)
    return RollbackEvidence("backup", True, "; ".join(dict.fromkeys(details)), seconds=slowest)


def _covers(one: Backup, loss: Loss) -> bool:
    """Whether a backup is of what is lost: of the thing that a statement is about, else of the resource."""
    statement = done(loss)
    resource = loss.change.resource_before or loss.change.resource
    if statement is None:
        return covers(one, resource)
    return (
        not one.idle
        and one.table.lower() == statement.name
        and same_place(one.environment, resource.environment)
    )


def _called(loss: Loss) -> str:
    """``volumes landing``; what a script is about instead of the script."""
    statement = done(loss)
    if statement is not None:
        return statement.thing
    resource = loss.change.resource_before or loss.change.resource
    return f"{resource.kind} {resource.name.rpartition('/')[2]}"


def window(
    losses: Sequence[Loss], base: Iterable[Resource], detect_seconds: int, rto: int | None
) -> RollbackEvidence:
    """Whether all that is lost can be had back for longer than it takes to notice and to recover."""
    known = tuple(base)
    need = detect_seconds + (rto or RECOVER_SECONDS)
    details: list[str] = []
    shortest: int | None = None
    for loss in _each(losses):
        resource = loss.change.resource_before or loss.change.resource
        what, seconds, endless = _window_of(loss, resource, losses, known)
        if endless:
            details.append(what)
            continue
        if seconds is None:
            return RollbackEvidence("window", False, what)
        if seconds <= need:
            return RollbackEvidence(
                "window",
                False,
                f"{what} for {spell(seconds)}, no longer than {spell(need)} to notice and recover",
            )
        details.append(f"{what} for {spell(seconds)}; noticing and recovering may take {spell(need)}")
        shortest = seconds if shortest is None else min(shortest, seconds)
    return RollbackEvidence("window", True, "; ".join(dict.fromkeys(details)), seconds=shortest)


def _each(losses: Iterable[Loss]) -> list[Loss]:
    """One loss for each resource, and for each thing that a statement is about."""
    found: dict[object, Loss] = {}
    for loss in losses:
        found.setdefault(done(loss) or (loss.change.resource_before or loss.change.resource).key, loss)
    return list(found.values())


def _window_of(
    loss: Loss, resource: Resource, losses: Sequence[Loss], base: Sequence[Resource]
) -> tuple[str, int | None, bool]:
    """What has it back, for how long in seconds (None: not at all), and whether without end."""
    statement = done(loss)
    if statement is not None:
        row = window_of("sql", statement.kind)
        if row is None:
            return _NO_WINDOW, None, False
        if row.needs == "parent" and parent_goes(statement, loss.change.resource_after):
            return f"{row.what} needs the parent schema, which goes as well", None, False
        return row.what, row.seconds, False
    if not loss.is_gone:
        return _NO_WINDOW, None, False
    if resource.platform == "kubernetes":
        if resource.kind == "PersistentVolumeClaim" and _is_retained(resource, base):
            return f"its class retains the volume until somebody deletes it ({RETAINED})", None, True
        return _NO_WINDOW, None, False
    row = window_of(resource.platform, resource.kind)
    if row is None:
        return _NO_WINDOW, None, False
    if row.needs == "parent" and _parent_goes(resource, losses):
        return f"{row.what} needs the parent schema, which goes as well", None, False
    return row.what, row.seconds, False


def _parent_goes(resource: Resource, losses: Sequence[Loss]) -> bool:
    """Whether the schema or catalog that holds `resource` goes in the same edit."""
    schema, catalog = (text_at(resource.body, key) or "" for key in ("schema_name", "catalog_name"))
    for loss in losses:
        other = loss.change.resource_before
        if other is None or other.environment.name != resource.environment.name or not loss.is_gone:
            continue
        name = text_at(other.body, "name") or other.name
        if other.kind == "schemas" and (name == schema or f"schemas.{other.name}." in schema):
            return True
        if other.kind == "catalogs" and (name == catalog or f"catalogs.{other.name}." in catalog):
            return True
    return False


def _is_retained(claim: Resource, base: Iterable[Resource]) -> bool:
    """Whether the class of `claim`, as the same environment declares it, keeps volumes that lost their claim."""
    wanted = text_at(claim.body, "spec", "storageClassName")
    return wanted is not None and any(
        one.kind == "StorageClass"
        and one.platform == "kubernetes"
        and one.environment.name == claim.environment.name
        and one.name.rpartition("/")[2] == wanted
        and text_at(one.body, "reclaimPolicy") == "Retain"
        for one in base
    )
