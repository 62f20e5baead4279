"""One page file for each report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from riskcheck.report.html import render
from riskcheck.results import Report
from tests.report.html.browser import Opened

Open = Callable[..., Opened]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report, or the text of a page; closed, and held against all complaints, when the test is over."""
    pages: list[Opened] = []

    def open_report(report: Report | str, fragment: str = "", **settings: Any) -> Opened:
        file = tmp_path / f"report-{len(pages)}.html"
        file.write_text(report if isinstance(report, str) else render(report), encoding="utf-8")
        pages.append(Opened(browser, file, fragment, **settings))
        return pages[-1]

    yield open_report
    for page in pages:
        page.close()
        assert page.complaints == []
        assert page.requests == []
