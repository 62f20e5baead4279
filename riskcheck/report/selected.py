"""Which findings a format for programs shows, in which order, and what it says of each in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from riskcheck.models import LEVELS
from riskcheck.phrases import listed, many
from riskcheck.report.safe import plain
from riskcheck.report.verdict import shown, title, worst
from riskcheck.report.waived import counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.judged import Finding
    from riskcheck.models import Limitation
    from riskcheck.results import Report

MOST_NAMES: Final = 8

Item = TypeVar("Item")


def live(report: Report) -> list[Finding]:
    """What is to be acted on: neither waived nor a note. What blocks first, then the worst, then as reported."""
    return sorted(shown(report), key=lambda one: (one.blocking is None, -LEVELS.index(one.level)))


def causes(report: Report) -> list[list[Finding]]:
    """`live` findings by cause, in each what changed before what it lacks: what blocks first, then the worst."""
    found: dict[str, list[Finding]] = {}
    for one in shown(report):
        found.setdefault(one.cause, []).append(one)
    return sorted(
        found.values(),
        key=lambda group: (all(one.blocking is None for one in group), -LEVELS.index(worst(group))),
    )


def one_line(text: str) -> str:
    """`text` on one line, harmless wherever it is shown."""
    return plain(" ".join(text.split()))


def rows(finding: Finding) -> Iterator[tuple[str, str]]:
    """What explains a finding beside its message, as label and harmless text."""
    if finding.blocking:
        yield "blocks", finding.blocking
    if finding.resource:
        yield "resource", listed(list(finding.resources or (finding.resource,)), MOST_NAMES)
    if finding.environments:
        yield "reaches", listed([one.name for one in finding.environments], MOST_NAMES)
    lacking = without_canary(finding)
    if lacking:
        yield "canary", f"no evidence for {listed(lacking, MOST_NAMES)}"
    missing = "; ".join(f"{one.kind}: {one.detail}" for one in finding.rollback if not one.found)
    if missing and not finding.rollback_ready:
        yield "rollback", f"no evidence: {missing}"
    yield "why", finding.why
    yield "fix", finding.fix


def without_canary(finding: Finding) -> list[str]:
    """Production environments for which canary evidence was looked for and none found."""
    found = {one.environment for one in finding.canary if one.found}
    return [name for name in dict.fromkeys(one.environment for one in finding.canary) if name not in found]


def limits(report: Report) -> Iterator[tuple[Limitation, int]]:
    """One limitation of each kind in each file, and how many it stands for; those that failed first."""
    alike: dict[tuple[str, str, bool], list[Limitation]] = {}
    for one in sorted(report.limitations, key=lambda one: not one.failed):
        alike.setdefault((one.path, one.kind, one.failed), []).append(one)
    for group in alike.values():
        yield group[0], len(dict.fromkeys((one.line, one.message) for one in group))


def limit_kinds(report: Report) -> Iterator[tuple[Limitation, str]]:
    """One limitation of each kind, and what it stands for in words; those that failed first. A repository may have
    hundreds of templates that nothing fills in."""
    alike: dict[tuple[bool, str], list[Limitation]] = {}
    for one in report.limitations:
        alike.setdefault((not one.failed, one.kind), []).append(one)
    for _, group in sorted(alike.items()):
        first = group[0]
        place = first.path + (f":{first.line}" if first.line else "")
        rest = len(dict.fromkeys((one.path, one.line, one.message) for one in group)) - 1
        more = f" (and {rest} more of the kind {first.kind})" if rest else ""
        yield first, one_line(f"{place}: {first.message}{more}" if place else f"{first.message}{more}")


def limit_words(one: Limitation, count: int) -> str:
    """What could not be read or resolved."""
    more = f" ({count - 1} more of this kind in the file)" if count > 1 else ""
    return one_line(f"{one.message}{more}")


def verdict_words(report: Report) -> str:
    """The verdict in a line: ``BLOCK P1, score 21.5: 2 findings (1 P1, 1 P2)``."""
    score = "" if report.state else f", score {report.assessment.score:.1f}"
    found = shown(report)
    what = f"{many(len(found), 'finding')} ({counts(found)})" if found else _quiet_words(report)
    return f"{title(report)}{score}: {what}"


def _quiet_words(report: Report) -> str:
    read = f"{many(report.files_read, 'file')} read as configuration"
    seen = " in what was read" if report.limitations else ""
    changed = "" if report.state else f"{many(report.files_changed, 'file')} changed, "
    return f"{changed}{read}, nothing risky{seen}"


def numbered(items: Iterable[Item], name: Callable[[Item], str]) -> Iterator[tuple[Item, int]]:
    """Each of `items`, with 1 for the first of its name, 2 for the second."""
    seen: dict[str, int] = {}
    for item in items:
        number = seen[name(item)] = seen.get(name(item), 0) + 1
        yield item, number
