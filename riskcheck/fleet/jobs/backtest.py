"""`riskcheck backtest` of a repository: its table holds the replayed changes.

A repository is several tasks, each of a range of landed changes. What is said of a change depends on no other task:
each is judged as it was known when it landed, and the history before it is read by every task.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from riskcheck.backtests import FOLLOW_DAYS
from riskcheck.fleet.model import Columns, Found, Row, Task, TaskResult
from riskcheck.history.model import FiredRule, ReplayedChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.backtests import BacktestReport
    from riskcheck.fleet.model import Fleet, Member

COLUMNS: Final[Columns] = (
    ("repository", "string"),
    ("commit", "string"),
    ("number", "long"),
    ("time", "long"),
    ("label", "string"),
    ("human", "boolean"),
    ("lag", "double"),
    ("followed", "double"),
    ("files", "long"),
    ("lines", "long"),
    ("verdict", "string"),
    ("level", "string"),
    ("score", "double"),
    ("rules", "array<string>"),
    ("rule_levels", "array<string>"),
    ("points", "double"),
    ("metadata", "array<double>"),
    ("history", "array<double>"),
    ("error", "string"),
    ("probability", "double"),
)
"""Those of `ReplayedChange`; its rules are two columns, codes and levels."""

CHANGES_PER_TASK: Final = 500
"""Some minutes of work: a small part of what a large repository takes."""


def tasks(member: Member, fleet: Fleet, task: Task) -> Iterable[Task]:
    """Ranges of landed changes, oldest first. They depend on no clock. Raises `RunError`."""
    from riskcheck.fleet.histories import digest_of, landed_count, needs_history, revision_of

    needs_history(task)
    options = dict(task.options)
    width = int(options.pop("changes_per_task", CHANGES_PER_TASK))
    options["tip"] = member.revision
    if member.after is not None:
        options["after"] = revision_of(member.path, member.after)
    if member.labels is not None:
        options["labels"], options["labels_digest"] = member.labels, digest_of(member.labels)
    count = landed_count(task)
    for start in range(0, count, width):
        yield task._replace(
            as_of=0, start=start, end=min(start + width, count), options=tuple(sorted(options.items()))
        )


def run(task: Task) -> TaskResult:
    """Replays the changes of `task`. Raises `RunError`."""
    from riskcheck.backtesting import BacktestRequest, backtested
    from riskcheck.fleet.histories import history_of, revision_of, store_of
    from riskcheck.fleet.work import key_of
    from riskcheck.opening import state_environ
    from riskcheck.replaying.selection import LAST

    options = dict(task.options)
    # One process at a time brings the store up to date; what follows only reads it.
    history_of(task)
    with store_of(task.path, alone=False) as file:
        named = str(options["tip"])
        tip = named if revision_of(task.path, named) == task.revision else task.revision
        assert task.start is not None and task.end is not None
        found = backtested(
            BacktestRequest(
                root=task.path,
                environ=state_environ(os.environ),
                revisions=f"{options['after']}..{tip}" if "after" in options else tip,
                last=int(options.get("last", LAST)) or None,
                follow_days=float(options.get("follow", FOLLOW_DAYS)),
                config=task.config,
                history=file,
                rows=None if file is None else f"{file.removesuffix('.sqlite')}-{key_of(task)[:16]}.rows",
                labels=None if "labels" not in options else str(options["labels"]),
                jobs=1,
                cache=file is not None,
                name=task.repository,
                part=(task.start, task.end),
            )
        )
    return TaskResult(tuple(row_of(one) for one in found.rows), note="; ".join(found.notes) or None)


def row_of(one: ReplayedChange) -> Row:
    """`one` as a row of the table."""
    stated = one._asdict()
    stated["rules"] = [rule.code for rule in one.rules]
    stated["rule_levels"] = [rule.level for rule in one.rules]
    for name in ("metadata", "history"):
        stated[name] = [float(value) for value in stated[name]]
    return tuple(stated[name] for name, _ in COLUMNS)


def change_of(row: Row) -> ReplayedChange:
    """What `row_of` made a row of."""
    stated = dict(zip((name for name, _ in COLUMNS), row, strict=True))
    codes, levels = stated.pop("rules"), stated.pop("rule_levels")
    assert isinstance(codes, list) and isinstance(levels, list)
    rules = tuple(FiredRule(str(code), str(level)) for code, level in zip(codes, levels, strict=True))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()
    }
    return ReplayedChange(**values, rules=rules)


def found(rows: Iterable[Row], judged: Iterable[str], fleet: Fleet) -> Found:
    """The back-test of all repositories together."""
    from riskcheck.report.backtest import json, text

    report = _report([change_of(row) for row in rows], fleet)
    return Found(json.document(report), text.render(report).splitlines(), tuple(_pages(report)))


def _pages(report: BacktestReport) -> Iterator[tuple[str, str]]:
    """The report in files of its own: the text is for terminals."""
    from riskcheck.report.backtest import json

    yield "backtest.json", json.render(report)


def _report(changes: list[ReplayedChange], fleet: Fleet) -> BacktestReport:
    from riskcheck import __version__
    from riskcheck.backtests import Origin, Settings, facts_of
    from riskcheck.history.backtest import backtest
    from riskcheck.results import moment
    from riskcheck.rules.load import load_rules

    rules = load_rules()
    as_of = moment(max(one.time for one in changes)) if changes else ""
    follow = float((fleet.options or {}).get("backtest", {}).get("follow", FOLLOW_DAYS))
    origin = Origin(__version__, rules.digest, as_of)
    return backtest(changes, Settings(follow_days=follow, rules=facts_of(rules.rules), origin=origin))
