"""Resources that no changed file has a part in are not evaluated, and what is said of a change stays the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.changes.compare import compare
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Change, Resource
from riskcheck.nodes import Pending
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.platforms.terraform.touching import Reach
from tests.support import MemoryTree

MODULE = """\
variable "size" {}
variable "zone" { default = "a" }
variable "all" { default = {} }
locals {
  label = "${var.zone}-${var.size}"
}
resource "aws_vpc" "main" { cidr_block = "10.0.${var.size}.0/24" }
resource "aws_instance" "web" {
  for_each = var.all
  label    = local.label
  each     = each.value
  network  = aws_vpc.main.cidr_block
}
output "network" { value = aws_vpc.main.cidr_block }
"""
MAIN = """\
variable "size" { default = 3 }
locals {
  zone = "b"
  rest = { a = 1, b = 2 }
}
module "one" {
  source = "../../modules/net"
  size   = var.size
  all    = local.rest
}
module "two" {
  source = "../../modules/net"
  size   = 7
  zone   = local.zone
}
"""
MORE = """\
resource "aws_instance" "own" {
  network = module.one.network
  zone    = local.zone
}
resource "aws_instance" "plain" { zone = "c" }
"""
TREE = {
    "live/prod/main.tf": MAIN,
    "live/prod/more.tf": MORE,
    "live/prod/terraform.tfvars": "size = 4\n",
    "modules/net/main.tf": MODULE,
    "modules/other/main.tf": MODULE.replace("10.0.", "10.9."),
}
EDITS = (
    ("live/prod/main.tf", 'zone = "b"', 'zone = "d"'),
    ("live/prod/main.tf", "size   = 7", "size   = 8"),
    ("live/prod/main.tf", "a = 1, b = 2", "a = 1, c = 2"),
    ("live/prod/main.tf", "default = 3", "default = 5"),
    (
        "live/prod/main.tf",
        '"two" {\n  source = "../../modules/net"',
        '"two" {\n  source = "../../modules/other"',
    ),
    ("live/prod/main.tf", "locals {", "# said\nlocals {"),
    ("live/prod/main.tf", 'module "two"', 'module "three"'),
    ("live/prod/more.tf", '"c"', '"e"'),
    ("live/prod/more.tf", "local.zone", "local.zone2"),
    ("live/prod/terraform.tfvars", "size = 4", "size = 6"),
    ("live/prod/terraform.tfvars", "size = 4\n", ""),
    ("modules/net/main.tf", 'default = "a"', 'default = "f"'),
    ("modules/net/main.tf", '"10.0.', '"10.1.'),
    ("modules/net/main.tf", "local.label", "var.zone"),
    ("modules/other/main.tf", '"10.9.', '"10.8.'),
)


def sides(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[list[Resource], list[Resource]]:
    paths = {path for path in {*base, *head} if base.get(path) != head.get(path)}
    trees = [MemoryTree(base), MemoryTree(head)]
    stores = [DocumentStore(tree) for tree in trees]
    spaces = [
        Workspace(
            tree,
            store,
            EnvironmentModel((), paths=tree.entries),
            frozenset(paths & tree.entries().keys()),
            other,
        )
        for tree, store, other in zip(trees, stores, reversed(stores), strict=True)
    ]
    units = frozenset().union(*(PLATFORM.units(space, space.touched) for space in spaces))
    before, after = (list(PLATFORM.resolve(space, units).resources) for space in spaces)
    return before, after


def changes(base: Mapping[str, str], head: Mapping[str, str]) -> list[tuple[object, ...]]:
    before, after = sides(base, head)
    found: tuple[Change, ...] = compare(
        before, after, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field)
    )
    return [(one.kind, one.resource.key, one.path, one.before, one.after) for one in found]


def edited(tree: Mapping[str, str], *edits: tuple[str, str, str]) -> dict[str, str]:
    found = dict(tree)
    for path, old, new in edits:
        found[path] = found[path].replace(old, new)
    return found


def test_what_a_change_has_no_part_in_is_put_off() -> None:
    _, head = sides(TREE, edited(TREE, EDITS[0]))
    pending = {one.address: isinstance(one.body, Pending) for one in head if one.kind.startswith("aws_")}
    assert pending == {
        'terraform:aws_instance.module.one.web["a"]': True,
        'terraform:aws_instance.module.one.web["b"]': True,
        "terraform:aws_instance.own": False,
        "terraform:aws_instance.plain": True,
        "terraform:aws_vpc.module.one.main": True,
        "terraform:aws_vpc.module.two.main": True,
    }


def test_what_is_put_off_comes_to_the_same_when_it_is_looked_into() -> None:
    _, head = sides(TREE, edited(TREE, EDITS[0]))
    (one,) = (one for one in head if one.address == 'terraform:aws_instance.module.one.web["b"]')
    assert isinstance(one.body, Pending)
    assert {key.raw: getattr(node, "raw", None) for key, node in one.body.entries} == {
        "label": "a-4",
        "each": "2",
        "network": "10.0.4.0/24",
    }
    assert [reference.target for reference in one.references] == ["terraform:aws_vpc.module.one.main"]


@given(
    st.lists(st.sampled_from(EDITS), max_size=3, unique_by=lambda edit: (edit[0], edit[1])),
    st.lists(st.sampled_from(EDITS), max_size=2, unique_by=lambda edit: (edit[0], edit[1])),
)
@settings(max_examples=60, deadline=None)
def test_putting_off_changes_nothing_of_what_differs(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> None:
    base, head = edited(TREE, *before), edited(TREE, *after)
    found = changes(base, head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reach, "touches", lambda self, node: True)
        assert changes(base, head) == found
