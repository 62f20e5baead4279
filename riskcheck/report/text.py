"""The report for people, in the manner of a good compiler: the line, what is wrong, what to do.

Readable at 80 columns, without colour, and on a terminal that knows only ASCII.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from riskcheck.nodes import MISSING
from riskcheck.phrases import listed, many
from riskcheck.report.matrix import matrix_lines
from riskcheck.report.routes import incident_words
from riskcheck.report.safe import ADDRESS, OTHER_ADDRESS, plain, shortened
from riskcheck.report.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import CanaryEvidence, Finding, RollbackEvidence
    from riskcheck.models import Environment, Level, Service
    from riskcheck.report.style import Style
    from riskcheck.results import Report, ServiceReach

LABEL_WIDTH = 10
MOST_LINES_OF_LIST = 8
MOST_LIMITS_OF_KIND = 2
MOST_ALSO = 6
MOST_STEPS = 8


class TextOptions(NamedTuple):
    """width: columns. explain: print the steps to each level and the terms of the score. quiet: findings only."""

    width: int = 80
    explain: bool = False
    quiet: bool = False


def render(report: Report, style: Style, options: TextOptions) -> str:
    """The whole report, ending in a newline; empty where there is nothing to say and `quiet` is asked for."""
    lines: list[str] = []
    shown = [finding for finding in report.findings if finding.level != "note" and finding.waiver is None]
    told: set[str] = set()
    for _, members in groupby(shown, key=lambda finding: finding.cause):
        lines.extend(_cause(list(members), report, style, options, told))
        lines.append("")
    lines.extend(_aside(report, style, options))
    if options.quiet and not lines:
        return ""
    lines.extend(_summary(report, shown, style, options))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _cause(
    members: Sequence[Finding], report: Report, style: Style, options: TextOptions, told: set[str]
) -> Iterator[str]:
    """One cause: what changed in full, what else comes of it in a line each. told: codes explained before."""
    from riskcheck.models import LEVELS  # not needed where nothing was found

    worst = max(members, key=lambda finding: LEVELS.index(finding.level)).level
    first, others = members[0], members[1:]
    head = style.level(worst, f"{worst} {first.code}")
    yield from hanging(
        f"{head}  ", plain(first.message), options.width, len(first.level) + len(first.code) + 3
    )
    yield from _excerpt(first, report, style)
    if worst == "P3" and not options.explain:
        yield from _row("fix", first.fix, style, options)
    else:
        yield from _facts(first, report, style, options, told)
    told.add(first.code)
    for finding in others[:MOST_ALSO]:
        title = f"{finding.level} {finding.code} {plain(finding.message)}"
        yield from _row("also", title, style, options)
        if finding.blocking and finding.code not in told:
            yield from _row("fix", finding.fix, style, options)
            told.add(finding.code)
    if len(others) > MOST_ALSO:
        yield from _row(
            "also", f"{len(others) - MOST_ALSO} more of the same cause (--format json)", style, options
        )


def _excerpt(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    place = finding.location
    side = " (base)" if place.side == "base" else ""
    number = str(place.line)
    yield style.dim(f"{' ' * len(number)}{style.arrow} {plain(place.path)}:{place.line}:{place.column}{side}")
    source = (report.excerpts or {}).get((place.path, place.side, place.line))
    if source is None:
        return
    text = plain(source)
    indent = len(text) - len(text.lstrip())
    text = text[min(indent, 12) :]
    yield f"{style.dim(number + ' ' + style.bar)} {shortened(text, 74 - len(number))}"


def _facts(
    finding: Finding, report: Report, style: Style, options: TextOptions, told: set[str]
) -> Iterator[str]:
    if finding.before is not MISSING or finding.after is not MISSING:
        was, becomes = _show(finding.before), _show(finding.after)
        if was == becomes:
            becomes = becomes.replace(ADDRESS, OTHER_ADDRESS)
        values = f"{was} {style.to} {becomes}"
        if not isinstance(finding.before, dict | list) and not isinstance(finding.after, dict | list):
            yield from _row("change", values, style, options)
    if len(finding.resources) > 1:
        yield from _row("resources", _listed(finding.resources), style, options)
    elif finding.resource:
        yield from _row("resource", plain(finding.resource), style, options)
    service = next((one.service for one in report.services if one.service.name == finding.service), None)
    words = None if service is None else service_words(service)
    if words:
        yield from _row("service", words, style, options)
    hangers = [one for one in report.services if not one.changed and finding.service in one.reached_from]
    hangers.sort(key=urgency)
    if finding.environments:
        yield from _row("reaches", _reaches(finding.environments), style, options)
    copies = [f"{one.location.path}:{one.location.line}" for one in finding.related if one.role == "copy"]
    if copies:
        yield from _row("copies", _listed(copies), style, options)
    if hangers:
        names = [_hanger(one.service.name, one.service.criticality) for one in hangers]
        verb = "hangs" if len(hangers) == 1 else "hang"
        origin = plain(finding.service or "")
        text = f"{many(len(hangers), 'service')} {verb} off {origin}: {_listed(names)}"
        yield from _row("beyond", text, style, options)
        yield from _row("by way of", way(hangers[0], finding, style), style, options)
    reached = [one for one in (service, *(one.service for one in hangers)) if one is not None]
    yield from _row("incident", plain(incident_words(finding.category, reached)), style, options)
    known = finding.code in told
    yield from _row("why", f"as {finding.code} above" if known else finding.why, style, options)
    yield from _evidence(finding, style, options)
    if not known:
        yield from _row("fix", finding.fix, style, options)
    if options.explain:
        if finding.recovery is not None:
            text = f"class {finding.recovery.kind}: {finding.recovery.because}"
            yield from _row("back", text, style, options)
        for step in finding.steps:
            yield from _row("step", f"{step.delta:+d}  {step.reason}", style, options)
        yield from _row(
            "severity", f"{finding.severity} by rule, {finding.level} after the steps", style, options
        )
        yield from _row("rule", f"{finding.rule}, fingerprint {finding.fingerprint}", style, options)


def _evidence(finding: Finding, style: Style, options: TextOptions) -> Iterator[str]:
    several = len({one.environment for one in finding.canary}) > 1
    for found, text, cells in _telling(finding.canary)[:MOST_LINES_OF_LIST]:
        where = f"{_listed(cells, 2)}, " if several else ""
        yield from _row("canary", f"{where}{text}", style, options, style.mark(found))
    for back in finding.rollback:
        yield from _row("rollback", _back(back), style, options, style.mark(back.found))


def _telling(evidence: Sequence[CanaryEvidence]) -> list[tuple[bool, str, list[str]]]:
    """What was found; where nothing was, what was missing; with the cells it is said of. `coverage` repeats the
    others for people."""
    said: dict[tuple[bool, str], list[str]] = {}
    for environment, members in groupby(evidence, key=lambda one: one.environment):
        of_cell = [one for one in members if one.kind != "coverage"]
        found = [one for one in of_cell if one.found]
        told = {one.detail for one in of_cell if not one.absent}
        absent = [one for one in of_cell if one.absent and one.detail not in told]
        alike: dict[tuple[bool, str], list[str]] = {}
        for one in found or [one for one in of_cell if one not in absent or len(absent) == 1]:
            alike.setdefault((one.found, plain(one.detail)), []).append(one.kind)
        for (good, detail), kinds in alike.items():
            said.setdefault((good, f"{', '.join(kinds)}: {detail}"), []).append(environment)
        if not found and len(absent) > 1:
            missing = ", ".join(one.kind for one in absent)
            said.setdefault((False, f"{missing}: nothing of the kind is declared"), []).append(environment)
    return [(good, text, cells) for (good, text), cells in said.items()]


def _back(one: RollbackEvidence) -> str:
    return f"{one.kind}: {plain(one.detail)}"


def _aside(report: Report, style: Style, options: TextOptions) -> Iterator[str]:
    notes = [finding for finding in report.findings if finding.level == "note" and finding.waiver is None]
    for finding in report.findings:
        waiver = finding.waiver
        if waiver is None or waiver.baseline:
            continue
        text = (
            f"{finding.level} {finding.code} {plain(finding.message)} ({_at(finding)}): waived by {waiver.owner} "
            f"until {waiver.until}, {plain(waiver.reason)}"
        )
        yield from _row("waived", text, style, options)
    if options.quiet:
        return
    known = [one for one in report.findings if one.waiver is not None and one.waiver.baseline]
    if known:
        text = f"{many(len(known), 'finding')} known already ({_counts(known)}), counting towards nothing"
        yield from _row("baseline", text, style, options)
    for finding in notes[:MOST_LINES_OF_LIST]:
        yield from _row("note", f"{finding.code} {plain(finding.message)} ({_at(finding)})", style, options)
    if len(notes) > MOST_LINES_OF_LIST:
        yield from _row(
            "note", f"{len(notes) - MOST_LINES_OF_LIST} more notes (--format json)", style, options
        )
    yield from _limits(report, style, options)
    for note in report.notes:
        yield from _row("note", plain(note), style, options)


def _limits(report: Report, style: Style, options: TextOptions) -> Iterator[str]:
    """Limitations of the same kind and words in one row, and of each kind a few rows."""
    alike: dict[str, dict[str, list[str]]] = {}
    for one in report.limitations:
        place = plain(one.path) + (f":{one.line}" if one.line else "")
        places = alike.setdefault(one.kind, {}).setdefault(one.message, [])
        if place not in places:
            places.append(place)
    rows: list[str] = []
    for kind, told in alike.items():
        said = [f"{listed(places, 1)}: {plain(message)}" for message, places in told.items()]
        if len(said) > MOST_LIMITS_OF_KIND:
            left = len(said) - MOST_LIMITS_OF_KIND
            said[MOST_LIMITS_OF_KIND:] = [f"{left} more of the same kind: {kind} (--format json)"]
        rows += said
    for row in rows[:MOST_LINES_OF_LIST]:
        yield from _row("limit", row, style, options)
    if len(rows) > MOST_LINES_OF_LIST:
        more = len(rows) - MOST_LINES_OF_LIST
        yield from _row("limit", f"{more} more kinds of limits (--format json)", style, options)


def _at(finding: Finding) -> str:
    return f"{plain(finding.location.path)}:{finding.location.line}"


def _summary(report: Report, shown: Sequence[Finding], style: Style, options: TextOptions) -> Iterator[str]:
    already = [cell for cell in report.matrix if cell.state == "already" and cell.since]
    if report.matrix and (shown or already):
        yield from matrix_lines(report, style, options.width)
        for cell in already[:MOST_LINES_OF_LIST]:
            yield from _row(
                "already", f"{plain(cell.environment)} runs it since {cell.since}", style, options
            )
        yield ""
    assessment = report.assessment
    counts = _counts(shown)
    causes = len({finding.cause for finding in shown})
    level = f" {assessment.level}" if assessment.level and assessment.level != "note" else ""
    score = "" if report.state else f"score {assessment.score:.1f}, "
    verdict = f"{assessment.verdict.upper()}{level}"
    words = f"{score}{many(causes, 'cause')} ({counts})" if shown else quiet_words(report)
    yield from hanging(
        style.verdict(assessment.verdict, verdict) + "  ", words, options.width, len(verdict) + 2
    )
    for reason in assessment.reasons:
        yield from _row("because", plain(reason), style, options)
    if report.response is not None and (options.explain or assessment.verdict == "block"):
        from riskcheck.response import told

        yield from _row("respond", f"{report.response.level}: {told(report.response)}", style, options)
    recommendation = assessment.recommendation
    if assessment.verdict != "pass" and not report.state:
        yield from _row("advice", advice(report), style, options)
    if recommendation.safe_paths:
        yield from _row("merge now", _listed(recommendation.safe_paths), style, options)
        yield from _row("hold back", _listed(recommendation.held_paths), style, options)
    for line in recommendation.proof:
        yield from _row("checked", plain(line), style, options)
    if options.explain:
        for term in assessment.terms:
            yield from _row(
                "term", f"{term.value:.4g} bad minutes: {term.name} = {term.detail}", style, options
            )
        if assessment.terms:
            from riskcheck.priors import REFERENCE_MINUTES

            minutes = sum(term.value for term in assessment.terms)
            sum_up = f"{assessment.score:.1f} = 100 x (1 - exp(-{minutes:.4g} / {REFERENCE_MINUTES}))"
            yield from _row("score", f"{sum_up}; priors, uncalibrated", style, options)


def advice(report: Report) -> str:
    """What to do with a change that is not simply passed."""
    assessment = report.assessment
    if assessment.verdict == "block" and not any(finding.blocking for finding in report.findings):
        return "wait for the day or the approval that is named; in an emergency, merge a waiver first"
    return {
        "proceed": "proceed",
        "proceed-with-safeguards": "proceed with the safeguards named under `fix`",
        "scope-down": "scope down: part of it can be merged now; hold the rest back",
        "delay": "hold it back until the evidence is there; where it is meant as it is, merge a waiver first",
    }[report.assessment.recommendation.action]


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


def _counts(findings: Sequence[Finding]) -> str:
    levels: list[Level] = ["P0", "P1", "P2", "P3"]
    parts = [f"{sum(one.level == level for one in findings)} {level}" for level in levels]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def _reaches(environments: Sequence[Environment]) -> str:
    stages = ("dev", "staging", "canary", "unknown", "prod")
    ordered = sorted(environments, key=lambda one: (stages.index(one.stage), one.name))
    names = [one.name if one.name == one.cell else f"{one.name} ({one.cell})" for one in ordered]
    production = sum(one.stage == "prod" for one in environments)
    text = _listed(names)
    return f"{text}; {production} production cells at once" if production > 1 else text


def urgency(one: ServiceReach) -> tuple[object, ...]:
    """Sorts services that hang off a change: critical ones first, then near ones."""
    from riskcheck.dependencies import critical_because

    return (critical_because(one.service) is None, one.service.criticality or "~", one.hops, one.service.name)


def way(one: ServiceReach, finding: Finding, style: Style) -> str:
    """How a change gets to a service, from there back to what changed: the last step is left out where it is
    something else that changed in the same service."""
    steps = [plain(label) for label in one.path[-2::-1]]
    named = {
        address.rpartition("/")[2].rpartition(".")[2]
        for address in (*finding.resources, finding.resource or "")
    }
    if len(steps) > 1 and steps[-1].rpartition(" ")[2].rpartition("/")[2] not in named:
        steps.pop()
    if len(steps) > MOST_STEPS:
        steps = [*steps[: MOST_STEPS - 2], "…" if style.unicode else "...", steps[-1]]
    return f" {style.back} ".join((_hanger(plain(one.service.name), one.service.criticality), *steps))


def service_words(service: Service) -> str | None:
    """``orders (tier-1, SOX, premium support, SLA 15m)``; None where nothing is declared of it."""
    objectives = (("RTO", service.rto), ("RPO", service.rpo), ("SLA", service.sla))
    parts = [service.criticality, *(scope.upper() for scope in service.scopes)]
    parts.append(f"{service.support} support" if service.support else None)
    parts += [f"{name} {_short(seconds)}" for name, seconds in objectives if seconds]
    told = ", ".join(filter(None, parts))
    return plain(f"{service.name} ({told})") if told else None


def _short(seconds: int) -> str:
    """``15m``, ``2h``, ``1d``: the largest unit that it is a multiple of."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _hanger(name: str, criticality: str | None) -> str:
    return f"{name} ({criticality})" if criticality else name


def _listed(values: Sequence[str], most: int = MOST_LINES_OF_LIST) -> str:
    return listed(map(plain, values), most)


def _show(value: object) -> str:
    if value is MISSING:
        return "absent"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "…"
    return shortened(plain(str(value)), 60) or '""'


def _row(label: str, text: str, style: Style, options: TextOptions, mark: str = "") -> Iterator[str]:
    """`text` behind its label, made harmless whoever wrote it; `mark` stands before it and may hold colour."""
    prefix = f"  {label:<{LABEL_WIDTH}}"
    harmless = plain(" ".join(text.split()))
    yield from hanging(style.label(prefix), f"{mark} {harmless}", options.width, len(prefix))
