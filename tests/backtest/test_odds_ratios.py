"""Tables of two by two, against SciPy and by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import fisher_exact

from riskcheck.history.oddsratios import Table, exact_p, holm, mantel_haenszel, odds_ratio, wilson

CELLS = some.integers(0, 40)
TABLES = some.builds(Table, CELLS, CELLS, CELLS, CELLS)


@given(TABLES)
def test_one_stratum_is_the_test_of_fisher(table: Table) -> None:
    found = exact_p([table])
    rows = table.fired_reverted + table.fired_ordinary, table.other_reverted + table.other_ordinary
    columns = table.fired_reverted + table.other_reverted, table.fired_ordinary + table.other_ordinary
    if 0 in rows + columns:
        assert found is None
        return
    assert found == pytest.approx(fisher_exact([table[:2], table[2:]]).pvalue, rel=1e-6)


def test_the_ratio_of_one_stratum_is_that_of_haldane_and_anscombe() -> None:
    found = odds_ratio([Table(12, 88, 8, 392)])
    ratio = 12.5 * 392.5 / (88.5 * 8.5)
    spread = math.sqrt(1 / 12.5 + 1 / 88.5 + 1 / 8.5 + 1 / 392.5)
    assert found.value == pytest.approx(ratio)
    assert found.low == pytest.approx(ratio * math.exp(-1.959964 * spread), rel=1e-5)
    assert found.high == pytest.approx(ratio * math.exp(1.959964 * spread), rel=1e-5)


def test_a_cell_of_nothing_still_has_an_interval() -> None:
    found = odds_ratio([Table(0, 100, 20, 880)])
    assert found.value is not None and found.low is not None and found.high is not None
    assert 0 < found.low < found.value < found.high


def test_strata_in_common() -> None:
    # Admissions of six departments at Berkeley (Bickel et al. 1975), by mantelhaen.test of R.
    departments = [
        Table(512, 313, 89, 19),
        Table(353, 207, 17, 8),
        Table(120, 205, 202, 391),
        Table(138, 279, 131, 244),
        Table(53, 138, 94, 299),
        Table(22, 351, 24, 317),
    ]
    found = mantel_haenszel(departments)
    assert found.value == pytest.approx(0.9046968, rel=1e-6)
    assert found.low == pytest.approx(0.7719074, rel=1e-4)
    assert found.high == pytest.approx(1.0603298, rel=1e-4)


def test_strata_that_differ_in_their_share_do_not_make_a_relation() -> None:
    within = [Table(40, 40, 40, 40), Table(1, 99, 40, 3_960)]
    together = Table(*(sum(cells) for cells in zip(*within, strict=True)))
    assert odds_ratio(within).value == pytest.approx(1.0, abs=0.05)
    assert (odds_ratio([together]).value or 1) > 5
    assert (exact_p(within) or 0) > 0.5


def test_an_exact_test_over_strata_is_that_of_their_sums() -> None:
    """By hand: one of two reverted in each of two strata, fired on one change of two."""
    found = exact_p([Table(1, 0, 0, 1), Table(1, 0, 0, 1)])
    assert found == pytest.approx(0.25 + 0.25)


@given(some.lists(TABLES, min_size=1, max_size=4))
def test_no_order_of_strata_counts(tables: list[Table]) -> None:
    one, other = ([exact_p(held), *odds_ratio(held)] for held in (tables, tables[::-1]))
    assert [value is None for value in one] == [value is None for value in other]
    assert [value or 0.0 for value in one] == pytest.approx([value or 0.0 for value in other], rel=1e-9)


@given(TABLES)
def test_turned_over_the_ratio_is_its_inverse(table: Table) -> None:
    one = odds_ratio([table])
    other = odds_ratio([Table(table[2], table[3], table[0], table[1])])
    if one.value is None or other.value is None or one.low is None:
        assert (one.value, other.value) == (None, None)
        return
    assert one.value * other.value == pytest.approx(1, rel=1e-9)
    assert one.low * (other.high or 0) == pytest.approx(1, rel=1e-9)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(some.lists(some.floats(0, 1), min_size=1, max_size=20))
def test_holm_keeps_the_order_and_only_raises(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(one <= other <= 1 for one, other in zip(values, adjusted, strict=True))
    assert [adjusted[at] for at in sorted(range(len(values)), key=values.__getitem__)] == sorted(adjusted)


def test_wilson() -> None:
    found = wilson(8, 20)  # Newcombe 1998
    assert found.low == pytest.approx(0.2188, abs=1e-4)
    assert found.high == pytest.approx(0.6134, abs=1e-4)
    assert wilson(0, 0).value is None
    assert wilson(0, 5).low == 0.0
    assert wilson(5, 5).high == 1.0
