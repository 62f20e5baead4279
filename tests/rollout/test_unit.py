"""One of many that an edit reaches, moved before the others; and edits that reach more than a canary does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.judged import CanaryEvidence
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from tests.rollout.test_live import CONFIG, DEPLOYMENT, FLAGGER, PROBE, ROLLOUT, TEMPLATE

DAY = 86_400

POLICY = "version: 1\npromotion: git\nenvironments:\n  - {name: prod, stage: prod}\n"
JOB = """\
    NAME:
      name: NAME
      job_clusters:
        - job_cluster_key: KEY
          new_cluster: {spark_version: "VERSION", node_type_id: Standard_D4ds_v5, num_workers: 2}
      tasks:
        - {task_key: load, job_cluster_key: KEY, notebook_task: {notebook_path: /load}}
"""


def bundle(default: str, first: str = "${var.spark}") -> dict[str, bytes]:
    """Three jobs; two take the variable, `first` is what the third has."""
    jobs = [("orders", "main", "${var.spark}"), ("billing", "etl", "${var.spark}"), ("audit", "own", first)]
    text = f"bundle: {{name: lake}}\nvariables:\n  spark: {{default: {default}}}\nresources:\n  jobs:\n"
    for name, key, version in jobs:
        text += JOB.replace("NAME", name).replace("KEY", key).replace("VERSION", version)
    text += "targets:\n  prod: {mode: production, workspace: {host: https://prod.example}}\n"
    return {"databricks.yml": text.encode(), "riskcheck.yaml": POLICY.encode()}


OLD, NEW = "13.3.x-scala2.12", "15.4.x-scala2.12"


def judged(
    base: Mapping[str, bytes], head: Mapping[str, bytes], *states: tuple[int, Mapping[str, bytes]]
) -> Report:
    rules = load_rules(use_cache=False).rules
    return analyze_trees(base, head, rules, history=[(NOW - age, files) for age, files in states])


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def subset(report: Report) -> CanaryEvidence:
    finding = next(one for one in report.findings if one.code == "DAB-030")
    return next(one for one in finding.canary if one.kind == "subset")


def test_a_job_that_runs_the_new_version_already_stands_for_the_others() -> None:
    base = bundle(OLD, NEW)
    found = subset(judged(base, bundle(NEW, NEW), (9 * DAY, bundle(OLD)), (3 * DAY, base)))
    assert found.found
    assert found.detail == "jobs audit, one of its kind there, has run it for 3d"


@pytest.mark.parametrize("age", [60, 1200])
def test_a_job_that_was_moved_just_now_does_not(age: int) -> None:
    base = bundle(OLD, NEW)
    assert not subset(judged(base, bundle(NEW, NEW), (9 * DAY, bundle(OLD)), (age, base))).found


def test_a_job_with_another_version_does_not() -> None:
    base = bundle(OLD, "14.3.x-scala2.12")
    report = judged(base, bundle(NEW, "14.3.x-scala2.12"), (9 * DAY, base))
    assert not subset(report).found


def test_a_single_job_is_not_stood_for_by_another() -> None:
    base, head = bundle(OLD, NEW), bundle(OLD, NEW)
    text = base["databricks.yml"].decode()
    base["databricks.yml"] = text.replace("${var.spark}", OLD, 1).encode()
    head["databricks.yml"] = text.replace("${var.spark}", NEW, 1).encode()
    assert not subset(judged(base, head, (9 * DAY, base))).found


def test_without_history_nothing_is_known() -> None:
    assert not subset(judged(bundle(OLD, NEW), bundle(NEW, NEW))).found


def test_a_canary_of_one_workload_says_nothing_of_another_that_the_same_edit_reaches() -> None:
    kustomization = "resources: [web.yaml, errors.yaml, config.yaml, api.yaml]\n"
    api = DEPLOYMENT.replace("name: web", "name: api").replace("app: web", "app: api")
    probe = PROBE
    patch = (
        "patches:\n  - target: {name: web|api}\n    patch: |\n"
        "      - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}\n"
    )
    api = api.replace("          envFrom", probe + "          envFrom")
    base = {
        "riskcheck.yaml": POLICY.replace("stage: prod", 'stage: prod, paths: ["clusters/prod/**"]'),
        "clusters/prod/kustomization.yaml": kustomization,
        "clusters/prod/web.yaml": ROLLOUT,
        "clusters/prod/errors.yaml": TEMPLATE,
        "clusters/prod/config.yaml": CONFIG,
        "clusters/prod/api.yaml": api,
    }
    head = {**base, "clusters/prod/kustomization.yaml": kustomization + patch}
    report = judged(encoded(base), encoded(head))
    findings = [one for one in report.findings if one.code == "K8S-005"]
    details = {
        resource: one.detail
        for finding in findings
        for resource in finding.resources
        for one in finding.canary
        if one.kind == "metric"
    }
    assert set(details) == {"kubernetes:Deployment.shop/api", "kubernetes:Rollout.shop/web"}
    assert "no metric gate is declared for it" in details["kubernetes:Deployment.shop/api"]


def test_a_canary_that_tracks_configuration_covers_all_that_one_edit_reaches() -> None:
    base = {
        "riskcheck.yaml": POLICY.replace("stage: prod", 'stage: prod, paths: ["clusters/prod/**"]'),
        "clusters/prod/web.yaml": DEPLOYMENT,
        "clusters/prod/canary.yaml": FLAGGER,
        "clusters/prod/config.yaml": CONFIG,
    }
    probe = DEPLOYMENT.replace("          envFrom", PROBE + "          envFrom")
    report = judged(encoded({**base, "clusters/prod/web.yaml": probe}), encoded(base))
    finding = next(one for one in report.findings if one.code == "K8S-005")
    assert {one.kind for one in finding.canary if one.found} == {"split", "metric", "coverage"}
