"""Which findings are waived: by the deciding policy, by a comment beside the line, or as known by the baseline.

A waiver counts only with a rule, a place, an owner, a reason and a date that has not passed; otherwise it
waives nothing and is told. A comment counts in full only if the deciding tree has it, too, at the same key of
the same file; one that the change itself brings covers P2 and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.globs import matches_any, wildcard
from riskcheck.levels import at_least
from riskcheck.phrases import listed, many
from riskcheck.policy.build import is_address
from riskcheck.policy.comments import Comments
from riskcheck.policy.usable import SOON, end_of, lack
from riskcheck.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from riskcheck.documents.store import DocumentStore
    from riskcheck.judged import Finding, Waiver
    from riskcheck.policy.baseline import Subject
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison


def apply_waivers(
    findings: Sequence[Finding],
    policy: Policy,
    comparison: Comparison,
    *,
    honour: bool = True,
    of: Subject = "change",
    documents: DocumentStore | None = None,
    unknown: Callable[[str], str | None] = lambda _: None,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """`findings` with their waivers, and one line for each waiver that does not do what it says.

    honour: False with ``--no-waivers``, which leaves the baseline out of account, too. of: what was judged; of a
    state all comments that waive nothing are told. documents: of head, where they are read already. unknown: what
    is wrong with the name of a rule that there is not, None of one that there is. A waiver covers single findings,
    never others of the same cause.
    """
    if not honour:
        return tuple(findings), ()
    longest = policy.gate.max_waiver
    notes: list[str] = []
    usable: list[Waiver] = []
    for waiver in policy.waivers:
        lacking = lack(waiver, comparison.lands, longest)
        if lacking is None:
            usable.append(waiver)
        else:
            notes.append(f"{waiver.source}: the waiver of {waiver.rule} {lacking}, and waives nothing")
    comments = Comments(comparison, policy, longest, documents, unknown)
    judged = [_judged(finding, usable, comments, notes) for finding in findings]
    notes.extend(comments.added() if of == "change" else comments.unusable())
    notes.extend(comments.left_out())
    notes.extend(_soon(judged, comparison.lands))
    return _less_known(judged, policy, of), tuple(dict.fromkeys(notes))


def _judged(finding: Finding, usable: Sequence[Waiver], comments: Comments, notes: list[str]) -> Finding:
    """`finding` with the first waiver that covers it; else why those that are meant for it do not, to `notes`."""
    short_notes: list[str] = []
    for waiver in (
        *(one for one in usable if _is_about(one, finding)),
        *comments.about(finding, short_notes),
    ):
        short = _falls_short(waiver, finding)
        if short is None:
            return replace(finding, waiver=waiver)
        short_notes.append(f"{waiver.source}: the waiver of {waiver.rule} {short} ({finding.resource})")
    notes.extend(short_notes)
    return replace(finding, waiver=None)


def _less_known(judged: Sequence[Finding], policy: Policy, of: Subject) -> tuple[Finding, ...]:
    """`judged`, those that the baseline knows with what stands for its entry."""
    if policy.baseline is None:
        return tuple(judged)
    from riskcheck.policy.baselining import Known

    covered = Known(policy.baseline, of).covering([one for one in judged if one.waiver is None])
    return tuple(replace(one, waiver=covered[id(one)]) if id(one) in covered else one for one in judged)


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    """Whether `waiver` is meant for `finding`: its rule, and its place or all of its resources."""
    if waiver.rule.lower() not in (finding.rule.lower(), finding.code.lower()):
        return False
    if is_address(waiver.where):
        return all(wildcard(waiver.where, address) for address in finding.resources or (finding.resource,))
    return matches_any(finding.location.path, (waiver.where,))


def _falls_short(waiver: Waiver, finding: Finding) -> str | None:
    """Why `waiver`, though meant for `finding`, does not cover it."""
    if not at_least(waiver.max_level, finding.level):
        why = ", as it was added in this change" if waiver.same_change else ""
        return f"covers {waiver.max_level} and below{why}, not {finding.level}"
    if waiver.environments:
        names = [environment.name for environment in finding.environments]
        missing = [name for name in names if not any(wildcard(one, name) for one in waiver.environments)]
        if missing or not names:
            return f"does not cover {', '.join(missing) or 'what belongs to no environment'}"
    if waiver.fingerprints and finding.fingerprint not in waiver.fingerprints:
        return f"acknowledges another change than this one, whose fingerprint is {finding.fingerprint}"
    return None


def _soon(judged: Iterable[Finding], now: int) -> Iterator[str]:
    """One line about the waivers in use that lapse soon."""
    ending: dict[str, str] = {}
    for finding in judged:
        waiver = finding.waiver
        end = end_of(waiver.until) if waiver is not None else None
        if waiver is not None and end is not None and end - now <= SOON:
            ending[f"{waiver.source} ({waiver.until})"] = waiver.until
    if ending:
        told = listed(sorted(ending, key=lambda one: (ending[one], one)))
        lapse = "lapses" if len(ending) == 1 else "lapse"
        yield f"{many(len(ending), 'waiver')} in use {lapse} within 14 days: {told}"
