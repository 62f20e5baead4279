"""The HTML report opened with an address and a storage that somebody else has filled, and with names that scripts
of pages trip over."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from riskcheck.models import Service
from tests.findings import finding
from tests.report.html import reports
from tests.report.html.browser import needs_chromium
from tests.report.html.conftest import Open

pytestmark = needs_chromium

MARKUP = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>"
FRAGMENTS = (
    f"#service={quote(MARKUP)}&environment={quote(MARKUP)}&category={quote(MARKUP)}&q={quote(MARKUP)}",
    f"#q={MARKUP}",
    "#level=%E0%A4%A&service=%&q=%zz",
    "#__proto__=x&constructor=y&service=__proto__&level=__proto__",
    "#" + "&".join(f"service={number}" for number in range(20_000)),
    f"#{quote(MARKUP)}",
    "#javascript:window.hit=1",
    "#graph-data",
    "#%00",
    "#=&==&&",
)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_an_address_only_filters(opened: Open, fragment: str) -> None:
    page = opened(reports.estate(20, 6, 30), fragment)
    assert page.page.evaluate("window.hit") is None
    assert page.page.locator("#filters img, #filters script, #findings img").count() == 0
    page.page.keyboard.press("c")
    assert page.shown() == 30
    assert page.complaints == []
    assert page.requests == []


def test_what_is_stored_is_a_theme_or_nothing(opened: Open) -> None:
    page = opened(reports.estate(5, 3, 5))
    for stored in (MARKUP, "__proto__", "javascript:1", "x" * 100_000):
        page.page.evaluate("(text) => localStorage.setItem('riskcheck-theme', text)", stored)
        page.page.reload()
        assert page.page.locator("#theme").inner_text() == "Theme: auto"
        assert page.page.evaluate("document.documentElement.dataset.theme ?? ''") == ""
    assert page.page.evaluate("window.hit") is None
    assert page.complaints == []


NAMES = (
    "__proto__",
    "constructor",
    "toString",
    "graph-data",
    "theme",
    "findings",
    "f-0",
    "cytoscape",
    "|",
    "n0",
)


def test_names_of_elements_and_of_objects_are_names_of_services_too(opened: Open) -> None:
    """No id or name of an element is made of what a repository says, and no object is looked into by it."""
    known = reports.estate(len(NAMES) * 4, 4, 8)
    services = tuple(
        one._replace(
            service=Service(name, name), path=(name, name), reached_from=() if one.changed else (NAMES[0],)
        )
        for one, name in zip(known.services, NAMES, strict=False)
    )
    held = tuple(
        finding(service=name, category="platform", fingerprint=f"{at:016x}") for at, name in enumerate(NAMES)
    )
    page = opened(known._replace(services=services, findings=held, matrix=()), "#service=__proto__")
    assert page.shown() == 1
    page.page.keyboard.press("c")
    assert page.shown() == len(NAMES)
    for name in NAMES:
        page.page.select_option("#by-service", name)
        assert page.shown() == 1
    ids = page.page.evaluate("Array.from(document.querySelectorAll('[id]'), (one) => one.id)")
    assert len(ids) == len(set(ids))
    named = page.page.evaluate("Array.from(document.querySelectorAll('[name]'), (one) => one.name)")
    assert not set(named) & set(NAMES)
    assert page.complaints == []
    assert page.requests == []
