"""Changes in context into hits. A rule that fails is told; it never ends the run nor reads as a pass.

Conditions, hits and their messages are imported when the first is reached: many changes are looked at by a check
alone, which says nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS, Change, Location, Match, Rule, Severity, location_of
from riskcheck.records import NamedTuple
from riskcheck.rules.registry import UnknownCheckError, find_check
from riskcheck.rules.selection import Selected, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from riskcheck.judged import Hit
    from riskcheck.rules.cel import Condition
    from riskcheck.rules.context import CheckContext, Contexts
    from riskcheck.rules.variables import Variables

MOST_WORK: Final = 500_000_000
"""Estimated work of one evaluation of a condition that a repository brought. A unit took at most 8 ns where it was
provoked (whole lists compared in nested loops), so this is a few seconds at worst."""

MOST_SECONDS: Final = 20.0
"""Time that all evaluations of such conditions may take in one run."""


class RuleFailure(NamedTuple):
    """A rule that could not be applied.

    rule: id. source: its file. location: the place of the change it was applied to; None for the whole run.
    """

    rule: str
    reason: str
    source: str
    location: Location | None = None


class Evaluation(NamedTuple):
    """What became of one condition: for the tests of rules. fault: why it could not be computed."""

    rule: str
    source: str
    fault: str | None


_watchers: Final[list[list[Evaluation]]] = []
"""Those who want to know of every evaluation, the innermost last."""


@contextmanager
def watched_conditions() -> Iterator[list[Evaluation]]:
    """While it is entered, every evaluation of a condition is noted in the list it gives."""
    seen: list[Evaluation] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.pop()


def evaluate(
    changes: Iterable[Change], rules: Iterable[Rule], contexts: Contexts
) -> tuple[tuple[Hit, ...], tuple[RuleFailure, ...]]:
    """All hits of the rules of subject ``change``, in the order of `changes`, and what failed on the way."""
    return evaluate_selected(select(changes, rules, contexts.natural_keys), contexts)


def evaluate_selected(
    selected: Iterable[Selected], contexts: Contexts
) -> tuple[tuple[Hit, ...], tuple[RuleFailure, ...]]:
    """The hits among rules that concern a change, in their order, and what failed on the way."""
    judging = _Judging(contexts)
    hits = tuple(hit for one in selected for hit in judging.hits(one))
    return hits, tuple(judging.failures.values())


def evaluate_subject(
    rule: Rule, subject: object, context: CheckContext
) -> Iterator[tuple[Match, str, Severity]]:
    """What a rule of another subject than ``change`` finds: each match with its message and severity.

    Raises `SubjectError` where the rule fails, after what it found before.
    """
    assert rule.check is not None
    try:
        for match in find_check(rule.check)(subject, context):
            from riskcheck.rules.messages import render

            severity = _worst(
                rule, (e.to for e in rule.escalate if _holds_for_match(rule, e.when, context, match))
            )
            yield match, render(rule.message, None, match), severity
    except (Exception, SystemExit) as error:
        # A rule is data and code of many hands: whatever it raises is its failure, and it ends no run.
        raise SubjectError(RuleFailure(rule.id, _reason(error), rule.source)) from error


class SubjectError(Exception):
    """A rule about a finding or a run failed."""

    def __init__(self, failure: RuleFailure) -> None:
        super().__init__(f"rule {failure.rule} failed: {failure.reason}")
        self.failure = failure


class _Judging:
    """One run's judging: the failures so far, one a rule, reason and file, and the time conditions took."""

    def __init__(self, contexts: Contexts) -> None:
        self.failures: dict[tuple[str, str, str], RuleFailure] = {}
        self._contexts = contexts
        self._seconds_left = MOST_SECONDS

    def hits(self, selected: Selected) -> Iterator[Hit]:
        rule, change, within = selected
        context = self._contexts(rule, change, within)
        try:
            if rule.when is not None and not self._holds(rule, rule.when, change, context, None):
                return
            matches = (Match(),) if rule.check is None else find_check(rule.check)(change, context)
            for match in matches:
                from riskcheck.judged import Hit
                from riskcheck.rules.messages import render

                holding = (e.to for e in rule.escalate if self._holds(rule, e.when, change, context, match))
                yield Hit(rule, _worst(rule, holding), change, match, render(rule.message, change, match))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a rule raises is its failure alone
            place = location_of(change.node)
            failure = RuleFailure(rule.id, _reason(error), rule.source, place)
            self.failures.setdefault((rule.id, failure.reason, place.path), failure)

    def _holds(
        self, rule: Rule, source: str, change: Change, context: CheckContext, match: Match | None
    ) -> bool:
        from riskcheck.rules.variables import Variables

        if not rule.bounded:
            known = _plainly(
                rule, source, lambda wanted: Variables().of_change(wanted, change, context, match)
            )
            if known is not None:
                return known
        from riskcheck.rules.cel import BoundError, condition

        compiled = condition(source, rule.bounded)
        variables = Variables()
        data = variables.of_change(compiled.terms.wanted, change, context, match)
        if not rule.bounded:
            return _noted(rule, compiled, data)
        _check_work(compiled, variables)
        if self._seconds_left <= 0:
            raise BoundError(f"conditions of the repository's own rules took more than {MOST_SECONDS:.0f} s")
        begin = monotonic()
        try:
            return _noted(rule, compiled, data)
        finally:
            self._seconds_left -= monotonic() - begin


def _check_work(compiled: Condition, variables: Variables) -> None:
    """Raises `BoundError` where this much data could take long: each step of each pass may compare all of it."""
    from riskcheck.rules.cel import BoundError

    terms = compiled.terms
    passes = min(variables.widest**terms.nesting, 10_000)
    work = passes * max(terms.steps, 1) * (variables.nodes + variables.characters // 64)
    if work > MOST_WORK:
        raise BoundError("over this much data it could take too long; ask for a smaller part of it")


def _plainly(rule: Rule, source: str, data_of: Callable[[dict[str, None]], dict[str, object]]) -> bool | None:
    """What a plain condition says without the CEL runtime; None where that one has to answer."""
    from riskcheck.rules.plain import UnsureError, plain_condition

    plain = plain_condition(source)
    if plain is None:
        return None
    try:
        holds = plain.holds(data_of(plain.wanted))
    except UnsureError:
        return None
    if _watchers:
        _watchers[-1].append(Evaluation(rule.id, source, None))
    return holds


def _noted(rule: Rule, compiled: Condition, data: dict[str, object]) -> bool:
    holds, fault = compiled.evaluate(data)
    if _watchers:
        _watchers[-1].append(Evaluation(rule.id, compiled.source, fault))
    return holds


def _holds_for_match(rule: Rule, source: str, context: CheckContext, match: Match) -> bool:
    from riskcheck.rules.variables import Variables

    if not rule.bounded:
        known = _plainly(rule, source, lambda wanted: Variables().of_match(wanted, context, match))
        if known is not None:
            return known
    from riskcheck.rules.cel import condition

    compiled = condition(source, rule.bounded)
    return _noted(rule, compiled, Variables().of_match(compiled.terms.wanted, context, match))


def _worst(rule: Rule, severities: Iterable[Severity]) -> Severity:
    return max((rule.severity, *severities), key=LEVELS.index)


def _reason(error: BaseException) -> str:
    """What failed, and where in the code. Never the text of a foreign error: it may quote a value."""
    from riskcheck.rules.cel import BoundError, ConditionError
    from riskcheck.rules.context import EffortError
    from riskcheck.rules.messages import MessageError

    if isinstance(error, BoundError | ConditionError | EffortError | MessageError | UnknownCheckError):
        return str(error)
    place = _place(error.__traceback__)
    return f"{type(error).__name__} at {place}" if place else type(error).__name__


def _place(trace: TracebackType | None) -> str:
    place = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        place = f"{'/'.join(file.rsplit('/', 2)[-2:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
