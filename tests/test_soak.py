"""Change after change in one process: nothing of a run outlives it, and every run says the same again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

ROOT = Path(__file__).parents[1]
KUSTOMIZATION = "resources: [../../base]\npatches:\n- path: web.yaml\n"
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: NUMBER}\n"
BUNDLE = """\
bundle: {name: lake}
resources:
  jobs:
    load:
      name: load
      schedule: {quartz_cron_expression: "0 NUMBER 6 * * ?", timezone_id: UTC, pause_status: STATUS}
      tasks: [{task_key: load, notebook_task: {notebook_path: /Shared/load}, timeout_seconds: 60NUMBER}]
targets:
  prod: {mode: production, workspace: {host: "https://prod.example"}}
"""


def soaked(out: Path, *arguments: str, seed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", *arguments, "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """A hundred and fifty changes of overlays, manifests, values, bundles, Terraform, SQL and workflows."""
    made = GitRepo(tmp_path_factory.mktemp("soak") / "repo")
    made.commit(
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": WEB,
            "overlays/prod/kustomization.yaml": KUSTOMIZATION,
            "clusters/prod/claim.yaml": CLAIM,
        }
    )
    for number in range(1, 152):
        made.commit(
            {
                "overlays/prod/web.yaml": PATCH.replace("NUMBER", str(1 + number * 7 % 11)),
                f"clusters/prod/web-{number % 5}.yaml": WEB.replace("replicas: 3", f"replicas: {number % 4}"),
                "terraform/prod/main.tf": f'resource "aws_sqs_queue" "q" {{\n  delay_seconds = {number % 7}\n}}\n',
                "lake/databricks.yml": BUNDLE.replace("NUMBER", str(number % 10)).replace(
                    "STATUS", "PAUSED" if number % 2 else "UNPAUSED"
                ),
                "prod/migrations/tables.sql": f"DROP TABLE shop.orders_{number % 3};\n",
                ".github/workflows/deploy.yml": f"on: push\njobs: {{deploy: {{timeout-minutes: {number % 9}}}}}\n",
                "values-prod.yaml": f"replicaCount: {number % 4}\nimage: {{tag: v{number}}}\n",
            }
        )
    return made


def test_nothing_outlives_a_run_and_each_says_the_same_again(repo: GitRepo, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = soaked(out, f"{repo.path}=150", seed="1")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == 150 and {row["code"] for row in rows} <= {0, 1}
    assert len({row["digest"] for row in rows}) > 100, "reports of different changes differ"
    first, second, last = (row["held"] for row in rows if "held" in row)
    assert second["children"] <= 4 and last["children"] <= 4, "a git process outlives its run"
    assert last["files"] <= second["files"] + 4
    # The first fifty load modules. A run that were kept would add thousands of blocks.
    assert last["blocks"] - second["blocks"] < 50 * 200, (first, second, last)
    again = soaked(out, f"{repo.path}=0", "--again", "40", "--no-cache", seed="2")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "40 changes judged again: 0 told otherwise" in again.stdout


def test_what_is_there_already_is_not_judged_again(repo: GitRepo, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert soaked(out, f"{repo.path}=3", seed="0").returncode == 0
    with out.open("a", encoding="utf-8") as file:
        file.write('{"cut short')
    assert soaked(out, f"{repo.path}=4", seed="0").returncode == 0
    lines = out.read_text("utf-8").splitlines()
    commits = [json.loads(line)["commit"] for line in lines if line.endswith("}")]
    assert len(commits) == len(set(commits)) == 4


def test_another_report_is_told(repo: GitRepo, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert soaked(out, f"{repo.path}=2", seed="0").returncode == 0
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    rows = ({**first, "digest": "0"}, second)
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = soaked(out, f"{repo.path}=0", "--again", "5", seed="0")
    assert done.returncode == 1
    assert f"{first['commit']}: another report" in done.stdout and "1 told otherwise" in done.stdout
