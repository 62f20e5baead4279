"""What roots take from each other: states, outputs, dependencies, and the edges that they make."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.graph.services import build
from riskcheck.nodes import Mapping
from riskcheck.platforms.terraform.stated import stated
from riskcheck.platforms.terraform.states import state_names
from riskcheck.platforms.terraform.stating import ESTATE
from riskcheck.resolving import service_name
from tests.platforms.terraform.test_terraform import resolved
from tests.support import MemoryTree

NET = """\
terraform {
  backend "s3" {
    bucket = "states"
    key    = "prod/net.tfstate"
  }
}
module "vpc" { source = "../../../modules/vpc" }
resource "aws_subnet" "a" {}
output "vpc_id" { value = module.vpc.id }
output "subnet" { value = aws_subnet.a.id }
"""
VPC = 'resource "aws_vpc" "this" {}\noutput "id" { value = aws_vpc.this.id }\n'
APP = """\
variable "stage" { default = "prod" }
data "terraform_remote_state" "net" {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "${var.stage}/net.tfstate"
  }
}
locals {
  vpc = data.terraform_remote_state.net.outputs.vpc_id
}
resource "aws_security_group" "web" { vpc_id = local.vpc }
"""
FILES = {"live/prod/net/main.tf": NET, "modules/vpc/main.tf": VPC, "live/prod/shop/main.tf": APP}


def test_a_root_that_reads_a_state_hangs_off_the_root_that_keeps_it() -> None:
    found = resolved(FILES).resources
    graph = build(found, (), service_name)
    edges = {
        (one.dependant, one.dependency, one.relation, one.location.line if one.location else 0)
        for vertex in (
            "net/terraform:output.vpc_id",
            "net/terraform:aws_vpc.module.vpc.this",
            "net/terraform:output.subnet",
        )
        for one in graph.dependants(vertex)
    }
    assert {one for one in edges if one[2] != "part of"} == {
        ("shop/terraform:terraform_remote_state.net", "net/terraform:output.vpc_id", "reads output", 10),
        ("net/terraform:output.vpc_id", "net/terraform:aws_vpc.module.vpc.this", "output", 2),
    }


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ('bucket = "b"\nkey = "k"', ("tfstate:b:k", "tfstate:*:k")),
        ('bucket = var.b\nkey = "k"', ("tfstate:*:k",)),
        ('bucket = "b"', ()),
        ('bucket = "b"\nkey = var.k', ()),
        ('bucket = "b"\nprefix = "p"', ("tfstate:b:p", "tfstate:*:p")),
        ('storage_account_name = "s"\ncontainer_name = "c"\nkey = "k"', ("tfstate:s/c:k", "tfstate:*:k")),
        ('organization = "o"\nworkspaces {\n  name = "w"\n}', ("tfstate:o:w", "tfstate:*:w")),
        ('path = "../net/terraform.tfstate"', ("tfstate:live/net/terraform.tfstate",)),
        ("key = [1]", ()),
    ],
)
def test_names_of_states(settings: str, names: tuple[str, ...]) -> None:
    root = DocumentStore(MemoryTree({"x.tf": settings + "\n"})).get("x.tf").root
    assert isinstance(root, Mapping)
    assert state_names(root, "live/app") == names


def uses(path: str, text: str) -> list[tuple[str, str, str, int]]:
    tree = MemoryTree({path: text})
    assert ESTATE.takes(tree, path)
    assert ESTATE.worth(text.encode())
    return [
        (one.kind, use.target, use.relation, use.line)
        for one in stated(DocumentStore(tree).get(path))
        for use in one.uses
    ]


def test_what_a_file_says_before_anything_is_resolved() -> None:
    text = APP.replace("${var.stage}", "prod")
    assert uses("live/prod/shop/main.tf", text) == [
        ("terraform_remote_state", "tfstate:states:prod/net.tfstate", "reads state", 2),
        ("terraform_remote_state", "tfstate:states:prod/net.tfstate#vpc_id", "reads output", 10),
    ]
    unit = (
        'dependencies {\n  paths = ["../common", "../dns"]\n}\n'
        'dependency "common" {\n  config_path = "../common"\n}\n'
        "inputs = {\n  vpc_id = dependency.common.outputs.vpc_id\n}\n"
    )
    assert uses("env/prod/eks/terragrunt.hcl", unit) == [
        ("terragrunt_unit", "terragrunt:env/prod/common", "depends on", 5),
        ("terragrunt_unit", "terragrunt:env/prod/dns", "applied after", 2),
        ("terragrunt_unit", "terragrunt:env/prod/common#vpc_id", "reads output", 8),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'data "terraform_remote_state" "a" {}\n',
        'data "terraform_remote_state" "a" {\n  config = 3\n}\n',
        "dependency = 3\ndependencies = 4\n",
        "data = terraform_remote_state\n",
        "= dependency\n",
    ],
)
@pytest.mark.parametrize("path", ["a/main.tf", "a/terragrunt.hcl"])
def test_files_that_say_nothing(path: str, text: str) -> None:
    assert list(stated(DocumentStore(MemoryTree({path: text})).get(path))) == []


def test_files_that_are_not_taken() -> None:
    tree = MemoryTree({})
    for path in ("a/.terraform/m/main.tf", "a/.terraform.lock.hcl", "a/root.hcl", "a/x.tfvars"):
        assert not ESTATE.takes(tree, path)
    assert not ESTATE.worth(VPC.encode())
    assert ESTATE.home(tree, "a/main.tf") is None
