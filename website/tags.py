"""Tags of the pages about rules, from the rules themselves."""

from __future__ import annotations

from functools import lru_cache

from riskcheck.rules.load import load_rules


@lru_cache(maxsize=1)
def tags_of_rules() -> dict[str, list[str]]:
    """Code of a rule to its tags: pack, severity, platforms, category, and whether a revert suffices."""
    return {
        rule.code: sorted(
            {rule.pack, rule.severity, rule.category, rule.reversibility, *rule.match.platforms}
        )
        for rule in load_rules(()).rules
    }
