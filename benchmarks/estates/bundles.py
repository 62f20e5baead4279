"""Databricks bundles: many small ones, pipelines in many cells, one large bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.writing import Estate


def bundle_estate(root: Path, bundles: int = 40) -> Path:
    """`bundles` Databricks bundles with three targets; the last commit edits five of them."""
    with Estate(root) as estate:
        estate.commit("base", (file for number in range(bundles) for file in _bundle(number)))
        estate.commit("five files", (_job(number, 9) for number in range(5)))
    return root


def pipeline_estate(root: Path, pipelines: int = 120, bundles: int = 40) -> Path:
    """`pipelines` pipelines in `bundles` bundles, each deployed to 3 workspaces in 4 regions; every pipeline reads
    what the one before it writes, in another bundle. The last commit edits 50 files."""
    with Estate(root) as estate:
        estate.commit("base", _pipelines(pipelines, bundles))
        estate.commit("fifty files", (_pipeline(number, bundles, 8) for number in range(50)))
    return root


def one_bundle_estate(root: Path, jobs: int = 500, pipelines: int = 120, users: int | None = 60) -> Path:
    """One bundle of `jobs` jobs and `pipelines` pipelines in a file each, for four targets. The last commit changes
    the default of one variable, which `users` of the jobs refer to, all of them for None."""
    with Estate(root) as estate:
        estate.commit("base", _one_bundle(jobs, pipelines, jobs if users is None else users))
        estate.commit("one default", [("databricks.yml", _LARGE_BUNDLE.format(workers=6))])
    return root


def _bundle(number: int) -> Iterator[tuple[str, str]]:
    yield f"bundle-{number:03}/databricks.yml", _BUNDLE.format(number=number)
    yield _job(number, 8)


def _job(number: int, workers: int) -> tuple[str, str]:
    return f"bundle-{number:03}/resources/job.yml", _JOB.format(number=number, workers=workers)


def _pipelines(pipelines: int, bundles: int) -> Iterator[tuple[str, str]]:
    cells = "".join(
        _CELL.format(workspace=workspace, region=region)
        for workspace in ("standard", "premium", "enterprise")
        for region in ("eastus", "westeurope", "uksouth", "japaneast")
    )
    for number in range(bundles):
        yield f"bundle-{number:03}/databricks.yml", _CELLS.format(number=number, cells=cells)
    for number in range(pipelines):
        yield _pipeline(number, bundles, 4)


def _pipeline(number: int, bundles: int, workers: int) -> tuple[str, str]:
    path = f"bundle-{number % bundles:03}/resources/pipeline-{number:03}.yml"
    return path, _PIPELINE.format(number=number, before=max(0, number - 1), workers=workers)


def _one_bundle(jobs: int, pipelines: int, users: int) -> Iterator[tuple[str, str]]:
    yield "databricks.yml", _LARGE_BUNDLE.format(workers=4)
    for number in range(jobs):
        workers = "${var.workers}" if number < users else "8"
        yield f"resources/job-{number:03}.yml", _LARGE_JOB.format(number=number, workers=workers)
    for number in range(pipelines):
        yield f"resources/pipeline-{number:03}.yml", _LARGE_PIPELINE.format(number=number)


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

_CELLS = """\
bundle: {{name: bundle-{number}}}
include: [resources/*.yml]
variables:
  catalog: {{default: main}}
targets:
{cells}"""

_CELL = """\
  prod_{workspace}_{region}: {{mode: production, workspace: {{host: "https://{workspace}.{region}.example"}}}}
"""

_PIPELINE = """\
resources:
  pipelines:
    gold_{number}:
      name: gold-{number}
      catalog: "${{var.catalog}}"
      schema: sales_{number:03}
      configuration: {{source: /Volumes/main/sales_{before:03}/out/x}}
      clusters: [{{label: default, autoscale: {{min_workers: 1, max_workers: {workers}}}}}]
  volumes:
    out_{number}: {{catalog_name: "${{var.catalog}}", schema_name: sales_{number:03}, name: out}}
"""

_LARGE_BUNDLE = """\
bundle: {{name: platform}}
include: [resources/*.yml]
variables:
  catalog: {{default: dev}}
  node_type: {{default: i3.xlarge}}
  workers: {{default: {workers}}}
  owners: {{default: "platform@example.com"}}
targets:
  dev: {{mode: development, default: true, workspace: {{host: "https://dev.cloud.example"}}}}
  staging: {{mode: production, workspace: {{host: "https://staging.cloud.example"}}, variables: {{catalog: stage}}}}
  prod-eu: {{mode: production, workspace: {{host: "https://eu.cloud.example"}}, variables: {{catalog: prod}}}}
  prod-us: {{mode: production, workspace: {{host: "https://us.cloud.example"}}, variables: {{catalog: prod}}}}
"""

_LARGE_JOB = """\
resources:
  jobs:
    job_{number}:
      name: job-{number}
      description: Loads what source {number} delivered
      tags: {{team: platform, source: "{number}"}}
      schedule:
        quartz_cron_expression: "0 15 2 * * ?"
        timezone_id: UTC
      email_notifications:
        on_failure: ["${{var.owners}}"]
      max_concurrent_runs: 1
      timeout_seconds: 7200
      job_clusters:
        - job_cluster_key: main
          new_cluster:
            spark_version: 15.4.x-scala2.12
            node_type_id: ${{var.node_type}}
            num_workers: {workers}
            data_security_mode: SINGLE_USER
            spark_conf:
              spark.sql.shuffle.partitions: "200"
              spark.databricks.delta.preview.enabled: "true"
            custom_tags: {{team: platform}}
      tasks:
        - task_key: ingest
          job_cluster_key: main
          notebook_task:
            notebook_path: ../src/ingest.py
            base_parameters: {{catalog: "${{var.catalog}}", source: "{number}"}}
          max_retries: 2
        - task_key: clean
          depends_on: [{{task_key: ingest}}]
          job_cluster_key: main
          python_wheel_task:
            package_name: platform
            entry_point: clean
            parameters: ["--catalog", "${{var.catalog}}", "--source", "{number}"]
          libraries:
            - whl: ../dist/*.whl
        - task_key: publish
          depends_on: [{{task_key: clean}}]
          job_cluster_key: main
          notebook_task:
            notebook_path: ../src/publish.py
            base_parameters: {{table: "${{var.catalog}}.sales.source_{number}"}}
"""

_LARGE_PIPELINE = """\
resources:
  pipelines:
    pipeline_{number}:
      name: pipeline-{number}
      catalog: ${{var.catalog}}
      schema: sales_{number}
      channel: CURRENT
      photon: true
      configuration:
        source: "/Volumes/${{var.catalog}}/sales/in/{number}"
        pipelines.trigger.interval: "10 minutes"
      clusters:
        - label: default
          node_type_id: ${{var.node_type}}
          autoscale: {{min_workers: 1, max_workers: 8, mode: ENHANCED}}
      libraries:
        - notebook: {{path: ../src/bronze.py}}
        - notebook: {{path: ../src/silver.py}}
      notifications:
        - email_recipients: ["${{var.owners}}"]
          alerts: [on-update-failure, on-flow-failure]
"""
