"""The HTML report in a real browser: it opens from a file, draws, filters, obeys keys, and asks nobody anything."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from riskcheck.report.html import library as bundled
from riskcheck.report.html import render
from tests.acceptance.test_examples import SCENARIOS, report
from tests.report.html import reports
from tests.report.html.browser import Opened, needs_chromium
from tests.report.html.conftest import Open

pytestmark = needs_chromium


def violations(page: Opened) -> list[str]:
    """What axe finds, with the place. `region` and the like hold for a page as a whole: it is one."""
    found = Axe().run(page.page).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


def drawn_pixels(page: Opened) -> int:
    """Pixels of the graph that are not empty."""
    return int(
        page.page.evaluate(
            """() => Array.from(document.querySelectorAll("#graph canvas")).reduce((sum, canvas) => {
                 const held = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                 for (let at = 3; at < held.length; at += 4) if (held[at]) sum += 1;
                 return sum;
               }, 0)"""
        )
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_example_opens_and_is_accessible(opened: Open, scenario: str) -> None:
    page = opened(report(scenario, "risky"))
    assert page.page.locator("h1").inner_text().startswith("Blocked")
    assert page.page.locator(".matrix tbody tr").count() >= 1
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_is_content(opened: Open, scheme: str, width: int) -> None:
    page = opened(reports.estate(40, 12, 60), color_scheme=scheme, viewport={"width": width, "height": 844})
    page.page.keyboard.press("x")
    for fold in page.page.locator("details:not([open])").all()[:20]:
        fold.evaluate("one => { one.open = true; }")
    assert violations(page) == []


def test_nothing_hostile_comes_alive(opened: Open) -> None:
    page = opened(reports.hostile())
    assert page.page.evaluate("window.hit") is None
    assert (
        page.page.locator("img, iframe, svg[onload], a[href^='javascript'], main style, main script").count()
        == 0
    )
    page.page.keyboard.press("x")
    for key in ("g", "ArrowRight", "Enter", "ArrowDown", "Enter", "ArrowLeft", "Enter"):
        page.page.keyboard.press(key)
    for link in page.page.locator(".matrix a").all()[:40]:
        link.click()
        assert page.shown() >= 0
    assert page.page.evaluate("window.hit") is None
    assert violations(page) == []


def test_the_matrix_groups_its_columns_and_marks_findings(opened: Open) -> None:
    page = opened(report("jobs-control-plane", "risky"))
    groups = [row.inner_text().split() for row in page.page.locator(".matrix .group").all()]
    assert groups == [
        ["Stage", "canary", "prod"],
        ["Tier", "standard", "premium", "standard", "premium"],
        ["Region", "eastus", "eastus", "eastus", "eastus"],
    ]
    row = page.page.locator(".matrix tbody tr").inner_text().split()
    assert row[0] == "jobs-scheduler"
    assert [word for word in row if re.fullmatch(r"P\d|○", word)] == ["P2", "○", "P2", "P1"]


def test_wide_matrix_keeps_its_heads_in_sight(opened: Open) -> None:
    page = opened(reports.estate(40, 60, 60, changed=12))
    frame = page.page.locator(".scroll:has(> .matrix)")
    frame.evaluate("one => { one.scrollLeft = 900; one.scrollTop = 400; }")
    place = frame.bounding_box()
    head = page.page.locator(".matrix tbody tr:last-child th").bounding_box()
    names = page.page.locator(".matrix .names th").nth(40).bounding_box()
    assert place is not None and head is not None and names is not None
    assert abs(head["x"] - place["x"]) < 3
    assert place["y"] <= names["y"] < place["y"] + 260


def test_filters_narrow_and_are_kept_in_the_address(opened: Open) -> None:
    page = opened(reports.estate(60, 12, 120))
    assert page.shown() == 120
    page.page.locator("[data-level=P0][aria-pressed]").click()
    assert page.shown() == 90
    page.page.select_option("#by-service", "service-003")
    page.page.select_option("#by-category", "cost")
    page.page.fill("#q", "apps/17.yaml:52")
    assert page.shown() == 1
    assert page.page.locator("#shown").inner_text() == "1 of 120"
    fragment = page.page.evaluate("location.hash")
    assert fragment == "#level=P1,P2,P3&service=service-003&category=cost&q=apps%2F17.yaml%3A52".replace(
        ",", "%2C"
    )
    again = opened(reports.estate(60, 12, 120), fragment)
    assert again.shown() == 1
    assert again.page.input_value("#q") == "apps/17.yaml:52"
    again.page.click("#clear")
    assert again.shown() == 120
    assert again.page.evaluate("location.hash") == ""


def test_a_cell_of_the_matrix_filters(opened: Open) -> None:
    page = opened(report("jobs-control-plane", "risky"))
    page.page.locator(".matrix td a.P1").click()
    assert page.shown() == 2
    page.page.locator(".matrix .names th", has_text="canary-standard").locator("a").click()
    assert page.shown() == 1
    assert page.page.locator(".finding:not([hidden]) .code").inner_text() == "K8S-001"
    page.page.go_back()
    assert page.shown() == 2


def test_keys_do_all_of_it(opened: Open) -> None:
    page = opened(reports.estate(30, 6, 80))
    keyboard = page.page.keyboard
    keyboard.press("j")
    keyboard.press("j")
    keyboard.press("Enter")
    second = page.page.locator("details.finding").nth(1)
    assert second.evaluate("one => one.open")
    keyboard.press("k")
    assert page.page.locator("details.finding").nth(0).evaluate("one => one.contains(document.activeElement)")
    keyboard.press("1")
    assert page.shown() == 50
    keyboard.press("/")
    keyboard.type("ABC-035")
    assert 0 < page.shown() < 50
    keyboard.press("Escape")
    keyboard.press("c")
    assert page.shown() == 80
    keyboard.press("?")
    assert page.page.locator("#keys").is_visible()
    keyboard.press("Escape")
    assert not page.page.locator("#keys").is_visible()


needs_library = pytest.mark.skipif(
    bundled.library() is None,
    reason="the graph library was not bundled: there was no network at installation",
)


@needs_library
def test_the_graph_is_drawn_and_walked_by_keys(opened: Open) -> None:
    page = opened(report("jobs-control-plane", "risky"))
    assert drawn_pixels(page) > 2_000
    assert not page.page.locator("#picture").is_visible()
    said = page.page.locator("#graph-said")
    page.page.keyboard.press("g")
    assert said.inner_text().startswith("jobs-scheduler, changed, tier-2, owned by team-jobs-control-plane")
    page.page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("scheduled-jobs, 1 hop, tier-2")
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("location.hash") == "#service=scheduled-jobs"
    assert page.shown() == 0
    assert page.page.locator("#none").is_visible()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("Enter")
    assert page.shown() == 2
    assert violations(page) == []


@needs_library
def test_five_hundred_services_are_few_boxes_that_open(opened: Open) -> None:
    page = opened(reports.estate())
    said = page.page.locator("#graph-said")
    boxes = int(said.inner_text().split()[0])
    assert boxes <= 40
    assert said.inner_text().endswith("for 500 services")
    assert drawn_pixels(page) > 10_000
    page.page.select_option("#group", "none")
    assert said.inner_text().startswith("500 boxes")
    page.page.select_option("#group", "hops")
    page.page.select_option("#layout", "rings")
    page.page.select_option("#layout", "free")
    page.page.select_option("#layout", "columns")
    page.page.focus("#graph")
    page.page.keyboard.press("Home")
    page.page.keyboard.press("ArrowRight")
    for _ in range(60):
        if "Enter opens them" in said.inner_text():
            break
        page.page.keyboard.press("ArrowDown")
    assert "Enter opens them" in said.inner_text()
    page.page.keyboard.press("Enter")
    assert "Enter opens them" not in said.inner_text()
    assert said.inner_text().startswith("service-")


@needs_library
def test_changed_services_that_reach_nobody_are_one_box(opened: Open) -> None:
    found = reports.estate(64, 6, 12, changed=50)
    few = tuple(one for one in found.services if one.changed or one.service.name <= "service-052")
    page = opened(found._replace(services=few))
    assert page.page.locator("#graph-said").inner_text() == "7 boxes for 53 services"
    page.page.select_option("#group", "none")
    assert page.page.locator("#graph-said").inner_text() == "53 boxes for 53 services"


@needs_library
def test_a_click_on_a_box_filters(opened: Open) -> None:
    page = opened(report("gitops-fleet", "risky"))
    page.page.locator("#graph").scroll_into_view_if_needed()
    frame = page.page.locator("#graph").bounding_box()
    assert frame is not None
    page.page.mouse.click(frame["x"] + frame["width"] / 2 + 128, frame["y"] + frame["height"] / 2)
    assert page.page.evaluate("location.hash") == "#service=checkout"


def test_thousands_of_findings_stay_quick(opened: Open) -> None:
    page = opened(reports.estate())
    assert page.shown() == 2_000
    assert page.page.locator(".finding.brief").count() == 1_600
    took = page.page.evaluate(
        """() => { const box = document.getElementById("q"); const start = performance.now();
             box.value = "ABC-019"; box.dispatchEvent(new Event("input")); return performance.now() - start; }"""
    )
    assert took < 2_000
    assert 0 < page.shown() < 200


@pytest.mark.parametrize("given", ["empty", "lint", "no services"])
def test_little_is_enough(opened: Open, given: str) -> None:
    found = reports.empty()
    if given == "lint":
        found = reports.estate(3, 3, 9)._replace(state=True, matrix=(), services=(), base="", head="WORKTREE")
    elif given == "no services":
        found = reports.estate(0, 3, 9)
    page = opened(found)
    assert page.page.locator("#graph").count() == 0
    assert violations(page) == []


def test_it_reads_without_a_script(opened: Open) -> None:
    page = opened(report("jobs-control-plane", "risky"), java_script_enabled=False)
    assert page.page.locator("#picture svg").is_visible()
    assert not page.page.locator("#filters").is_visible()
    assert not page.page.locator("#stage").is_visible()
    assert not page.page.locator("#theme").is_visible()
    assert page.page.locator(".finding").count() == 2
    assert page.page.locator(".evidence").first.is_visible()


def test_without_the_library_there_is_a_picture_and_it_is_said(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskcheck.report.html.page.library", lambda: None)
    written = render(report("jobs-control-plane", "risky"))
    page = opened(written)
    assert page.page.locator("#picture svg").is_visible()
    assert page.page.locator("#graph").count() == 0
    assert "built without the graph library" in page.page.locator("#reach").inner_text()
    assert violations(page) == []


def test_the_theme_can_be_chosen(opened: Open) -> None:
    page = opened(report("served-model", "risky"), color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.page.evaluate(paper)
    page.page.click("#theme")
    assert page.page.evaluate(paper) == light
    page.page.click("#theme")
    assert page.page.evaluate(paper) != light
    assert violations(page) == []


def test_on_paper_everything_is_open_and_the_picture_is_there(opened: Open) -> None:
    page = opened(report("jobs-control-plane", "risky"), color_scheme="dark")
    page.page.emulate_media(media="print")
    assert page.page.locator("#picture svg").is_visible()
    for gone in ("#filters", "#graph", "#theme", ".bar nav"):
        assert not page.page.locator(gone).is_visible(), gone
    assert page.page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 32, 39)"
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.locator("details:not([open])").count() == 0
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.page.locator("details:not([open])").count() > 0
    assert page.page.pdf()[:5] == b"%PDF-"
