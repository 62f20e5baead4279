"""`--format markdown` and `--output markdown:FILE` as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

ROOT = Path(__file__).parents[2]


def riskcheck(repo: GitRepo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "riskcheck", *arguments],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def repository(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"prod/web.yaml": WEB, "prod/data.yaml": CLAIM})
    repo.commit({"prod/data.yaml": None})
    return repo


def test_the_format_changes_no_exit_code_and_is_the_same_each_time(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    shown = riskcheck(repo, "diff", "HEAD~1..HEAD", "--format", "markdown")
    assert (shown.returncode, shown.stderr) == (1, "")
    assert shown.stdout.startswith("<!-- riskcheck:report -->\n🛑 **riskcheck: BLOCK P0**")
    text = riskcheck(repo, "diff", "HEAD~1..HEAD", "--output", "markdown:report.md")
    assert text.returncode == 1 and "BLOCK P0" in text.stdout
    assert (repo.path / "report.md").read_text("utf-8") == shown.stdout
    passed = riskcheck(repo, "diff", "HEAD..HEAD", "--format", "markdown")
    assert passed.returncode == 0
    assert passed.stdout == "<!-- riskcheck:report -->\n✅ **riskcheck: PASS** · nothing changed\n"


def test_a_state_has_no_score_and_no_advice(tmp_path: Path) -> None:
    done = riskcheck(repository(tmp_path), "lint", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert "riskcheck: WARN" in done.stdout or "riskcheck: PASS" in done.stdout
    assert "score" not in done.stdout.splitlines()[1] and "**advice**" not in done.stdout


def test_it_is_loaded_for_those_who_ask_for_it(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    script = "import sys; from riskcheck.cli import run; run(); print(*sys.modules, file=sys.stderr)"
    for format_, wanted in (("text", False), ("markdown", True)):
        done = subprocess.run(
            [sys.executable, "-c", script, "diff", "HEAD~1..HEAD", "--format", format_],
            cwd=repo.path,
            env={**repo.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert ("riskcheck.report.markdown.report" in done.stderr.split()) is wanted
