"""Errors that end a run before anything is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class RunError(Exception):
    """The run could not be made: exit code 2. ``str()`` is for people: what is wrong, where, what to do."""


class Problem(NamedTuple):
    """One thing wrong with a file that somebody wrote for riskcheck. line: 1-based."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ProblemsError(RunError):
    """Everything that is wrong, at once. ``str()`` has one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean <the nearest of known>?``, else the list of what is known; "" where nothing is."""
    from difflib import get_close_matches

    names = list(known)
    near = [name for name in names if len(name) > 2 and word.startswith(name)]
    near = near or get_close_matches(word, names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(names)}" if names else ""
