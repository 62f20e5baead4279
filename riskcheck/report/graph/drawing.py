"""The picture of the page: boxes in layers, as inline SVG that needs no script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from riskcheck.report.graph.layout import Spot, place
from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.charts import Chart, Link, Member

MOST_BOXES: Final = 150
"""Services up to which a picture says more than a list. Those without any link are never drawn."""
WIDTH: Final = 190
HEIGHT: Final = 34
GAP_X: Final = 90
GAP_Y: Final = 18
MARGIN: Final = 20
LONGEST: Final = 24
NEEDS: Final = "Services; arrows go from what needs to what is needed"


def drawing(chart: Chart, label: str = NEEDS) -> Iterator[str]:
    """The picture; a sentence where there are too many services for one, nothing where nothing is linked. label:
    what the picture shows, for those who do not see it."""
    linked = {name for link in chart.links for name in (link.dependant, link.dependency)}
    boxes = [one for one in chart.members if one.service.name in linked or one.changed]
    if len(boxes) > MOST_BOXES:
        yield f"<p>{len(boxes)} services are too many to draw; --service NAME draws what is around one.</p>"
        return
    if not chart.links:
        return
    spots = place([one.service.name for one in boxes], chart.links)
    width = MARGIN * 2 + max(spot.layer for spot in spots.values()) * (WIDTH + GAP_X) + WIDTH
    height = MARGIN * 2 + max(spot.row for spot in spots.values()) * (HEIGHT + GAP_Y) + HEIGHT
    ids = {one.service.name: f"s{number}" for number, one in enumerate(chart.members)}
    yield '<div class="drawing">'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="group" '
        f'aria-label="{escape(label)}">'
    )
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>'
    )
    for link in chart.links:
        yield _arrow(link, spots)
    for member in boxes:
        yield _box(member, spots[member.service.name], ids[member.service.name])
    yield "</svg>\n</div>"


def _corner(spot: Spot) -> tuple[int, int]:
    return MARGIN + spot.layer * (WIDTH + GAP_X), MARGIN + spot.row * (HEIGHT + GAP_Y)


def _box(member: Member, spot: Spot, target: str) -> str:
    x, y = _corner(spot)
    look = "changed" if member.changed else "reached" if member.reached is not None else ""
    name = plain(member.service.name)
    return (
        f'<a href="#{target}" class="{look}"><title>{escape(name)}</title>'
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + 10}" y="{y + 22}">{escape(shortened(name, LONGEST))}</text></a>'
    )


def _arrow(link: Link, spots: Mapping[str, Spot]) -> str:
    """A curve from the right of what needs to the left of what is needed; one that goes back or stays in its layer
    bows out to the right."""
    x, y = _corner(spots[link.dependant])
    to_x, to_y = _corner(spots[link.dependency])
    start, y, to_y = x + WIDTH, y + HEIGHT // 2, to_y + HEIGHT // 2
    if to_x > x:
        middle = (start + to_x) // 2
        curve = f"M{start} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"
    else:
        bow = start + GAP_X // 2
        curve = f"M{start} {y} C{bow} {y} {bow} {to_y} {to_x + WIDTH} {to_y}"
    return f'<path class="{link.coupling}" marker-end="url(#tip)" d="{curve}"/>'
