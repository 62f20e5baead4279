"""`riskcheck backtest`, over real repositories and what may be wrong with them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_diff import ROOT, riskcheck
from tests.gitrepo import EPOCH, GitRepo
from tests.replaying.repositories import DAY, POLICY, asked_of, shop, web

JUDGE_ALL = ("--follow", "0")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return shop(tmp_path / "shop")[0]


def told(repo: GitRepo, *arguments: str) -> dict[str, Any]:
    """The report, as JSON, of everything that can be judged."""
    done = riskcheck(repo.path, "backtest", "--format", "json", *JUDGE_ALL, *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def test_it_counts_what_was_reverted(repo: GitRepo) -> None:
    population = told(repo)["population"]
    assert population["replayed"] == 7
    assert (population["judged"], population["reverted"], population["failed"]) == (5, 1, 0)
    done = riskcheck(repo.path, "backtest", *JUDGE_ALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("riskcheck backtest: 1 repository, 5 of 7 landed changes judged\n")


def test_each_format_and_several_at_once(repo: GitRepo) -> None:
    done = riskcheck(
        repo.path,
        *("backtest", *JUDGE_ALL, "--quiet", "--output", "json:../out.json", "--output", "html:../out.html"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("riskcheck backtest: ")
    assert json.loads((repo.path.parent / "out.json").read_text())["population"]["judged"] == 5
    assert "<html" in (repo.path.parent / "out.html").read_text()


def test_a_suggested_policy_is_yaml_that_is_read(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "backtest", *JUDGE_ALL, "--suggest-policy")
    assert done.returncode == 0
    suggested = repo.path.parent / "suggested.yaml"
    suggested.write_text(done.stdout)
    assert riskcheck(repo.path, "backtest", *JUDGE_ALL, "--config", str(suggested)).returncode == 0


def test_likelihood_alone_judges_nothing(repo: GitRepo, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    report = told(repo, "--likelihood-only", "--rows", str(rows))
    assert (report["population"]["judged"], report["rules"]) == (5, [])
    assert not rows.exists()


def test_a_second_run_judges_nothing_again(repo: GitRepo, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    first = told(repo, "--rows", str(rows))
    kept = rows.read_bytes()
    assert len(rows_of(rows)) == 5
    assert told(repo, "--rows", str(rows)) == first
    assert rows.read_bytes() == kept
    rows.write_bytes(kept[:-30])
    done = riskcheck(repo.path, "backtest", *JUDGE_ALL, "--rows", str(rows))
    assert "1 row of an earlier run could not be used: damaged" in done.stderr
    assert rows.read_bytes() == kept
    rows.write_bytes(b"notes\n")
    done = riskcheck(repo.path, "backtest", *JUDGE_ALL, "--rows", str(rows))
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert rows.read_bytes() == b"notes\n"


def test_later_commits_change_no_row(repo: GitRepo, tmp_path: Path) -> None:
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    told(repo, "--rows", str(before))
    repo.commit({"clusters/prod/web.yaml": web(9), "riskcheck.yaml": None})
    told(repo, "--rows", str(after))
    assert set(before.read_bytes().splitlines()) < set(after.read_bytes().splitlines())


def test_the_number_a_date_and_a_range(repo: GitRepo) -> None:
    assert told(repo, "--last", "2")["population"]["judged"] == 2
    assert told(repo, "--since", "2023-11-15")["population"]["replayed"] == 6
    assert told(repo, "--last", "0", "HEAD~3..HEAD~1")["population"]["replayed"] == 2
    assert told(repo, "HEAD~3")["population"]["replayed"] == 4


def test_a_branch_that_is_not_head(repo: GitRepo) -> None:
    repo.branch("release", "HEAD~4")
    repo.commit({"clusters/prod/web.yaml": web(7)})
    repo.checkout("main")
    assert told(repo, "release")["population"]["replayed"] == 4
    assert told(repo, "main..release")["population"]["replayed"] == 1
    assert told(repo)["population"]["replayed"] == 7


def test_a_range_with_nothing_is_told(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "backtest", "HEAD..HEAD")
    assert done.returncode == 0
    assert "nothing landed in the range that was asked for" in done.stderr
    done = riskcheck(repo.path, "backtest")
    assert done.returncode == 0
    assert "was followed for 60 days" in done.stderr
    assert riskcheck(repo.path, "backtest", "-q").stderr == ""


def test_what_nobody_can_mean_is_told(repo: GitRepo, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nservces: []\n")
    unknown = tmp_path / "unknown.yaml"
    unknown.write_text("version: 1\nrules: {ignore: [K8S-999]}\n")
    for arguments, said in (
        (("no-such-branch",), "no-such-branch is not a revision here"),
        (("a...b",), "write A..B"),
        (("--since", "yesterday"), "write YYYY-MM-DD"),
        (("--config", str(wrong)), "servces"),
        (("--config", str(unknown)), "K8S-999"),
        (("--config", "absent.yaml"), "cannot be read"),
        (("--labels", "absent.jsonl"), "cannot be read"),
        (("--rows", "no/such/folder"), "there is no directory"),
        (("--format", "sarif"), "sarif"),
    ):
        done = riskcheck(repo.path, "backtest", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_outside_of_a_repository_and_before_the_first_commit(tmp_path: Path) -> None:
    empty = GitRepo(tmp_path / "empty")
    done = riskcheck(empty.path, "backtest")
    assert (done.returncode, done.stderr) == (2, "riskcheck: there is no commit yet: nothing has landed\n")
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    assert "is not in a git repository" in riskcheck(nowhere, "backtest").stderr


def test_a_shallow_clone_leaves_out_what_has_no_parent(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--depth", "4")
    done = riskcheck(copy.path, "backtest", *JUDGE_ALL, "--format", "json")
    assert "this clone is shallow" in done.stderr
    population = json.loads(done.stdout)["population"]
    assert (population["replayed"], population["failed"]) == (3, 0)


def test_missing_contents_are_counted_and_cost_no_run(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--filter=blob:none")
    done = riskcheck(copy.path, "backtest", *JUDGE_ALL, "--format", "json")
    assert done.returncode == 0, done.stderr
    population = json.loads(done.stdout)["population"]
    assert population["replayed"] == 7
    assert population["judged"] + population["failed"] == 5
    trees = repo.clone(tmp_path / "trees", "--filter=tree:0", "--no-checkout")
    done = riskcheck(trees.path, "backtest", *JUDGE_ALL, "--format", "json")
    assert done.returncode in (0, 2)
    assert "partial clone" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_branch_that_was_rewritten(repo: GitRepo) -> None:
    told(repo)
    repo.git("reset", "-q", "--hard", "HEAD~3")
    repo.commit({"clusters/prod/web.yaml": web(8)})
    population = told(repo)["population"]
    assert (population["replayed"], population["failed"]) == (5, 0)


def test_merges_and_an_octopus(repo: GitRepo) -> None:
    start = repo.id("HEAD")
    names = [f"topic-{number}" for number in range(6)]
    for number, name in enumerate(names):
        repo.branch(name, start)
        repo.commit({f"clusters/prod/{name}.yaml": web(number + 1).replace("name: web", f"name: {name}")})
    repo.checkout("main")
    for name in names[:3]:
        repo.merge(name)
    repo.git("merge", "-q", "--no-ff", "-m", "all of them", *names[3:])
    population = told(repo)["population"]
    assert (population["replayed"], population["judged"], population["failed"]) == (11, 9, 0)


def test_a_commit_of_ten_thousand_files(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": web(3)})
    repo.commit({f"data/{number // 100}/{number}.yaml": f"a: {number}\n" for number in range(10_000)})
    repo.commit({"clusters/prod/web.yaml": web(1)})
    population = told(repo)["population"]
    assert (population["judged"], population["failed"]) == (3, 0)


def test_clocks_that_run_backwards(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    times = [EPOCH + 90 * DAY, EPOCH, EPOCH + 200 * DAY, 0, EPOCH + 10 * DAY]
    for number, at in enumerate(times):
        repo.commit({"clusters/prod/web.yaml": web(number + 1)}, at=at)
    report = told(repo)
    assert (report["population"]["judged"], report["population"]["failed"]) == (5, 0)
    done = riskcheck(repo.path, "backtest", "--format", "json")
    assert json.loads(done.stdout)["population"]["judged"] == 2


def test_from_a_folder_inside_the_repository(repo: GitRepo) -> None:
    inside = GitRepo(repo.path / "clusters" / "prod", init=False, environ=repo.environ)
    done = riskcheck(inside.path, "backtest", *JUDGE_ALL, "--format", "json")
    assert json.loads(done.stdout) == told(repo)


def test_changes_that_cannot_be_judged_are_told_with_the_reason(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": web(3), "riskcheck.yaml": "version: 1\n\x1b[31mservces: []\n"})
    repo.commit({"clusters/prod/web.yaml": web(2)})
    repo.commit({"clusters/prod/web.yaml": web(1)})
    done = riskcheck(repo.path, "backtest", *JUDGE_ALL, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["population"]["failed"] == 2
    assert "riskcheck: 2 changes could not be judged: riskcheck.yaml:" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout


def test_no_name_of_a_person_is_printed(repo: GitRepo) -> None:
    for arguments in ((), ("--format", "json"), ("--format", "html")):
        done = riskcheck(repo.path, "backtest", *JUDGE_ALL, *arguments)
        assert "example.invalid" not in done.stdout + done.stderr


def test_an_interrupt_ends_it_with_130_and_the_next_run_goes_on(repo: GitRepo, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "riskcheck", "backtest", *JUDGE_ALL, "--rows", str(rows)],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while process.poll() is None and not rows.exists():
        pass
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")
    done = told(repo, "--rows", str(rows))
    assert (done["population"]["judged"], done["population"]["failed"]) == (5, 0)


def test_by_the_policy_of_its_time(tmp_path: Path) -> None:
    """What a change brings judges the next one, not itself."""
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": web(3), "riskcheck.yaml": POLICY})
    weak = f"{POLICY}files: {{exclude: ['clusters/**']}}\n"
    repo.commit({"clusters/prod/web.yaml": web(0), "riskcheck.yaml": weak})
    repo.commit({"clusters/prod/web.yaml": web(1)})
    rows = tmp_path / "rows.jsonl"
    told(repo, "--rows", str(rows))
    commits = repo.git("rev-list", "--reverse", "HEAD").splitlines()
    judged = {row["commit"]: row for row in rows_of(rows)}
    assert asked_of(commits)[1].base == judged[commits[1]]["base"]
    assert judged[commits[1]]["rules"] != []
    assert judged[commits[2]]["rules"] == []
