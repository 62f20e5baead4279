"""What each rule did on changes that were reverted, and on others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import FEW, Estimate, RuleRow
from riskcheck.history.oddsratios import Table, exact_p, holm, odds_ratio
from riskcheck.history.population import by_repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.backtests import RuleFacts, RuleVerdict
    from riskcheck.history.population import Subject

SIGNIFICANT: Final = 0.05
"""Of p, once it is adjusted for the number of rules."""


def rule_rows(subjects: Sequence[Subject], rules: Sequence[RuleFacts]) -> tuple[RuleRow, ...]:
    """A row for each rule that fired, and for each of `rules`; by code."""
    facts = {one.code: one for one in rules}
    fired = {rule.code for one in subjects for rule in one.row.rules}
    counted = _counted(subjects)
    enough = sum(one.reverted for one in subjects) >= FEW
    tables = {code: counted.get(code, []) for code in sorted(fired | set(facts))}
    chances = {code: exact_p(held) for code, held in tables.items() if code in fired}
    tested = {code: chance for code, chance in chances.items() if chance is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    rows = []
    for code, held in tables.items():
        reverted = int(sum(one.fired_reverted for one in held))
        ordinary = int(sum(one.fired_ordinary for one in held))
        odds = odds_ratio(held) if code in fired else Estimate(None)
        rows.append(
            RuleRow(
                code=code,
                facts=facts.get(code),
                fired=reverted + ordinary,
                reverted=reverted,
                ordinary=ordinary,
                odds=odds,
                p=chances.get(code),
                adjusted=adjusted.get(code),
                verdict=_verdict(code in fired, odds, adjusted.get(code) if enough else None),
            )
        )
    return tuple(rows)


def _counted(subjects: Sequence[Subject]) -> dict[str, list[Table]]:
    """A table for each rule and each repository in which it fired at all. Where it never did, it tells nothing."""
    found: dict[str, list[Table]] = {}
    for held in by_repository(subjects).values():
        hits: dict[str, list[int]] = {}
        for one in held:
            for code in {rule.code for rule in one.row.rules}:
                hits.setdefault(code, [0, 0])[one.reverted] += 1
        reverted = sum(one.reverted for one in held)
        for code, (on_ordinary, on_reverted) in hits.items():
            found.setdefault(code, []).append(
                Table(
                    on_reverted,
                    on_ordinary,
                    reverted - on_reverted,
                    len(held) - reverted - on_ordinary,
                )
            )
    return found


def _verdict(fired: bool, odds: Estimate, adjusted: float | None) -> RuleVerdict:
    """Both the exact test over all rules and the interval must speak for it."""
    if not fired:
        return "never fired"
    if adjusted is not None and adjusted < SIGNIFICANT and odds.low is not None and odds.high is not None:
        if odds.low > 1:
            return "earns its keep"
        if odds.high < 1:
            return "fires rather on ordinary changes"
    return "no evidence either way"
