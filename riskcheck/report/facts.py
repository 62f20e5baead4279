"""What is said of one finding, for every format that people read."""

from __future__ import annotations

from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from riskcheck.nodes import MISSING
from riskcheck.phrases import listed, many
from riskcheck.report.people import values_of
from riskcheck.report.routes import incident_words
from riskcheck.report.rows import Row
from riskcheck.report.safe import ADDRESS, LONGEST_NAME, OTHER_ADDRESS, elided, plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import CanaryEvidence, Finding, RollbackEvidence
    from riskcheck.models import Environment, Service
    from riskcheck.report.style import Style
    from riskcheck.results import Report, ServiceReach

MOST_LISTED = 8
MOST_STEPS = 8
LONGEST_VALUE = 60
LEAD = 12
"""How much that two long values have in common is shown before they differ."""


def facts(finding: Finding, report: Report, style: Style, *, known: bool = False) -> Iterator[Row]:
    """What changed, whom it reaches, what evidence there is, what to do. known: why and fix of the rule were told
    before. What comes from the repository is not escaped, but for one line and its control characters."""
    if finding.before is not MISSING or finding.after is not MISSING:
        was, becomes = _values(*values_of(finding))
        if was == becomes:
            becomes = becomes.replace(ADDRESS, OTHER_ADDRESS)
        values = f"{was} {style.to} {becomes}"
        if not isinstance(finding.before, dict | list) and not isinstance(finding.after, dict | list):
            yield Row("change", values)
    if len(finding.resources) > 1:
        yield Row("resources", names(finding.resources))
    elif finding.resource:
        yield Row("resource", plain(elided(finding.resource, LONGEST_NAME)))
    service = next((one.service for one in report.services if one.service.name == finding.service), None)
    words = None if service is None else service_words(service)
    if words:
        yield Row("service", words)
    hangers = [one for one in report.services if not one.changed and finding.service in one.reached_from]
    hangers.sort(key=urgency)
    if finding.environments:
        yield Row("reaches", _reaches(finding.environments))
    copies = [f"{one.location.path}:{one.location.line}" for one in finding.related if one.role == "copy"]
    if copies:
        yield Row("copies", names(copies))
    if hangers:
        hanging = [_hanger(one.service.name, one.service.criticality) for one in hangers]
        verb = "hangs" if len(hangers) == 1 else "hang"
        origin = plain(finding.service or "")
        text = f"{many(len(hangers), 'service')} {verb} off {origin}: {names(hanging)}"
        yield Row("beyond", text)
        yield Row("by way of", way(hangers[0], finding, style))
    reached = [one for one in (service, *(one.service for one in hangers)) if one is not None]
    yield Row("incident", plain(incident_words(finding.category, reached)))
    yield Row("why", f"as {finding.code} above" if known else finding.why)
    yield from _evidence(finding)
    if not known:
        yield Row("fix", finding.fix)


def _evidence(finding: Finding) -> Iterator[Row]:
    several = len({one.environment for one in finding.canary}) > 1
    for found, text, cells in _telling(finding.canary)[:MOST_LISTED]:
        where = f"{names(cells, 2)}, " if several else ""
        yield Row("canary", f"{where}{text}", found)
    for back in finding.rollback:
        yield Row("rollback", _back(back), back.found)


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


def _reaches(environments: Sequence[Environment]) -> str:
    told = [
        one.name if one.name == one.cell else f"{one.name} ({one.cell})" for one in by_stage(environments)
    ]
    production = sum(one.stage == "prod" for one in environments)
    text = names(told)
    return f"{text}; {production} production cells at once" if production > 1 else text


def by_stage(environments: Sequence[Environment]) -> list[Environment]:
    """In the order in which a change comes up; what is unknown may be production."""
    stages = ("dev", "staging", "canary", "unknown", "prod")
    return sorted(environments, key=lambda one: (stages.index(one.stage), one.name))


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


def _values(before: object, after: object) -> tuple[str, str]:
    """Both values, from where they begin to differ if that would else not be seen."""
    was, becomes = _show(before), _show(after)
    if not (isinstance(before, str) and isinstance(after, str)) or was != becomes:
        return was, becomes
    whole = plain(before), plain(after)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*whole, strict=False)))
    if alike < LONGEST_VALUE - 1 or whole[0] == whole[1]:
        return was, becomes
    was, becomes = (f"…{shortened(one[alike - LEAD :], LONGEST_VALUE - 1)}" for one in whole)
    return was, becomes


def _show(value: object) -> str:
    if value is MISSING:
        return "absent"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "…"
    return shortened(plain(str(value)), LONGEST_VALUE) or '""'


def names(values: Sequence[str], most: int = MOST_LISTED) -> str:
    """The first few of `values`, each on one line, and how many more there are."""
    return listed(map(plain, values), most)
