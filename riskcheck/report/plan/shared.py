"""How the files that reach several waves are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.report.plan.words import Row, listed, numbers
from riskcheck.report.safe import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.plans import Plan

LONGEST_KEY: Final = 50
LONGEST_LINE: Final = 50
MOST_SHARED: Final = 8
MOST_LINES: Final = 4


def shared_rows(plan: Plan) -> Iterator[Row]:
    """Each shared line with whom it reaches, and what to do instead."""
    for file in plan.shared[:MOST_SHARED]:
        for line in file.lines[:MOST_LINES]:
            what = f" ({_end(line.key)})" if line.key else ""
            when = "now" if line.side == "head" else "before"
            text = f", {when} `{shortened(line.text, LONGEST_LINE)}`," if line.text else ""
            yield Row("shared", f"{line.place}{what}{text} reaches {listed(line.environments)} at once")
        if len(file.lines) > MOST_LINES:
            yield Row("shared", f"{len(file.lines) - MOST_LINES} more lines of {file.path} (--format json)")
        if not file.lines:
            yield Row("shared", f"{file.path} reaches waves {numbers(file.waves)}")
        yield from (Row("instead", advice) for advice in file.advice)
    if len(plan.shared) > MOST_SHARED:
        yield Row("shared", f"{len(plan.shared) - MOST_SHARED} more files (--format json)")


def _end(key: str) -> str:
    """The end of a key path, where all of it would not fit a line."""
    return key if len(key) <= LONGEST_KEY else "…" + key[-LONGEST_KEY:].partition(".")[2]
