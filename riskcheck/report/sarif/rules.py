"""What is said once of a rule: its descriptor, and how code scanning is to sort what it found.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS
from riskcheck.records import NamedTuple
from riskcheck.report.safe import plain, shortened
from riskcheck.report.selected import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Confidence, Level
    from riskcheck.report.json import Json

MOST_NAME: Final = 255
MOST_DESCRIPTION: Final = 1024
"""Characters that GitHub takes of a name and of a description."""

BLOCKING_SEVERITY: Final[dict[Level, str]] = {
    "P0": "9.5",
    "P1": "8.5",
    "P2": "7.8",
    "P3": "7.2",
    "note": "7.0",
}
"""GitHub calls over 9.0 critical and from 7.0 on high; both fail its check, as what blocks should."""

OTHER_SEVERITY: Final[dict[Level, str]] = {"P0": "6.9", "P1": "6.0", "P2": "5.0", "P3": "2.0", "note": "1.0"}
"""From 4.0 on it is medium, under that low; neither fails the check unless a repository asks for it."""

PRECISION: Final[dict[Confidence, str]] = {"high": "high", "medium": "medium", "low": "low"}

PROBLEM: Final = {"error": "error", "warning": "warning", "note": "recommendation"}


class RuleOfRun(NamedTuple):
    """A rule that found something. descriptor: its `reportingDescriptor` object."""

    code: str
    descriptor: Json


def sarif_level(finding: Finding) -> str:
    """``error`` for what blocks, ``note`` for P3 and for what a waiver covers, else ``warning``."""
    if finding.waiver is not None or finding.level in ("P3", "note"):
        return "error" if finding.blocking else "note"
    return "error" if finding.blocking else "warning"


def rules_of(findings: Iterable[Finding]) -> list[RuleOfRun]:
    """The rules of `findings`, each once, by code."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    return [RuleOfRun(code, _descriptor(members)) for code, members in sorted(by_code.items())]


def _descriptor(findings: Sequence[Finding]) -> Json:
    """Of all that a rule found, the worst says how the rule is sorted: severity belongs to rules there."""
    first = findings[0]
    levels = [sarif_level(one) for one in findings]
    worst = next(level for level in ("error", "warning", "note") if level in levels)
    title = one_line(first.title or first.rule)
    descriptor: dict[str, Json] = {
        "id": first.code,
        "name": shortened(first.rule, MOST_NAME),
        "shortDescription": {"text": shortened(title, MOST_DESCRIPTION)},
        "fullDescription": {"text": shortened(one_line(first.why) or title, MOST_DESCRIPTION)},
        "help": {"text": _help(first), "markdown": _help_in_markdown(first)},
        "defaultConfiguration": {"level": worst},
        "properties": {
            "tags": [first.rule, first.category, "configuration", "reliability"],
            "precision": PRECISION[first.confidence],
            "problem.severity": PROBLEM[worst],
            **_security_severity(findings),
        },
    }
    documented = next((url for url in first.references if re.fullmatch(r"https?://[!-~]+", url)), None)
    if documented is not None:
        descriptor["helpUri"] = documented
    return descriptor


def _security_severity(findings: Sequence[Finding]) -> dict[str, Json]:
    """The number that code scanning sorts by. Rules of which everything is waived get none: they stay notes."""
    live = [one for one in findings if one.waiver is None]
    if not live:
        return {}
    worst = max(live, key=lambda one: (one.blocking is not None, LEVELS.index(one.level)))
    table = OTHER_SEVERITY if worst.blocking is None else BLOCKING_SEVERITY
    return {"security-severity": table[worst.level]}


def _help(finding: Finding) -> str:
    parts = [one_line(finding.why), f"Fix: {one_line(finding.fix)}"]
    if finding.false_positives:
        parts.append("Not meant: " + "; ".join(one_line(one) for one in finding.false_positives))
    parts.append(f"riskcheck explain {finding.code} shows the rule with an example.")
    return "\n\n".join(filter(None, parts))


def _help_in_markdown(finding: Finding) -> str:
    lines = [
        f"# {markdown(finding.title or finding.rule)}",
        "",
        f"{finding.code}, `{_code(finding.rule)}`",
        "",
        "## Why",
        "",
        markdown(finding.why),
        "",
        "## Fix",
        "",
        markdown(finding.fix),
    ]
    if finding.false_positives:
        lines += ["", "## What it does not mean", ""]
        lines += [f"- {markdown(one)}" for one in finding.false_positives]
    links = [url for url in finding.references if re.fullmatch(r"https?://[!-;=?-~]+", url)]
    if links:
        lines += ["", "## References", "", *(f"- <{url}>" for url in links)]
    return "\n".join(
        [*lines, "", f"`riskcheck explain {_code(finding.code)}` shows the rule with an example."]
    )


def markdown(text: str) -> str:
    """`text` in which no sign is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!&@])", r"\\\1", one_line(text))


def _code(text: str) -> str:
    return plain(text).replace("`", "'")
