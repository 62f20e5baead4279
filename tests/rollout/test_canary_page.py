"""What the page on canary evidence states is what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from riskcheck.judged import PRIOR_EXPOSURE
from riskcheck.models import CanaryKind
from riskcheck.progressive.limits import RULES, Limits, limits
from riskcheck.progressive.power import requests_needed
from riskcheck.rollout.landing import LONG_ENOUGH, MOST_COMMITS, MOST_SECONDS
from riskcheck.rules.load import load_rules

PAGE = (Path(__file__).parents[2] / "docs" / "canary.md").read_text("utf-8")
WORDS = " ".join(PAGE.split())


def test_every_kind_is_explained() -> None:
    for kind in get_args(CanaryKind):
        assert f"| `{kind}` | " in PAGE


def test_the_limits_are_those_of_the_code() -> None:
    usual = Limits()
    assert f"| first share | at most {usual.first * 100:.0f} % |" in PAGE
    assert f"at most {usual.step * 100:.0f} points |" in PAGE


def test_the_limits_are_the_options_of_one_rule() -> None:
    rule = next(one for one in load_rules(use_cache=False).rules if one.code == RULES[0])
    assert rule.id == RULES[1]
    assert limits({RULES[0]: rule.options or {}}) == Limits()
    assert limits({RULES[1]: {"max_first": 30, "max_jump": "half"}}) == Limits(first=0.3)


def test_the_numbers_of_requests_are_computed() -> None:
    one, five, ten = (requests_needed(share) for share in (0.01, 0.05, 0.1))
    assert (
        f"to see 1 % errors a canary needs {one:,} requests in each arm, {five} for 5 %, {ten} for 10 %"
        in WORDS
    )


def test_the_kinds_that_count_as_prior_exposure_are_named() -> None:
    assert sorted(PRIOR_EXPOSURE) == ["pipeline", "promoted", "split", "subset"]
    assert "evidence of one of the kinds `promoted`, `pipeline`, `split`, `subset`" in WORDS


def test_how_far_history_is_read_is_stated_as_it_is() -> None:
    assert LONG_ENOUGH == 30 * 86_400
    assert f"{MOST_COMMITS} commits of one overlay and {MOST_SECONDS:.0f} s of computing in all" in WORDS
