"""How many requests a canary needs before it can see what it claims to see."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

BASE_ERROR: Final = 0.001
"""Error rate of the version that is replaced, where nobody states one."""
ALPHA: Final = 0.05
"""Chance to fail a version that is as good (one-sided)."""
POWER: Final = 0.9
"""Chance to fail one that is as bad as is asked for."""


@cache
def requests_needed(
    error_share: float, base_share: float = BASE_ERROR, *, alpha: float = ALPHA, power: float = POWER
) -> int | None:
    """Requests per arm (canary, and the version beside it) to tell `error_share` from `base_share`, both 0..1.

    The normal approximation for two proportions, one-sided, with the variance of each arm:
    https://www.itl.nist.gov/div898/handbook/prc/section2/prc242.htm . Quantiles have three decimals, as in tables,
    so that the numbers are those that are published. None where `error_share` is no worse than the base, which no
    number of requests can tell.
    """
    if not 0 <= base_share < error_share <= 1:
        return None
    from statistics import NormalDist

    quantiles = sum(round(NormalDist().inv_cdf(one), 3) for one in (1 - alpha, power))
    variance = base_share * (1 - base_share) + error_share * (1 - error_share)
    return math.ceil(quantiles**2 * variance / (error_share - base_share) ** 2)
