"""Repositories to measure on, made from scratch: no network, the same everywhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DATE = "2026-01-01T12:00:00+0000"


def bundle_estate(root: Path, bundles: int = 40) -> Path:
    """`bundles` Databricks bundles with three targets; the last commit edits five of them."""
    for number in range(bundles):
        folder = root / f"bundle-{number:03}"
        _write(folder / "databricks.yml", _BUNDLE.format(number=number))
        _write(folder / "resources" / "job.yml", _JOB.format(number=number, workers=8))
    _commit(root, "base")
    for number in range(5):
        _write(root / f"bundle-{number:03}" / "resources" / "job.yml", _JOB.format(number=number, workers=9))
    _commit(root, "five files")
    return root


def overlay_estate(root: Path, components: int = 200) -> Path:
    """`components` kustomize components with a base and three overlays; the last commit edits five overlays."""
    for number in range(components):
        folder = root / "components" / f"c{number:03}"
        _write(folder / "base" / "kustomization.yaml", "resources: [deployment.yaml]\n")
        _write(folder / "base" / "deployment.yaml", _DEPLOYMENT.format(number=number))
        for stage in ("development", "staging", "production"):
            _write(folder / stage / "kustomization.yaml", _OVERLAY)
            _write(folder / stage / "patch.yaml", _PATCH.format(number=number, replicas=3))
    _commit(root, "base")
    for number in range(5):
        folder = root / "components" / f"c{number:03}" / "staging"
        _write(folder / "patch.yaml", _PATCH.format(number=number, replicas=4))
    _commit(root, "five files")
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _commit(root: Path, message: str) -> None:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "bench",
        "GIT_AUTHOR_EMAIL": "bench@example.invalid",
        "GIT_COMMITTER_NAME": "bench",
        "GIT_COMMITTER_EMAIL": "bench@example.invalid",
        "GIT_AUTHOR_DATE": DATE,
        "GIT_COMMITTER_DATE": DATE,
    }
    for command in (
        ["git", "init", "--quiet", "--initial-branch=main"],
        ["git", "add", "--all"],
        ["git", "commit", "--quiet", "--message", message],
        ["git", "gc", "--quiet"],
    ):
        subprocess.run(command, cwd=root, env=environment, check=True)


_BUNDLE = """\
bundle: {{name: bundle-{number}}}
include: [resources/*.yml]
variables:
  catalog: {{default: dev}}
targets:
  dev: {{mode: development, default: true, workspace: {{host: "https://dev.cloud.example"}}}}
  staging: {{mode: production, workspace: {{host: "https://staging.cloud.example"}}, variables: {{catalog: stage}}}}
  prod: {{mode: production, workspace: {{host: "https://prod.cloud.example"}}, variables: {{catalog: prod}}}}
"""

_JOB = """\
resources:
  jobs:
    job_{number}:
      name: job-{number}
      tasks:
        - task_key: main
          notebook_task: {{notebook_path: ../src/main.py, base_parameters: {{catalog: "${{var.catalog}}"}}}}
          job_cluster_key: default
      job_clusters:
        - job_cluster_key: default
          new_cluster: {{spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: {workers}}}
"""

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{number}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: app-{number}}}}}
  template:
    metadata: {{labels: {{app: app-{number}}}}}
    spec:
      containers: [{{name: app, image: "registry.example/app:1.2.3"}}]
"""

_OVERLAY = "resources: [../base]\npatches: [{path: patch.yaml}]\n"

_PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{number}, namespace: shop}}
spec: {{replicas: {replicas}}}
"""
