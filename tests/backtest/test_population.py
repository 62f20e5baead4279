"""Who counts, and that all others are counted."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from riskcheck.backtests import Settings
from riskcheck.history.model import ReplayedChange
from riskcheck.history.population import selected
from tests.backtest.simulated import row

CHANGES = some.builds(
    row,
    some.integers(0, 50),
    reverted=some.booleans(),
    repository=some.sampled_from(["a", "b"]),
    human=some.booleans(),
    followed=some.floats(0, 200),
    error=some.sampled_from([None, None, "a file was missing"]),
)


def test_each_is_left_out_for_one_reason() -> None:
    changes = [
        row(0),
        row(1, reverted=True),
        row(2, human=False),
        row(3, label="planned", lag=3.0),
        row(4, followed=59.9),
        row(5, reverted=True, followed=3.0),
        row(6, error="too large", verdict=None),
        row(7, reverted=True, error="too large", verdict=None),
        row(8, human=False, followed=1.0),
        row(9, followed=60.0),
    ]
    counts = selected(changes, Settings()).population
    assert counts._asdict() == {
        "replayed": 10,
        "other": 2,
        "planned": 1,
        "recent": 2,
        "recent_reverted": 1,
        "failed": 2,
        "failed_reverted": 1,
        "judged": 3,
        "reverted": 1,
        "ordinary": 2,
        "late": 0,
    }


def test_how_long_is_an_option() -> None:
    changes = [row(0, followed=10.0), row(1, followed=90.0)]
    assert selected(changes, Settings(follow_days=0)).population.judged == 2
    assert selected(changes, Settings(follow_days=100)).population.judged == 0


def test_a_late_revert_counts_as_ordinary_where_that_is_asked() -> None:
    changes = [row(0, reverted=True, lag=24.0 * 8), row(1, reverted=True, lag=24.0 * 7)]
    counts = selected(changes, Settings(within_days=7)).population
    assert (counts.reverted, counts.ordinary, counts.late) == (1, 1, 1)
    assert selected(changes, Settings()).population.reverted == 2


@given(some.lists(CHANGES, max_size=40), some.randoms(use_true_random=False))
def test_nobody_is_lost_and_the_order_does_not_count(changes: list[ReplayedChange], dice: Any) -> None:
    counts = selected(changes, Settings()).population
    assert counts.replayed == counts.other + counts.planned + counts.recent + counts.failed + counts.judged
    assert counts.judged == counts.reverted + counts.ordinary
    turned = list(changes)
    dice.shuffle(turned)
    assert selected(turned, Settings()) == selected(changes, Settings())


def test_repositories_are_told_with_their_ends() -> None:
    changes = [row(5, repository="b"), row(1, repository="a"), row(3, repository="b", reverted=True)]
    first, second = selected(changes, Settings()).repositories
    assert (first.name, first.replayed, first.reverted) == ("a", 1, 0)
    assert (second.name, second.first, second.last) == ("b", f"{3:040x}", f"{5:040x}")
    assert second.since < second.until
