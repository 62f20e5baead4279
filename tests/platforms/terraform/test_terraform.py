"""Terraform: root modules, what they call, and what their expressions come to in each environment."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.changes.compare import compare
from riskcheck.documents import hcl
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution
from riskcheck.nodes import Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.terraform import PLATFORM
from tests.support import MemoryTree

MODULE = """\
variable "name" {}
variable "readers" { default = {} }
resource "databricks_catalog" "this" { name = var.name }
resource "databricks_grant" "readers" {
  for_each   = var.readers
  catalog    = databricks_catalog.this.name
  principal  = each.key
  privileges = each.value
}
output "catalog" { value = databricks_catalog.this.name }
output "plain" { value = "is-${var.name}" }
"""
PROD = """\
locals {
  env     = "prod"
  readers = { analysts = ["SELECT"], ops = ["MODIFY"] }
}
module "uc" {
  source  = "../../modules/uc"
  name    = "main_${local.env}"
  readers = local.readers
}
resource "databricks_job" "nightly" { name = module.uc.plain }
"""
TREE = {"live/prod/main.tf": PROD, "modules/uc/main.tf": MODULE}


def workspace(files: Mapping[str, str]) -> Workspace:
    tree = MemoryTree(files)
    environments = EnvironmentModel((), paths=lambda: tree.entries())
    return Workspace(tree, DocumentStore(tree), environments, frozenset(tree.entries()))


def resolved(files: Mapping[str, str], *paths: str) -> Resolution:
    space = workspace(files)
    return PLATFORM.resolve(space, PLATFORM.units(space, paths or list(files)))


def bodies(files: Mapping[str, str], *paths: str) -> dict[tuple[str, str], Value]:
    return {
        (one.environment.name, one.address): plain_value(one.body, one.reading)
        for one in resolved(files, *paths).resources
    }


def root(text: str, **more: str) -> dict[str, Value]:
    """The bodies of one root in production, by kind and name."""
    found = bodies({"prod/main.tf": text} | {f"prod/{name}": content for name, content in more.items()})
    return {address.removeprefix("terraform:"): body for (_, address), body in found.items()}


def test_a_root_is_resolved_through_the_modules_that_it_calls() -> None:
    assert bodies(TREE) == {
        ("prod", "terraform:databricks_catalog.module.uc.this"): {"name": "main_prod"},
        ("prod", 'terraform:databricks_grant.module.uc.readers["analysts"]'): {
            "catalog": "main_prod",
            "grants": [{"principal": "analysts", "privileges": ["SELECT"]}],
        },
        ("prod", 'terraform:databricks_grant.module.uc.readers["ops"]'): {
            "catalog": "main_prod",
            "grants": [{"principal": "ops", "privileges": ["MODIFY"]}],
        },
        ("prod", "terraform:databricks_job.nightly"): {"name": "is-main_prod", "max_concurrent_runs": 1},
    }


def test_a_module_belongs_to_the_roots_that_call_it() -> None:
    space = workspace(
        TREE | {"live/dev/main.tf": PROD.replace('"prod"', '"dev"'), "other/main.tf": "locals {}\n"}
    )
    assert PLATFORM.units(space, ["modules/uc/main.tf"]) == {"live/prod", "live/dev"}
    assert PLATFORM.units(space, ["live/dev/main.tf"]) == {"live/dev"}
    assert PLATFORM.units(space, ["README.md"]) == frozenset()


def test_each_variable_file_that_is_named_after_an_environment_is_one() -> None:
    files = {
        "infra/main.tf": 'variable "size" { default = 1 }\nresource "t_x" "a" { num_workers = var.size }\n',
        "infra/terraform.tfvars": "size = 2\n",
        "infra/envs/prod.tfvars": "size = 8\n",
        "infra/envs/staging.tfvars": "",
    }
    assert bodies(files) == {
        ("prod", "terraform:t_x.a"): {"num_workers": 8},
        ("staging", "terraform:t_x.a"): {"num_workers": 2},
    }
    assert PLATFORM.units(workspace(files), ["infra/envs/prod.tfvars"]) == {"infra"}


def test_values_know_the_line_that_they_come_from() -> None:
    found = next(one for one in resolved(TREE).resources if one.kind == "databricks_catalog")
    name = found.body.get("name")
    assert name is not None
    assert [(one.source.path, one.file_line) for one in (name, *name.via)] == [
        ("live/prod/main.tf", 7),
        ("live/prod/main.tf", 7),
        ("live/prod/main.tf", 2),
        ("modules/uc/main.tf", 3),
    ]


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("local.on ? 1 : 0", 1),
        ("!local.on", False),
        ('local.env == "prod" ? "big" : "small"', "big"),
        ("local.on && false", False),
        ('merge(local.tags, { b = "2" })', {"a": "1", "b": "2"}),
        ('concat(["a"], local.list)', ["a", "x"]),
        ('lookup(local.tags, "a", "no")', "1"),
        ('lookup(local.tags, "z", "no")', "no"),
        ('local.tags["a"]', "1"),
        ("local.list[0]", "x"),
        ("local.tags.a", "1"),
        ('join("-", local.list)', "x"),
        ('format("%s-%s", local.env, "b")', "prod-b"),
        ("upper(local.env)", "PROD"),
        ('"a-${local.env}-${var.unknown}"', "a-prod-${var.unknown}"),
        ("local.missing", "${local.missing}"),
        ("aws_vpc.main.id", "${aws_vpc.main.id}"),
        ("local.loop", "${local.loop}"),
        ("timestamp()", "${timestamp()}"),
        ("[local.env, var.unknown]", ["prod", "${var.unknown}"]),
    ],
)
def test_expressions(expression: str, meant: Value) -> None:
    known = 'locals {\n  env = "prod"\n  on = true\n  tags = { a = "1" }\n  list = ["x"]\n  loop = local.loop\n}\n'
    assert root(f'{known}variable "unknown" {{}}\nresource "t_x" "a" {{ v = {expression} }}\n') == {
        "t_x.a": {"v": meant}
    }


def test_instances() -> None:
    text = 'resource "t_x" "a" {\n  count = 2\n  n = count.index\n}\nresource "t_x" "b" {\n  count = 0\n}\n'
    text += 'resource "t_x" "c" {\n  for_each = toset(["p"])\n  n = each.key\n}\n'
    text += 'resource "t_x" "d" {\n  for_each = var.many\n  n = each.key\n}\n'
    assert root(text) == {
        "t_x.a": {"n": 0},
        "t_x.a[1]": {"n": 1},
        't_x.c["p"]': {"n": "p"},
        "t_x.d[*]": {"n": "${each.key}"},
    }


def test_a_reference_stays_an_edge_where_its_argument_is_known() -> None:
    text = (
        'resource "t_net" "a" {\n  cidr = "10.0.0.0/16"\n}\n'
        'resource "t_net" "many" {\n  for_each = { x = "10.1.0.0/16" }\n  cidr = each.value\n}\n'
        'locals {\n  both = [t_net.a.cidr, t_net.many["x"].cidr]\n}\n'
        'resource "t_rule" "direct" {\n  from = t_net.a.cidr\n  id = t_net.a.id\n}\n'
        'resource "t_rule" "through" {\n  from = local.both\n}\n'
    )
    found = {one.name: one for one in resolved({"prod/main.tf": text}).resources}
    assert plain_value(found["direct"].body, "yaml-1.2") == {"from": "10.0.0.0/16", "id": "${t_net.a.id}"}
    assert plain_value(found["through"].body, "yaml-1.2") == {"from": ["10.0.0.0/16", "10.1.0.0/16"]}
    node = found["direct"].body.get("from")
    assert node is not None
    assert [one.file_line for one in (node, *node.via)] == [2, 12]
    assert [one.target for one in found["direct"].references] == ["terraform:t_net.a"]
    assert [one.target for one in found["through"].references] == [
        "terraform:t_net.a",
        "terraform:t_net.many",
    ]


def test_an_override_file_wins_attribute_by_attribute() -> None:
    text = 'resource "t_x" "a" {\n  n = 1\n  tags = { a = 1 }\n}\n'
    override = 'resource "t_x" "a" {\n  tags = { b = 2 }\n}\n'
    assert root(text, **{"z_override.tf": override}) == {"t_x.a": {"n": 1, "tags": {"b": 2}}}


def test_references_become_edges() -> None:
    text = 'resource "t_x" "a" {}\nresource "t_y" "c" {}\n'
    text += 'resource "t_x" "b" {\n  v = t_x.a.id\n  depends_on = [t_y.c]\n}\n'
    found = {
        one.name: [each.target for each in one.references]
        for one in resolved({"prod/main.tf": text}).resources
    }
    assert found == {"a": [], "b": ["terraform:t_x.a", "terraform:t_y.c"], "c": []}


def test_what_cannot_be_read_is_told() -> None:
    found = resolved(
        {
            "prod/main.tf": 'module "a" { source = "hashicorp/x/aws" }\nmodule "b" { source = "../gone" }\n',
            "prod/broken.tf": "a = = 1\n",
            "prod/terragrunt.stack.hcl": 'unit "a" {}\n',
        }
    )
    assert sorted((one.kind, one.path, one.line) for one in found.limitations) == [
        ("missing-module", "prod/main.tf", 2),
        ("parse-error", "prod/broken.tf", 1),
        ("remote-module", "prod/main.tf", 1),
        ("terragrunt", "prod/terragrunt.stack.hcl", None),
    ]


def test_a_module_that_calls_itself_ends() -> None:
    files = {
        "prod/main.tf": 'module "a" { source = "../m" }\n',
        "m/main.tf": 'module "m" { source = "../m" }\n',
    }
    assert resolved(files, "prod/main.tf").resources == ()


def test_without_the_parser_each_file_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hcl, "is_available", lambda: False)
    found = resolved(TREE, "live/prod/main.tf")
    assert found.resources == ()
    assert {(one.kind, one.failed) for one in found.limitations} == {("not-installed", False)}
    assert "pip install 'riskcheck[terraform]'" in found.limitations[0].message


def test_actions() -> None:
    def action(before: str, after: str, kind: str = "databricks_volume") -> str:
        base, head = (
            resolved({"prod/m.tf": f'resource "{kind}" "a" {{\n  {line}\n}}\n'}).resources
            for line in (before, after)
        )
        found = compare(base, head, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field))
        return PLATFORM.action(found)

    assert action('catalog_name = "a"', 'catalog_name = "b"') == "recreate"
    assert action('comment = "a"', 'comment = "b"') == "update"
    assert action("lifecycle { prevent_destroy = true }", "") == "none"
    assert action("size = 1", "size = 2", "unheard_of") == "unknown"
