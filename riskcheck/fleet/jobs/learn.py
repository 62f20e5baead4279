"""`riskcheck learn` in a repository: its table holds what moves together there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.fleet.model import Columns, Found, Row, Task, TaskResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.fleet.model import Fleet, Member
    from riskcheck.learned import LearnedRule
    from riskcheck.report.json import Json

COLUMNS: Final[Columns] = (
    ("repository", "string"),
    ("revision", "string"),
    ("kind", "string"),
    ("level", "string"),
    ("together", "array<string>"),
    ("within", "string"),
    ("edited", "array<string>"),
    ("keys", "array<string>"),
    ("expect", "array<string>"),
    ("expect_key", "string"),
    ("seen", "long"),
    ("of", "long"),
    ("bound", "double"),
    ("last", "array<string>"),
)
_REPOSITORY, _KIND, _LEVEL = 0, 2, 3


def tasks(member: Member, fleet: Fleet, task: Task) -> Iterable[Task]:
    """One: what moves together is counted over the whole history. It depends on no clock. Raises `RunError`."""
    from riskcheck.fleet.histories import needs_history

    needs_history(task)
    return (task._replace(as_of=0),)


def run(task: Task) -> TaskResult:
    """Learns from the history of `task`. Raises `RunError`."""
    from riskcheck.fleet.histories import CUT, history_of
    from riskcheck.history.cochange import mine
    from riskcheck.history.cochange_model import Thresholds
    from riskcheck.learning import learned

    options = dict(task.options)
    history = history_of(task)
    thresholds = Thresholds(window=int(options.get("since", Thresholds().window)))
    level = options.get("level", "advisory")
    found = learned(mine(history, thresholds).found, history, thresholds)
    rows = tuple(_row(task, one.rule) for one in found if level in ("advisory", one.rule.level))
    return TaskResult(rows, note=CUT if history.cut else None)


def _row(task: Task, rule: LearnedRule) -> Row:
    return (
        task.repository,
        task.revision,
        rule.kind,
        rule.level,
        list(rule.together),
        rule.within,
        list(rule.edited),
        list(rule.keys),
        list(rule.expect),
        rule.expect_key,
        rule.seen,
        rule.of,
        rule.bound,
        list(rule.last),
    )


def found(rows: Iterable[Row], judged: Iterable[str], fleet: Fleet) -> Found:
    """Rules by repository, those to warn of, and those that are parity between environments."""
    counted = {name: {"rules": 0, "warn": 0, "parity": 0} for name in judged}
    for row in rows:
        counts = counted[str(row[_REPOSITORY])]
        counts["rules"] += 1
        counts["warn"] += row[_LEVEL] == "warn"
        counts["parity"] += row[_KIND] == "parity"
    about: dict[str, Json] = {"repositories": {name: dict(one) for name, one in counted.items()}}
    return Found(about, _lines(about))


def _lines(summary: dict[str, Json]) -> list[str]:
    """A table of repositories."""
    from riskcheck.fleet.telling import table

    repositories = summary["repositories"]
    assert isinstance(repositories, dict)
    body = []
    for name, counts in repositories.items():
        assert isinstance(counts, dict)
        body.append([name, *(str(counts[kind]) for kind in ("rules", "warn", "parity"))])
    return table(["", "rules", "to warn of", "between environments"], body) if body else ["nothing learned"]
