"""What goes into judging a change, and what comes out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from riskcheck.models import Limitation
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Change, Resource, Rule
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.rollback import RollbackFacts
    from riskcheck.rules.context import Contexts
    from riskcheck.rules.evaluate import RuleFailure
    from riskcheck.runfacts import BudgetCap, ChangedText, Foreseen, Hold, LoneCopy, MissingPartner, PlanFacts
    from riskcheck.servicemap import ServiceMap

Cell: TypeAlias = tuple[str, str]
"""(unit, environment name)."""


class Judgement(NamedTuple):
    """Everything that was found. order: how the promotion order is known, over the whole run."""

    findings: tuple[Finding, ...]
    limitations: tuple[Limitation, ...]
    notes: tuple[str, ...]
    orders: frozenset[str]
    known: tuple[Resource, ...]
    """Resources of base that evidence was looked for in, sibling environments included; empty if none was."""
    since: Mapping[tuple[str, str], str] = MappingProxyType({})
    """(service, lower environment) to the time from which it runs what production gets now, where it was asked."""


class JudgeInput(NamedTuple):
    """What judging needs, gathered by the engine. environments_gone: cells that only base has;
    environments_whole: cells that only one side has.

    canary_facts: asked for at the first risky production hit
    only, with the resources it is asked about, since it reads CI definitions, sibling overlays and history.
    """

    changes: Sequence[Change]
    rules: Sequence[Rule]
    contexts: Contexts
    inverse_contexts: Callable[[Sequence[Change]], Contexts]
    limitations: tuple[Limitation, ...]
    touched: frozenset[str]
    servicemap: ServiceMap
    canary_facts: Callable[[Sequence[Resource]], CanaryFacts]
    rollback_facts: Callable[[], RollbackFacts]
    require_canary: str
    declared_order: bool
    now: int
    environments_gone: frozenset[Cell]
    environments_whole: frozenset[Cell]
    holds: tuple[Hold, ...] = ()
    budget: BudgetCap | None = None
    texts: Callable[[], Iterable[ChangedText]] = tuple
    foreseen: tuple[Foreseen, ...] = ()
    plans: tuple[PlanFacts, ...] = ()
    untouched: Callable[[], Iterable[Resource]] = tuple
    lone_copies: Callable[[], Iterable[LoneCopy]] = tuple
    missing_partners: Callable[[], Iterable[MissingPartner]] = tuple


def limitation_of(failure: RuleFailure) -> Limitation:
    """A rule that failed is changed input that was not analysed."""
    return Limitation(
        failure.location.path if failure.location else failure.source,
        "rule-failed",
        f"rule {failure.rule} failed: {failure.reason}",
        failure.location.line if failure.location else None,
        failure.location.side if failure.location else "head",
        failed=True,
    )
