"""What is wrong with rule files, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from riskcheck.errors import RunError


class Problem(NamedTuple):
    """One thing wrong with a rule file. line: 1-based."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class RuleError(RunError):
    """Rules cannot be used (exit code 2). ``str()`` has one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
