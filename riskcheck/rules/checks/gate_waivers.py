"""New and widened waivers of ``riskcheck.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import WAIVED_LEVEL
from riskcheck.models import LEVELS
from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    added,
    at,
    moment,
    part,
    rank,
    text,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


_EVERYTHING: Final = frozenset({"*", "**", "**/*", "*:*"})
_GUARDIANS: Final = frozenset({"gov-006", "gate-weakened", "gov-010", "input-not-analysed"})


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """New and widened waivers. One that waives everything of a rule, or the gate's own rules, is no waiver but a
    way around the gate; one without owner, reason or date waives nothing."""
    old, new = part(before, "waivers"), part(after, "waivers")
    for label, node in new.items():
        waiver = part(node)
        if not all(text(waiver.get(key)) for key in ("owner", "reason", "until")):
            continue
        known = part(old, label) if label in old else None
        if known is not None and not _widened(known, waiver):
            continue
        rule, where = str(waiver.get("rule")), str(waiver.get("where"))
        level, until = waiver.get("max_level") or WAIVED_LEVEL, waiver.get("until")
        does = "is widened" if known is not None else "is added"
        what = f"a waiver of {rule} for {where} {does}, up to {level} until {until}"
        around = where in _EVERYTHING or rule.lower() in _GUARDIANS
        yield Weakening(at("waivers", label), what, shown=not around)


def _widened(was: Plain, becomes: Plain) -> bool:
    levels = [rank(LEVELS, one.get("max_level") or WAIVED_LEVEL) for one in (was, becomes)]
    places = [words(one.get("environments")) for one in (was, becomes)]
    fewer_places = bool(places[0]) and (not places[1] or bool(added(places[0], places[1])))
    exact = [words(one.get("fingerprints")) for one in (was, becomes)]
    more_findings = bool(exact[0]) and (not exact[1] or bool(added(exact[0], exact[1])))
    complete = all(text(was.get(key)) for key in ("owner", "reason", "until"))
    return (
        levels[1] > levels[0]
        or moment(becomes, "until") > moment(was, "until")
        or fewer_places
        or more_findings
        or not complete
        or any(was.get(key) != becomes.get(key) for key in ("rule", "where"))
    )
