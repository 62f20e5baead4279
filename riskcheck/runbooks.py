"""Whether the rollback runbook that a service links is there and was walked through lately."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Service
    from riskcheck.trees import Tree

EXERCISE_DAYS: Final = 90
"""A rollback procedure that nobody walked through within a quarter is a hope, not evidence."""


def runbook_problem(
    service: Service, now: int, exists: Callable[[str], bool], within_days: int = EXERCISE_DAYS
) -> str | None:
    """Why the runbook of `service` is no evidence, None where it is.

    now: seconds since the epoch. exists: whether a path is in the tree that decides.
    """
    url = service.runbook_url
    if not url:
        return "no rollback runbook is linked"
    path = path_of(url)
    if path is not None and not exists(path):
        return f"its runbook {url} does not exist"
    if not service.runbook_exercised:
        return f"{url} was never exercised"
    try:
        exercised = date.fromisoformat(service.runbook_exercised[:10])
    except ValueError:
        return f"{url}: when it was exercised cannot be read"
    age = datetime.fromtimestamp(now, UTC).date() - exercised
    if age < timedelta(0):
        return f"{url} is said to be exercised on {exercised}, which is yet to come"
    if age > timedelta(days=within_days):
        return f"{url} was last exercised on {exercised}, {age.days} days ago"
    return None


def is_there(tree: Tree, path: str) -> bool:
    """Whether `path` is a file that `tree` holds: links out of it and submodules are none."""
    entry = tree.entry(path)
    if entry is None or entry.kind == "file":
        return entry is not None
    try:
        return bool(tree.read(path))
    except UnreadableError:
        return False


def path_of(url: str) -> str | None:
    """The path in the repository that `url` is, without its anchor; None for an address elsewhere."""
    if ":" in url.partition("/")[0]:
        return None
    path = url.partition("#")[0].partition("?")[0].removeprefix("./").lstrip("/")
    return path or None
