"""What people and programs are told of a run over many repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.phrases import many
from riskcheck.report.json import Json, dumped
from riskcheck.report.safe import discreet, plain
from riskcheck.results import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.fleet.model import Found, Job, Outcome

SCHEMA_VERSION: Final = 1


def summary_of(outcomes: Sequence[Outcome], as_of: int, found: Mapping[Job, Found]) -> dict[str, Json]:
    """The summary as JSON: the same for any engine. found: what each job's rows come to."""
    jobs: dict[str, Json] = {}
    for job, about in found.items():
        own = [one for one in outcomes if one.task.job == job]
        jobs[job] = {
            "tasks": len(own),
            "repositories": len({one.task.repository for one in own}),
            "rows": sum(one.rows for one in own),
            "unread": {one.task.repository: one.unread for one in own if one.unread},
            "notes": _notes(own),
            "errors": [_said(one, one.error) for one in own if one.error is not None],
            "result": about.about,
        }
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "riskcheck", "version": __version__},
        "run": {"as_of": moment(as_of)},
        "jobs": jobs,
    }


def _notes(outcomes: Sequence[Outcome]) -> list[Json]:
    """Each note of a repository once, whichever of its tasks say it."""
    said = dict.fromkeys((one.task.repository, one.note) for one in outcomes if one.note is not None)
    return [{"repository": repository, "message": note} for repository, note in said]


def _said(one: Outcome, message: str | None) -> Json:
    task = one.task
    return {"repository": task.repository, "start": task.start, "end": task.end, "message": message}


def as_json(summary: dict[str, Json]) -> str:
    """`summary` as JSON text."""
    return dumped(discreet(summary))


def as_text(summary: dict[str, Json], found: Mapping[str, list[str]]) -> str:
    """`summary` for people. found: of each job, what its rows come to."""
    jobs = summary["jobs"]
    assert isinstance(jobs, dict)
    parts = []
    for job, about in jobs.items():
        assert isinstance(about, dict)
        parts.append("\n".join(_of_job(job, about, found[job])))
    return "\n\n".join(parts) + "\n"


def _of_job(job: str, about: dict[str, Json], found: list[str]) -> list[str]:
    repositories, tasks, rows = (about[name] for name in ("repositories", "tasks", "rows"))
    errors, notes, unread = about["errors"], about["notes"], about["unread"]
    assert isinstance(repositories, int) and isinstance(tasks, int) and isinstance(rows, int)
    assert isinstance(unread, dict) and isinstance(errors, list) and isinstance(notes, list)
    lines = [f"{job}: {many(repositories, 'repository')}, {many(tasks, 'task')}, {many(rows, 'row')}", ""]
    lines += found
    if unread:
        counts = [[f"  {name}", str(count)] for name, count in unread.items()]
        lines += ["", "files not read, and not judged", *table([], counts)]
    for said, about_them in (("to know", notes), (f"{many(len(errors), 'task')} failed", errors)):
        if about_them:
            lines += ["", said, *(_message(one) for one in about_them if isinstance(one, dict))]
    return lines


def _message(one: dict[str, Json]) -> str:
    part = "" if one.get("start") is None else f", changes {one['start']} to {one['end']}"
    return f"  {plain(str(one['repository']))}{part}: {plain(str(one['message']))}"


def table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns: numbers to the right, words to the left. Text is made safe; what stands before it stays."""
    safe = [[_cell(text) for text in row] for row in body]
    columns = list(zip(*safe, strict=True))
    numbers = [all(text.isdigit() for text in column) for column in columns]
    shown = [list(heads), *safe] if heads else safe
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in shown
    ]


def _cell(text: str) -> str:
    words = text.lstrip(" ")
    return " " * (len(text) - len(words)) + plain(words)
