"""Edits of facts that the policy takes from other files: prices, and addresses in use.

People keep them current, so an edit that holds less may be no more than true: it is shown and does not block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_values import Plain, Weakening, at, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value

_PRICES: Final = ("machines", "dbus", "products")
_MOST_NAMED: Final = 3


def prices(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Prices that fall or go, and discounts that grow: the same change then costs less against the cap."""
    if before and not after:
        yield Weakening((), "the price table is removed", shown=True)
        return
    less = []
    for table in _PRICES:
        old, new = part(before, table), part(after, table)
        for name, price in old.items():
            if name not in new:
                less.append(f"{name} has no price any more")
            elif (fall := _falls(price, new[name])) is not None:
                less.append(f"{name} costs {fall}")
    if (fall := _falls(after.get("spot_discount") or 0, before.get("spot_discount") or 0)) is not None:
        less.append(f"spot_discount goes from {fall.replace(' instead of ', ' to ')}")
    if (fall := _falls(before.get("photon"), after.get("photon"))) is not None:
        less.append(f"photon counts {fall}")
    if before.get("hours") != after.get("hours"):
        less.append("hours change")
    if less:
        yield Weakening((), f"prices of later changes fall: {_first(less)}", shown=True)


def addresses(name: str, before: Plain, after: Plain) -> Iterator[Weakening]:
    """Addresses in use that a list does not name any more: nothing then says that a change cuts them off."""
    gone = [one for one in part(before, "addresses") if one not in part(after, "addresses")]
    if gone:
        count = "an address" if len(gone) == 1 else f"{len(gone)} addresses"
        what = f"{name} no longer names {count} in use ({_first(gone)})"
        yield Weakening(at("addresses"), what, shown=True)


def _falls(was: Value, becomes: Value) -> str | None:
    """``0.1 instead of 0.312`` where a number is smaller than before."""
    if isinstance(was, int | float) and isinstance(becomes, int | float) and becomes < was:
        return f"{becomes} instead of {was}"
    return None


def _first(words: list[str]) -> str:
    left = len(words) - _MOST_NAMED
    return listed([*words[:_MOST_NAMED], *([f"{left} more"] if left > 0 else [])])
