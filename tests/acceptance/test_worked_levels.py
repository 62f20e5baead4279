"""The worked examples of levels and verdicts, each as a change in a real repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

DAY = 24 * 60 * 60
START = 1_790_000_000

RESOURCES = """\
resources:
  volumes:
    landing:
      name: landing
      catalog_name: main
      schema_name: raw
      volume_type: MANAGED
      lifecycle: {prevent_destroy: true}
"""
BUNDLE = """\
bundle: {name: lake}
targets:
  dev: {mode: development, default: true}
  prod: {mode: production}
"""
WORKERS = """\
bundle: {name: lake}
variables: {workers: {default: %d}}
resources:
  jobs:
    load:
      name: load
      tasks: [{task_key: load, job_cluster_key: main, notebook_task: {notebook_path: /load}}]
      job_clusters:
        - job_cluster_key: main
          new_cluster:
            spark_version: 15.4.x-scala2.12
            node_type_id: Standard_D4s_v5
            num_workers: "${var.workers}"
targets:
  dev: {mode: development, default: true}
  staging: {}
  prod: {mode: production}
"""
ORDER = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h, paths: ["**/staging/**"]}
  - {name: prod, stage: prod, paths: ["**/prod/**"]}
"""


def judged(tmp_path: Path, *states: tuple[int, dict[str, str]]) -> dict[str, Any]:
    """The report of the last of `states`, each with the day of its commit and the files it writes."""
    repo = GitRepo(tmp_path / "repo")
    for day, files in states:
        repo.commit(files, at=START + day * DAY)
    result = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json")
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == (1 if report["verdict"] == "block" else 0), result.stderr
    return report


def levels(report: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["level"] for one in report["findings"]}


def test_fewer_replicas_in_dev_are_a_note_and_pass(tmp_path: Path) -> None:
    fewer = WEB.replace("replicas: 3", "replicas: 2")
    report = judged(tmp_path, (0, {"clusters/dev/web.yaml": WEB}), (1, {"clusters/dev/web.yaml": fewer}))
    (finding,) = report["findings"]
    assert (finding["code"], finding["severity"], finding["level"]) == ("K8S-001", "P2", "note")
    assert sum(step["delta"] for step in finding["steps"]) == -2
    assert (report["verdict"], report["level"]) == ("pass", "note")


def test_a_volume_removed_with_its_guard_blocks_in_production_as_one_cause(tmp_path: Path) -> None:
    report = judged(tmp_path, (0, {"databricks.yml": BUNDLE + RESOURCES}), (1, {"databricks.yml": BUNDLE}))
    found = levels(report)
    assert found["DAB-009"] == "P0" and {"DAB-001", "GOV-005"} <= found.keys()
    assert len({one["cause"] for one in report["findings"]}) == 1
    assert (report["verdict"], report["level"]) == ("block", "P0")


def test_the_same_in_dev_is_p2_at_most_and_does_not_block(tmp_path: Path) -> None:
    indented = "".join(f"    {line}\n" for line in RESOURCES.splitlines())
    head, dev, rest = BUNDLE.partition("  dev: {mode: development, default: true}\n")
    before = f"{head}  dev:\n    mode: development\n    default: true\n{indented}{rest}"
    report = judged(tmp_path, (0, {"databricks.yml": before}), (1, {"databricks.yml": BUNDLE}))
    assert dev and levels(report).keys() >= {"DAB-009", "DAB-001", "GOV-005"}
    assert not {"P0", "P1"} & set(levels(report).values())
    assert report["verdict"] == "warn"


def test_a_patch_of_an_image_that_soaked_three_days_in_staging_is_nothing(tmp_path: Path) -> None:
    newer = WEB.replace("1.4.2", "1.4.3")
    for name, policy in (("inferred", {}), ("declared", {"riskcheck.yaml": ORDER})):
        report = judged(
            tmp_path / name,
            (0, {"clusters/staging/web.yaml": WEB, "clusters/prod/web.yaml": WEB, **policy}),
            (10, {"clusters/staging/web.yaml": newer}),
            (13, {"clusters/prod/web.yaml": newer}),
        )
        assert (report["verdict"], report["level"], report["findings"]) == ("pass", None, [])
        assert [one["environments"] for one in report["changed"]] == [["prod"]]


def test_a_default_that_triples_workers_everywhere_has_the_level_of_its_effect_in_production(
    tmp_path: Path,
) -> None:
    report = judged(tmp_path, (0, {"databricks.yml": WORKERS % 4}), (1, {"databricks.yml": WORKERS % 12}))
    finding = next(one for one in report["findings"] if one["code"] == "DAB-027")
    assert (finding["level"], report["verdict"]) == ("P2", "warn")
    assert finding["environments"] == ["dev", "prod", "staging"]
    assert (finding["location"]["path"], finding["location"]["line"]) == ("databricks.yml", 2)
