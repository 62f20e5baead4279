"""The blast radius: a graph to walk where the library is there, a picture that needs none, and always a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from riskcheck.charts import Chart, Link, Member
from riskcheck.dependencies import Reached, critical_because
from riskcheck.models import LEVELS
from riskcheck.phrases import listed, many
from riskcheck.report.graph.drawing import MOST_BOXES, drawing
from riskcheck.report.html.markup import TABLE_END, filter_link, left_out, named, table, text
from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.report.json import Json
    from riskcheck.results import Report, ServiceLink

MOST_ROWS: Final = 1_500
MOST_NODES: Final = 1_500
MOST_SAID: Final = 2
LONGEST_EDGE: Final = 240
WITHOUT_LIBRARY: Final = (
    "This riskcheck was built without the graph library, as where no network can be reached: the graph is a plain "
    "picture, which can be neither walked nor grouped."
)
LABEL: Final = "Services; arrows go the way that a failure travels, from what changed to what hangs off it"


def reach(report: Report, *, walked: bool) -> Iterator[str]:
    """Nothing where no service changed. walked: the page has the library that draws the graph."""
    if report.state or not report.services:
        return
    services = report.services
    changed = sum(one.changed for one in services)
    critical = sum(not one.changed and critical_because(one.service) is not None for one in services)
    words = f"{many(changed, 'service')} changed, {len(services) - changed} more reached"
    if critical:
        words += f", {critical} of them critical"
    if not drawable(report):
        yield f'<p class="faint">{words}. Nothing is known to hang off what changed.</p>'
        yield from _table(report)
        return
    yield f'<p class="faint">{words}. Arrows go the way that a failure travels.</p>'
    if walked:
        yield from _stage()
    else:
        yield f'<p class="faint">{WITHOUT_LIBRARY}</p>'
    if len(services) <= MOST_BOXES:
        yield f'<div class="picture" id="picture">{"".join(drawing(_chart(report), LABEL))}</div>'
    else:
        yield (
            f'<p class="faint" id="picture">{len(services)} services are too many for a plain picture; the table '
            "has them.</p>"
        )
    yield from _table(report)


def drawable(report: Report) -> bool:
    """Whether there is a graph: something hangs off something."""
    return not report.state and bool(edges(report))


def edges(report: Report) -> dict[tuple[str, str], list[ServiceLink]]:
    """(from, to) to what says so. Where the links of the graph were not asked for, each service is reached by way
    of those before it, and what says so is not known."""
    found: dict[tuple[str, str], list[ServiceLink]] = {}
    known = {one.service.name for one in report.services}
    if report.links is not None:
        for link in report.links:
            if link.start in known and link.end in known:
                found.setdefault((link.start, link.end), []).append(link)
        return found
    for one in report.services:
        way = [name for name in (*one.reached_from, one.service.name) if name in known]
        for pair in pairwise(way):
            if pair[0] != pair[1]:
                found[pair] = []
    return found


def _because(links: Sequence[ServiceLink]) -> str:
    """``dependsOn (catalog-info.yaml:12), mounts (web.yaml:30) and 2 more``."""
    told = [f"{one.relation} ({one.place})" if one.place else one.relation for one in links]
    return plain(listed(told, MOST_SAID))


def graph_data(report: Report) -> Json:
    """What the script draws: nodes and edges, by number."""
    services = report.services[:MOST_NODES]
    number = {one.service.name: index for index, one in enumerate(services)}
    worst: dict[str, int] = {}
    counts: dict[str, int] = {}
    for finding in report.findings:
        if finding.service and finding.waiver is None and finding.level != "note":
            counts[finding.service] = counts.get(finding.service, 0) + 1
            worst[finding.service] = max(worst.get(finding.service, 0), LEVELS.index(finding.level))
    nodes: list[Json] = []
    for one in services:
        name = one.service.name
        nodes.append(
            {
                "name": shortened(plain(name), 200) if name.strip() else "(no name)",
                "owner": shortened(plain(one.service.owner or ""), 80),
                "tier": shortened(plain(one.service.criticality or ""), 40),
                "critical": critical_because(one.service) is not None,
                "changed": one.changed,
                "hops": one.hops,
                "findings": counts.get(name, 0),
                "level": LEVELS[worst[name]] if name in worst else "",
            }
        )
    pairs: list[Json] = [
        [number[start], number[end], shortened(_because(links), LONGEST_EDGE)]
        for (start, end), links in edges(report).items()
        if start in number and end in number
    ]
    return {"nodes": nodes, "edges": pairs, "left_out": len(report.services) - len(services)}


def _stage() -> Iterator[str]:
    """Where the script draws; shown by it."""
    yield (
        '<div class="stage" id="stage" hidden><div class="controls"><label>Group <select id="group">'
        '<option value="none">nothing</option><option value="owner">by owner and distance</option>'
        '<option value="hops">by distance</option></select></label>'
        '<label>Layout <select id="layout"><option value="columns">columns by distance</option>'
        '<option value="rings">rings by distance</option><option value="free">free</option></select></label>'
        '<span class="zoom"><button type="button" id="zoom-out" aria-label="Zoom out">&minus;</button>'
        '<button type="button" id="zoom-in" aria-label="Zoom in">+</button>'
        '<button type="button" id="zoom-fit">Fit</button></span>'
        '<output id="graph-said" aria-live="polite"></output></div>'
        '<div id="graph" tabindex="0" role="application" aria-label="Graph of services" '
        'aria-describedby="graph-keys"></div>'
        '<ul class="legend graph-legend"><li><b class="shape changed"></b> changed</li>'
        '<li><b class="shape reached"></b> reached</li><li><b class="shape critical"></b> reached, critical</li>'
        '<li><b class="shape group"></b> several, Enter opens them</li></ul>'
        '<p class="faint" id="graph-keys">Arrow keys walk along the edges and within a column, Enter filters '
        "the findings by the service, + and &minus; zoom, 0 fits, Escape lets go. The table below says the "
        "same.</p></div>"
    )


def _table(report: Report) -> Iterator[str]:
    services = report.services
    opened = " open" if len(services) <= 6 else ""
    yield f'<details class="reach-table"{opened}><summary>The same as a table</summary>'
    said = _last_steps(report)
    columns = ("Service", "State", "#Distance", "Criticality", "Owner", "By way of", "Which says")
    yield table("Services reached", columns, tall=True)
    for number, one in enumerate(services[:MOST_ROWS]):
        service = one.service
        way = " → ".join(plain(step) for step in one.path) if not one.changed else ""
        critical = critical_because(service)
        because = "" if one.changed else said.get(service.name, "")
        tier = service.criticality or critical or ""
        yield (
            f'<tr id="s{number}"><th scope="row"><a {filter_link(service=service.name)}>{named(service.name)}</a>'
            f'</th><td>{"changed" if one.changed else "reached"}</td><td class="number">{one.hops}</td>'
            f"<td>{text(tier)}{' (critical)' if critical and tier != 'tier-1' else ''}</td>"
            f'<td>{text(service.owner or "")}</td><td class="way">{text(way, 400)}</td>'
            f"<td>{text(because, 400)}</td></tr>"
        )
    yield TABLE_END
    yield left_out(len(services) - MOST_ROWS, "service")
    yield "</details>"


def _last_steps(report: Report) -> dict[str, str]:
    """What says that a service hangs off the one before it, by its name."""
    known = edges(report)
    found = {}
    for one in report.services:
        links = known.get((one.reached_from[-1], one.service.name)) if one.reached_from else None
        if links:
            found[one.service.name] = _because(links)
    return found


def _chart(report: Report) -> Chart:
    """The same for the picture that `riskcheck graph` draws. Its arrows go from left to right."""
    members = tuple(
        Member(
            one.service,
            changed=one.changed,
            reached=None if one.changed else Reached(one.service.name, 1.0, one.path, one.reached_from, ()),
        )
        for one in report.services
    )
    links = tuple(Link(start, end, "hard", ()) for start, end in edges(report))
    return Chart("changed", "", members, links)
