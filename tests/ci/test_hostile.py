"""What a change or a server could do to a job, beyond what `test_action` has."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.ci.forge import Forge, serving
from tests.ci.test_action import PULL, RISKY, Start, fresh, origin, pull, start, temp
from tests.ci.test_note import BLOCKED, note
from tests.gitrepo import GitRepo

__all__ = ["fresh", "origin", "start", "temp"]


def trap(path: Path, sprung: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch '{sprung}'\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_link_of_the_change_is_of_the_change_wherever_it_leads(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    given = tmp_path / "approvals.json"
    given.write_text("[]", "utf-8")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    work = pull(origin, tmp_path, RISKY)
    (work.path / "approvals.json").symlink_to(given)
    (work.path / "wheels").symlink_to(wheels)
    done = start(work).run(approvals="approvals.json")
    assert done.code == 2 and "the change itself could have written" in done.log
    done = start(work).run(wheelhouse="wheels", extras="sql")
    assert done.code == 2 and "code of the change that is judged" in done.log


def test_no_program_of_the_checkout_is_run_though_an_earlier_step_named_its_folder(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    sprung = tmp_path / "sprung"
    work = pull(origin, tmp_path, RISKY)
    trap(work.path / "bin" / "git", sprung)
    path = os.pathsep.join((str(work.path / "bin"), "bin", os.environ["PATH"]))
    assert start(work, PATH=path).run().outputs["verdict"] == "block"
    assert not sprung.exists()


def test_a_folder_that_looks_like_a_bare_repository_is_none(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    sprung = tmp_path / "sprung"
    work = pull(origin, tmp_path, RISKY)
    bare = work.path / "sub"
    for folder in ("objects", "refs"):
        (bare / folder).mkdir(parents=True)
    (bare / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    trap(bare / "trap", sprung)
    (bare / "config").write_text(
        f"[core]\n repositoryformatversion = 0\n bare = true\n fsmonitor = {bare}/trap\n"
        f'[remote "origin"]\n url = {origin.path}\n uploadpack = {bare}/trap\n',
        "utf-8",
    )
    for history in ("full", "none"):
        done = start(work).run(path="sub", history=history)
        assert done.code == 2, done.log
        assert "bare repository" in done.log
    assert not sprung.exists()


BRANCHES = ("$(touch sprung);`touch sprung`", "a\nverdict=pass", "--upload-pack=touch sprung", "+x:y")


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_branch_of_any_name_reaches_no_shell(
    origin: GitRepo, tmp_path: Path, start: Start, branch: str
) -> None:
    work = pull(origin, tmp_path, RISKY)
    event: dict[str, Any] = {
        "pull_request": {**PULL["pull_request"], "title": branch, "head": {"ref": branch, "repo": {}}},
        "repository": {"default_branch": branch},
    }
    done = start(work, event, GITHUB_HEAD_REF=branch).run()
    assert done.outputs["verdict"] == "block", done.log
    done = start(work, event, GITHUB_BASE_REF=branch).run()
    assert done.code == 2 and "is no revision" in done.log
    assert "\n::error title=riskcheck::" in f"\n{done.log}"
    assert not list(work.path.glob("**/sprung"))


@pytest.mark.parametrize("answer", [None, 5, "x", [1], [{}], [{"id": "x"}], {"message": "x"}, [[[]]] * 3])
def test_an_api_that_answers_nonsense_is_told_of(tmp_path: Path, answer: object) -> None:
    report = tmp_path / "report.md"
    report.write_text(BLOCKED, "utf-8")

    class Odd(Forge):
        def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
            return (200, {"id": 5}) if target.endswith("/user") else (200, answer)

    with serving(Odd({"id": 5})) as forge:
        assert note(forge, report) == "no note: the API answered with something else than was asked for"


def test_what_an_api_says_is_no_command_and_one_line(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_text(BLOCKED, "utf-8")

    class Loud(Forge):
        def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
            return 403, {"message": "no\n::error::x\x1b[2J"}

    with serving(Loud({"id": 5})) as forge:
        said = note(forge, report)
    assert "\n" not in said and "\x1b" not in said
