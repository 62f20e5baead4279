"""Changes into findings. Most changes hit no rule: what weighs hits is imported when there are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.judgement import JudgeInput, Judgement, limitation_of
from riskcheck.models import RunFacts
from riskcheck.rules.evaluate import evaluate, evaluate_subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Change, Rule


def judge(given: JudgeInput) -> Judgement:
    """All findings of a run, in order of their weight."""
    per_change = [rule for rule in given.rules if rule.match.subject == "change"]
    hits, failures = evaluate(given.changes, per_change, given.contexts)
    limitations = (*given.limitations, *map(limitation_of, failures))
    facts = RunFacts(limitations, given.touched, tuple(given.changes), _unresolved(given.changes))
    if not hits and not any(
        _speaks(rule, facts, given) for rule in given.rules if rule.match.subject == "run"
    ):
        return Judgement((), limitations, (), frozenset(), ())
    from riskcheck.weighing import weigh

    return weigh(given, hits, facts)


def _speaks(rule: Rule, facts: RunFacts, given: JudgeInput) -> bool:
    """Whether a rule about the run as a whole has anything to say."""
    return next(evaluate_subject(rule, facts, given.contexts.bare(rule)), None) is not None


def _unresolved(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Production changes whose new value still holds a placeholder."""
    return tuple(
        change
        for change in changes
        if change.environment.stage == "prod"
        and change.kind == "modified"
        and isinstance(change.after, str)
        and change.after.startswith("${")
        and not change.after.startswith("${resources.")
        and not isinstance(change.before, str)
    )
