"""Versions, constraints and module sources of Terraform."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.terraform_renames import local_name
from riskcheck.rules.checks.terraform_version_text import (
    highest_major,
    numbered,
    pin_of,
    range_of,
    source_of,
    version_of,
)
from tests.platforms.terraform.test_terraform import resolved


@pytest.mark.parametrize(
    ("text", "highest"),
    (
        ("~> 5.0", (5,)),
        ("~> 5.10.2", (5,)),
        (">= 3.0, < 5.0", (4,)),
        (">= 3.0, < 4.5", (4,)),
        ("= 4.67.0", (4,)),
        ("4.67.0", (4,)),
        ("~> 0.12.0", (0, 12)),
        ("~> 0.13.2", (0, 13)),
        (">= 4.0", None),
        ("", None),
    ),
)
def test_the_highest_major_of_a_constraint(text: str, highest: tuple[int, ...] | None) -> None:
    found = range_of(text)
    assert found is not None
    assert highest_major(found) == highest


@pytest.mark.parametrize("text", ("latest", ">= x", "~>", "${var.v}", "1" * 400, ","))
def test_what_is_no_constraint(text: str) -> None:
    assert range_of(text) is None


def test_versions() -> None:
    assert version_of("5.72.1") == (5, 72, 1)
    assert version_of("1.0.0-beta1") == (1, 0, 0)
    assert version_of("main") is None


@pytest.mark.parametrize(
    ("ref", "pin"),
    (
        *(
            ("v1.2.0", "version"),
            ("network/v1.2.0", "version"),
            ("network-1.2.0", "version"),
            ("1.2", "version"),
        ),
        *(("v2", "version"), ("release-2024", "moving"), ("main", "moving"), ("", "moving")),
        *(("3f2a91c7", "commit"), ("deadbeef", "moving")),
    ),
)
def test_what_a_ref_is(ref: str, pin: str) -> None:
    assert pin_of(ref) == pin


def test_the_version_of_a_tag() -> None:
    assert numbered("network/v1.2.0") == (1, 2, 0)
    assert numbered("v1.2.0-rc1") == (1, 2, 0)
    assert numbered("release-2024") is None


@pytest.mark.parametrize(
    "text",
    (
        "git::https://git.example/Modules.git//db?ref=v1",
        "git::ssh://git@git.example/modules.git//db?ref=v1",
        "git@git.example:modules.git//db?ref=v1",
        "git::https://user:word@git.example/modules.git//db?ref=v1",
    ),
)
def test_one_place_however_it_is_fetched(text: str) -> None:
    assert source_of(text) == ("git.example/modules//db", "v1", False)


def test_a_source_of_a_registry() -> None:
    assert source_of("terraform-aws-modules/vpc/aws") == ("terraform-aws-modules/vpc/aws", "", True)


def test_the_parts_of_an_address() -> None:
    files = {
        "prod/main.tf": 'module "a" {\n  source   = "./m"\n  for_each = toset(["x.y"])\n}\n',
        "prod/m/main.tf": 'resource "aws_route" "web" {\n  for_each = toset(["b.c"])\n}\n',
    }
    (found,) = (one for one in resolved(files).resources if one.kind == "aws_route")
    assert local_name(found) == ('module.a["x.y"].', 'web["b.c"]')
