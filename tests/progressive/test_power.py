"""Statistical power of a canary."""

from __future__ import annotations

import pytest

from riskcheck.progressive.power import requests_needed


@pytest.mark.parametrize(
    ("error_share", "requests"), [(0.1, 80), (0.05, 174), (0.01, 1153), (0.005, 3199), (0.002, 25660)]
)
def test_published_numbers_of_requests(error_share: float, requests: int) -> None:
    assert requests_needed(error_share) == requests


def test_the_smaller_the_error_the_more_requests_and_more_power_needs_more() -> None:
    counts = [requests_needed(one / 1000) or 0 for one in range(2, 1000)]
    assert counts == sorted(counts, reverse=True)
    assert (requests_needed(0.01, power=0.99) or 0) > (requests_needed(0.01) or 0)
    assert (requests_needed(0.01, alpha=0.01) or 0) > (requests_needed(0.01) or 0)


@pytest.mark.parametrize("error_share", [0.001, 0.0005, 0.0, -1.0, 1.5])
def test_what_is_no_worse_cannot_be_told(error_share: float) -> None:
    assert requests_needed(error_share) is None
