"""What counts towards nothing: findings that a waiver lets be, and those that the baseline holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.judged import Finding
    from riskcheck.models import Level
    from riskcheck.results import Report

_WORST_FIRST: Final[tuple[Level, ...]] = ("P0", "P1", "P2", "P3")


def waived(report: Report) -> list[Finding]:
    """What somebody decided to let be. What the baseline holds is `known`."""
    return [one for one in report.findings if one.waiver is not None and not one.waiver.baseline]


def known(report: Report) -> list[Finding]:
    """What the baseline holds: nobody decided about it, so it is counted and not told one by one."""
    return [one for one in report.findings if one.waiver is not None and one.waiver.baseline]


def known_words(report: Report) -> str:
    """``3 findings known already (1 P2, 2 P3), counting towards nothing``; ``""`` where the baseline holds none."""
    held = known(report)
    said = f"{many(len(held), 'finding')} known already ({counts(held)}), counting towards nothing"
    return said if held else ""


def baseline_path(report: Report) -> str:
    """The file that holds what is `known`; ``""`` where nothing is."""
    return next((one.waiver.source.rpartition(":")[0] for one in known(report) if one.waiver), "")


def waiver_words(finding: Finding) -> str:
    """By whom a finding is waived, until when and why; an entry of the baseline has neither owner nor date."""
    waiver = finding.waiver
    assert waiver is not None
    if waiver.baseline:
        said = f"{waiver.reason} ({waiver.source})"
    else:
        said = f"waived by {waiver.owner} until {waiver.until}: {waiver.reason}"
    return plain(" ".join(said.split()))


def counts(findings: Iterable[Finding]) -> str:
    """``1 P0, 2 P1``."""
    levels = [one.level for one in findings]
    return ", ".join(f"{levels.count(level)} {level}" for level in _WORST_FIRST if level in levels)
