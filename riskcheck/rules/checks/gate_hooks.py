"""Edits of riskcheck's hook in ``.pre-commit-config.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_commands import arguments, relaxed
from riskcheck.rules.checks.gate_values import Weakening, added, at, removed, text, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_values import Plain


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Every setting with which the hook guards less in `after`; empty where there is no hook."""
    if not before:
        return
    if not after:
        yield Weakening((), "the pre-commit hook riskcheck is removed")
        return
    for what in relaxed(arguments(before), arguments(after)):
        yield Weakening(at("args"), what)
    if text(after.get("entry")) != text(before.get("entry")) and "riskcheck" not in str(after.get("entry")):
        yield Weakening(at("entry"), "the hook riskcheck no longer runs riskcheck")
    stages = [words(one.get("stages")) or words(one.get("all.default_stages")) for one in (before, after)]
    if stages[1] and (not stages[0] or removed(stages[0], stages[1])):
        yield Weakening(at("stages"), f"the hook riskcheck only runs at {listed(stages[1])}")
    for key in ("files", "exclude", "all.files", "all.exclude"):
        if after.get(key) and after.get(key) != before.get(key):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key.removeprefix('all.')})")
    for key in ("types", "types_or"):
        if added([], after.get(key)) and words(after.get(key)) != words(before.get(key)):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key})")
    if after.get("skipped") and not before.get("skipped"):
        yield Weakening(at("skipped"), "pre-commit.ci skips the hook riskcheck")
