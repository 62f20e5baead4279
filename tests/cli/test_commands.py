"""What all commands have in common: help, options from the environment, refusals, what a CI says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck.cli import COMMANDS
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

POLICY = """\
version: 1
services:
  - {name: web, criticality: tier-1, rto: 1h, owner: team-web, paths: ["clusters/**"],
     runbook: {url: docs/back.md, exercised: DATE, duration: 10m}}
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB})
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_into_eighty_columns(repo: GitRepo, command: str) -> None:
    result = riskcheck(repo.path, command, "-h")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("command", ["diff", "plan", "graph", "lint"])
def test_the_format_can_come_from_the_environment(repo: GitRepo, command: str) -> None:
    assert json.loads(riskcheck(repo.path, command, RISKCHECK_FORMAT="json").stdout)["schema_version"] == 1


def test_the_directory_of_lint_can_come_from_the_environment(repo: GitRepo) -> None:
    shown = riskcheck(repo.path, "lint", "--format", "json", RISKCHECK_DIR="clusters").stdout
    assert json.loads(shown)["range"]["head"] == "dir:clusters"


def test_a_format_named_with_the_file_of_a_graph_counts(repo: GitRepo) -> None:
    assert riskcheck(repo.path, "graph", "--output", "dot:graph.dot").stdout == ""
    assert (repo.path / "graph.dot").read_text("utf-8").startswith("digraph")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lint", "main..main"), "main..main is a range"),
        (("lint", "--dir", "nowhere"), "nowhere does not exist: name a folder"),
        (("graph", "--to", "nowhere"), "nowhere does not exist: name a folder"),
        (("diff", "--config", "/nowhere.yaml"), "/nowhere.yaml:1: is no file that can be read"),
    ],
)
def test_refusals_name_what_is_wrong(repo: GitRepo, arguments: tuple[str, ...], message: str) -> None:
    result = riskcheck(repo.path, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("command", ["lint", "graph"])
def test_a_state_is_looked_at_in_a_ci_as_anywhere(repo: GitRepo, command: str) -> None:
    repo.commit({"clusters/staging/web.yaml": WEB})
    # As GitHub Actions has it, and pre-commit at a push.
    told = {
        "CI": "true",
        "GITHUB_BASE_REF": "main",
        "PRE_COMMIT_FROM_REF": "HEAD~1",
        "PRE_COMMIT_TO_REF": "HEAD~1",
    }
    assert riskcheck(repo.path, command, **told).stdout == riskcheck(repo.path, command).stdout


@pytest.mark.parametrize("pack", ["../rules", "/etc", "a/../../b"])
def test_packs_lie_in_the_repository(repo: GitRepo, pack: str) -> None:
    repo.commit({"riskcheck.yaml": f"version: 1\nrules: {{packs: [{pack}]}}\n"})
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 2
    assert f'riskcheck.yaml:2: rules.packs: "{pack}" is not in the repository' in result.stderr


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.md", "nowhere.md"])
def test_a_runbook_that_is_a_link_to_elsewhere_is_none(repo: GitRepo, target: str) -> None:
    from datetime import UTC, datetime

    repo.symlink("docs/back.md", target)
    repo.commit({"riskcheck.yaml": POLICY.replace("DATE", datetime.now(UTC).date().isoformat())})
    shown = riskcheck(repo.path, "lint", "--select", "LNT-002").stdout
    assert "its runbook docs/back.md does not exist" in shown
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    assert "✓ runbook" not in riskcheck(repo.path, "diff", LC_ALL="C.UTF-8").stdout
