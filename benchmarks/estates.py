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


def terraform_estate(root: Path, services: int = 180, modules: int = 50) -> Path:
    """`services` root modules for two environments each and `modules` that they call: 2,000 files of Terraform. The
    last commit edits five."""
    for number in range(modules):
        folder = root / "modules" / f"m{number:03}"
        _write(folder / "main.tf", _TF_MODULE)
        _write(folder / "network.tf", _TF_NETWORK)
        _write(folder / "variables.tf", _TF_VARIABLES)
        _write(folder / "outputs.tf", _TF_OUTPUTS)
    for number in range(services):
        for stage in ("staging", "production"):
            folder = root / "live" / stage / f"s{number:03}"
            _write(folder / "main.tf", _TF_ROOT.format(number=number, module=number % modules, size=3))
            _write(folder / "locals.tf", _TF_LOCALS.format(number=number, stage=stage))
            _write(folder / "jobs.tf", _TF_JOBS.format(number=number))
            _write(folder / "versions.tf", _TF_VERSIONS)
            _write(folder / "outputs.tf", 'output "name" {\n  value = module.service.name\n}\n')
    _commit(root, "base")
    for number in range(5):
        folder = root / "live" / "production" / f"s{number:03}"
        _write(folder / "main.tf", _TF_ROOT.format(number=number, module=number % modules, size=4))
    _commit(root, "five files")
    return root


def pipeline_estate(root: Path, pipelines: int = 120, bundles: int = 40) -> Path:
    """`pipelines` pipelines in `bundles` bundles, each deployed to 3 workspaces in 4 regions; every pipeline reads
    what the one before it writes, in another bundle. The last commit edits 50 files."""
    cells = "".join(
        _CELL.format(workspace=workspace, region=region)
        for workspace in ("standard", "premium", "enterprise")
        for region in ("eastus", "westeurope", "uksouth", "japaneast")
    )
    for number in range(bundles):
        _write(root / f"bundle-{number:03}" / "databricks.yml", _CELLS.format(number=number, cells=cells))
    for number in range(pipelines):
        _pipeline(root, number, bundles, 4)
    _commit(root, "base")
    for number in range(50):
        _pipeline(root, number, bundles, 8)
    _commit(root, "fifty files")
    return root


def one_bundle_estate(root: Path, jobs: int = 500, pipelines: int = 120, users: int | None = 60) -> Path:
    """One bundle of `jobs` jobs and `pipelines` pipelines in a file each, for four targets. The last commit changes
    the default of one variable, which `users` of the jobs refer to, all of them for None."""
    _write(root / "databricks.yml", _LARGE_BUNDLE.format(workers=4))
    for number in range(jobs):
        workers = "${var.workers}" if users is None or number < users else "8"
        _write(root / "resources" / f"job-{number:03}.yml", _LARGE_JOB.format(number=number, workers=workers))
    for number in range(pipelines):
        _write(root / "resources" / f"pipeline-{number:03}.yml", _LARGE_PIPELINE.format(number=number))
    _commit(root, "base")
    _write(root / "databricks.yml", _LARGE_BUNDLE.format(workers=6))
    _commit(root, "one default")
    return root


def _pipeline(root: Path, number: int, bundles: int, workers: int) -> None:
    path = root / f"bundle-{number % bundles:03}" / "resources" / f"pipeline-{number:03}.yml"
    _write(path, _PIPELINE.format(number=number, before=max(0, number - 1), workers=workers))


def service_estate(root: Path, services: int) -> Path:
    """`services` services with five dependencies each, in systems of fifty, every one in a catalog file of its own.
    The last commit edits the manifests of 50 services, the same ones whatever the size."""
    for number in range(services):
        system, place = divmod(number, 50)
        needed = sorted({system * 50 + min(49, place + step) for step in (1, 2, 3, 5, 8)} - {number})
        names = ", ".join(f'"component:service-{other:05}"' for other in needed)
        text = _COMPONENT.format(number=number, tier=1 + number % 4, needed=names)
        _write(root / "services" / f"service-{number:05}" / "catalog-info.yaml", text)
    for number in range(0, 1000, 20):
        _write(_manifest(root, number), _LABELLED.format(number=number, replicas=3))
    _commit(root, "base")
    for number in range(0, 1000, 20):
        _write(_manifest(root, number), _LABELLED.format(number=number, replicas=2))
    _commit(root, "fifty files")
    return root


def large_file_estate(root: Path, documents: int) -> Path:
    """One file of `documents` documents: Services and Deployments in turn, the latter with settings of another
    file; the last commit edits all of the Deployments."""
    before = "---\n".join(_SERVED.format(number=number, replicas=3) for number in range(documents // 2))
    _write(root / "prod" / "all.yaml", before)
    _write(
        root / "prod" / "settings.yaml", "---\n".join(_SETTINGS.format(number=number) for number in range(9))
    )
    _commit(root, "base")
    _write(root / "prod" / "all.yaml", before.replace("replicas: 3", "replicas: 2"))
    _commit(root, "all of them")
    return root


def _manifest(root: Path, number: int) -> Path:
    return root / "services" / f"service-{number:05}" / "prod" / "deployment.yaml"


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
        ["git", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "commit", "--quiet", "--message", message],
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

_COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: service-{number:05}, labels: {{example.org/tier: tier-{tier}}}}}
spec: {{type: service, owner: team-shop, lifecycle: production, dependsOn: [{needed}]}}
"""

_LABELLED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: service-{number:05}, namespace: shop, labels: {{app.kubernetes.io/part-of: service-{number:05}}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: service-{number:05}}}}}
  template:
    metadata: {{labels: {{app: service-{number:05}}}}}
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

_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings-{number}, namespace: shop}}
data: {{level: info}}
"""
_SERVED = """\
apiVersion: v1
kind: Service
metadata: {{name: web-{number}, namespace: shop}}
spec: {{selector: {{app: web-{number}}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.2
          envFrom: [{{configMapRef: {{name: settings-1}}}}]
"""

_TF_ROOT = """\
module "service" {{
  source  = "../../../modules/m{module:03}"
  name    = "${{local.prefix}}-{number}"
  size    = {size}
  subnets = [for index, zone in local.zones : cidrsubnet(local.range, 8, index)]
  tags    = merge(local.tags, {{ Service = "s{number}" }})
}}
"""
_TF_LOCALS = """\
locals {{
  stage  = "{stage}"
  prefix = "${{local.stage}}-app"
  range  = "10.{number}.0.0/16"
  zones  = ["a", "b", "c"]
  tags = {{
    Stage = local.stage
    Owner = "team-{number}"
  }}
}}
"""
_TF_JOBS = """\
resource "databricks_job" "nightly" {{
  name = "${{local.prefix}}-nightly-{number}"
  task {{
    task_key = "ingest"
    notebook_task {{
      notebook_path = "/jobs/ingest"
      base_parameters = {{
        stage = local.stage
      }}
    }}
    new_cluster {{
      spark_version = "15.4.x-scala2.12"
      node_type_id  = "Standard_DS3_v2"
      num_workers   = local.stage == "production" ? 8 : 2
    }}
  }}
  schedule {{
    quartz_cron_expression = "0 0 3 * * ?"
    timezone_id            = "UTC"
  }}
}}
"""
_TF_VERSIONS = """\
terraform {
  required_version = ">= 1.5"
  backend "azurerm" {
    container_name = "state"
  }
}
"""
_TF_MODULE = """\
resource "aws_autoscaling_group" "this" {
  name             = var.name
  desired_capacity = var.size
  max_size         = var.size * 2
  min_size         = 1
  dynamic "tag" {
    for_each = var.tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}
resource "aws_security_group" "this" {
  name   = "${var.name}-web"
  vpc_id = aws_vpc.this.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = aws_subnet.private[*].cidr_block
  }
}
"""
_TF_NETWORK = """\
resource "aws_vpc" "this" {
  cidr_block           = "10.0.0.0/8"
  enable_dns_hostnames = true
  tags                 = var.tags
}
resource "aws_subnet" "private" {
  count      = length(var.subnets)
  vpc_id     = aws_vpc.this.id
  cidr_block = var.subnets[count.index]
}
resource "aws_route" "out" {
  for_each               = toset(["10.0.0.0/8", "172.16.0.0/12"])
  route_table_id         = aws_vpc.this.main_route_table_id
  destination_cidr_block = each.key
}
"""
_TF_VARIABLES = """\
variable "name" {
  type        = string
  description = "What it is called"
}
variable "size" {
  type    = number
  default = 2
}
variable "subnets" {
  type = list(string)
}
variable "tags" {
  type    = map(string)
  default = {}
}
"""
_TF_OUTPUTS = """\
output "name" {
  value = aws_autoscaling_group.this.name
}
output "subnets" {
  value = aws_subnet.private[*].id
}
"""
