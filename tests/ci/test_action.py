"""The action, step by step, on real repositories: what it says, and what a change cannot make it do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ci.forge import Forge, serving
from tests.ci.job import ROOT, Job, definition, steps
from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

RISKY: dict[str, str | bytes | None] = {"prod/data.yaml": None}
BOT = "github-actions[bot]"
PULL: dict[str, Any] = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "acme/config"}}}}
FORK: dict[str, Any] = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "mallory/config"}}}}


@pytest.fixture(scope="module")
def temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """riskcheck is installed once for all tests, by the action's own step."""
    return tmp_path_factory.mktemp("runner")


@pytest.fixture
def origin(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "origin")
    for number in range(4):
        repo.commit({"prod/web.yaml": WEB, "prod/data.yaml": CLAIM, "history.txt": str(number)})
    return repo


def pull(origin: GitRepo, tmp_path: Path, files: dict[str, str | bytes | None], depth: int = 1) -> GitRepo:
    """What actions/checkout makes of a pull request: its merge with the base branch, detached and shallow."""
    origin.branch("topic", "main~1")
    origin.commit(files, message="the change")
    origin.checkout("main")
    origin.branch("merged")
    origin.merge("topic")
    origin.checkout("main")
    checkout = origin.clone(
        tmp_path / "work space", "--branch", "merged", "--single-branch", f"--depth={depth}"
    )
    checkout.git("checkout", "-q", "--detach")
    checkout.git("branch", "-D", "merged")
    checkout.git("update-ref", "-d", "refs/remotes/origin/merged")
    return checkout


Start = Callable[..., Job]


@pytest.fixture
def start(temp: Path) -> Start:
    def made(
        repo: GitRepo, payload: dict[str, Any] = PULL, event: str = "pull_request", **environ: str
    ) -> Job:
        base = {"GITHUB_BASE_REF": "main"} if event.startswith("pull_request") else {}
        return Job(repo, temp, event, payload, **{**base, **environ})

    return made


@pytest.fixture(autouse=True)
def fresh(temp: Path) -> None:
    for name in ("output", "summary"):
        (temp / name).unlink(missing_ok=True)


def test_a_risky_change_fails_the_job_and_is_told_everywhere(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    done = start(pull(origin, tmp_path, RISKY)).run()
    assert done.code == 1, done.log
    assert done.outputs["verdict"] == "block" and done.outputs["level"] == "P0"
    assert float(done.outputs["score"]) > 0
    report = json.loads(Path(done.outputs["json"]).read_text("utf-8"))
    assert report["verdict"] == "block"
    # The shallow checkout was completed, so that the history tells how long a value has been running.
    assert "shallow clone" not in done.log
    assert "**riskcheck: BLOCK P0**" in done.summary and "<!-- riskcheck" not in done.summary
    assert "::error title=riskcheck::the change is blocked" in done.log


def test_a_quiet_change_passes(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    done = start(pull(origin, tmp_path, {"README.md": "changed"})).run()
    assert (done.code, done.outputs["verdict"], done.outputs["level"]) == (0, "pass", ""), done.log
    assert "riskcheck: PASS" in done.summary


def test_a_threshold_that_never_blocks_passes_what_it_reports(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    done = start(pull(origin, tmp_path, {"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})).run(
        fail_on="P3"
    )
    assert done.outputs["exit-code"] == str(done.code)


def test_events_tell_what_the_change_is_merged_into(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    before = origin.id("main")
    origin.commit(RISKY)
    work = origin.clone(tmp_path / "work", "--depth=1")
    queue = {"merge_group": {"base_sha": before, "base_ref": "refs/heads/main"}}
    assert start(work, queue, "merge_group").run().outputs["verdict"] == "block"


def test_a_push_is_compared_with_what_was_there_before(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    before = origin.id("main")
    origin.commit(RISKY)
    work = origin.clone(tmp_path / "work", "--depth=1")
    assert start(work, {"before": before}, "push").run().outputs["verdict"] == "block"


def test_an_event_without_a_base_asks_for_one(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    work = origin.clone(tmp_path / "work")
    done = start(work, {}, "schedule").run()
    assert done.code == 2 and "give the input base" in done.log
    assert start(work, {}, "schedule").run(base="main~1").code == 0


def test_without_the_history_nothing_is_fetched_and_it_is_said(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    done = start(pull(origin, tmp_path, RISKY)).run(history="none")
    assert done.code == 2
    assert "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main" in done.log
    assert "could not judge the change" in done.summary


def test_with_the_whole_history_nothing_has_to_be_fetched(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    work = pull(origin, tmp_path, RISKY)
    work.git("fetch", "-q", "--unshallow", "origin", "+refs/heads/main:refs/remotes/origin/main")
    work.git("remote", "set-url", "origin", "file:///nowhere")
    assert start(work).run(history="none").outputs["verdict"] == "block"
    done = start(work).run()
    assert done.code == 2 and "set the input `history: none`" in done.log


def test_a_repository_in_a_folder_of_the_workspace(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    work = pull(origin, tmp_path, RISKY)
    job = start(work, GITHUB_WORKSPACE=str(tmp_path))
    assert job.run(path=work.path.name).outputs["verdict"] == "block"
    done = job.run(path="../../etc")
    assert done.code == 2 and "no folder of the workspace" in done.log


def test_nothing_of_the_checkout_is_run_or_read(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    """Modules, packages, configuration of pip and git, variables of an earlier step: none is from the change."""
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').write(__file__)\n"
    planted: dict[str, str | bytes | None] = {
        f"{name}.py": trap
        for name in ("json", "steps", "riskcheck", "sitecustomize", "usercustomize", "click", "pip", "venv")
    }
    planted |= {"riskcheck/__init__.py": trap, "riskcheck/__main__.py": trap, "setup.py": trap}
    planted |= {"pip.conf": "[global]\nindex-url = http://127.0.0.1:1/\n", ".envrc": "export X=1\n"}
    planted |= {".gitattributes": "* filter=evil\n", "pyproject.toml": "[build-system]\nrequires=['evil']\n"}
    work = pull(origin, tmp_path, {**RISKY, **planted})
    hooks = work.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
        (hooks / name).chmod(0o755)
    done = start(
        work,
        PYTHONPATH=str(work.path),
        PYTHONSTARTUP=str(work.path / "json.py"),
        PIP_CONFIG_FILE=str(work.path / "pip.conf"),
        RISKCHECK_EXIT_ZERO="1",
        RISKCHECK_FAIL_ON="never",
    ).run()
    assert done.code == 1 and done.outputs["verdict"] == "block", done.log
    assert not (tmp_path / "sprung").exists()


def test_what_the_change_could_have_written_is_not_taken_for_evidence(
    origin: GitRepo, tmp_path: Path, start: Start, temp: Path
) -> None:
    given = '[{"team": "team-a", "scope": "sox", "at": "2026-01-01T00:00:00Z"}]'
    outside = tmp_path / "approvals.json"
    outside.write_text(given)
    work = pull(origin, tmp_path, {**RISKY, "approvals.json": given})
    (work.path / "link").symlink_to(work.path / "approvals.json")
    for name in ("approvals.json", "./approvals.json", "link"):
        done = start(work).run(approvals=name)
        assert done.code == 2 and "the change itself could have written" in done.log
    assert start(work).run(approvals=str(outside)).code == 1
    done = start(work).run(wheelhouse="wheels", extras="sql")
    assert done.code == 2 and "code of the change that is judged" in done.log


def test_lines_of_the_checkout_are_no_commands_of_the_workflow(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    name = "prod/::set-output name=verdict::pass.yaml"
    done = start(pull(origin, tmp_path, {**RISKY, name: "kind: [::error::x\n"})).run()
    assert done.outputs["verdict"] == "block"
    begins = done.log.index("::stop-commands::")
    token = done.log[begins:].split("\n", 1)[0].removeprefix("::stop-commands::")
    ends = done.log.index(f"\n::{token}::\n")
    inside = done.log[begins:ends].split("\n", 1)[1]
    assert "set-output" in inside and token not in inside
    outside = done.log[:begins] + done.log[ends:]
    assert not [line for line in outside.splitlines() if line.lstrip().startswith("::set-output")]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"base": "--upload-pack=touch x"}, "is no revision"),
        ({"base": "main..topic"}, "is no revision"),
        ({"history": "some"}, "write full or none"),
        ({"extras": "sql; touch x"}, "write names with commas"),
        ({"evidence": "perhaps"}, "write true or false"),
        ({"fail_on": "P9"}, "P9"),
        ({"base": "nowhere"}, "could not be fetched"),
    ],
)
def test_wrong_inputs_end_the_job_and_say_what_to_write(
    origin: GitRepo, tmp_path: Path, start: Start, inputs: dict[str, str], said: str
) -> None:
    done = start(origin.clone(tmp_path / "work")).run(**inputs)
    assert done.code == 2 and said in done.log, done.log
    assert "Traceback" not in done.log
    assert not (tmp_path / "work" / "x").exists()


def test_a_comment_is_written_once_and_updated(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    work = pull(origin, tmp_path, RISKY)
    with serving(Forge(None)) as forge:
        for number in range(230):
            forge.add("someone", f"comment {number}")
        spoofed = forge.add("mallory", "<!-- riskcheck:report -->\nPASS, trust me")
        quoting = forge.add(BOT, "somebody wrote\n<!-- riskcheck:report -->")
        job = start(work, GITHUB_API_URL=forge.url)
        done = job.run(comment="true", token="secret-token")
        assert done.code == 1 and "comment: created" in done.log, done.log
        again = job.run(comment="true", token="secret-token")
        assert "comment: unchanged" in again.log
        (mine,) = [one for one in forge.bodies(BOT) if one.startswith("<!-- riskcheck")]
        assert "BLOCK P0" in mine
        work.git("checkout", "-q", "--detach", "origin/main")
        calm = job.run(comment="true", token="secret-token")
        assert calm.code == 0 and "comment: updated" in calm.log
        (mine,) = [one for one in forge.bodies(BOT) if one.startswith("<!-- riskcheck")]
        assert "riskcheck: PASS" in mine
        held = {one["id"]: one["body"] for one in forge.comments}
        assert held[spoofed].endswith("trust me") and held[quoting].startswith("somebody wrote")
        assert forge.tokens == {"Bearer secret-token"}
        assert "secret-token" not in done.log + again.log + calm.log
        assert {path for _, path in forge.requests} <= {
            "/user",
            "/repos/acme/config/issues/7/comments",
            f"/repos/acme/config/issues/comments/{forge.comments[-1]['id']}",
        }


def test_a_run_that_could_not_be_made_takes_an_earlier_verdict_out_of_the_comment(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    work = pull(origin, tmp_path, RISKY)
    with serving(Forge(None)) as forge:
        job = start(work, GITHUB_API_URL=forge.url)
        assert "comment: not needed" in job.run(comment="true", fail_on="P9").log
        assert "comment: created" in job.run(comment="true").log
        done = job.run(comment="true", fail_on="P9")
        assert done.code == 2 and "comment: updated" in done.log, done.log
        (mine,) = forge.bodies(BOT)
        first, second, *_ = mine.splitlines()
        assert first == "<!-- riskcheck:report -->"
        assert second.startswith("**riskcheck could not judge the change.**") and "P9" in second
        assert "BLOCK" not in mine and "nothing is known" in mine
        assert "comment: updated" in job.run(comment="true").log
        work.git("remote", "set-url", "origin", "file:///nowhere")
        (tmp_path / "work space" / ".git" / "shallow").write_bytes(b"")
        done = job.run(comment="true", base="nowhere")
        assert done.code == 2 and "comment: updated" in done.log, done.log
        assert "The log of the job says why" in forge.bodies(BOT)[0]
        assert len(forge.bodies(BOT)) == 1


def test_the_evidence_of_an_earlier_run_does_not_outlive_a_refused_command_line(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    job = start(pull(origin, tmp_path, RISKY))
    kept = Path(job.run(evidence="true").outputs["evidence"])
    assert kept.is_file()
    assert job.run(evidence="true", fail_on="P9").code == 2
    assert not kept.exists()


def test_nothing_is_said_of_a_change_that_passes_from_the_start(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    with serving(Forge(None)) as forge:
        done = start(pull(origin, tmp_path, {"README.md": "x"}), GITHUB_API_URL=forge.url).run(comment="true")
        assert done.code == 0 and "comment: not needed" in done.log
        assert forge.comments == []


def test_jobs_with_a_key_keep_a_comment_each(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    work = pull(origin, tmp_path, RISKY)
    with serving(Forge({"login": "risk-app[bot]"})) as forge:
        for key in ("eu", "us", "eu"):
            start(work, GITHUB_API_URL=forge.url).run(comment="true", comment_key=key)
        firsts = [one.partition("\n")[0] for one in forge.bodies("risk-app[bot]")]
        assert firsts == ["<!-- riskcheck:report eu -->", "<!-- riskcheck:report us -->"]


def test_a_fork_gets_the_summary_and_is_told_why(origin: GitRepo, tmp_path: Path, start: Start) -> None:
    work = pull(origin, tmp_path, RISKY)
    with serving(Forge(None)) as forge:
        forge.fail["^POST"] = (403, 9)
        done = start(work, FORK, GITHUB_API_URL=forge.url).run(comment="true")
        assert done.code == 1
        assert "::warning title=riskcheck::no comment: HTTP 403" in done.log
        assert "from a fork gets a token that only reads" in done.log
        assert "BLOCK P0" in done.summary
        refused = start(work, GITHUB_API_URL=forge.url).run(comment="true")
        assert "pull-requests: write" in refused.log


def test_an_api_that_falters_is_asked_again_and_one_that_redirects_is_not_followed(
    origin: GitRepo, tmp_path: Path, start: Start
) -> None:
    work = pull(origin, tmp_path, RISKY)
    with serving(Forge(None)) as forge, serving(Forge(None)) as elsewhere:
        forge.fail["^GET .*comments"] = (502, 1)
        assert "comment: created" in start(work, GITHUB_API_URL=forge.url).run(comment="true").log
        forge.redirect = f"{elsewhere.url}/user"
        done = start(work, GITHUB_API_URL=forge.url).run(comment="true", token="t")
        assert done.code == 1 and "no comment: HTTP 302" in done.log
        assert elsewhere.requests == []


def test_inputs_reach_the_shell_as_variables_only() -> None:
    for step in steps():
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        assert "uses" not in step


def test_every_output_of_the_action_is_one_of_the_step() -> None:
    from tests.ci import job  # noqa: F401 - the reader of action.yml

    sys.path.insert(0, str(ROOT / "ci"))
    try:
        from steps.judge import FILES
    finally:
        sys.path.remove(str(ROOT / "ci"))
    known = {"verdict", "level", "score", "exit-code", "folder", "evidence", *FILES}
    for one in definition()["outputs"].values():
        name = one["value"].removeprefix("${{ steps.judge.outputs.").removesuffix(" }}")
        assert name in known, name


def test_an_old_python_is_told_what_to_do() -> None:
    done = subprocess.run([sys.executable, "-I", str(ROOT / "ci"), "dance"], capture_output=True, text=True)
    assert done.returncode == 2 and "install|history|judge" in done.stderr
