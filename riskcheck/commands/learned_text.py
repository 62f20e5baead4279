"""What `riskcheck learn` says of what it found."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from riskcheck.filenames import POLICIES
from riskcheck.phrases import many
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from riskcheck.history.cochange import Mined
    from riskcheck.history.cochange_model import Thresholds
    from riskcheck.history.model import History
    from riskcheck.learned import LearnedRule
    from riskcheck.learning import Updated

MOST_LISTED: Final = 20
"""Rules that are listed; the file has all of them."""
MOST_KEYS: Final = 3


def as_json(result: Updated) -> str:
    """The file as JSON, by the schema that it has as YAML."""
    from riskcheck.learning import as_value

    return json.dumps(as_value(result.file), indent=2)


def told(
    top: Path,
    target: Path | None,
    result: Updated,
    history: History,
    mined: Mined,
    thresholds: Thresholds,
    *,
    update: bool,
) -> Iterator[str]:
    """The lines. target: what was written, None where nothing was."""
    rules = result.file.rules
    looked = f"{many(mined.changes, 'change')} of the last {many(thresholds.window, 'day')}"
    yield f"learned from {looked}: {_counted(rules)}"
    if history.cut:
        yield (
            "the history is cut off (a shallow clone), so that little can be learned; fetch the rest of it first: "
            "git fetch --unshallow"
        )
    if not rules:
        yield _why_nothing(history, mined, thresholds)
    yield from _listed(rules)
    if update:
        yield f"{many(len(result.added), 'rule')} added, {len(result.gone)} gone"
        yield from (f"  gone      {plain(_named(rule))}" for rule in result.gone[:MOST_LISTED])
    if result.dropped:
        yield f"{many(result.dropped, 'rule')} left out, as `dropped` says"
    if target is not None:
        yield from _next(top, target)


def _counted(rules: Sequence[LearnedRule]) -> str:
    warn = sum(rule.level == "warn" for rule in rules)
    parity = sum(rule.kind == "parity" for rule in rules)
    more = [f"{warn} to warn of"] * bool(warn) + [f"{parity} between environments"] * bool(parity)
    return many(len(rules), "rule") + (f" ({', '.join(more)})" if more else "")


def _why_nothing(history: History, mined: Mined, thresholds: Thresholds) -> str:
    if not any(path.configuration for change in history.changes for path in change.paths):
        return (
            "nothing in this history is a configuration file that riskcheck reads, so nothing can be learned"
        )
    if mined.changes < thresholds.support:
        return (
            f"only {many(mined.changes, 'change')} of people touched configuration in that time; "
            "--since DAYS looks further back"
        )
    return "nothing moved together often enough to be relied on; --since DAYS looks further back"


def _listed(rules: Sequence[LearnedRule]) -> Iterator[str]:
    shown = sorted(
        rules, key=lambda rule: (rule.level != "warn", -(rule.bound or 0.0), rule.edited, rule.expect)
    )
    for rule in shown[:MOST_LISTED]:
        seen = f"  ({rule.together} of {rule.times})" if rule.times else ""
        yield f"  {rule.level:<8}  {plain(_named(rule))}{seen}"
    if len(shown) > MOST_LISTED:
        yield f"  … and {len(shown) - MOST_LISTED} more"


def _named(rule: LearnedRule) -> str:
    edited = " and ".join(rule.edited)
    if rule.keys:
        edited += f" ({', '.join(rule.keys[:MOST_KEYS])}{', …' if len(rule.keys) > MOST_KEYS else ''})"
    if rule.expect_key and rule.edited == (rule.expect,):
        return f"{edited} → {rule.expect_key}"
    expected = f"{rule.expect} ({rule.expect_key})" if rule.expect_key else rule.expect
    return f"{edited} → {expected}"


def _next(top: Path, target: Path) -> Iterator[str]:
    yield f"wrote {plain(os.path.relpath(target))}: look through it, keep what makes sense, drop the rest"
    if not any("learned:" in _text(top / policy) for policy in POLICIES):
        yield f"next: put this line into {POLICIES[0]}, and merge both"
        yield f"  rules: {{learned: [{plain(os.path.relpath(target.resolve(), top))}]}}"
    yield "the history is kept, too: from now on `riskcheck diff` uses it for the likelihood of a change"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
