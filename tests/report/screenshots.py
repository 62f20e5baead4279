"""The pictures in docs/html-report.md.

`python -m tests.report.screenshots` draws them anew; it needs Chromium and the bundled graph library.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from riskcheck.report.html import render
from tests.acceptance.test_examples import report
from tests.report.html.browser import Opened, started

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SHOTS = (
    ("html-report-jobs-control-plane.png", "jobs-control-plane", "light", 1120, 1300),
    ("html-report-private-connectivity.png", "private-connectivity", "dark", 1120, 1000),
)
"""File, example, colour scheme, width and height in pixels."""


def draw() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for name, scenario, scheme, width, height in SHOTS:
            file = Path(folder) / f"{scenario}.html"
            judged = report(scenario, "risky")._replace(base="main", head="rightsize-scheduler")
            file.write_text(render(judged), encoding="utf-8")
            page = Opened(browser, file, color_scheme=scheme, viewport={"width": width, "height": height})
            page.page.wait_for_timeout(300)
            page.page.screenshot(path=FOLDER / name)
            page.close()


if __name__ == "__main__":
    draw()
