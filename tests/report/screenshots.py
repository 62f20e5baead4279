"""The pictures in docs/html-report.md: pages as a run writes them, looked at.

`python -m tests.report.screenshots` draws them anew; it needs Chromium and the bundled graph library.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.gitrepo import GitRepo
from tests.report.html.browser import Opened, started

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDER = Path(__file__).parents[2] / "docs" / "images"
SHOTS = (
    ("html-report-jobs-control-plane.png", "jobs-control-plane", "smaller-scheduler", "light", 1120, 1400),
    ("html-report-private-connectivity.png", "private-connectivity", "private-endpoint", "dark", 1120, 1200),
)
"""File, example, branch that brings the risky change, colour scheme, width and height in pixels."""


def page(scenario: str, branch: str, folder: Path) -> Path:
    """What `riskcheck diff main..BRANCH` writes in a repository with the example."""
    repo = GitRepo(folder / scenario)
    repo.commit(_files(EXAMPLES / scenario / "base"))
    repo.git("branch", "-M", "main")
    repo.git("checkout", "-q", "-b", branch)
    repo.commit(_files(EXAMPLES / scenario / "risky"))
    file = folder / f"{scenario}.html"
    asked = ["diff", f"main..{branch}", "--no-cache", "--quiet", "--exit-zero", "--output", f"html:{file}"]
    subprocess.run(
        [sys.executable, "-m", "riskcheck", *asked], cwd=repo.path, check=True, capture_output=True
    )
    return file


def _files(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }


def draw() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for name, scenario, branch, scheme, width, height in SHOTS:
            file = page(scenario, branch, Path(folder))
            opened = Opened(browser, file, color_scheme=scheme, viewport={"width": width, "height": height})
            opened.page.wait_for_timeout(300)
            opened.page.screenshot(path=FOLDER / name)
            opened.close()


if __name__ == "__main__":
    draw()
