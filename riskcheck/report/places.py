"""Where a program is told that a finding is: a file and a line of the version that is checked out.

Code scanning, test reports and annotations know one version of a repository only, take no empty path, and count
lines from 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Location
    from riskcheck.results import Report

WHOLE: Final = "riskcheck.yaml"
"""Stands for the change as a whole, which is in no file: what is said of it is set there."""


class Place(NamedTuple):
    """A region in one line of a file of the repository. Lines and columns count from 1; `end_column` is behind the
    last one. What takes several lines is at its first: GitHub shows an annotation below the last line, and an
    alert only where all its lines are in the diff.

    remark: what else is to be said where the place is not the one that was meant, else ``""``.
    """

    path: str
    line: int
    column: int
    end_column: int
    remark: str = ""

    @property
    def name(self) -> str:
        """``path:line``."""
        return f"{self.path}:{self.line}"


def place_in_head(location: Location, report: Report) -> Place:
    """`location` in head. A line of base is where it stood, or what took its place, in head; in a file that is gone
    it keeps its number. What belongs to no file of the repository is line 1 of the policy file."""
    if not is_of_repository(location.path):
        meant = f"{location.path}:{location.line}" if location.path else "the change as a whole"
        return Place(WHOLE, 1, 1, 1, meant)
    line = max(location.line, 1)
    if location.side == "base":
        there = report.head_lines.get((location.path, location.line))
        if there is not None:
            same = "" if there == line else f"line {line} of the base version"
            return Place(location.path, there, 1, 1, same)
        return Place(location.path, line, 1, 1, "in the base version; the file is gone")
    column = max(location.column, 1)
    end = max(location.end_column, column) if location.end_line == line else column
    return Place(location.path, line, column, end)


def is_of_repository(path: str) -> bool:
    """Whether `path` is relative and stays inside: plan files stand anywhere."""
    return (
        bool(path)
        and not path.startswith(("/", "\\"))
        and ".." not in path.split("/")
        and path[1:3] not in (":/", ":\\")
    )
