"""The note under a merge request on GitLab."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.ci.forge import Forge, serving
from tests.ci.job import ROOT

BLOCKED = "<!-- riskcheck:report -->\n🛑 **riskcheck: BLOCK P0** · 1 cause\n"
PASSED = "<!-- riskcheck:report -->\n✅ **riskcheck: PASS** · nothing risky\n"


def note(forge: Forge, report: Path, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "ci"), "note", str(report)],
        env={
            "CI_API_V4_URL": f"{forge.url}/api/v4",
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "RISKCHECK_GITLAB_TOKEN": "glpat-secret",
            **environ,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "glpat" not in done.stdout + done.stderr
    return done.stdout.strip()


def test_one_note_is_kept_up_to_date_and_no_other_touched(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    with serving(Forge({"id": 5, "username": "riskcheck-bot"})) as forge:
        report.write_text(PASSED, "utf-8")
        assert note(forge, report) == "note: not needed"
        for number in range(150):
            forge.add(9, BLOCKED if number == 120 else f"note {number}")
        report.write_text(BLOCKED, "utf-8")
        assert note(forge, report) == "note: created"
        assert note(forge, report) == "note: unchanged"
        report.write_text(PASSED, "utf-8")
        assert note(forge, report) == "note: updated"
        assert forge.bodies(5) == [PASSED]
        assert forge.comments[120]["body"] == BLOCKED
        assert forge.tokens == {"glpat-secret"}
        assert ("GET", "/api/v4/projects/12/merge_requests/7/notes") in forge.requests
        assert (
            "PUT",
            f"/api/v4/projects/12/merge_requests/7/notes/{forge.comments[-1]['id']}",
        ) in forge.requests


def test_a_note_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_text(BLOCKED, "utf-8")
    with serving(Forge({"id": 5})) as forge:
        forge.fail["^POST"] = (401, 1)
        assert note(forge, report).startswith("no note: HTTP 401")
        assert note(forge, report, RISKCHECK_GITLAB_TOKEN="").startswith("no note: it takes")
        assert note(forge, report, CI_PROJECT_ID="1/../2").startswith("no note: it takes")
        assert "cannot be read" in note(forge, tmp_path)
        report.write_text("something else\n", "utf-8")
        assert "its first line is no marker" in note(forge, report)
        assert note(forge, report, CI_API_V4_URL="file:///etc/passwd").startswith("no note: ")
    assert note(forge, report).startswith("no note: ")


def test_a_run_that_could_not_be_made_takes_an_earlier_verdict_out_of_the_note(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    with serving(Forge({"id": 5})) as forge:
        assert note(forge, report) == "note: not needed"
        report.write_text(BLOCKED, "utf-8")
        assert note(forge, report) == "note: created"
        report.unlink()
        assert note(forge, report) == "note: updated"
        (mine,) = forge.bodies(5)
        assert "could not judge the change" in mine and "BLOCK" not in mine
