"""Which environments make one wave, and in which order the waves come."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.environments import order_of
from riskcheck.models import Environment, Stage
from riskcheck.planning.cells import grouped, tier_rank


def names(*environments: Environment, at_once: int = 1) -> list[list[str]]:
    return [[one.name for one in wave] for wave in grouped(environments, at_once)]


def prod(name: str, tier: str | None = None, region: str | None = None, **more: float | int) -> Environment:
    return Environment(name, "prod", tier, region, **more)  # type: ignore[arg-type]  # share or order


def test_stages_come_in_order_of_promotion_and_unknown_ones_last() -> None:
    found = names(
        Environment("odd"),
        prod("live"),
        Environment("c", "canary"),
        Environment("s", "staging"),
        Environment("d", "dev"),
    )
    assert found == [["d"], ["s"], ["c"], ["live"], ["odd"]]


def test_where_no_user_is_a_stage_is_one_wave() -> None:
    found = names(
        Environment("eu", "staging", region="eu"),
        Environment("us", "staging", region="us"),
        Environment("d", "dev"),
    )
    assert found == [["d"], ["eu", "us"]]


def test_production_takes_one_tier_and_one_region_at_a_time() -> None:
    cells = [
        prod("free-eu", "free", "eu"),
        prod("free-us", "free", "us"),
        prod("premium-eu", "premium", "eu"),
        prod("premium-eu-2", "premium", "eu"),
        prod("enterprise", "enterprise", "eu"),
    ]
    assert names(*cells) == [["free-eu"], ["free-us"], ["premium-eu", "premium-eu-2"], ["enterprise"]]
    assert names(*cells, at_once=2)[0] == ["free-eu", "free-us"]


def test_two_clusters_whose_region_is_unknown_are_not_taken_for_one_region() -> None:
    assert names(prod("a"), prod("b")) == [["a"], ["b"]]


def test_few_users_come_before_many_and_unknown_many() -> None:
    assert names(prod("most", share=0.7), prod("few", share=0.1), prod("unsaid")) == [
        ["few"],
        ["most"],
        ["unsaid"],
    ]


def test_a_declared_order_comes_before_shares_and_tiers() -> None:
    assert names(prod("b", "free", order=2), prod("a", "premium", order=1)) == [["a"], ["b"]]


def test_rings_go_by_number() -> None:
    ordered = ["ring-1", "ring2", "ring-10", "standard", "premium", "gold", None]
    shuffled = [*ordered[3:], *ordered[:3]]
    assert sorted(shuffled, key=tier_rank) == ordered


ENVIRONMENTS = st.builds(
    Environment,
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.sampled_from(["dev", "staging", "canary", "prod", "unknown"]),
    st.sampled_from([None, "free", "premium", "ring-2"]),
    st.sampled_from([None, "eu", "us"]),
    share=st.sampled_from([None, 0.1, 0.9]),
)


@given(st.lists(ENVIRONMENTS, max_size=6), st.integers(1, 3))
def test_every_cell_is_in_one_wave_and_no_wave_is_too_wide(cells: list[Environment], at_once: int) -> None:
    waves = grouped(cells, at_once)
    flat = [(one.name, one.cell) for wave in waves for one in wave]
    assert sorted(flat) == sorted({(one.name, one.cell) for one in cells})
    stages: list[Stage] = [wave[0].stage for wave in waves]
    assert stages == sorted(stages, key=order_of)
    for wave in waves:
        assert len({one.stage for one in wave}) == 1
        if wave[0].stage == "prod":
            assert len({one.tier for one in wave}) == 1
            assert len({one.region or one.name for one in wave}) <= at_once


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_they_are_read_does_not_matter(order: tuple[int, ...]) -> None:
    cells = [prod("a", "free"), prod("b", "free"), Environment("s", "staging")]
    assert names(*(cells[number] for number in order)) == [["s"], ["a"], ["b"]]
