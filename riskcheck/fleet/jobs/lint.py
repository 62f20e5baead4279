"""`riskcheck lint` of a repository: its table holds the findings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from riskcheck.fleet.model import Columns, Found, Row, Task, TaskResult
from riskcheck.report.safe import without_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.fleet.model import Fleet, Member
    from riskcheck.judged import Finding
    from riskcheck.report.json import Json

COLUMNS: Final[Columns] = (
    ("repository", "string"),
    ("revision", "string"),
    ("code", "string"),
    ("rule", "string"),
    ("level", "string"),
    ("severity", "string"),
    ("confidence", "string"),
    ("category", "string"),
    ("resource", "string"),
    ("service", "string"),
    ("environments", "array<string>"),
    ("path", "string"),
    ("line", "long"),
    ("message", "string"),
    ("fingerprint", "string"),
    ("waived", "boolean"),
)
_LEVELS: Final = ("P0", "P1", "P2", "P3", "note")
_REPOSITORY, _CODE, _LEVEL, _WAIVED = 0, 2, 4, 15


def tasks(member: Member, fleet: Fleet, task: Task) -> Iterable[Task]:
    """One: a tree is judged as a whole."""
    return (task,)


def run(task: Task) -> TaskResult:
    """Judges the tree of `task`. Raises `RunError`."""
    from riskcheck.cache import Memory
    from riskcheck.linting import LintOptions, lint
    from riskcheck.opening import check_mentions, opened_by, state_environ
    from riskcheck.rules.choose import choose
    from riskcheck.rules.load import load_rules
    from riskcheck.sources import RangeSpec, open_comparison

    folder = None if task.revision else task.path
    comparison = open_comparison(
        RangeSpec(
            root=task.path,
            revision=f"{task.revision}..{task.revision}" if task.revision else None,
            from_dir=folder,
            to_dir=folder,
            environ=state_environ(os.environ),
            clock=task.as_of,
        )
    )
    opened = opened_by(comparison, comparison.head, task.config, load_rules, root=comparison.root)
    check_mentions(opened)
    settings = opened.policy.rules
    rules = choose(opened.loaded.rules, settings.select, settings.ignore, settings.severity)
    rules = choose(rules, task.select, task.ignore)
    memory = Memory(comparison.root) if comparison.root else None
    report = lint(comparison, opened.policy, rules, opened.loaded.digest, LintOptions(memory=memory))
    rows = tuple(_row(task, finding) for finding in report.findings)
    return TaskResult(rows, unread=len({one.path for one in report.limitations}))


def _row(task: Task, finding: Finding) -> Row:
    service = finding.service
    return (
        task.repository,
        task.revision,
        finding.code,
        finding.rule,
        finding.level,
        finding.severity,
        finding.confidence,
        finding.category,
        without_addresses(finding.resource),
        None if service is None else without_addresses(service),
        [without_addresses(one.name) for one in finding.environments],
        without_addresses(finding.location.path),
        finding.location.line,
        without_addresses(finding.message),
        finding.fingerprint,
        finding.waiver is not None,
    )


def found(rows: Iterable[Row], judged: Iterable[str], fleet: Fleet) -> Found:
    """Findings that are not waived, by repository and level, and by rule; the most frequent rule first."""
    live = waived = 0
    levels = {name: dict.fromkeys(_LEVELS, 0) for name in judged}
    fired: dict[str, tuple[int, set[str]]] = {}
    for row in rows:
        if row[_WAIVED]:
            waived += 1
            continue
        live += 1
        name, code = str(row[_REPOSITORY]), str(row[_CODE])
        levels[name][str(row[_LEVEL])] += 1
        count, names = fired.get(code, (0, set()))
        fired[code] = (count + 1, names | {name})
    order = sorted(fired, key=lambda code: (-fired[code][0], code))
    about: dict[str, Json] = {
        "findings": live,
        "waived": waived,
        "repositories": {name: dict(counts) for name, counts in levels.items()},
        "rules": [
            {"code": code, "findings": fired[code][0], "repositories": len(fired[code][1])} for code in order
        ],
    }
    return Found(about, _lines(about))


_MOST_RULES: Final = 15
"""Rules that are told to people; the JSON has all."""


def _lines(summary: dict[str, Json]) -> list[str]:
    """A table of repositories by level, and the rules that fire most."""
    from riskcheck.fleet.telling import table
    from riskcheck.phrases import many

    repositories, rules = summary["repositories"], summary["rules"]
    assert isinstance(repositories, dict) and isinstance(rules, list)
    heads = ["", *_LEVELS]
    body = []
    for name, counts in repositories.items():
        assert isinstance(counts, dict)
        body.append([name, *(str(counts[level]) for level in _LEVELS)])
    lines = table(heads, body) if body else ["nothing found"]
    told = []
    for one in rules[:_MOST_RULES]:
        assert isinstance(one, dict)
        count = one["repositories"]
        assert isinstance(count, int)
        told.append([f"  {one['code']}", str(one["findings"]), f"in {many(count, 'repository')}"])
    if told:
        lines += ["", "rules that fire most", *table([], told)]
        if len(rules) > _MOST_RULES:
            lines.append(f"  and {many(len(rules) - _MOST_RULES, 'more rule')}")
    return lines
