"""Compute in money: a price table beside the policy, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

TABLE = """\
currency: USD
machines: {i3.xlarge: 0.312}
dbus: {i3.xlarge: 1.0}
products: {jobs: 0.15}
hours: [{where: "databricks:jobs.*", per_run: 1.5}]
"""
POLICY = "version: 1\nbudget: {max_increase: 15%, prices: finance/prices.yaml}\n"

BUNDLE = """\
bundle: {name: lake}
resources:
  jobs:
    nightly:
      name: nightly
      schedule: {quartz_cron_expression: "0 0 2 * * ?", timezone_id: UTC}
      job_clusters:
        - job_cluster_key: main
          new_cluster: {spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: WORKERS}
      tasks: [{task_key: load, job_cluster_key: main, notebook_task: {notebook_path: /load}}]
targets:
  prod: {mode: production}
"""


def lake(name: str, workers: int) -> str:
    return BUNDLE.replace("WORKERS", str(workers)).replace("nightly", name)


def findings(repo: GitRepo) -> dict[str, dict[str, Any]]:
    done = riskcheck(repo.path, "diff", "main", "--format", "json")
    assert done.stderr == ""
    return {one["code"]: one for one in json.loads(done.stdout)["findings"]}


def changed(path: Path, edits: dict[str, str | bytes | None]) -> GitRepo:
    """A repository of two bundles, of which a branch changes `edits`."""
    repo = GitRepo(path / "repo")
    repo.commit(
        {
            "riskcheck.yaml": POLICY,
            "finance/prices.yaml": TABLE,
            "lake/databricks.yml": lake("nightly", 3),
            "mart/databricks.yml": lake("weekly", 3),
        }
    )
    repo.git("checkout", "-q", "-b", "change")
    repo.commit(edits)
    return repo


def test_an_increase_is_told_in_shares_of_the_estate_and_in_money(tmp_path: Path) -> None:
    found = findings(changed(tmp_path, {"lake/databricks.yml": lake("nightly", 7)}))
    # Four machines more, 1.5 hours a day, of 30.4 days: 4 x (0.312 + 0.15) x 1.5 x 30.44.
    assert found["DAB-027"]["message"].endswith("(workers 3 → 7); about 84 USD a month more")
    assert found["GOV-003"]["message"] == (
        "the compute of all that is deployed rises by about 50%, about 84 USD a month, the cap is 15% "
        "(nightly 2.0 times)"
    )
    assert found["GOV-003"]["cause"] == found["DAB-027"]["cause"], "one cause, one report"


def test_a_change_of_the_table_does_not_price_itself(tmp_path: Path) -> None:
    free = TABLE.replace("0.15", "0.0").replace("0.312", "0.0")
    repo = changed(tmp_path, {"finance/prices.yaml": free, "lake/databricks.yml": lake("nightly", 7)})
    assert findings(repo)["DAB-027"]["message"].endswith("about 84 USD a month more")


def test_an_increase_below_the_cap_of_the_estate_is_not_above_the_budget(tmp_path: Path) -> None:
    repo = changed(tmp_path, {"lake/databricks.yml": lake("nightly", 4)})
    assert "GOV-003" not in findings(repo)


def test_a_broken_table_ends_the_run_with_its_line(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit(
        {"riskcheck.yaml": POLICY, "finance/prices.yaml": "currency: USD\nmachines: 3\n", "a.yaml": "a: 1"}
    )
    repo.git("checkout", "-q", "-b", "change")
    repo.commit({"a.yaml": "a: 2"})
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 2
    assert "finance/prices.yaml:2: machines: must be a mapping, not" in done.stderr or (
        "finance/prices.yaml:2: machines: 3 is not a mapping" in done.stderr
    )


def test_a_change_that_breaks_the_table_is_not_merged(tmp_path: Path) -> None:
    repo = changed(tmp_path, {"finance/prices.yaml": TABLE.replace("currency", "money")})
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 1
    assert "finance/prices.yaml:1" in done.stdout


def test_a_change_that_takes_the_table_away_is_not_merged(tmp_path: Path) -> None:
    done = riskcheck(changed(tmp_path, {"finance/prices.yaml": None}).path, "diff", "main")
    assert done.returncode == 1
    assert "the policy names this price table" in done.stdout
