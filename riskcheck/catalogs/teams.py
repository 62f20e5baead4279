"""Owners as catalogs write them: teams by name, persons never."""

from __future__ import annotations

import re
from typing import Final

INDIVIDUAL: Final = "an individual"
"""Stands for every owner who is a person: reports never name one."""

NOBODY: Final = frozenset(
    {
        "",
        "-",
        "?",
        "n/a",
        "na",
        "nobody",
        "none",
        "null",
        "tba",
        "tbc",
        "tbd",
        "todo",
        "unassigned",
        "undefined",
    }
    | {"unknown", "unowned"}
)
"""Words that stand where an owner should."""


def team(owner: str | None) -> str | None:
    """The name of a team without kind, namespace and organisation: ``group:default/payments``,
    ``@acme/payments`` and ``payments`` are one. `INDIVIDUAL` for a person; None for nobody.
    """
    plain = (owner or "").strip()
    if plain.lower() in NOBODY:
        return None
    if is_person(plain):
        return INDIVIDUAL
    kind, colon, rest = plain.partition(":")
    if colon and kind.lower() in ("group", "team"):
        plain = rest
    name = plain.removeprefix("@@").removeprefix("@").rpartition("/")[2]
    return None if name.lower() in NOBODY else name


def is_person(owner: str) -> bool:
    """Whether an owner is one: ``@login``, an e-mail address, ``user:…``. ``@org/team`` and ``@@role`` are not."""
    if owner.startswith("@"):
        return not owner.startswith("@@") and "/" not in owner
    return "@" in owner or owner.lower().startswith("user:")


_PERSON: Final = r"(?i)(?<![\w/.@])@[\w.-]+(?![\w./-])|\buser:[\w./-]+|(?<![\w/.@+-])[\w.+-]+@[\w-]+\.[\w.-]+"


def without_persons(line: str) -> str:
    """A line that states owners, as a report quotes it: `INDIVIDUAL` in the place of every person."""
    return re.sub(_PERSON, f"[{INDIVIDUAL}]", line)
