"""Several things that one edit of a resource does, in one match: they are one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Location
    from riskcheck.nodes import Value

_SHOWN: Final = 3


def together(matches: Iterable[Match]) -> Iterator[Match]:
    """One match of all, the gravest first: their ``what`` one after the other, the worst ``weight``."""
    found = sorted(matches, key=_weight, reverse=True)
    if not found:
        return
    told = list(dict.fromkeys(str((one.values or {}).get("what")) for one in found))
    what = "; ".join(told[:_SHOWN])
    if len(told) > _SHOWN:
        what += f"; and {len(told) - _SHOWN} more"
    first = found[0]
    related = dict.fromkeys(one for match in found for one in match.related)
    own = location_of(first.node) if first.node is not None else None
    places: dict[Location, None] = dict.fromkeys(
        location_of(one.node) for one in found if one.node is not None
    )
    also = [Related("also", place) for place in places if place != own]
    values: dict[str, Value] = {**(first.values or {}), "what": what, "weight": _weight(first)}
    yield first._replace(values=values, related=(*related, *also))


def _weight(match: Match) -> int:
    weight = (match.values or {}).get("weight")
    return weight if isinstance(weight, int) else 0
