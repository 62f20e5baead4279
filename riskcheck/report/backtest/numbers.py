"""Numbers of a back-test as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.backtests import Estimate

UNKNOWN: Final = "-"
LARGE: Final = 999.0


def share(value: float | None) -> str:
    """A share as a percentage."""
    if value is None:
        return UNKNOWN
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 9.95 or percent == 0 else f"{percent:.1f} %"


def whole(value: float) -> str:
    """A round share: ``5 %``."""
    return f"{100 * value:g} %"


def bare_share(value: float) -> str:
    return share(value).removesuffix(" %")


def share_of(one: Estimate) -> str:
    """``51 % [40, 61]``."""
    if one.value is None or one.low is None or one.high is None:
        return share(one.value)
    return f"{share(one.value)} [{bare_share(one.low)}, {bare_share(one.high)}]"


def number(value: float | None) -> str:
    """A ratio or an area, in about two digits."""
    if value is None:
        return UNKNOWN
    if value > LARGE:
        return f">{LARGE:.0f}"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def ratio_of(one: Estimate) -> str:
    """``4.0 [2.6, 6.3]``."""
    if one.value is None or one.low is None or one.high is None:
        return number(one.value)
    return f"{number(one.value)} [{number(one.low)}, {number(one.high)}]"


def area_of(one: Estimate) -> str:
    """``0.70 [0.64, 0.76]``."""
    if one.value is None:
        return UNKNOWN
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"


def gain_of(one: Estimate, scale: int = 1) -> str:
    """``+0.19 [+0.11, +0.28]``; scale 100 for points of percent."""
    digits = 2 if scale == 1 else 0
    if one.value is None:
        return UNKNOWN
    if one.low is None or one.high is None:
        return f"{scale * one.value:+.{digits}f}"
    low, high = (f"{scale * end:+.{digits}f}" for end in (one.low, one.high))
    return f"{scale * one.value:+.{digits}f} [{low}, {high}]"


def chance(value: float | None) -> str:
    """A value of p."""
    if value is None:
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def count(value: float) -> str:
    return f"{value:,.0f}"
