"""Resources of which nobody knows whether they exist."""

from __future__ import annotations

import pytest

from riskcheck.models import Resource
from riskcheck.records import replace
from riskcheck.undecided import settled
from tests.platforms.terraform.test_terraform import resolved

_FIRST = 'resource "aws_eip" "first" {}\n'


def settled_of(base: str, head: str) -> tuple[set[str], set[str], list[int | None]]:
    """Names on both sides once they are settled, and the lines of the limitations."""
    sides = {
        side: resolved({"prod/main.tf": _FIRST + text}) for side, text in (("base", base), ("head", head))
    }
    found, limitations = settled(
        {side: _of_blocks(one.resources) for side, one in sides.items()},
        {side: one.empty for side, one in sides.items()},
    )
    names = {side: {one.name for one in held} - {"first"} for side, held in found.items()}
    return names["base"], names["head"], [one.line for one in limitations]


def _of_blocks(resources: tuple[Resource, ...]) -> list[Resource]:
    return [replace(one) for one in resources if one.kind.startswith("aws_")]


def eip(repeated: str) -> str:
    return f'resource "aws_eip" "nat" {{\n  {repeated}\n}}\n'


@pytest.mark.parametrize(
    ("base", "head", "before", "after", "lines"),
    [
        ("count = var.x", "count = 0", {"nat"}, {"nat"}, [3]),
        ("count = 0", "count = var.x", {"nat"}, {"nat"}, [3]),
        ("count = var.x", "count = 1", {"nat"}, {"nat"}, []),
        ("count = var.x", "count = 2", {"nat"}, {"nat", "nat[1]"}, []),
        ("count = 2", "count = var.x", {"nat", "nat[1]"}, {"nat", "nat[1]"}, [3]),
        ("count = 2", "count = 1", {"nat", "nat[1]"}, {"nat"}, []),
        ("count = 1", "count = 0", {"nat"}, set(), []),
        ("for_each = var.x", "for_each = {}", {"nat[*]"}, {"nat[*]"}, [3]),
        ('for_each = { a = "1" }', "for_each = var.x", {'nat["a"]'}, {"nat[*]", 'nat["a"]'}, [3]),
    ],
)
def test_what_comes_and_goes(
    base: str, head: str, before: set[str], after: set[str], lines: list[int]
) -> None:
    assert settled_of(eip(base), eip(head)) == (before, after, lines)


def test_a_block_that_is_gone_or_new_is_no_matter_of_its_count() -> None:
    assert settled_of(eip("count = var.x"), "") == ({"nat"}, set(), [])
    assert settled_of("", eip("count = var.x")) == (set(), {"nat"}, [])
