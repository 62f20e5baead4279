"""What is said of a run as a whole, for every format that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed, many
from riskcheck.report.safe import plain
from riskcheck.report.waived import counts, waiver_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Level, Limitation
    from riskcheck.results import Report

MOST_LIMITS_OF_KIND = 2
MOST_RESOURCES = 2
MOST_CODES = 6


def shown(report: Report) -> list[Finding]:
    """The findings that count: neither notes nor waived."""
    return [finding for finding in report.findings if finding.level != "note" and finding.waiver is None]


def notes(report: Report) -> list[Finding]:
    """What is worth a remark only."""
    return [finding for finding in report.findings if finding.level == "note" and finding.waiver is None]


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level of `findings`, of which there is one at least."""
    from riskcheck.models import LEVELS  # not needed where nothing was found

    return max((finding.level for finding in findings), key=LEVELS.index)


def title(report: Report) -> str:
    """``BLOCK P1``."""
    assessment = report.assessment
    level = f" {assessment.level}" if assessment.level and assessment.level != "note" else ""
    return f"{assessment.verdict.upper()}{level}"


def headline(report: Report, findings: Sequence[Finding]) -> tuple[str, str]:
    """``BLOCK P1`` and ``score 21.5, 1 cause (1 P1)``. findings: those of `shown`."""
    if not findings:
        return title(report), quiet_words(report)
    score = "" if report.state else f"score {report.assessment.score:.1f}, "
    causes = len({finding.cause for finding in findings})
    return title(report), f"{score}{many(causes, 'cause')} ({counts(findings)})"


ACKNOWLEDGE: Final = "merge first, alone, the waivers that this prints:"
"""Said before the command, where a change is meant as it is."""


def advice(report: Report) -> str:
    """What to do with the change as a whole."""
    assessment = report.assessment
    if assessment.verdict == "block" and not any(finding.blocking for finding in report.findings):
        return "wait for the day or the approval that is named; in an emergency, merge a waiver first"
    return {
        "proceed": "proceed",
        "proceed-with-safeguards": "proceed with the safeguards named under `fix`",
        "scope-down": "scope down: part of it can be merged now; hold the rest back",
        "delay": "hold it back until the evidence is there",
    }[report.assessment.recommendation.action]


def because(report: Report) -> list[str]:
    """Why the verdict is what it is, a line for all rules that block one resource for one reason, and for all
    resources that the same rules block."""
    codes: dict[tuple[str, str], list[str]] = {}
    alone: dict[str, tuple[str, str]] = {}
    for one in report.findings:
        if one.blocking and one.waiver is None:
            about = (one.resource, one.blocking)
            alone[f"{one.code} {one.resource}: {one.blocking}"] = about
            if one.code not in codes.setdefault(about, []):
                codes[about].append(one.code)
    resources: dict[tuple[str, str], list[str]] = {}
    for reason in report.assessment.reasons:
        resource, blocking = alone.get(reason, ("", ""))
        said = resources.setdefault(
            (listed(codes.get((resource, blocking), []), MOST_CODES) or reason, blocking), []
        )
        if resource and resource not in said:
            said.append(resource)
    return [
        plain(f"{what} {listed(held, MOST_RESOURCES)}: {why}" if held else f"{what}: {why}" if why else what)
        for (what, why), held in resources.items()
    ]


def limits(report: Report) -> list[str]:
    """Limitations of the same kind and words in one line, and of each kind a few lines.

    What is a finding already is not told twice.
    """
    alike: dict[str, dict[str, list[str]]] = {}
    findings = shown(report)
    for one in report.limitations:
        if one.failed and any(_is_told(one, finding) for finding in findings):
            continue
        place = plain(one.path) + (f":{one.line}" if one.line else "")
        places = alike.setdefault(one.kind, {}).setdefault(one.message, [])
        if place not in places:
            places.append(place)
    lines: list[str] = []
    for kind, told in alike.items():
        said = [f"{listed(places, 1)}: {plain(message)}" for message, places in told.items()]
        if len(said) > MOST_LIMITS_OF_KIND:
            left = len(said) - MOST_LIMITS_OF_KIND
            said[MOST_LIMITS_OF_KIND:] = [f"{left} more of the same kind: {kind} (--format json)"]
        lines += said
    return lines


def _is_told(limitation: Limitation, finding: Finding) -> bool:
    return finding.location.path == limitation.path and limitation.message in finding.message


def waived(finding: Finding) -> str:
    """What a waived finding is, and who lets it pass until when."""
    return (
        f"{finding.level} {finding.code} {plain(finding.message)} ({place(finding)}): {waiver_words(finding)}"
    )


def place(finding: Finding) -> str:
    """``path:line`` of a finding."""
    return f"{plain(finding.location.path)}:{finding.location.line}"


def quiet_words(report: Report) -> str:
    """What was looked at, where nothing risky was found."""
    if report.state:
        read = many(report.files_read, "file")
        return f"{read} read as configuration, {many(len(report.environments), 'environment')}, nothing to report"
    if not report.files_changed and not report.changed:
        return "nothing changed"
    seen = " in what was read" if report.limitations else ""
    return (
        f"{many(report.files_changed, 'file')} changed, {report.files_read} read as configuration, "
        f"{many(len(report.changed), 'resource')} differ{'s' if len(report.changed) == 1 else ''}, "
        f"nothing risky{seen}"
    )
