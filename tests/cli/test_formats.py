"""Formats of `riskcheck diff` and `lint` as a process: what is written where, and how the run exits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskcheck.commands import FORMATS
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB
from tests.report.formats import read_github, read_gitlab, read_junit, read_sarif

READERS: dict[str, Callable[[str], Any]] = {
    "json": json.loads,
    "sarif": read_sarif,
    "junit": read_junit,
    "github": read_github,
    "gitlab": read_gitlab,
}
WARNING = {"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")}
BLOCKED = {"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]}
CHANGES = {"pass": ({}, 0), "warn": (WARNING, 0), "block": (BLOCKED, 1)}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "databricks.yml": VOLUME}, message="base")
    return made


def read(format_: str, text: str) -> Any:
    return READERS.get(format_, str)(text)


@pytest.mark.parametrize("verdict", CHANGES)
@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_changes_the_exit_code(repo: GitRepo, format_: str, verdict: str) -> None:
    files, code = CHANGES[verdict]
    repo.write(files)
    for more in ((), ("--quiet",), ("--explain",)):
        result = riskcheck(repo.path, "diff", "--format", format_, *more)
        assert (result.returncode, result.stderr) == (code, "")
        read(format_, result.stdout)


@pytest.mark.parametrize("format_", FORMATS)
def test_lint_writes_every_format(repo: GitRepo, format_: str) -> None:
    service = "{name: web, owner: team-web, criticality: tier-1, rto: 30m, paths: ['clusters/**']}"
    repo.write({"riskcheck.yaml": f"version: 1\nservices: [{service}]\n"})
    for more, code in (((), 0), (("--fail-on", "P3"), 1)):
        result = riskcheck(repo.path, "lint", "--format", format_, *more)
        assert (result.returncode, result.stderr) == (code, "")
        read(format_, result.stdout)


def test_all_at_once(repo: GitRepo, tmp_path: Path) -> None:
    repo.write(BLOCKED)
    wanted = [part for one in FORMATS for part in ("--output", f"{one}:{tmp_path / one}")]
    result = riskcheck(repo.path, "diff", *wanted)
    assert result.returncode == 1
    assert "BLOCK P0" in result.stdout
    for format_ in FORMATS:
        assert read(format_, (tmp_path / format_).read_text("utf-8"))


def test_a_removed_resource_is_placed_in_head(repo: GitRepo) -> None:
    repo.write(BLOCKED)
    found = json.loads(riskcheck(repo.path, "diff", "--format", "json").stdout)["findings"]
    assert [one["location"]["side"] for one in found if one["code"] == "DAB-001"] == ["base"]
    results = read_sarif(riskcheck(repo.path, "diff", "--format", "sarif").stdout)["results"]
    lines = len((repo.path / "databricks.yml").read_text("utf-8").splitlines())
    place = next(one for one in results if one["ruleId"] == "DAB-001")["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "databricks.yml"
    assert (
        place["region"]["startLine"] == BLOCKED["databricks.yml"].splitlines().index("targets:") + 1 <= lines
    )


def test_two_outputs_into_one_file_are_a_mistake(repo: GitRepo, tmp_path: Path) -> None:
    repo.write(WARNING)
    same = ("--output", f"sarif:{tmp_path / 'r'}", "--output", f"json:{tmp_path}/./r")
    result = riskcheck(repo.path, "diff", *same)
    assert result.returncode == 2
    assert "sarif and json would both be written to" in result.stderr
    assert not (tmp_path / "r").exists()
    twice = ("--output", "sarif:/dev/null", "--output", "json:/dev/null")
    assert riskcheck(repo.path, "diff", *twice).returncode == 0


def test_an_output_that_cannot_be_written_is_told_before_anything_is_done(
    repo: GitRepo, tmp_path: Path
) -> None:
    repo.write(WARNING)
    for path, said in (("missing/r", "there is no directory"), (".", "it is a directory")):
        outputs = ("--output", f"json:{tmp_path / 'other'}", "--output", f"sarif:{tmp_path / path}")
        result = riskcheck(repo.path, "diff", *outputs)
        assert (result.returncode, result.stdout) == (2, "")
        assert said in result.stderr
        assert "Traceback" not in result.stderr
        assert not (tmp_path / "other").exists()
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        result = riskcheck(repo.path, "diff", "--output", f"sarif:{tmp_path / 'locked' / 'r'}")
        assert result.returncode == 2
        assert "permission denied" in result.stderr


@pytest.mark.parametrize("format_", [one for one in FORMATS if one != "text"])
def test_a_format_is_the_same_twice(repo: GitRepo, format_: str) -> None:
    repo.write(WARNING)
    repo.commit(message="fewer")
    results = [
        riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", format_, PYTHONHASHSEED=seed).stdout
        for seed in ("1", "2")
    ]
    assert results[0] == results[1]
