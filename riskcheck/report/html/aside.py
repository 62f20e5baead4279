"""What stands beside the findings: limits, waivers, changed resources, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed, many
from riskcheck.report.html.markup import TABLE_END, code, items, left_out, place, prose, table, text
from riskcheck.report.json import discreet_fields
from riskcheck.report.waived import known as in_baseline
from riskcheck.report.waived import known_words
from riskcheck.report.waived import waived as let_be

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.results import Report

MOST_LIMITS: Final = 300
MOST_PLACES: Final = 4
MOST_WAIVED: Final = 500
MOST_RESOURCES: Final = 500
MOST_NOTES: Final = 100


def limits(report: Report) -> Iterator[str]:
    """Limitations, those of the same kind and words in one row."""
    alike: dict[tuple[bool, str, str], list[str]] = {}
    for one in report.limitations:
        where = one.path + (f":{one.line}" if one.line else "")
        places = alike.setdefault((not one.failed, one.kind, one.message), [])
        if where and where not in places:
            places.append(where)
    if not alike:
        return
    yield '<p class="faint">What could not be resolved never makes a change look safer.</p>'
    rows = sorted(alike.items(), key=lambda item: item[0][:2])
    yield table("Limits", ("Kind", "Where", "What"))
    for (fine, kind, message), places in rows[:MOST_LIMITS]:
        failed = "" if fine else ' <b class="failed">analysis failed</b>'
        where = ", ".join(map(code, places[:MOST_PLACES]))
        if len(places) > MOST_PLACES:
            where += f" and {len(places) - MOST_PLACES} more"
        yield f"<tr><td>{text(kind)}{failed}</td><td>{where}</td><td>{text(message, 500)}</td></tr>"
    yield TABLE_END
    yield left_out(len(rows) - MOST_LIMITS, "limit")


def waived(report: Report) -> Iterator[str]:
    """Findings that a waiver lets be: listed, counted for nothing."""
    held = [(one, one.waiver) for one in let_be(report) if one.waiver is not None]
    if not held:
        return
    yield table("Waived findings", ("Finding", "Where", "Owner", "Until", "Reason", "Waiver"))
    for finding, waiver in held[:MOST_WAIVED]:
        yield (
            f'<tr><td><span class="level {finding.level}">{finding.level}</span> {text(finding.code)} '
            f"{text(finding.message, 400)}</td><td>{place(finding.location)}</td><td>{text(waiver.owner)}</td>"
            f"<td>{text(waiver.until)}</td><td>{text(waiver.reason)}</td><td>{code(waiver.source)}</td></tr>"
        )
    yield TABLE_END
    yield left_out(len(held) - MOST_WAIVED, "waived finding")


def known(report: Report) -> Iterator[str]:
    """Findings that the baseline holds: counted in a line, listed where somebody opens it."""
    held = [(one, one.waiver) for one in in_baseline(report) if one.waiver is not None]
    if not held:
        return
    yield f"<details><summary>{text(known_words(report))}</summary>"
    yield table("Findings known already", ("Finding", "Where", "Entry"))
    for finding, entry in held[:MOST_WAIVED]:
        yield (
            f'<tr><td><span class="level {finding.level}">{finding.level}</span> {text(finding.code)} '
            f"{text(finding.message, 400)}</td><td>{place(finding.location)}</td><td>{code(entry.source)}</td></tr>"
        )
    yield TABLE_END
    yield left_out(len(held) - MOST_WAIVED, "finding")
    yield "</details>"


def changed_resources(report: Report) -> Iterator[str]:
    """Every resource whose resolved value differs somewhere, finding or not."""
    if not report.changed:
        return
    number = len(report.changed)
    differ = "differs" if number == 1 else "differ"
    yield f"<details><summary>{many(number, 'resource')} {differ}</summary>"
    yield table("Changed resources", ("Resource", "Change", "Deployment would", "Environments", "Fields"))
    for one in report.changed[:MOST_RESOURCES]:
        fields = listed(discreet_fields(one.resource, one.fields), 6)
        yield (
            f"<tr><td>{code(one.resource)}</td><td>{text(one.change)}</td><td>{text(one.action)}</td>"
            f"<td>{text(listed(one.environments, 4))}</td><td>{text(fields, 300)}</td></tr>"
        )
    yield TABLE_END
    yield left_out(len(report.changed) - MOST_RESOURCES, "resource")
    yield "</details>"


def notes(report: Report) -> Iterator[str]:
    """Remarks about the run."""
    if report.notes:
        yield items(map(prose, report.notes[:MOST_NOTES]))
        yield left_out(len(report.notes) - MOST_NOTES, "note")
