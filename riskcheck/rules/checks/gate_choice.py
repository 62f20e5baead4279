"""Edits of ``riskcheck.yaml`` by which fewer rules are run, or rules weigh less."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from riskcheck.models import LEVELS
from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_values import (
    Plain,
    Weakening,
    added,
    at,
    part,
    rank,
    removed,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


Severities = Callable[[str], str | None]
"""Id or code of a rule to its own severity; None for an unknown one."""


def weakenings(before: Plain, after: Plain, severity_of: Severities) -> Iterator[Weakening]:
    """Rules, packs and sets that are left out; severities that fall; options that change."""
    old, new = part(before, "rules"), part(after, "rules")
    for rule in added(old.get("ignore"), new.get("ignore")):
        yield Weakening(at("rules", "ignore", f"[{rule}]"), f"{rule} is not run any more")
    selected = words(new.get("select"))
    if selected and not words(old.get("select")):
        yield Weakening(at("rules", "select"), f"only {listed(selected)} is run")
    elif selected:
        for rule in removed(old.get("select"), new.get("select")):
            yield Weakening(at("rules", "select", f"[{rule}]"), f"{rule} is not run any more")
    for pack in removed(old.get("packs"), new.get("packs")):
        yield Weakening(at("rules", "packs", f"[{pack}]"), f"rule pack {pack} is not run any more")
    for sets in removed(old.get("coupled"), new.get("coupled")):
        yield Weakening(at("rules", "coupled", f"[{sets}]"), f"the sets in {sets} are not asked for any more")
    for held in removed(old.get("learned"), new.get("learned")):
        what = f"the learned rules in {held} are not asked for any more"
        yield Weakening(at("rules", "learned", f"[{held}]"), what, shown=True)
    settings = part(old, "severity"), part(new, "severity")
    for rule in sorted({*settings[0], *settings[1]}):
        was, becomes = (settings[side].get(rule) or severity_of(rule) for side in (0, 1))
        if was is not None and becomes is not None:
            if rank(LEVELS, becomes) < rank(LEVELS, was):
                yield Weakening(
                    at("rules", "severity", rule), f"severity of {rule} falls from {was} to {becomes}"
                )
        elif old.get("packs") and becomes != LEVELS[-1]:
            change = f"{was or 'its own'} to {becomes or 'its own'}; whether it falls is not known"
            yield Weakening(at("rules", "severity", rule), f"severity of {rule} goes from {change}")
    options = part(old, "options"), part(new, "options")
    for rule in sorted({*options[0], *options[1]}):
        if before and options[0].get(rule) != options[1].get(rule):
            yield Weakening(
                at("rules", "options", rule), f"options of {rule} change; whether it still holds is not known"
            )
