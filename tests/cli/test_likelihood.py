"""`riskcheck diff` where the history of the repository is known."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from riskcheck import cache
from riskcheck.recording import recorded
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/report.schema.json").read_text("utf-8"))
DAY = 86_400


def web(replicas: int) -> str:
    return WEB.replace("replicas: 3", f"replicas: {replicas}")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """A repository in which the edited key was reverted a short while before."""
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "docs/a.md": "x\n"}, "Start")
    made.commit({"clusters/prod/web.yaml": web(2)}, "Fewer", at=made.clock + DAY)
    made.git("revert", "--no-edit", "HEAD", environ=made._dates(made.clock + 3_600))
    made.commit({"clusters/prod/web.yaml": web(1)}, "Fewer again", at=made.clock + 3_600)
    return made


def learn(repo: GitRepo, tip: str = "HEAD", file: Path | None = None) -> Path:
    """Makes the store of `repo`; the private one unless `file` is given."""
    place = file
    if place is None:
        folder = repo.path.parent / "cache" / "riskcheck"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = folder / f"history-{cache._digits(str(repo.path.resolve()))}"
        place.touch(0o600)
    recorded(str(repo.path), tip=tip, file=str(place), environ=repo.environ)
    return place


def report(repo: GitRepo, *arguments: str, code: int | None = None) -> dict[str, Any]:
    done = riskcheck(repo.path, "diff", "--format", "json", *arguments)
    assert done.returncode in ((0, 1) if code is None else (code,)), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def plain(repo: GitRepo, *arguments: str) -> tuple[int, str, str]:
    done = riskcheck(repo.path, "diff", *arguments)
    text = "\n".join(line for line in done.stdout.splitlines() if "as_of" not in line)
    return done.returncode, text, done.stderr


RANGE = "HEAD~1..HEAD"


def test_without_a_store_nothing_is_said_and_nothing_made(repo: GitRepo) -> None:
    before = plain(repo, RANGE, "--format", "json", "--no-cache")
    assert plain(repo, RANGE, "--format", "json") == before
    assert '"likelihood"' not in before[1]
    assert list((repo.path.parent / "cache").rglob("history-*")) == []
    assert "likely" not in plain(repo, RANGE, "--explain")[1]


def test_with_one_it_is_told_and_the_score_uses_it(repo: GitRepo) -> None:
    without = report(repo, RANGE, "--no-cache")
    learn(repo)
    found = report(repo, RANGE)
    likelihood = found["likelihood"]
    assert not likelihood["calibrated"]
    assert {"key-soon", "file-soon", "again"} <= {one["name"] for one in likelihood["terms"]}
    assert likelihood["times_usual"] > 2
    assert found["score"] > without["score"]
    assert {one: found[one] for one in ("verdict", "level", "findings")} == {
        one: without[one] for one in ("verdict", "level", "findings")
    }
    assert report(repo, RANGE) == {**found, "run": report(repo, RANGE)["run"]}, "the second run says the same"


def test_each_term_is_explained(repo: GitRepo) -> None:
    learn(repo)
    text = " ".join(plain(repo, RANGE, "--explain")[1].split())
    for term in report(repo, RANGE)["likelihood"]["terms"]:
        assert f"+{term['points']:.1f} points: {term['reason']}" in text
    assert "uncalibrated" in text
    short = plain(repo, RANGE)[1]
    assert "times the usual odds of being reverted: " in short
    assert plain(repo, "HEAD~3..HEAD~2")[1].count("history ") == 0, "nothing was reverted by then"


@pytest.mark.parametrize("option", ["--no-cache", "--hook", "--evidence"])
def test_runs_that_do_without(repo: GitRepo, option: str) -> None:
    file = learn(repo)
    evidence = str(repo.path.parent / "evidence.json")
    arguments = (option, evidence) if option == "--evidence" else (option,)
    assert "likelihood" not in report(repo, RANGE if option != "--hook" else "HEAD~1", *arguments)
    if option == "--no-cache":
        assert "likelihood" in report(repo, RANGE, option, "--history", str(file))


def test_a_store_that_is_named(repo: GitRepo, tmp_path: Path) -> None:
    file = learn(repo, file=tmp_path / "store")
    assert "likelihood" in report(repo, RANGE, "--history", str(file))
    assert "likelihood" not in report(repo, RANGE)


@pytest.mark.parametrize("kind", ["absent", "text", "database", "folder"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(repo: GitRepo, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "precious"
    if kind == "text":
        file.write_text("dear diary\n")
    elif kind == "database":
        sqlite3.connect(file).execute("create table meta(name text, value text)").connection.commit()
    elif kind == "folder":
        file.mkdir()
    before = file.read_bytes() if file.is_file() else None
    code, out, error = plain(repo, RANGE, "--history", str(file))
    assert (code, out) == (2, "")
    assert "the history store cannot be used" in error and "Traceback" not in error
    assert before == (file.read_bytes() if file.is_file() else None)
    assert file.exists() == (kind != "absent")


def test_a_private_store_that_is_damaged_says_nothing(repo: GitRepo) -> None:
    file = learn(repo)
    before = report(repo, RANGE, "--no-cache")
    file.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    assert "likelihood" not in report(repo, RANGE)
    assert report(repo, RANGE)["score"] == before["score"]


def test_one_that_is_locked_says_nothing(repo: GitRepo) -> None:
    connection = sqlite3.connect(learn(repo), isolation_level=None)
    connection.execute("begin exclusive")
    assert "likelihood" not in report(repo, RANGE)
    connection.close()


def test_a_store_that_is_behind_catches_up(repo: GitRepo) -> None:
    known = report(repo, RANGE, "--history", str(learn(repo, file=repo.path.parent / "whole")))
    file = learn(repo, "HEAD~3")
    assert report(repo, RANGE)["likelihood"]["terms"] == known["likelihood"]["terms"]
    connection = sqlite3.connect(file)
    assert connection.execute("select count(*) from landed").fetchall() == [(3,)]
    connection.close()


def test_a_shallow_clone_goes_on_with_a_store_of_the_whole(repo: GitRepo, tmp_path: Path) -> None:
    file = learn(repo, "HEAD~2", tmp_path / "store")
    expected = report(repo, RANGE, "--history", str(learn(repo, file=tmp_path / "whole")))
    clone = repo.clone(tmp_path / "clone", "--depth=3")
    found = report(clone, RANGE, "--history", str(file))
    assert found["likelihood"]["terms"] == expected["likelihood"]["terms"]
    connection = sqlite3.connect(file)
    assert connection.execute("select count(*), min(number), max(number) from landed").fetchall() == [
        (3, 0, 2)
    ]
    connection.close()


def test_every_way_to_compare(repo: GitRepo, tmp_path: Path) -> None:
    learn(repo)
    repo.branch("feature")
    repo.commit({"clusters/prod/web.yaml": web(0)}, "None at all")
    for arguments in (("main",), ("main", "HEAD"), ("--base", "main", "--head", "feature"))[::2]:
        assert "likelihood" in report(repo, *arguments)
    repo.checkout("main")
    repo.write({"clusters/prod/web.yaml": web(2)})
    assert "likelihood" in report(repo)
    repo.add()
    assert "likelihood" in report(repo, "--staged")
    for name, replicas in (("old", 3), ("new", 1)):
        (tmp_path / name / "prod").mkdir(parents=True)
        (tmp_path / name / "prod" / "web.yaml").write_text(web(replicas))
    arguments = ("--from", str(tmp_path / "old"), "--to", str(tmp_path / "new"))
    assert "likelihood" not in report(repo, *arguments)


def test_names_that_are_no_text(repo: GitRepo) -> None:
    learn(repo)
    repo.commit({"clusters/prod/caf\udce9.yaml": WEB.replace("name: web,", "name: other,")}, "Odd")
    learn(repo)
    repo.commit(
        {"clusters/prod/caf\udce9.yaml": web(1).replace("name: web,", "name: other,")}, "Odd \x07 again"
    )
    assert "likelihood" in report(repo, RANGE)
