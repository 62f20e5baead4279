"""The order of the stages. Nothing else knows it, and nothing here prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.assembling import assemble
from riskcheck.changes.compare import compare
from riskcheck.documents.store import format_of
from riskcheck.environments import EnvironmentModel
from riskcheck.gathering import judge_input, recent_reverts
from riskcheck.judging import judge
from riskcheck.records import NamedTuple
from riskcheck.resolving import Resolved, all_paths, resolve_both
from riskcheck.results import NOTHING_FOUND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.judgement import JudgeInput, Judgement
    from riskcheck.models import Change, Rule
    from riskcheck.observing import Observer
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.platforms.base import Memory
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.results import ChangeLikelihood, Report
    from riskcheck.trees import Comparison


class Options(NamedTuple):
    """How a run is asked for. fail_on: a level, ``never``, or None for the default verdict.

    hook: at commit time partner files may still come, and only P0 blocks. memory: what earlier runs learnt about
    the repository; it changes no answer. reach: say which services are reached even where nothing risky was found.
    """

    fail_on: str | None = None
    waivers: bool = True
    approvals: tuple[Approval, ...] = ()
    hook: bool = False
    memory: Memory | None = None
    reach: bool = True
    plans: tuple[DeploymentPlan, ...] = ()
    """What deployment tools say that they would do."""
    observer: Observer | None = None
    """Is told how far the run is; it changes no answer."""
    jobs: int = 1
    """How many processes may read the estate; it changes no answer."""
    likelihood: Callable[[Comparison], ChangeLikelihood | None] | None = None
    """Asks the history of the repository; it changes the score, and nothing else."""


class JudgedRun(NamedTuple):
    """A report, and all that it was made of: what else may be asked of a run needs no second one."""

    comparison: Comparison
    policy: Policy
    environments: EnvironmentModel
    resolved: Resolved
    given: JudgeInput
    judgement: Judgement
    report: Report


def analyze(
    comparison: Comparison, policy: Policy, rules: Sequence[Rule], rules_digest: str, options: Options
) -> Report:
    """What a change to configuration does, and whether it may be merged.

    comparison: base and head. policy and rules: read from the deciding tree, never from the change itself.
    """
    return judged_run(comparison, policy, rules, rules_digest, options).report


def judged_run(
    comparison: Comparison,
    policy: Policy,
    rules: Sequence[Rule],
    rules_digest: str,
    options: Options,
    texts: dict[object, object] | None = None,
) -> JudgedRun:
    """The same as `analyze`, with what the report was made of. texts: see `resolve_both`."""
    reverts = recent_reverts(comparison)
    here = None
    if policy.promotion == "branch":
        from riskcheck.branching import environment_of_base

        here = environment_of_base(comparison, policy)
    environments = EnvironmentModel(
        policy.environments, policy.promotion, lambda: all_paths(comparison), here
    )
    resolved = resolve_both(comparison, environments, policy, options.memory, texts, options.observer)
    changes = compare(resolved.base, resolved.head, resolved.natural_keys)
    resolved, changes = _without_copies(resolved, changes)
    preview = merged = None
    terraform = [plan for plan in options.plans if plan.tool == "terraform"]
    if terraform:
        from riskcheck.planmerge.merge import merged as merge

        named = [one.name for one in policy.environments]
        merged = merge(terraform, resolved, changes, named, policy.trusted_plans)
        resolved = merged.resolved
        changes = compare(resolved.base, resolved.head, resolved.natural_keys)
    if options.plans:
        from riskcheck.previewing import preview_of

        preview = preview_of(options.plans, resolved, changes, policy.trusted_plans, merged)
    given = judge_input(
        comparison,
        policy,
        rules,
        environments,
        resolved,
        changes,
        options.approvals,
        preview,
        options.jobs,
        reverts,
    )
    judgement = judge(given, options.observer)
    outcome = NOTHING_FOUND
    likelihood = None
    if options.likelihood is not None and (judgement.findings or options.reach):
        likelihood = options.likelihood(comparison)
    if (
        judgement.findings
        or policy.waivers
        or policy.freezes
        or policy.windows
        or policy.approvals
        or _waives(resolved, comparison)
    ):
        from riskcheck.deciding import decided

        outcome = decided(
            comparison,
            policy,
            given,
            resolved,
            judgement,
            waivers=options.waivers,
            fail_on="P0" if options.hook and options.fail_on is None else options.fail_on,
            approvals=options.approvals,
            chance=None if likelihood is None else likelihood.chance,
        )
    notes = (*comparison.notes, *policy.notes, *given.servicemap.notes(), *judgement.notes)
    report = assemble(
        comparison,
        given,
        resolved,
        judgement,
        outcome,
        notes,
        rules_digest,
        preview,
        reach=options.reach,
        likelihood=likelihood,
    )
    return JudgedRun(comparison, policy, environments, resolved, given, judgement, report)


def _without_copies(resolved: Resolved, changes: tuple[Change, ...]) -> tuple[Resolved, tuple[Change, ...]]:
    """What files say that a tool made of other changed files is said of those."""
    if "kubernetes" not in resolved.units or not changes:
        return resolved, changes
    from riskcheck.generated import generated_files

    sides = (resolved.head_side.documents, resolved.base_side.documents)
    generated = generated_files(changes, lambda path: (side.get(path).text for side in sides))
    if not generated:
        return resolved, changes
    from riskcheck.folding import folded

    resolved, changes = folded(resolved, changes, generated)
    left = frozenset(change.resource.origin.source.path for change in changes)
    return resolved._replace(generated=generated & left), changes


def _waives(resolved: Resolved, comparison: Comparison) -> bool:
    """Whether a changed file has a comment that may be a waiver: those are told, found anything or not."""
    documents = resolved.head_side.documents
    return any(
        "riskcheck:" in documents.get(change.path).text
        for change in comparison.changes
        if change.head is not None and (format_of(change.path) or change.path.endswith(".sql"))
    )
