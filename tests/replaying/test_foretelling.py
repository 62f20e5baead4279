"""How likely a change looked depends on nothing that came later, be it a revert of what landed before."""

from __future__ import annotations

from random import Random

import pytest

from riskcheck.history.calibration import FEWEST
from riskcheck.history.model import History, LandedChange, Revert, TouchedPath
from riskcheck.replaying.foretelling import foretold

DAY = 86_400


def long_history() -> History:
    """Four years, a change and a half a day, one in ten of them taken back hours or months later."""
    chosen = Random(9)  # the same history every time
    changes, reverts = [], []
    for number in range(2_000):
        path = f"apps/{chosen.randrange(40)}/web.yaml"
        touched = (TouchedPath(path, "M", path, True),)
        lines = chosen.randrange(1, 300)
        changes.append(
            LandedChange(
                number, f"{number:040x}", number * 60_000, chosen.random() < 0.2, False, "", None, 1, lines, 0,
                touched, (), (), 0,
            )
        )  # fmt: skip
        if chosen.random() < 0.1:
            by = number + chosen.choice((1, 2, 40, 300))
            if by < 2_000:
                reverts.append(Revert(number, by, "commit", chosen.random() < 0.2))
    return History(changes, reverts)


HISTORY = long_history()


@pytest.mark.parametrize("end", [1, 100, 777, 1_500, 1_999])
def test_cutting_off_what_came_later_changes_nothing(end: int) -> None:
    known = [one for one in HISTORY.reverts if one.by < end]
    assert foretold(History(HISTORY.changes[:end], known)) == foretold(HISTORY)[:end]


def test_it_is_held_against_what_had_become_of_the_changes() -> None:
    told = foretold(HISTORY)
    assert len(HISTORY.reverts) > 3 * FEWEST
    assert told[0].probability < 0.05
    late = [one.probability for one in told[-500:]]
    assert 0.05 < sum(late) / len(late) < 0.2
    assert all(0 < one.probability < 1 for one in told)
