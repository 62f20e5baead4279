"""A fleet on a real Spark: executors in processes of their own, some of which are killed while they work."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from riskcheck.fleet.model import ENDED
from tests.fleet.estate import fleet, make, strikes, table

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are found by /proc"),
]

CLUSTER = ("--engine", "spark", "--master", "local-cluster[2,1,1024]")
ENGINES = {"here": (), "there": CLUSTER}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same fleet by both engines, in folders `here` and `there`, while git strikes whoever does the work."""
    made = tmp_path_factory.mktemp("fleet")
    file = make(made)
    struck = strikes(made)
    for engine, options in ENGINES.items():
        done = fleet(file, "--output", engine, *options, told=engine == "here", **struck)
        assert (done.returncode, done.stderr) == (0, "")
        (made / f"{engine}.txt").write_text(done.stdout)
        (made / "flags").rename(made / f"flags-{engine}")
        (made / "flags").mkdir()
    return made


def summary(folder: Path) -> Any:
    told = json.loads((folder / "summary.json").read_text())
    del told["run"]
    return told


def test_executors_were_killed_and_the_job_was_done(folder: Path) -> None:
    """One for `struck`, which is judged all the same, and two for `doomed`, which is given up."""
    for engine in ENGINES:
        assert len(set((folder / f"flags-{engine}" / "killed").read_text().split())) == 3
        rows = table(folder / engine / "tasks").to_pylist()
        told = {(row["repository"], row["job"]): row["error"] for row in rows if row["error"]}
        assert {name for name, _ in told} == {"doomed", "gone", "plain"}
        assert [(job, error) for (name, job), error in told.items() if name == "doomed"] == [("lint", ENDED)]


@pytest.mark.parametrize("name", ["lint", "learn", "backtest", "tasks"])
def test_tables_are_equal_row_by_row_with_their_types(folder: Path, name: str) -> None:
    here, there = table(folder / "here" / name), table(folder / "there" / name)
    assert here.num_rows >= 2
    assert there.schema == here.schema
    assert there.to_pylist() == here.to_pylist()


def test_people_and_programs_are_told_the_same(folder: Path) -> None:
    assert (folder / "here.txt").read_text() == (folder / "there.txt").read_text()
    assert summary(folder / "here") == summary(folder / "there")


def test_a_back_test_is_several_tasks(folder: Path) -> None:
    rows = table(folder / "there" / "tasks").to_pylist()
    ranges = [
        (row["start"], row["end"]) for row in rows if (row["repository"], row["job"]) == ("shop", "backtest")
    ]
    assert ranges == [(0, 15), (15, 22)]


def test_what_spark_says_is_in_its_log(folder: Path) -> None:
    assert "log4j" in (folder / "there" / "spark.log").read_text()


def test_another_engine_goes_on_with_what_is_done(folder: Path) -> None:
    """Whoever did a task, it is not done again, but for what failed or what has no revision."""

    def kept() -> dict[str, int]:
        return {one.name: one.stat().st_mtime_ns for one in (folder / "there" / ".done").iterdir()}

    before = kept()
    done = fleet(folder / "fleet.yaml", "--output", "there")
    assert (done.returncode, done.stderr) == (0, "")
    same = [name for name, time in kept().items() if before.get(name) == time]
    # The clock is another one, which lint depends on.
    rows = table(folder / "there" / "tasks").to_pylist()
    assert len(same) == len([row for row in rows if row["job"] != "lint" and not row["error"]])
