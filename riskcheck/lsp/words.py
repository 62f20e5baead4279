"""A finding explained in Markdown. What comes from the repository is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import changed_value
from riskcheck.regexes import regex
from riskcheck.report.people import values_of
from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.judged import Finding, Waiver
    from riskcheck.nodes import MaybeValue

_SPECIAL: Final = regex(r"[\\`*_{}\[\]<>#|~!&@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown or HTML would take for its own, or make a link of. Escaped by a backslash and not as an entity:
some editors show the source."""
_MOST_EVIDENCE: Final = 6
_LONGEST_VALUE: Final = 80


def escaped(text: str) -> str:
    """`text` on one line, as Markdown shows it unchanged."""
    return _SPECIAL.sub(r"\\\g<0>", plain(" ".join(text.split())))


def explained(finding: Finding) -> str:
    """Why it matters, what it reaches, what evidence there is, and what would make it safe."""
    return "\n\n".join(_parts(finding)) + "\n"


def _parts(finding: Finding) -> Iterator[str]:
    yield f"**{finding.level} {escaped(finding.code)}** {escaped(finding.message)}"
    before, after = values_of(finding)
    change = f"{_value(before)} → {_value(after)}"
    reach = ", ".join(escaped(one.name) for one in finding.environments) or "no environment that is known"
    yield f"- change: {change}\n- resource: {escaped(finding.resource)}\n- reaches: {reach}"
    yield f"**Why** {escaped(finding.why)}"
    evidence = list(_evidence(finding))
    if evidence:
        yield "\n".join(evidence[:_MOST_EVIDENCE])
    yield f"**Fix** {escaped(finding.fix)}"
    if finding.blocking:
        yield f"**Blocks**: {escaped(finding.blocking)}"
    if finding.waiver is not None:
        yield _waived(finding.waiver)
    yield f"riskcheck explain {escaped(finding.code)} says more."


def _waived(waiver: Waiver) -> str:
    if waiver.baseline:
        return f"**Known already**: {escaped(waiver.source)} holds it, so it counts towards nothing"
    return f"**Waived** by {escaped(waiver.owner)} until {escaped(waiver.until)}: {escaped(waiver.reason)}"


def _evidence(finding: Finding) -> Iterator[str]:
    for one in finding.canary:
        if one.found or not one.absent:
            yield f"- {_mark(one.found)} canary, {escaped(one.environment)}: {escaped(one.detail)}"
    for back in finding.rollback:
        yield f"- {_mark(back.found)} way back, {back.kind}: {escaped(back.detail)}"


def _mark(found: bool) -> str:
    return "✓" if found else "✗"


def _value(value: MaybeValue) -> str:
    known = changed_value(value)
    if known is None:
        return "nothing"
    if isinstance(known, dict | list | tuple):
        return "…"
    return escaped(shortened(str(known), _LONGEST_VALUE)) or "empty"
