"""One finding: what changed, what is wrong with it, whom it reaches, what evidence there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import MISSING
from riskcheck.phrases import many
from riskcheck.records import NamedTuple
from riskcheck.report.facts import by_stage, service_words, way
from riskcheck.report.html.evidence import evidence
from riskcheck.report.html.markup import attributes, code, filter_link, items, named, place, prose, text
from riskcheck.report.html.values import value
from riskcheck.report.people import line_without_names, values_of
from riskcheck.report.routes import incident_words
from riskcheck.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.judged import Finding
    from riskcheck.models import Environment, Service, Side
    from riskcheck.results import ServiceReach

MOST_LISTED: Final = 12
MADE: Final = "sql:"
"""Resources whose nested values riskcheck makes of a text: the line itself says it better."""


class Around(NamedTuple):
    """What of a report each of its findings is told with. hangers: reached services, most urgent first. state: one
    tree is judged as it is, so that nothing has a value before."""

    services: Mapping[str, Service]
    hangers: tuple[ServiceReach, ...]
    excerpts: Mapping[tuple[str, Side, int], str]
    state: bool


def full(finding: Finding, around: Around, *, same: bool, opened: bool) -> str:
    """All of it, folded behind its line. same: it has the cause of the finding before it."""
    look = f"finding {finding.level}" + (" same" if same else "")
    return (
        f'<details id="f-{text(finding.fingerprint)}" class="{look}"{attributes(_data(finding))}'
        f"{' open' if opened else ''}><summary>{_line(finding, same=same)}</summary>"
        f'<div class="body">{"".join(_body(finding, around))}</div></details>'
    )


def brief(finding: Finding) -> str:
    """Its line alone, with its place."""
    return (
        f'<div class="finding brief {finding.level}"{attributes(_data(finding))}>{_line(finding, same=False)}'
        f'<p class="faint">{place(finding.location)} {text(finding.fix, 300)}</p></div>'
    )


def _data(finding: Finding) -> dict[str, str]:
    """What the filters look at. Names of environments hold no line break: it separates them."""
    return {
        "data-level": finding.level,
        "data-service": finding.service or "",
        "data-category": finding.category,
        "data-environments": "|".join(one.name.replace("|", "/") for one in finding.environments),
    }


def _line(finding: Finding, *, same: bool) -> str:
    cells = finding.environments
    where = cells[0].name if len(cells) == 1 else many(len(cells), "environment") if cells else ""
    tags = [finding.service or "", where]
    told = "".join(f"<span>{text(one, 48)}</span>" for one in tags if one)
    blocks = '<span class="blocks">blocks</span>' if finding.blocking else ""
    cause = '<span class="vh">of the same cause: </span>' if same else ""
    return (
        f'<span class="level {finding.level}">{finding.level}</span> '
        f'<span class="code">{text(finding.code)}</span> '
        f'<span class="message">{cause}{text(finding.message, 400)}</span> <span class="tags">{blocks}{told}</span>'
    )


def _body(finding: Finding, around: Around) -> Iterator[str]:
    yield '<div class="columns"><div>'
    yield from _change(finding, around)
    yield f"<h3>Why it matters</h3><p>{prose(finding.why)}</p>"
    yield f'<h3>What to do</h3><p class="fix">{prose(finding.fix)}</p>'
    if finding.blocking:
        yield f'<p class="blocking"><b>Blocks</b> {text(finding.blocking)}</p>'
    yield "</div>"
    yield f'<dl class="facts">{"".join(_facts(finding, around))}</dl></div>'
    yield from evidence(finding)
    yield from _steps(finding)
    yield from _related(finding)


def _change(finding: Finding, around: Around) -> Iterator[str]:
    here = finding.location
    source = around.excerpts.get((here.path, here.side, here.line))
    if here.path:
        yield f'<p class="place">{place(here)}</p>'
    if source is not None and source.strip():
        side = "in base" if here.side == "base" else "in head"
        yield (
            f'<pre class="excerpt"><span class="vh">line, {side}: </span>'
            f'<span class="number">{here.line}</span> {text(line_without_names(source.strip()), 300)}</pre>'
        )
    values = values_of(finding)
    made = finding.resource.startswith(MADE) and any(isinstance(one, dict | list) for one in values)
    if around.state or made or values == (MISSING, MISSING):
        return
    gone = " gone" if finding.after is MISSING else " new" if finding.before is MISSING else ""
    yield f'<div class="change{gone}">'
    for title, look, one in (("before", "was", values[0]), ("after", "is", values[1])):
        shown = value(one, whole=not finding.path)
        yield (f'<div class="{look}"><h3>{title}</h3><pre>{shown}</pre></div>')
    yield "</div>"


def _facts(finding: Finding, around: Around) -> Iterator[str]:
    resources = finding.resources or ((finding.resource,) if finding.resource else ())
    yield _fact("Resource" if len(resources) < 2 else "Resources", _several(map_code(resources)))
    service = around.services.get(finding.service or "")
    if finding.service:
        name = f"<a {filter_link(service=finding.service)}>{text(finding.service)}</a>"
        told = service_words(service) if service is not None else None
        yield _fact("Service", name + (f" <span>{text(told.partition(' ')[2])}</span>" if told else ""))
    if service is not None and service.owner:
        yield _fact("Owner", text(service.owner))
    yield _fact("Reaches", _cells(finding.environments))
    hangers = [one for one in around.hangers if finding.service and finding.service in one.reached_from]
    if hangers:
        yield _fact(many(len(hangers), "service") + " beyond", _hanging(hangers, finding))
    reached = [one for one in (service, *(one.service for one in hangers)) if one is not None]
    yield _fact("Incident", text(incident_words(finding.category, reached)))
    back = text(finding.reversibility)
    if finding.recovery is not None:
        back += f": {text(finding.recovery.kind)}, {text(finding.recovery.because)}"
        back += items(map(text, finding.recovery.lost[:MOST_LISTED]))
    yield _fact("Way back", back)
    yield _fact("Confidence", text(finding.confidence))
    yield _fact(
        "Rule",
        f"{code(finding.rule)} <span>riskcheck explain {text(finding.code)}</span>"
        f'<span class="faint"> fingerprint {text(finding.fingerprint)}</span>',
    )


def map_code(values: tuple[str, ...]) -> list[str]:
    """Each of `values` as code."""
    return [code(one) for one in values]


def _fact(title: str, told: str) -> str:
    return f"<div><dt>{title}</dt><dd>{told}</dd></div>" if told else ""


def _several(rows: list[str]) -> str:
    if len(rows) < 2:
        return "".join(rows)
    more = len(rows) - MOST_LISTED
    return items([*rows[:MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])


def _cells(environments: tuple[Environment, ...]) -> str:
    ordered = by_stage(environments)
    production = sum(one.stage == "prod" for one in environments)
    rows = [
        f"<a {filter_link(environment=one.name)}>{named(one.name)}</a>"
        + (f' <span class="faint">{text(one.cell)}</span>' if one.cell != one.name else "")
        for one in ordered
    ]
    at_once = f"<p>{production} production cells at once</p>" if production > 1 else ""
    return at_once + _several(rows)


def _hanging(hangers: list[ServiceReach], finding: Finding) -> str:
    style = Style()
    rows = [f'<span class="way">{text(way(one, finding, style))}</span>' for one in hangers[:MOST_LISTED]]
    if len(hangers) > MOST_LISTED:
        rows.append(f"and {len(hangers) - MOST_LISTED} more")
    return items(rows)


def _steps(finding: Finding) -> Iterator[str]:
    if not finding.steps:
        return
    rows = "".join(
        f'<tr><td class="number">{one.delta:+d}</td><td>{text(one.reason)}</td></tr>' for one in finding.steps
    )
    yield (
        f"<details><summary>From severity {finding.severity} to level {finding.level}</summary>"
        f'<table class="plain"><tbody>{rows}</tbody></table></details>'
    )


def _related(finding: Finding) -> Iterator[str]:
    if not finding.related:
        return
    rows = "".join(
        f'<tr><th scope="row">{text(one.role)}</th><td>{place(one.location)}</td></tr>'
        for one in finding.related[: 4 * MOST_LISTED]
    )
    more = len(finding.related) - 4 * MOST_LISTED
    left = f'<p class="faint">and {more} more; <code>--format json</code> has all.</p>' if more > 0 else ""
    yield (
        f"<details><summary>{many(len(finding.related), 'related place')}</summary>"
        f'<table class="plain"><tbody>{rows}</tbody></table>{left}</details>'
    )
