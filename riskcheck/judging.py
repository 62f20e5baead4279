"""Changes into findings. Most changes concern no rule, and most of the others hit none: what applies rules and
what weighs hits is imported when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judgement import JudgeInput, Judgement, limitation_of
from riskcheck.models import UNDEPLOYED
from riskcheck.placeholders import is_open
from riskcheck.regexes import regex
from riskcheck.rules.listed import of_subject
from riskcheck.rules.registry import find_check
from riskcheck.rules.selection import select
from riskcheck.runfacts import RunFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from riskcheck.judged import Hit
    from riskcheck.models import Change, Rule
    from riskcheck.observing import Observer
    from riskcheck.rules.evaluate import RuleFailure
    from riskcheck.rules.selection import Selected


def judge(given: JudgeInput, observer: Observer | None = None) -> Judgement:
    """All findings of a run, in order of their weight. observer: is told how many changes were judged."""
    selected = select(given.changes, given.rules, given.contexts.natural_keys)
    hits, failures = _hits(selected, given, observer)
    limitations = (*given.limitations, *map(limitation_of, failures))
    facts = RunFacts(
        limitations,
        given.touched,
        tuple(given.changes),
        _unresolved(selected),
        given.holds,
        given.budget,
        texts=given.texts,
        foreseen=given.foreseen,
        plans=given.plans,
        untouched=given.untouched,
        lone_copies=given.lone_copies,
        missing_partners=given.missing_partners,
    )
    if (
        not hits
        and given.require_canary != "all"
        and not any(_speaks(rule, facts, given) for rule in of_subject(given.rules, "run"))
    ):
        return Judgement((), limitations, (), frozenset(), ())
    from riskcheck.weighing import weigh

    return weigh(given, hits, facts)


def _observed(selected: Sequence[Selected], observer: Observer) -> Iterator[Selected]:
    observer.stage("judging", len(selected), "changes")
    for one in selected:
        yield one
        observer.step("changes")
    observer.stage("weighing what was found")


def _hits(
    selected: Sequence[Selected], given: JudgeInput, observer: Observer | None
) -> tuple[tuple[Hit, ...], tuple[RuleFailure, ...]]:
    if not selected:
        return (), ()
    from riskcheck.rules.evaluate import evaluate_selected

    each = selected if observer is None else _observed(selected, observer)
    return evaluate_selected(each, given.contexts)


_SPEAKS_OF: Final[dict[str, Callable[[RunFacts], bool]]] = {
    "databricks_plan.foreseen_loss": lambda facts: bool(facts.foreseen),
    "governance.not_analysed": lambda facts: (
        bool(facts.unresolved) or any(one.failed for one in facts.limitations)
    ),
    "learned.partner_missing": lambda facts: any(True for _ in facts.missing_partners()),
    "terraform_whole_plan.large_or_partial": lambda facts: bool(facts.plans),
}
"""Checks of a run that are silent, and not imported, where there is nothing of what they speak of."""


def _speaks(rule: Rule, facts: RunFacts, given: JudgeInput) -> bool:
    """Whether a rule about the run as a whole has anything to say. One that fails has: that it failed."""
    assert rule.check is not None
    if rule.check in _SPEAKS_OF and not _SPEAKS_OF[rule.check](facts):
        return False
    try:
        return next(iter(find_check(rule.check)(facts, given.contexts.bare(rule))), None) is not None
    except (Exception, SystemExit):  # noqa: BLE001  # it is told, as a failure of the rule, when it is weighed
        return True


def _unresolved(selected: Iterable[Selected]) -> tuple[Change, ...]:
    """Production changes that a rule looks at and whose new value holds a placeholder that the old one did not.
    What guards the merge is full of expressions that only a run of it fills."""
    found = {
        id(one.change): one.change
        for one in selected
        if one.change.environment.stage == "prod"
        and one.change.resource.platform not in UNDEPLOYED
        and isinstance(one.change.after, str)
        and is_open(one.change.after)
        and not _is_script(one.change)
        and not _is_filled_by_terraform(one.change)
        and not (isinstance(one.change.before, str) and is_open(one.change.before))
    }
    return tuple(found.values())


_LEADING: Final = regex(r"(?<![\w.\-])([A-Za-z_][\w\-]*)\.[A-Za-z_]")
"""What a reference of Terraform begins with: ``var``, ``data``, a type of resources."""


def _is_filled_by_terraform(change: Change) -> bool:
    """Whether the new value of `change` refers to something else than variables of its root: to resources, data
    sources and modules, which an apply fills, as it does the arguments of a module."""
    if change.resource.platform != "terraform":
        return False
    names = set(_LEADING.findall(str(change.after)))
    return names != {"var"} or change.resource.name.startswith("module.")


_RUN: Final = frozenset({"command", "args", "data", "stringData", "binaryData"})
"""Fields that hold what runs in a container, or the files that it reads."""


def _is_script(change: Change) -> bool:
    """Whether `change` is of what a container runs or reads, in which ``${NAME}`` is filled when it does."""
    return change.resource.platform == "kubernetes" and (
        "\n" in str(change.after) or not _RUN.isdisjoint(change.path)
    )
