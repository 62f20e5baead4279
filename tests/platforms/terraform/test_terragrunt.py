"""Terragrunt: which directories are applied, with which module and values, and who reads which file."""

from __future__ import annotations

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Resolution
from riskcheck.nodes import Value
from riskcheck.platforms.terraform import PLATFORM
from tests.platforms.terraform.test_terraform import resolved, workspace

MODULE = """\
variable "env" {}
variable "nodes" { default = 1 }
variable "subnets" { default = [] }
resource "aws_eks_cluster" "main" {
  name    = "shop-${var.env}"
  version = var.nodes
  subnets = var.subnets
}
output "name" { value = aws_eks_cluster.main.name }
"""
ROOT = """\
locals {
  secrets = jsondecode(read_tfvars_file(find_in_parent_folders("./aws/${get_env("ENVIRONMENT")}.tfvars")))
  config  = jsondecode(read_tfvars_file("../../${get_env("ENVIRONMENT")}_config.tfvars"))
}
inputs = merge(local.secrets, local.config, { region = local.config.env != "dev" ? "eu-west-1" : "eu-north-1" })
remote_state {
  backend = "s3"
  config = {
    bucket = "states-${local.config.env}"
    key    = "${path_relative_to_include()}/terraform.tfstate"
  }
}
generate "variables" {
  path      = "variables_of_all.tf"
  if_exists = "overwrite"
  contents  = file("variables.tf")
}
"""
SOURCE = (
    '(get_env("ENVIRONMENT") == "production" && get_env("LOCAL_PROD", "false") != "true") ? '
    '"git::https://example.com/shop//aws/eks?ref=v${get_env("VERSION")}" : "../../../aws//eks"'
)
UNIT = f"""\
include {{
  path = find_in_parent_folders()
}}
terraform {{
  source = "${{{SOURCE}}}"
}}
dependency "common" {{
  config_path  = "../common"
  mock_outputs = {{ subnets = ["mock"] }}
}}
inputs = {{
  subnets = dependency.common.outputs.subnets
}}
"""
COMMON = (
    'include {\n  path = find_in_parent_folders()\n}\nterraform {\n  source = "../../../aws//common"\n}\n'
)
TREE = {
    "aws/eks/main.tf": MODULE,
    "aws/common/main.tf": 'resource "aws_vpc" "main" {}\noutput "subnets" { value = aws_vpc.main.id }\n',
    "aws/unused/main.tf": 'resource "aws_instance" "old" {}\n',
    "env/terragrunt.hcl": ROOT,
    "env/variables.tf": 'variable "owner" { default = "shop" }\n',
    "env/dev_config.tfvars": 'env = "dev"\nnodes = 1\n',
    "env/production_config.tfvars": 'env = "production"\nnodes = 3\n',
    "env/dev/eks/terragrunt.hcl": UNIT,
    "env/dev/common/terragrunt.hcl": COMMON,
    "env/production/eks/terragrunt.hcl": UNIT,
    "env/production/common/terragrunt.hcl": COMMON,
    "env/production/eks/.terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {}\n',
}
GRUNTWORK = {
    "live/root.hcl": """\
remote_state {
  backend = "gcs"
  config  = { bucket = "states", prefix = path_relative_to_include() }
}
""",
    "live/_envcommon/db.hcl": """\
locals {
  env    = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  source = "${get_repo_root()}/modules//db"
}
terraform {
  source = local.source
}
inputs = {
  name = "db-${local.env.locals.environment}"
  tags = { team = "shop", stage = local.env.locals.environment }
  zones = ["a"]
}
""",
    "live/prod/env.hcl": 'locals {\n  environment = "prod"\n}\n',
    "live/prod/db/terragrunt.hcl": """\
include "root" {
  path = find_in_parent_folders("root.hcl")
}
include "common" {
  path           = "${dirname(find_in_parent_folders("root.hcl"))}/_envcommon/db.hcl"
  expose         = true
  merge_strategy = "deep"
}
inputs = {
  tags  = { stage = "production" }
  zones = ["b"]
  note  = include.common.locals.env.locals.environment
}
""",
    "modules/db/main.tf": """\
variable "name" {}
variable "tags" {}
variable "zones" {}
variable "note" {}
resource "google_sql_database_instance" "this" {
  name  = var.name
  tags  = var.tags
  zones = var.zones
  note  = var.note
}
""",
}


def units(files: dict[str, str], *paths: str) -> frozenset[str]:
    return PLATFORM.units(workspace(files), paths)


def body(found: Resolution, unit: str, address: str) -> Value:
    (one,) = [one for one in found.resources if (one.unit, one.address) == (unit, f"terraform:{address}")]
    value = plain_value(one.body, one.reading)
    assert isinstance(value, dict)
    return value


def test_each_unit_is_a_root_with_the_values_of_its_environment() -> None:
    found = resolved(TREE)
    assert {(one.unit, one.environment.name, one.service) for one in found.resources} == {
        (f"env/{name}/{unit}", name, unit) for name in ("dev", "production") for unit in ("eks", "common")
    }
    for name, nodes in (("dev", 1), ("production", 3)):
        assert body(found, f"env/{name}/eks", "aws_eks_cluster.main") == {
            "name": f"shop-{name}",
            "version": nodes,
            "subnets": "${dependency.common.outputs.subnets}",
        }


def test_an_own_release_is_judged_as_this_tree_has_it_and_that_is_told() -> None:
    (limitation,) = resolved(TREE).limitations
    assert (limitation.kind, limitation.path) == ("terragrunt-version", "env/production/eks/terragrunt.hcl")
    assert "takes aws/eks from git::https://example.com/shop//aws/eks?ref=v" in limitation.message


def test_who_reads_a_file() -> None:
    every = {f"env/{name}/{unit}" for name in ("dev", "production") for unit in ("eks", "common")}
    assert units(TREE, "aws/eks/main.tf") == {"env/dev/eks", "env/production/eks"}
    assert units(TREE, "env/production_config.tfvars") == {"env/production/eks", "env/production/common"}
    assert units(TREE, "env/terragrunt.hcl") == units(TREE, "env/variables.tf") == every
    assert units(TREE, "env/dev/common/terragrunt.hcl") == {"env/dev/common"}
    assert units(TREE, "aws/unused/main.tf") == set()


def test_an_environment_without_a_file_of_its_own_is_not_given_that_of_another() -> None:
    tree = {**TREE, "env/sandbox/eks/terragrunt.hcl": UNIT}
    assert units(tree, "env/sandbox/eks/terragrunt.hcl") == {"env/sandbox/eks"}
    found = resolved(tree, "env/sandbox/eks/terragrunt.hcl")
    assert body(found, "env/sandbox/eks", "aws_eks_cluster.main") == {
        "name": "shop-${var.env}",
        "version": 1,
        "subnets": "${dependency.common.outputs.subnets}",
    }


def test_outputs_of_other_units_are_references() -> None:
    found = resolved(TREE)
    (unit,) = [
        one for one in found.resources if one.unit == "env/production/eks" and one.kind == "terragrunt_unit"
    ]
    assert {(one.target, one.relation) for one in unit.references} == {
        ("terragrunt:env/production/common", "depends on"),
        ("terragrunt:env/production/common#subnets", "reads output"),
    }
    (output,) = [
        one for one in found.resources if one.unit == "env/production/common" and one.kind == "output"
    ]
    assert output.provides == (
        "terragrunt:env/production/common#subnets",
        "tfstate:states-production:production/common/terraform.tfstate#subnets",
        "tfstate:*:production/common/terraform.tfstate#subnets",
    )
    assert [one.target for one in output.references] == ["terraform:aws_vpc.main"]


def test_the_state_of_a_unit_is_its_backend() -> None:
    found = resolved(TREE, "env/production/eks/terragrunt.hcl")
    assert body(found, "env/production/eks", "backend.s3") == {
        "bucket": "states-production",
        "key": "production/eks/terraform.tfstate",
    }


def test_included_files_are_merged_and_others_read() -> None:
    found = resolved(GRUNTWORK)
    assert found.limitations == ()
    assert body(found, "live/prod/db", "google_sql_database_instance.this") == {
        "name": "db-prod",
        "tags": {"team": "shop", "stage": "production"},
        "zones": ["a", "b"],
        "note": "prod",
    }
    for path in ("live/prod/env.hcl", "live/_envcommon/db.hcl", "live/root.hcl", "modules/db/main.tf"):
        assert units(GRUNTWORK, path) == {"live/prod/db"}, path


def test_without_a_strategy_the_inputs_of_the_unit_replace_whole_values() -> None:
    unit = GRUNTWORK["live/prod/db/terragrunt.hcl"].replace('  merge_strategy = "deep"\n', "")
    found = resolved({**GRUNTWORK, "live/prod/db/terragrunt.hcl": unit})
    value = body(found, "live/prod/db", "google_sql_database_instance.this")
    assert isinstance(value, dict)
    assert (value["tags"], value["zones"]) == ({"stage": "production"}, ["b"])


def test_a_later_include_wins_over_an_earlier_one() -> None:
    tree = {
        "prod/a.hcl": 'inputs = { x = "a", y = "a", z = "a" }\n',
        "prod/b.hcl": 'inputs = { x = "b", y = "b" }\n',
        "prod/app/terragrunt.hcl": (
            'include "a" {\n  path = find_in_parent_folders("a.hcl")\n}\n'
            'include "b" {\n  path = find_in_parent_folders("b.hcl")\n}\n'
            'terraform {\n  source = "../../m"\n}\ninputs = { x = "own" }\n'
        ),
        "m/main.tf": 'resource "aws_x" "a" {\n  x = var.x\n  y = var.y\n  z = var.z\n}\n',
    }
    assert body(resolved(tree), "prod/app", "aws_x.a") == {"x": "own", "y": "b", "z": "a"}


def test_data_files_are_read_and_belong_to_the_unit() -> None:
    tree = {
        "prod/app/terragrunt.hcl": (
            'locals {\n  settings = yamldecode(file("settings.yaml"))\n}\n'
            'terraform {\n  source = "../../m"\n}\ninputs = { size = local.settings.size }\n'
        ),
        "prod/app/settings.yaml": "size: 4\n",
        "m/main.tf": 'variable "size" {}\nresource "aws_x" "a" { size = var.size }\n',
    }
    assert units(tree, "prod/app/settings.yaml") == {"prod/app"}
    assert body(resolved(tree), "prod/app", "aws_x.a") == {"size": 4}
    assert units({"a/x.yaml": "a: 1\n"}, "a/x.yaml") == set()


def test_variable_files_of_the_command_line_win_over_inputs() -> None:
    tree = {
        "prod/app/terragrunt.hcl": (
            'terraform {\n  source = "../../m"\n  extra_arguments "common" {\n'
            '    commands           = ["plan"]\n'
            '    required_var_files = ["${get_terragrunt_dir()}/../common.tfvars"]\n  }\n}\n'
            'inputs = { size = 1, name = "a" }\n'
        ),
        "prod/common.tfvars": "size = 2\n",
        "m/main.tf": 'variable "size" {}\nresource "aws_x" "a" {\n  size = var.size\n  name = var.name\n}\n',
    }
    assert body(resolved(tree), "prod/app", "aws_x.a") == {"size": 2, "name": "a"}
    assert units(tree, "prod/common.tfvars") == {"prod/app"}


def test_a_source_that_is_not_here_limits() -> None:
    tree = {
        "prod/a/terragrunt.hcl": 'terraform {\n  source = "git::https://example.com/m.git//x?ref=v1"\n}\n',
        "prod/b/terragrunt.hcl": 'terraform {\n  source = "../../gone"\n}\n',
        "prod/c/terragrunt.hcl": 'terraform {\n  source = "tfr:///vpc/aws?version=${get_env("V")}"\n}\n',
        "prod/d/terragrunt.hcl": "terraform {\n  source = local.nowhere\n}\n",
    }
    found = resolved(tree)
    assert {(one.path, one.kind, one.line) for one in found.limitations} == {
        (f"prod/{name}/terragrunt.hcl", "remote-module", 2) for name in "abcd"
    }
    sources = {one.unit: plain_value(one.body, one.reading) for one in found.resources}
    assert sources["prod/a"] == {"source": "git::https://example.com/m.git//x?ref=v1"}


def test_what_is_skipped_makes_nothing() -> None:
    unit = "skip = true\n" + COMMON
    found = resolved({**TREE, "env/dev/common/terragrunt.hcl": unit}, "env/dev/common/terragrunt.hcl")
    assert [one.kind for one in found.resources] == ["terragrunt_unit"]


def test_files_that_go_round_in_circles_end() -> None:
    tree = {
        "prod/a/terragrunt.hcl": (
            'include "a" {\n  path = "./b.hcl"\n}\nlocals {\n  x = local.y\n  y = local.x\n'
            '  z = read_terragrunt_config("b.hcl")\n}\nterraform {\n  source = "../../m"\n}\n'
        ),
        "prod/a/b.hcl": (
            'include "b" {\n  path = "./terragrunt.hcl"\n}\n'
            'locals {\n  q = read_terragrunt_config("terragrunt.hcl")\n}\n'
        ),
        "m/main.tf": 'resource "aws_x" "a" {}\n',
    }
    assert body(resolved(tree), "prod/a", "aws_x.a") == {}


def test_files_that_include_many_others_end() -> None:
    many = "".join(f'include "i{number}" {{\n  path = "./{number}.hcl"\n}}\n' for number in range(12))
    tree = {f"prod/a/{number}.hcl": many for number in range(12)}
    tree |= {
        "prod/a/terragrunt.hcl": many + 'terraform {\n  source = "../../m"\n}\n',
        "m/main.tf": 'resource "aws_x" "a" {}\n',
    }
    assert body(resolved(tree), "prod/a", "aws_x.a") == {}


def test_broken_files_limit_and_the_rest_is_read() -> None:
    for text in (
        "terraform = 3\n",
        "inputs = [1]\ninclude = 4\n",
        "dependency {\n}\nremote_state {\n}\n",
        "a = = 1\n",
        "",
    ):
        tree = {**TREE, "env/dev/eks/terragrunt.hcl": text}
        found = resolved(tree)
        assert any(one.unit == "env/production/eks" for one in found.resources), text
