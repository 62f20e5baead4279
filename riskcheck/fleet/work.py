"""Does one task, wherever: in this process, in another, on another machine. What is done is kept in a file.

A task that was done is not done again: not by a run that goes on where another was ended, not by an engine that
asks a second time.
"""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.cache import sealed, unsealed
from riskcheck.drafts import remove_leftovers, write_whole
from riskcheck.errors import RunError
from riskcheck.fleet.jobs import job_kind
from riskcheck.fleet.model import ENDED, Outcome, TaskResult

if TYPE_CHECKING:
    from riskcheck.fleet.model import Row, Task

DONE: Final = ".done"
"""Folder in the output folder: a file for each task that is done."""


def run_task(task: Task) -> TaskResult:
    """Does `task`. Raises nothing that has to do with the repository: what went wrong is said in the result."""
    if task.wrong is not None:
        return TaskResult((), error=task.wrong)
    try:
        return job_kind(task.job).run(task)
    except RunError as error:
        return TaskResult((), error=str(error))
    except MemoryError:
        return TaskResult((), error="out of memory: nothing was judged")
    except Exception as error:  # noqa: BLE001  # one repository never ends the run over all of them
        return TaskResult((), error=f"a defect in riskcheck: {type(error).__name__}: {error}")


def do_task(task: Task, folder: str) -> TaskResult:
    """`run_task`, unless the result is kept in `folder`; keeps it there."""
    known = recall(task, folder)
    if known is not None:
        return known
    result = run_task(task)
    keep(task, result, folder)
    return result


def give_up(task: Task, folder: str) -> TaskResult:
    """What is said of a task that ends the process that does it; kept like any other result of this run."""
    result = TaskResult((), error=ENDED)
    keep(task, result, folder)
    return result


def keep(task: Task, result: TaskResult, folder: str) -> None:
    """Writes `result` into `folder`. Raises `RunError`."""
    done = os.path.join(folder, DONE)
    value = {"rows": result.rows, "unread": result.unread, "error": result.error, "note": result.note}
    try:
        os.makedirs(done, exist_ok=True)
        key = key_of(task)
        write_whole(os.path.join(done, f"{key}.json"), sealed(key, value))
        remove_leftovers(done, f"{key}.json")
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror}") from None


def recall(task: Task, folder: str) -> TaskResult | None:
    """What is kept of `task` in `folder`, None where it is to be done."""
    key = key_of(task)
    try:
        with open(os.path.join(folder, DONE, f"{key}.json"), "rb") as file:
            value = unsealed(key, file.read())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return TaskResult(
        tuple(tuple(row) for row in value["rows"]), value["unread"], value["error"], value["note"]
    )


def outcome_of(task: Task, result: TaskResult) -> Outcome:
    """`result` without its rows."""
    return Outcome(task, len(result.rows), result.unread, result.error, result.note)


def rows_of(task: Task, folder: str) -> tuple[Row, ...]:
    """The rows of a task that is done; where nothing is kept of it here, it is done again."""
    return do_task(task, folder).rows


def key_of(task: Task) -> str:
    """What tells `task` from all that would come to something else, as 64 digits."""
    stated = [__version__, _rules_digest(), *task]
    return sha256(json.dumps(stated).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _rules_digest() -> str:
    """Of the rules that riskcheck brings. Those of a repository come with its revision."""
    from riskcheck.rules.load import load_rules

    return load_rules().digest
