"""Which environments a root has, which files count, and what becomes of roots as a whole."""

from __future__ import annotations

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.platforms.terraform.departed import ORPHANED
from riskcheck.platforms.terraform.discovery import Layout, told_by
from riskcheck.platforms.terraform.variable_files import set_by
from riskcheck.trees import Entry
from tests.platforms.terraform.test_terraform import bodies, resolved, workspace
from tests.support import MemoryTree

BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "states"\n    key    = "%s"\n  }\n}\n'
VPC = 'resource "aws_vpc" "main" {}\n'


def environments(files: dict[str, str], *paths: str) -> dict[str, str]:
    return {one.name: one.stage for one in resolved(files, *paths).environments}


def sizes(files: dict[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in resolved(files).resources:
        if one.kind == "aws_x":
            body = plain_value(one.body, one.reading)
            assert isinstance(body, dict)
            found[one.environment.name] = body.get("size")
    return found


def test_variable_files_next_to_the_roots_that_declare_what_they_set() -> None:
    root = 'variable "size" {}\nvariable "name" {}\nresource "aws_x" "a" { size = var.size }\n'
    files = {
        "terraform/core/main.tf": root,
        "terraform/etl/main.tf": root,
        "terraform/setup/main.tf": 'variable "other" {}\nresource "aws_x" "b" {}\n',
        "terraform/config/prod.tfvars": 'size = 3\nname = "p"\n',
        "terraform/config/stg.tfvars": 'size = 1\nname = "s"\n',
    }
    assert sizes({path: text for path, text in files.items() if "setup" not in path}) == {"prod": 3, "stg": 1}
    units = PLATFORM.units(workspace(files), ["terraform/config/prod.tfvars"])
    assert units == {"terraform/core", "terraform/etl"}
    assert environments(files, "terraform/setup/main.tf") == {"terraform/setup": "unknown"}


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        (
            "local.sizes[terraform.workspace]",
            {"prod": 3, "dev": 1, "default": "${local.sizes[terraform.workspace]}"},
        ),
        ("lookup(local.sizes, terraform.workspace, 7)", {"prod": 3, "dev": 1, "default": 7}),
        ('terraform.workspace == "prod" ? 3 : 1', {"prod": 3, "default": 1}),
        ('terraform.workspace == "blue" ? 3 : 1', {"infra": '${terraform.workspace == "blue" ? 3 : 1}'}),
    ],
)
def test_workspaces_that_expressions_name(expression: str, meant: Value) -> None:
    text = (
        f'locals {{\n  sizes = {{ prod = 3, dev = 1 }}\n}}\nresource "aws_x" "a" {{ size = {expression} }}\n'
    )
    if "local." not in expression:
        text = text.replace("{ prod = 3, dev = 1 }", "{}")
    assert sizes({"infra/main.tf": text}) == meant


def test_the_workspace_of_a_backend() -> None:
    cloud = 'terraform {\n  cloud {\n    workspaces {\n      name = "shop-prod"\n    }\n  }\n}\n'
    found = environments({"infra/main.tf": cloud + VPC})
    assert found["shop-prod"] == "prod"


def test_backend_files_and_files_that_are_always_loaded() -> None:
    assert environments(
        {"infra/main.tf": VPC, "infra/backend/prod.hcl": "", "infra/backend/dev.hcl": ""}
    ) == {
        "prod": "prod",
        "dev": "dev",
    }
    assert environments({"infra/main.tf": VPC, "infra/staging.tfbackend": ""}) == {"staging": "staging"}
    one = {
        "infra/main.tf": 'resource "aws_x" "a" { size = var.size }\n',
        "infra/prod.auto.tfvars": "size = 3\n",
    }
    assert sizes(one) == {"infra": 3}
    assert sizes({**one, "infra/dev.auto.tfvars": "size = 1\n"}) == {"prod": 3, "dev": 1}


def test_files_of_opentofu_replace_those_of_the_same_name() -> None:
    files = {
        "prod/main.tf": 'resource "aws_x" "old" {}\n',
        "prod/main.tofu": 'resource "aws_x" "new" {}\n',
        "prod/more.tf.json": '{"resource": {"aws_x": {"older": {}}}}',
        "prod/more.tofu.json": '{"resource": {"aws_x": {"newer": {}}}}',
        "prod/rest.tf": 'resource "aws_x" "rest" {}\n',
        "prod/.terraform.lock.hcl": 'provider "x" {\n  version = "1"\n}\n',
    }
    assert {address for _, address in bodies(files) if ":aws_" in address} == {
        f"terraform:aws_x.{name}" for name in ("new", "newer", "rest")
    }
    assert PLATFORM.units(workspace(files), ["prod/main.tofu"]) == {"prod"}


def test_what_the_text_of_a_file_tells() -> None:
    text = b'variable "a" {}\n  variable "b" {\n}\n# variable\nmodule "m" {\n  source = "../m"\n}\n'
    assert told_by(text) == ("../m", "=a", "=b", "+")
    assert set_by(b'a = 1\nb    = "x"\nc = {\n  d = 1\n}\n') == ("a", "b", "c")
    assert set_by(b'{\n  "a": 1,\n  "b": 2\n}\n') == ("a", "b")


def head_of(base: dict[str, str], head: dict[str, str]) -> list[tuple[str, str, Value]]:
    """(unit, environment, body) of what stands in head for roots that went."""
    before = workspace(base)
    tree = MemoryTree(head)
    after = Workspace(
        tree, before.documents.beside(tree), before.environments, frozenset(head), before.documents
    )
    units = PLATFORM.units(before, list(base)) | PLATFORM.units(after, list(head))
    PLATFORM.resolve(before, units)
    return [
        (one.unit, one.environment.name, plain_value(one.body, one.reading))
        for one in PLATFORM.resolve(after, units).resources
        if one.kind == ORPHANED
    ]


def test_a_root_that_goes_leaves_its_state() -> None:
    base = {"live/prod/net/main.tf": BACKEND % "net" + VPC, "live/prod/app/main.tf": VPC}
    left = {"live/prod/app/main.tf": VPC}
    assert head_of(base, left) == [("live/prod/net", "prod", {"state": "tfstate:states:net"})]
    assert head_of(left, {}) == []
    assert head_of(base, base) == []
    moved = {**left, "live/prod/vpc/main.tf": BACKEND % "net" + VPC}
    assert head_of(base, moved) == []


def test_a_root_that_moves_to_another_state_leaves_the_old_one() -> None:
    base = {"infra/net/backend.tf": BACKEND % "net", "infra/net/main.tf": VPC}
    head = {"infra/vpc/backend.tf": BACKEND % "vpc", "infra/vpc/main.tf": VPC}
    assert head_of(base, head) == [
        (
            "infra/net",
            "infra/net",
            {"state": "tfstate:states:net", "moved_to": "infra/vpc", "new_state": "tfstate:states:vpc"},
        )
    ]


def test_a_module_that_nobody_calls_deploys_nothing() -> None:
    module = 'variable "n" {}\nprovider "aws" {}\nresource "aws_x" "a" { size = var.n }\n'
    found = resolved({"modules/aws/web/main.tf": module, "modules/aws/web/outputs.tf": "locals {}\n"})
    assert (found.resources, found.environments) == ((), ())
    assert [(one.kind, one.path, one.failed) for one in found.limitations] == [
        ("not-applied", "modules/aws/web/main.tf", False)
    ]
    called = {
        "modules/web/main.tf": module,
        "live/prod/main.tf": 'module "w" { source = "../../modules/web" }\n',
    }
    assert environments(called, "modules/web/main.tf") == {"prod": "prod"}
    assert not resolved(called).limitations


@pytest.mark.parametrize(
    "files",
    [
        {"modules/web/main.tf": VPC, "modules/web/backend.tf": BACKEND % "web"},
        {"modules/web/main.tf": VPC, "modules/web/terraform.tfvars": "n = 1\n"},
        {"modules/web/main.tf": VPC, "modules/web/.terraform.lock.hcl": ""},
        {"modules/main.tf": VPC},
    ],
)
def test_a_directory_among_modules_that_is_applied(files: dict[str, str]) -> None:
    assert [one.name for one in resolved(files).resources if one.kind == "aws_vpc"] == ["main"]


def test_examples_and_tests_are_no_production() -> None:
    files = {
        "examples/web/main.tf": 'module "w" { source = "../../modules/web" }\n',
        "modules/web/main.tf": VPC,
        "modules/web/tests/main.tf": 'provider "aws" {}\nmodule "w" { source = "./.." }\n',
        "core/main.tf": VPC,
    }
    assert environments(files) == {"core": "unknown", "examples/web": "dev"}
    assert environments({"examples/web/prod/main.tf": VPC}) == {"examples/web/prod": "dev"}


def test_modules_of_one_package_are_one_limit() -> None:
    text = "".join(
        f'module "{name}" {{ source = "{source}" }}\n'
        for name, source in (
            ("a", "git::https://me:pass@github.com/acme/parts.git//net?ref=v1"),
            ("b", "git::https://github.com/acme/parts.git//dns?ref=v2"),
            ("c", "Azure/naming/azurerm"),
            ("d", "git@github.com:acme/parts.git//dns"),
        )
    )
    assert list(dict.fromkeys(one.message for one in resolved({"prod/main.tf": text}).limitations)) == [
        f"modules of {package} are not fetched; what they make is not known"
        for package in (
            "git::https://github.com/acme/parts.git",
            "Azure/naming/azurerm",
            "git@github.com:acme/parts.git",
        )
    ]


def test_variable_files_and_declarations_that_components_share() -> None:
    declared = 'variable "size" {}\nvariable "env" {}\n'
    files = {
        "environments/variables.tf": declared,
        "environments/prod/prod.tfvars": 'size = 3\nenv = "prod"\n',
        "environments/dev/dev.tfvars": 'size = 1\nenv = "dev"\n',
        "components/web/variables.tf": declared,
        "components/web/main.tf": 'resource "aws_x" "a" { size = var.size }\n',
        "components/dns/main.tf": 'resource "aws_x" "b" {}\n',
        "modules/other/main.tf": f"{declared}{VPC}",
    }
    assert PLATFORM.units(workspace(files), ["environments/prod/prod.tfvars"]) == {"components/web"}
    assert environments(files, "components/web/main.tf") == {"prod": "prod", "dev": "dev"}
    assert sizes({path: text for path, text in files.items() if "dns" not in path}) == {"prod": 3, "dev": 1}


class Linked(MemoryTree):
    """Links of one text, which lead to different files from different directories."""

    def entries(self) -> dict[str, Entry]:
        return {
            path: one._replace(kind="symlink", blob="same") if path.count("/") > 1 else one
            for path, one in super().entries().items()
        }


def test_links_are_told_apart_by_where_they_lead() -> None:
    layout = Layout(Linked({f"{name}/web/variables.tf": f'variable "{name}" {{}}\n' for name in "ab"}))
    assert [layout.declared(f"{name}/web") for name in "ab"] == [{"a"}, {"b"}]
