"""The page in a real browser: it opens from a file, is accessible, and asks nobody anything."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from riskcheck.report.backtest.html import render
from tests.backtest.example import example
from tests.backtest.test_reports import REPORTS, report
from tests.report.html.browser import Opened, needs_chromium
from tests.report.html.conftest import Open

pytestmark = needs_chromium


def violations(page: Opened) -> list[str]:
    found: Any = Axe().run(page.page).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_opens_without_a_complaint(opened: Open, name: str) -> None:
    page = opened(render(report(name)))
    assert page.page.locator("h1").inner_text().startswith("Back-test of")
    assert page.page.evaluate("window.hit") is None
    assert page.page.locator("script, img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_is_content(opened: Open, scheme: str, width: int) -> None:
    page = opened(render(example()), color_scheme=scheme, viewport={"width": width, "height": 844})
    page.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_plots_are_drawn_inside_of_their_frames(opened: Open) -> None:
    page = opened(render(report("one")))
    outside = page.page.evaluate(
        """() => Array.from(document.querySelectorAll("svg.plot")).flatMap((plot) => {
             const frame = plot.getBoundingClientRect();
             return Array.from(plot.querySelectorAll("text, circle, polyline, line")).filter((one) => {
               const held = one.getBoundingClientRect();
               return held.left < frame.left - 1 || held.right > frame.right + 1
                 || held.top < frame.top - 1 || held.bottom > frame.bottom + 1;
             }).map((one) => one.outerHTML);
           })"""
    )
    assert outside == []
    assert page.page.locator("svg.plot").count() == 6
    assert page.page.locator("svg.plot").first.get_attribute("role") == "img"
