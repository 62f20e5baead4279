"""Terraform: root modules for two environments, and modules that they call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.writing import Estate


def terraform_estate(root: Path, services: int = 180, modules: int = 50) -> Path:
    """`services` root modules for two environments each and `modules` that they call: 2,000 files of Terraform. The
    last commit edits five."""
    with Estate(root) as estate:
        estate.commit("base", _base(services, modules))
        estate.commit("five files", (_root("production", number, modules, 4) for number in range(5)))
    return root


def _base(services: int, modules: int) -> Iterator[tuple[str, str]]:
    for number in range(modules):
        folder = f"modules/m{number:03}"
        yield f"{folder}/main.tf", _TF_MODULE
        yield f"{folder}/network.tf", _TF_NETWORK
        yield f"{folder}/variables.tf", _TF_VARIABLES
        yield f"{folder}/outputs.tf", _TF_OUTPUTS
    for number in range(services):
        for stage in ("staging", "production"):
            folder = f"live/{stage}/s{number:03}"
            yield _root(stage, number, modules, 3)
            yield f"{folder}/locals.tf", _TF_LOCALS.format(number=number, stage=stage)
            yield f"{folder}/jobs.tf", _TF_JOBS.format(number=number)
            yield f"{folder}/versions.tf", _TF_VERSIONS
            yield f"{folder}/outputs.tf", 'output "name" {\n  value = module.service.name\n}\n'


def _root(stage: str, number: int, modules: int, size: int) -> tuple[str, str]:
    text = _TF_ROOT.format(number=number, module=number % modules, size=size)
    return f"live/{stage}/s{number:03}/main.tf", text


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
