"""A fleet on this machine: what is written, what is gone on with, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import deltalake
import pytest
import yaml

from riskcheck.commands.fleet import fleet as fleet_command
from riskcheck.fleet.jobs import JOBS, job_kind
from riskcheck.fleet.jobs.backtest import COLUMNS, change_of, row_of
from riskcheck.fleet.model import Task, TaskResult
from riskcheck.fleet.tables import read_table, write_table
from riskcheck.fleet.work import keep, recall
from riskcheck.history.model import FiredRule, ReplayedChange
from tests.cli.test_diff import riskcheck
from tests.fleet.estate import POLICY, ROOT, environ, fleet, make, table
from tests.gitrepo import GitRepo

LINT = "version: 1\ndo: [lint]\nrepositories:\n  - {path: clones/shop*}\n"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A fleet file of one repository."""
    GitRepo(tmp_path / "clones" / "shop").commit({"riskcheck.yaml": POLICY})
    file = tmp_path / "fleet.yaml"
    file.write_text(LINT)
    return file


def test_each_job_says_of_a_repository_what_its_command_says(tmp_path: Path) -> None:
    file = make(tmp_path)
    done = fleet(file, "--output", "out", "--jobs", "2", "--format", "json")
    assert done.returncode == 0
    shop = tmp_path / "clones" / "shop"
    here = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    linted = json.loads(riskcheck(shop, "lint", "HEAD", "--format", "json", **here).stdout)["findings"]
    rows = [row for row in table(tmp_path / "out" / "lint").to_pylist() if row["repository"] == "shop"]
    assert [(row["code"], row["path"], row["line"], row["fingerprint"]) for row in rows] == [
        (one["code"], one["location"]["path"], one["location"]["line"], one["fingerprint"]) for one in linted
    ]
    learned = json.loads(riskcheck(shop, "learn", "--dry-run", "--format", "json", **here).stdout)["rules"]
    rows = [row for row in table(tmp_path / "out" / "learn").to_pylist() if row["repository"] == "shop"]
    assert rows and len(rows) == len(learned)
    for row, said in zip(rows, learned, strict=True):
        stated = {name: value for name, value in said.items() if name not in ("in", "last")}
        assert {name: row[name] for name in stated} == stated
    tested = json.loads(riskcheck(shop, "backtest", "--follow", "0", "--format", "json", **here).stdout)
    rows = [row for row in table(tmp_path / "out" / "backtest").to_pylist() if row["repository"] == "shop"]
    (told,) = tested["repositories"]
    assert len(rows) == told["replayed"]
    assert sum(row["verdict"] is not None for row in rows) == told["judged"]
    assert sum(row["label"] == "reverted" for row in rows) == told["reverted"] > 0
    errors = {
        (row["repository"], row["job"]): row["error"] for row in table(tmp_path / "out" / "tasks").to_pylist()
    }
    assert errors["gone", "lint"] == f"{tmp_path}/clones/gone is not a folder that can be seen from here"
    assert errors["plain", "lint"] is None
    assert errors["plain", "learn"].endswith("is no git repository, and only git tells what landed")


def test_a_table_is_a_delta_table(one: Path) -> None:
    assert fleet(one, "--output", "out").returncode == 0
    rows = table(one.parent / "out" / "lint").to_pylist()
    folder = str(one.parent / "out" / "lint")
    deltalake.convert_to_deltalake(folder)
    assert deltalake.DeltaTable(folder).to_pyarrow_table().to_pylist() == rows
    again = fleet(one, "--output", "out")
    assert again.returncode == 2
    assert "is a Delta table, whose files are not to be replaced under it" in again.stderr


def test_a_run_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    for number in range(6):
        GitRepo(tmp_path / "clones" / f"shop-{number}").commit({"riskcheck.yaml": POLICY})
    file = tmp_path / "fleet.yaml"
    file.write_text(LINT)
    command = [sys.executable, "-m", "riskcheck", "fleet", str(file), "--output", "out", "--jobs", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environ(tmp_path), stderr=subprocess.PIPE)
    done = tmp_path / "out" / ".done"
    while len(list(done.glob("*.json"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1].strip() == b""
    assert process.returncode == 130
    before = {path.name: path.stat().st_mtime_ns for path in done.glob("*.json")}
    assert 2 <= len(before) < 6
    began = json.loads((tmp_path / "out" / "run.json").read_text())
    assert began["state"] == "running"
    assert fleet(file, "--output", "out").returncode == 0
    after = {path.name: path.stat().st_mtime_ns for path in done.glob("*.json")}
    assert len(after) == 6
    assert {name: after[name] for name in before} == before
    assert json.loads((tmp_path / "out" / "run.json").read_text()) == {**began, "state": "done"}


def test_where_no_repository_can_be_judged_the_run_was_not_made(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text("version: 1\ndo: [lint]\nrepositories: [{path: gone}]\n")
    done = fleet(file, "--quiet")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"riskcheck: gone: {tmp_path}/gone is not a folder that can be seen from here",
        "riskcheck: no repository could be judged",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine", "spark"), "--engine spark needs --output"),
        (("--master", "local[2]"), "--master goes with --engine spark"),
        (("--output", "fleet.yaml/out"), "cannot write to"),
    ],
)
def test_what_does_not_go_together_is_told(one: Path, arguments: tuple[str, ...], said: str) -> None:
    done = fleet(one, *arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_without_pyarrow_tables_are_lines_of_json(one: Path) -> None:
    """A folder in which it cannot be found stands before it."""
    hidden = one.parent / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    path = os.pathsep.join((str(hidden), environ(one.parent)["PYTHONPATH"]))
    assert fleet(one, "--output", "parquet").returncode == 0
    done = fleet(one, "--output", "lines", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (
        0,
        "riskcheck: the tables are JSON lines, for want of pyarrow: pip install 'riskcheck[fleet]'\n",
    )
    lines = (one.parent / "lines" / "lint" / "part-00000.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == table(one.parent / "parquet" / "lint").to_pylist()
    done = fleet(one, "--output", "lines", "--engine", "spark", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (
        2,
        "riskcheck: --engine spark needs pyarrow: pip install 'riskcheck[spark]'\n",
    )


CHANGE = ReplayedChange(
    *("shop", "c" * 40, 3, 1_700_000_000, "reverted", True, 1.5, 60.0, 2, 14, "warn", "P2", 3.25),
    *((FiredRule("K8S-001", "P2"),), 2.0, (1.0, 2.0), (0.5,), None),
)


def test_a_replayed_change_is_a_row_and_back() -> None:
    """Every field of it: what is added to the one is added to the other."""
    assert change_of(row_of(CHANGE)) == CHANGE
    empty = CHANGE._replace(rules=(), metadata=(), history=(), lag=None, verdict=None, error="too large")
    assert change_of(row_of(empty)) == empty
    assert {name for name, _ in COLUMNS} == {*ReplayedChange._fields, "rule_levels"}


@pytest.mark.parametrize("job", JOBS)
def test_tables_begin_with_the_repository(job: str) -> None:
    assert job_kind(job).COLUMNS[0] == ("repository", "string")


def test_names_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    columns = (("repository", "string"), ("environments", "array<string>"))
    write_table(str(tmp_path / "t"), columns, [("caf\udce9", ["\udcff", "b"]), ("a", [])])  # type: ignore[arg-type]
    assert list(read_table(str(tmp_path / "t"), columns)) == [  # type: ignore[arg-type]
        ("caf\\udce9", ["\\udcff", "b"]),
        ("a", []),
    ]


def test_what_is_kept_of_another_task_or_was_damaged_is_not_taken(tmp_path: Path) -> None:
    task = Task("lint", "shop", "/srv/shop", "c" * 40, 5)
    keep(task, TaskResult((("shop",),), unread=2), str(tmp_path))
    assert recall(task, str(tmp_path)) == TaskResult((("shop",),), unread=2)
    assert recall(task._replace(as_of=6), str(tmp_path)) is None
    assert recall(task._replace(select=("K8S-001",)), str(tmp_path)) is None
    (file,) = (tmp_path / ".done").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert recall(task, str(tmp_path)) is None


def test_the_entry_point_of_a_job_returns_where_all_went_well(one: Path) -> None:
    """A wheel task is a function that is called: there an exit is an error."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["riskcheck.jobs"]["fleet"].partition(":")
    code = f"import sys; from {module} import {name}; {name}(); print('went on')"
    command = [sys.executable, "-c", code, str(one), "--quiet"]
    done = subprocess.run(command, env=environ(one.parent), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")
    one.write_text("version: 1\n")
    assert subprocess.run(command, env=environ(one.parent), capture_output=True).returncode == 2


@pytest.mark.parametrize("variant", ["base", "risky", "safe"])
def test_the_example_runs_that_entry_point(variant: str) -> None:
    resources = (ROOT / "examples" / "fleet-backtest" / variant / "resources" / "fleet.yml").read_text()
    (task,) = yaml.safe_load(resources)["resources"]["jobs"]["riskcheck_fleet"]["tasks"]
    asked = task["python_wheel_task"]
    assert (asked["package_name"], asked["entry_point"]) == ("riskcheck", "fleet")
    context = fleet_command.make_context("fleet", list(asked["parameters"]))
    assert (context.params["engine"], context.params["master"]) == ("spark", "databricks")
