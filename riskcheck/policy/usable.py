"""What makes a waiver unusable, wherever it is written. One code path, one clock: the run's."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final

from riskcheck.durations import UNITS, parse_moment, spell
from riskcheck.globs import Glob, GlobError
from riskcheck.policy.build import is_address, names_person

if TYPE_CHECKING:
    from riskcheck.judged import Waiver

SOON: Final = 14 * UNITS["d"]
"""Seconds before its end from which on a waiver in use is told."""
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_RULE: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_STRANGE: Final = "\u00a7"
"""Part of no real path: a glob that matches names made of it names nothing itself."""
_ENDINGS: Final = ("", ".yaml", ".yml", ".json", ".tf", ".tfvars", ".hcl", ".sql", ".toml", ".conf")


def lack(waiver: Waiver, now: int, longest: int | None = None) -> str | None:
    """What makes `waiver` unusable at `now` (seconds since the epoch), None where nothing does.

    longest: seconds from `now` that it may last, as ``gate.max_waiver`` says; None: any time.
    """
    if not re.fullmatch(_RULE, waiver.rule):
        return "names no single rule"
    if waiver.repeated:
        return f"says {waiver.repeated}= twice"
    if not waiver.owner.strip():
        return "has no owner"
    if names_person(waiver.owner):
        return "names a person as its owner instead of a team"
    if not waiver.reason.strip():
        return "has no reason"
    if not waiver.inline and is_too_wide(waiver.where):
        return "is too wide: name a resource, a file or a folder"
    return _lack_of_date(waiver.until, now, longest)


def _lack_of_date(until: str, now: int, longest: int | None) -> str | None:
    if not until:
        return "has no date"
    end = end_of(until)
    if end is None:
        return "has no readable date (until=2027-01-31)"
    if end <= now:
        return f"lapsed after {until}"
    # Until its last day has begun everywhere, so that "in a year from today" is one.
    if longest is not None and end - now > longest + 2 * UNITS["d"]:
        return f"lasts until {until}, longer than the {spell(longest)} that are allowed"
    return None


def end_of(until: str) -> int | None:
    """The first second, since the epoch, after the ISO date `until`; None where it is no such date."""
    return parse_moment(until, end=True) if re.fullmatch(_DATE, until) else None


@lru_cache(maxsize=256)
def is_too_wide(where: str) -> bool:
    """Whether `where` names nothing itself: every path, a whole platform, every resource of a kind."""
    if not where.strip("*?/:."):
        return True
    if is_address(where):
        return not _is_named(where)
    try:
        glob = Glob(where)
    except GlobError:
        return False
    names = ("/".join([_STRANGE] * depth) + ending for depth, ending in product(range(1, 7), _ENDINGS))
    return any(map(glob.matches, names))


def _is_named(address: str) -> bool:
    """Whether the name in ``platform:kind.name`` holds more than wildcards and what separates."""
    kind, dot, name = address.partition(":")[2].partition(".")
    if not dot:
        # ``service:orders`` has no kind; of ``kubernetes:*/web`` the name begins behind the wildcard.
        _, star, name = kind.partition("*")
        return not star or bool(name.strip("*./"))
    return bool(name.strip("*./"))
