"""Replaying: what was judged already is taken from a file, the rest is judged now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from riskcheck.replaying.model import Asked
from riskcheck.replaying.processes import judged_by_processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.observing import Observer
    from riskcheck.replaying.model import JudgedChange, ReplaySettings
    from riskcheck.replaying.rows import RowsFile

UNIT: Final = "changes"


def replay(
    asked: Sequence[Asked],
    settings: ReplaySettings,
    rows: RowsFile | None = None,
    observer: Observer | None = None,
) -> list[JudgedChange]:
    """What the engine says of each of `asked`, in their order: the same for any number of processes, and for what a
    run before this one left in `rows`.

    What cannot be judged has an `error`. Raises `RunError` where rows cannot be written.
    """
    found: dict[Asked, JudgedChange] = {}
    if rows is not None:
        known = ((one, rows.get(one.commit, one.base)) for one in asked)
        found = {one: judged for one, judged in known if judged is not None}
    missing = [one for one in dict.fromkeys(asked) if one not in found]
    if observer is not None and missing:
        observer.stage("judging", len(missing), UNIT)
    whole = False
    try:
        with closing(judged_by_processes(missing, settings)) as answers:
            for judged in answers:
                found[Asked(judged.commit, judged.base)] = judged
                if rows is not None:
                    rows.add(judged)
                if observer is not None:
                    observer.step(UNIT)
        whole = True
    finally:
        if rows is not None:
            rows.close(whole=whole)
    return [found[one] for one in asked]
