"""How critical a service is: the words of all formats as ``tier-1`` (most) to ``tier-4``.

| written | read as |
|---|---|
| ``0``, ``1``, ``T1``, ``tier-1``, ``tier_1``, ``Tier 1``; ``critical``, ``mission-critical``, ``highest``,
``high`` | tier-1 |
| ``2``, ``tier2``; ``medium``, ``moderate`` | tier-2 |
| ``3``; ``low`` | tier-3 |
| ``4`` and above; ``lowest``, ``none`` | tier-4 |

Any other word is unknown. Datadog's own examples are ``1`` and ``High``
(https://github.com/DataDog/schema/blob/main/service-catalog/v3/service.schema.json), OpsLevel's ``tier_1``
(https://docs.opslevel.com/docs/cli).
"""  # a row of a table

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.catalogs.nodes import Metadata, Troubles

_LOWEST: Final = 4
_WORDS: Final = {
    "critical": 1,
    "mission critical": 1,
    "highest": 1,
    "high": 1,
    "medium": 2,
    "moderate": 2,
    "low": 3,
    "lowest": 4,
    "none": 4,
}


def rank_of(written: str | None) -> int | None:
    """0 (most critical) to 4 (least); None where `written` is no word for it."""
    plain = " ".join((written or "").strip().lower().replace("-", " ").replace("_", " ").split())
    known = _WORDS.get(plain)
    if known is not None:
        return known
    digits = plain.removeprefix("tier").removeprefix("t").strip()
    if len(digits) == 1 and digits in "0123456789":
        return min(int(digits), _LOWEST)
    return None


def tier_of(written: str | None) -> str | None:
    """``tier-1`` to ``tier-4``; None where `written` is no word for it. Tier 0 counts as 1, the highest here."""
    rank = rank_of(written)
    return None if rank is None else f"tier-{max(rank, 1)}"


def tier_in(said: Metadata, troubles: Troubles) -> str | None:
    """The tier of an entry whose format has a field for it: a word that is none is told."""
    tier = said.criticality
    found = tier_of(tier.raw) if tier is not None else None
    if tier is not None and found is None:
        troubles.add(tier, f"tier {tier.raw} is no known one", "unknown-tier")
    return found
