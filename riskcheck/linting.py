"""`riskcheck lint`: one tree as it is. The same stages and rules as for a change, without one.

Rules about single changes see every resource as if it were new, so those that judge what is introduced speak; rules
of subject ``state`` see the tree as a whole. Evidence for a rollout is not asked for: nothing is rolled out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.changes.compare import compare
from riskcheck.deciding import excerpts
from riskcheck.environments import EnvironmentModel, order_of
from riskcheck.findings import finding_of, group_hits, order, standing_alone
from riskcheck.gathering import judge_input
from riskcheck.judged import Exposure
from riskcheck.judgement import limitation_of
from riskcheck.levels import LevelFacts, worst
from riskcheck.models import UNDEPLOYED
from riskcheck.policy.gate import decide
from riskcheck.policy.waivers import apply_waivers
from riskcheck.records import NamedTuple
from riskcheck.resolving import all_paths, resolve_both
from riskcheck.results import Assessment, Recommendation, Report, moment
from riskcheck.rules.evaluate import SubjectError, evaluate, evaluate_subject
from riskcheck.rules.known import KnownNames
from riskcheck.rules.listed import of_subject
from riskcheck.stating import state_facts
from riskcheck.summary import environments_in_order
from riskcheck.trees import MemoryTree, PathChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from riskcheck.judged import Finding, Hit
    from riskcheck.judgement import JudgeInput
    from riskcheck.models import Limitation, Rule, Service
    from riskcheck.observing import Observer
    from riskcheck.platforms.base import Memory
    from riskcheck.policy.model import Policy
    from riskcheck.resolving import Resolved
    from riskcheck.trees import Comparison

GUARDS: Final = "gate"
"""The platform of what guards the merge: its rules are about weakening it, which takes a change."""

NOT_ROLLED_OUT: Final = Exposure((), (), (), frozenset(), (), None, (), False, (), False)


class LintOptions(NamedTuple):
    """fail_on: a level that blocks, None for none. waivers: whether they are honoured. memory, observer: as for
    `analyze`."""

    fail_on: str | None = None
    waivers: bool = True
    memory: Memory | None = None
    observer: Observer | None = None


def lint(
    comparison: Comparison, policy: Policy, rules: Sequence[Rule], rules_digest: str, options: LintOptions
) -> Report:
    """What is risky about the head of `comparison` as it stands. policy: read from that same tree."""
    state = state_of(comparison)
    environments = EnvironmentModel(policy.environments, policy.promotion, paths=lambda: all_paths(state))
    resolved = resolve_both(state, environments, policy, options.memory, observer=options.observer)
    changes = compare(resolved.base, resolved.head, resolved.natural_keys)
    given = judge_input(state, policy, rules, environments, resolved, changes)
    if options.observer is not None:
        options.observer.stage("applying rules")
    introduced, failed = _introduced(given)
    standing, more = _standing(given, resolved, policy, environments, state)
    limitations = {*given.limitations, *failed, *more}
    found, notes = apply_waivers(
        order([*introduced, *standing]),
        policy,
        state,
        honour=options.waivers,
        of="state",
        documents=resolved.head_side.documents,
        unknown=KnownNames(rules, policy.rules.packs, state.deciding).unknown,
    )
    if options.waivers and policy.waivers:
        from riskcheck.policy.unneeded import unneeded

        notes = (*notes, *unneeded(policy, found, rules, state.lands))
    verdict, findings, reasons = decide(
        found, policy, fail_on=options.fail_on or "never", declared_order=True, now=state.now
    )
    live = tuple(finding.level for finding in findings if finding.waiver is None)
    return Report(
        version=__version__,
        rules_digest=rules_digest,
        as_of=moment(state.now),
        base=state.base.label,
        head=state.head.label,
        assessment=Assessment(
            verdict, worst(live) if live else None, 0.0, Recommendation("proceed"), tuple(reasons)
        ),
        findings=findings,
        changed=(),
        environments=environments_in_order(
            (one.environment for one in resolved.head if one.platform not in UNDEPLOYED), order_of
        ),
        services=(),
        matrix=(),
        limitations=tuple(sorted(limitations, key=lambda one: (one.path, one.line or 0, one.message))),
        files_changed=0,
        files_read=len(resolved.read),
        changes=0,
        notes=tuple(dict.fromkeys((*comparison.notes, *policy.notes, *given.servicemap.notes(), *notes))),
        excerpts=excerpts(findings, resolved),
        state=True,
    )


def state_of(comparison: Comparison) -> Comparison:
    """The head of `comparison` as if all of it were new. It decides for itself."""
    head = comparison.head
    return comparison._replace(
        base=MemoryTree({}, "base", "EMPTY"),
        deciding=head,
        changes=tuple(
            PathChange(path, "added", path, None, entry) for path, entry in sorted(head.entries().items())
        ),
        history=None,
    )


def _introduced(given: JudgeInput) -> tuple[list[Finding], list[Limitation]]:
    """What rules about single changes say of resources that are new."""
    rules = [
        rule for rule in given.rules if rule.match.subject == "change" and GUARDS not in rule.match.platforms
    ]
    hits, failures = evaluate(given.changes, rules, given.contexts)
    found = []
    for group in group_hits(hits):
        service = given.servicemap.service(group.hits[0].change.resource)
        found.append(finding_of(group, NOT_ROLLED_OUT, service, _facts_of(service)))
    return found, [limitation_of(failure) for failure in failures]


def _facts_of(service: Service) -> Callable[[Hit], LevelFacts]:
    facts = LevelFacts(service=service)
    return lambda _: facts


def _standing(
    given: JudgeInput,
    resolved: Resolved,
    policy: Policy,
    environments: EnvironmentModel,
    state: Comparison,
) -> tuple[list[Finding], list[Limitation]]:
    """What rules about the tree as a whole say."""
    rules: Iterable[Rule] = of_subject(given.rules, "state")
    if not rules:
        return [], []
    facts = state_facts(given, resolved, policy, environments, state)
    found: list[Finding] = []
    failed: list[Limitation] = []
    for rule in rules:
        try:
            for match, message, severity in evaluate_subject(rule, facts, given.contexts.bare(rule)):
                found.append(standing_alone(rule, match, message, severity))
        except SubjectError as error:
            failed.append(limitation_of(error.failure))
    return found, failed
