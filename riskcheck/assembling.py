"""What a judged run says as a whole, as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.environments import order_of
from riskcheck.resolving import Resolved, service_name
from riskcheck.results import Outcome, Report, moment
from riskcheck.summary import ActionOf, changed_resources, environments_in_order, matrix, reached_services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.judgement import JudgeInput, Judgement
    from riskcheck.models import Action, Change
    from riskcheck.previewing import Preview
    from riskcheck.results import ChangeLikelihood
    from riskcheck.trees import Comparison


def assemble(
    comparison: Comparison,
    given: JudgeInput,
    resolved: Resolved,
    judgement: Judgement,
    outcome: Outcome,
    notes: Sequence[str],
    rules_digest: str,
    preview: Preview | None = None,
    *,
    reach: bool,
    likelihood: ChangeLikelihood | None = None,
) -> Report:
    """The report of a judged run. notes: one line each, for people; those of `outcome` come last. reach: say who is
    reached even where nothing was found."""
    known = (*resolved.base, *resolved.head, *judgement.known)
    services = (
        reached_services(given.servicemap.graph, given.servicemap.reached)
        if reach or judgement.findings
        else ()
    )
    limitations = {*judgement.limitations, *given.servicemap.limitations()}
    environments = environments_in_order((resource.environment for resource in known), order_of)
    return Report(
        version=__version__,
        rules_digest=rules_digest,
        as_of=moment(comparison.now),
        base=comparison.base.label,
        head=comparison.head.label,
        assessment=outcome.assessment,
        findings=outcome.findings,
        changed=changed_resources(_deployed(given.changes), _action_of(resolved, preview)),
        environments=environments,
        services=services,
        matrix=matrix(given.changes, known, service_name, judgement.since),
        limitations=tuple(sorted(limitations, key=lambda one: (one.path, one.line or 0, one.message))),
        files_changed=len(comparison.changes),
        files_read=_files_read(resolved),
        changes=len(given.changes),
        notes=tuple(dict.fromkeys((*notes, *outcome.notes))),
        excerpts=outcome.excerpts,
        response=outcome.response,
        head_lines=outcome.head_lines,
        likelihood=likelihood,
    )


def _files_read(resolved: Resolved) -> int:
    """Changed files that were read as configuration: one that got another name is one file."""
    return sum(
        change.path in resolved.read or change.old_path in resolved.read for change in resolved.changes
    )


_NOT_DEPLOYED: Final = frozenset({("databricks", "targets"), ("terraform", "emptied_root")})


def _deployed(changes: Sequence[Change]) -> list[Change]:
    """`changes` without those of a bundle target's settings, and of a root that was emptied: rules judge them, but
    they are no resource that is deployed; what they do to resources is listed there."""
    return [
        change for change in changes if (change.resource.platform, change.resource.kind) not in _NOT_DEPLOYED
    ]


def _action_of(resolved: Resolved, preview: Preview | None) -> ActionOf:
    def action_of(changes: Sequence[Change]) -> Action:
        derived = resolved.action(changes)
        return derived if preview is None else preview.action(changes, derived)

    return action_of
