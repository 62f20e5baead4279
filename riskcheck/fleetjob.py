"""The entry point of a Databricks job that runs the wheel: `riskcheck fleet` with the parameters of the task.

Such a task is a function that is called in a running interpreter, where an exit is an error: only a run that failed
exits. https://docs.databricks.com/aws/en/jobs/python-wheel
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs ``riskcheck fleet`` with the arguments in `sys.argv`. Raises `SystemExit` where that was not done."""
    from riskcheck.cli import run

    sys.argv = [sys.argv[0], "fleet", *sys.argv[1:]]
    code = run()
    if code:
        sys.exit(code)
