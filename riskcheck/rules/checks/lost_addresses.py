"""What is said of addresses that are no longer let in, and where they are still in use."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.network.addresses import Addresses
    from riskcheck.network.known import Use
    from riskcheck.rules.context import CheckContext

_SHOWN: Final = 3
_MOST_COUNTED: Final = 1_000
_MOST_PLACES: Final = 5
_LARGEST: Final = 2**16
"""Addresses up to which a place that names one of them says something of who uses it."""


def told(missing: Addresses, verb: str = "is") -> str:
    """``198.51.100.0/24, 203.0.113.7 and 4 more are``: the addresses with their verb, ``is`` or ``can``."""
    if missing.everybody or missing.is_world:
        return f"the Internet {verb}"
    found = [_plain(one) for one in islice(missing.written(), _SHOWN + _MOST_COUNTED)]
    text, more = ", ".join(found[:_SHOWN]), len(found) - _SHOWN
    if more > 0:
        text += " and many more" if more == _MOST_COUNTED else f" and {more} more"
    return f"{text} {'are' if verb == 'is' and len(found) > 1 else verb}"


def _plain(name: str) -> str:
    """A name without the marks of an expression or an address."""
    if name.startswith("${") and name.endswith("}"):
        return name[2:-1][:60]
    kind, _, own = name.removeprefix("terraform:").partition(".")
    return f"{' '.join(kind.split('_')[1:])} {own}" if name.startswith("terraform:") else name[:60]


def uses_of(missing: Addresses, context: CheckContext) -> list[Use]:
    """Where addresses that went are still used: lists that the policy names first, then other files."""
    known = known_uses(missing, context)
    book = context.address_book
    if known or book is None or missing.everybody or missing.total > _LARGEST:
        return known
    return list(book.named_in(missing)[:_MOST_PLACES])


def known_uses(missing: Addresses, context: CheckContext) -> list[Use]:
    """The same, in lists that the policy names only."""
    book = context.address_book
    return [] if book is None else list(islice(book.known_in(missing), _MOST_PLACES))


def named(uses: Sequence[Use]) -> str:
    """``, which network/legacy.csv:3 lists as in use``."""
    if not uses:
        return ""
    first = uses[0]
    place = f"{first.location.path}:{first.location.line}"
    what = f"lists {first.text} as in use" if first.imported else f"still names {first.text}"
    more = f" (and {len(uses) - 1} more)" if len(uses) > 1 else ""
    return f"; {place} {what}{more}"
