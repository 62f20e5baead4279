"""Replaying: what was judged already is taken from a file, the rest is judged now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.replaying.model import Asked, JudgedChange, ReplaySettings
    from riskcheck.replaying.rows import RowsFile


def replay(
    asked: Sequence[Asked],
    settings: ReplaySettings,
    rows: RowsFile | None = None,
    on_judged: Callable[[], None] | None = None,
) -> list[JudgedChange]:
    """What the engine says of each of `asked`, in their order: the same for any number of processes, and for what a
    run before this one left in `rows`.

    on_judged: called for each one that is known. What cannot be judged has an `error`. Raises `RunError` where rows
    cannot be written.
    """
    found: dict[Asked, JudgedChange] = {}
    for one in asked:
        known = rows.get(one.commit, one.base) if rows is not None else None
        if known is not None:
            found[one] = known
            if on_judged is not None:
                on_judged()
    missing = [one for one in dict.fromkeys(asked) if one not in found]
    whole = False
    try:
        if missing:
            _judge(missing, settings, rows, found, on_judged)
        whole = True
    finally:
        if rows is not None:
            rows.close(whole=whole)
    return [found[one] for one in asked]


def _judge(
    missing: Sequence[Asked],
    settings: ReplaySettings,
    rows: RowsFile | None,
    found: dict[Asked, JudgedChange],
    on_judged: Callable[[], None] | None,
) -> None:
    from contextlib import closing

    from riskcheck.replaying.model import Asked
    from riskcheck.replaying.processes import judged_by_processes

    with closing(judged_by_processes(missing, settings)) as answers:
        for judged in answers:
            found[Asked(judged.commit, judged.base)] = judged
            if rows is not None:
                rows.add(judged)
            if on_judged is not None:
                on_judged()
