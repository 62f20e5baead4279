"""What goes into judging: the changes, who they reach, and the ways to more."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from riskcheck.judgement import Cell, JudgeInput
from riskcheck.policy.load import policy_limitations
from riskcheck.resolving import relatives_at_base, untouched_at_base
from riskcheck.rules.context import Contexts
from riskcheck.runfacts import ChangedText
from riskcheck.servicemap import ServiceMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Change, Limitation, Resource, Rule
    from riskcheck.network.known import AddressBook
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.previewing import Preview
    from riskcheck.resolving import Resolved
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.rollback import RollbackFacts
    from riskcheck.runfacts import (
        Hold,
        LoneCopy,
        MissingPartner,
        Repeat,
    )
    from riskcheck.trees import Comparison, TakenBack


def _brought(comparison: Comparison, policy: Policy, known: Iterable[Limitation]) -> tuple[Limitation, ...]:
    """What is wrong with the rules that the change brings."""
    if not policy.rules.packs:
        return ()
    from riskcheck.rules.brought import rule_limitations

    return tuple(rule_limitations(comparison, policy.rules.packs, known))


REPEATED_WITHIN: Final = 30 * 86_400
"""Seconds for which a revert counts: what comes back within a month is the same incident again."""


REPEATED_FILES: Final = 100
"""Files of a change up to which it is compared with what was taken back: larger ones move whole trees."""


def judge_input(
    comparison: Comparison,
    policy: Policy,
    rules: Sequence[Rule],
    environments: EnvironmentModel,
    resolved: Resolved,
    changes: Sequence[Change],
    approvals: Sequence[Approval] = (),
    preview: Preview | None = None,
    jobs: int = 1,
    reverts: Iterable[TakenBack] = (),
) -> JudgeInput:
    """Gathers what judging needs; expensive facts stay behind functions until somebody asks.

    approvals: those that were given. preview: what plan files say. jobs: how many processes may read the estate.
    reverts: those of `recent_reverts`.
    """
    planned = {} if preview is None else preview.facts()
    servicemap = ServiceMap(comparison, policy, environments, resolved, changes, jobs)

    beside: dict[tuple[str, str], Sequence[Resource]] = {}

    def relatives(resource: Resource) -> Sequence[Resource]:
        key = (resource.platform, resource.unit)
        if key not in beside:
            beside[key] = relatives_at_base(resolved, (resource,))
        return beside[key]

    @cache
    def address_book() -> AddressBook:
        from riskcheck.network.known import AddressBook

        touched = {path for change in resolved.changes for path in (change.path, change.old_path)}
        return AddressBook(comparison.deciding, comparison.head, policy.known_addresses, touched)

    def contexts(base: Iterable[Resource], head: Iterable[Resource], of: Sequence[Change]) -> Contexts:
        return Contexts(
            base,
            head,
            of,
            resolved.natural_keys,
            options=policy.rules.options,
            facts=planned,
            now=comparison.now,
            surrounding=servicemap,
            prices=policy.budget.prices,
            coupled=policy.rules.sets,
            relatives=relatives,
            address_book=address_book,
        )

    def evidence_for(resources: Sequence[Resource]) -> CanaryFacts:
        from riskcheck.evidencing import canary_facts

        facts = canary_facts(comparison, policy, environments, resolved, resources)
        if preview is None:
            return facts
        from riskcheck.records import replace

        return replace(facts, foreseen=preview.foreseen)

    def rollback_for() -> RollbackFacts:
        from riskcheck.restoration import rollback_facts

        return rollback_facts(comparison, policy, environments, resolved)

    holds: tuple[Hold, ...] = ()
    if policy.freezes or policy.windows or policy.approvals:
        from riskcheck.governing import holds_of

        holds = holds_of(changes, servicemap.service, policy, approvals, comparison.lands)
    budget = None
    if policy.budget.max_increase is not None:
        from riskcheck.governing import cap_of

        budget = cap_of(policy)
    branches: tuple[Limitation, ...] = ()
    if policy.promotion == "branch":
        from riskcheck.branching import branch_limitations

        branches = branch_limitations(comparison, policy)
    base_cells, head_cells = _cells(resolved.base), _cells(resolved.head)
    return JudgeInput(
        changes=changes,
        rules=rules,
        contexts=contexts(resolved.base, resolved.head, changes),
        inverse_contexts=lambda inverse: contexts(resolved.head, resolved.base, inverse),
        limitations=(
            *resolved.limitations,
            *policy_limitations(comparison, policy),
            *_brought(comparison, policy, resolved.limitations),
            *branches,
            *(() if preview is None else preview.limitations),
            *(address_book().limitations if policy.known_addresses else ()),
        ),
        touched=frozenset(change.path for change in resolved.changes),
        servicemap=servicemap,
        canary_facts=evidence_for,
        rollback_facts=rollback_for,
        require_canary=policy.gate.require_canary,
        declared_order=environments.has_declared_order,
        now=comparison.now,
        environments_gone=base_cells - head_cells,
        environments_whole=base_cells ^ head_cells,
        holds=holds,
        budget=budget,
        texts=lambda: _texts(resolved),
        foreseen=() if preview is None else tuple(preview.foreseen.values()),
        plans=() if preview is None else preview.plans,
        lone_copies=cache(lambda: _lone_copies(resolved, changes)),
        missing_partners=cache(lambda: _missing_partners(comparison, policy)),
        repeats=cache(lambda: _repeats(comparison, reverts)),
        untouched=cache(lambda: untouched_at_base(resolved, "databricks", policy)),
    )


def _lone_copies(resolved: Resolved, changes: Sequence[Change]) -> tuple[LoneCopy, ...]:
    if not resolved.generated:
        return ()
    from riskcheck.lone_copies import lone_copies

    return lone_copies(resolved, changes)


def _missing_partners(comparison: Comparison, policy: Policy) -> tuple[MissingPartner, ...]:
    if not policy.rules.partners:
        return ()
    from riskcheck.partners import missing_partners

    return missing_partners(comparison, policy.rules.partners)


def recent_reverts(comparison: Comparison) -> Iterable[TakenBack]:
    """What landed lately and took back edits of the files that `comparison` edits. Where git is asked, it is so at
    once; its answers are waited for when they are wanted."""
    history = comparison.history
    if history is None or not 0 < len(comparison.changes) <= REPEATED_FILES:
        return ()
    edited = {name for one in comparison.changes for name in (one.old_path, one.path)}
    return history.taken_back(comparison.now - REPEATED_WITHIN, edited)


def _repeats(comparison: Comparison, reverts: Iterable[TakenBack]) -> tuple[Repeat, ...]:
    found = list(reverts)
    if not found:
        return ()
    from riskcheck.repeats import repeats

    return repeats(comparison, found)


def _texts(resolved: Resolved) -> Iterator[ChangedText]:
    for change in resolved.changes:
        if change.head is not None:
            after = resolved.head_side.documents.get(change.path).text
            before = resolved.base_side.documents.get(change.old_path).text if change.base is not None else ""
            yield ChangedText(change.path, before, after)


def _cells(resources: Iterable[Resource]) -> frozenset[Cell]:
    return frozenset((resource.unit, resource.environment.name) for resource in resources)
