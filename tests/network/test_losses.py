"""When a resource of a network is destroyed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.changes.compare import compare
from riskcheck.models import Rule
from riskcheck.nodes import Value
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.rules.checks.network_losses import Loss, is_another, loss_of, plain, spelled
from riskcheck.rules.context import Contexts
from riskcheck.rules.testing import suite_of
from tests.network.test_odd_connectivity import PACK
from tests.platforms.terraform.test_terraform import resolved

RULE: Rule = suite_of([PACK]).everything[0]


def losses(before: str, after: str, facts: Mapping[str, Value] | None = None) -> list[Loss]:
    """What is lost between two roots, of the resources called ``a``."""
    base, head = (resolved({"prod/m.tf": text}).resources for text in (before, after))
    changes = compare(base, head, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field))
    told = {one.key: facts for one in (*base, *head)} if facts is not None else {}
    contexts = Contexts(base, head, changes, lambda one: lambda field: (), facts=told)
    found = [loss_of(one, contexts(RULE, one)) for one in changes]
    return [one for one in found if one is not None]


ENDPOINT = """\
resource "azurerm_private_endpoint" "a" {{
  name      = "{}"
  subnet_id = "{}"
  tags      = {{ x = "{}" }}
}}
"""


def test_an_attribute_that_forces_a_new_one_is_named_once() -> None:
    found = losses(ENDPOINT.format("n", "s", "t"), ENDPOINT.format("m", "r", "u"))
    assert [(one.how, one.fields, one.recreated) for one in found] == [
        ("destroyed and created anew (name, subnet_id)", ("name", "subnet_id"), True)
    ]
    assert losses(ENDPOINT.format("n", "s", "t"), ENDPOINT.format("n", "s", "u")) == []


@pytest.mark.parametrize(
    ("action", "how"),
    [
        ("recreate", "destroyed and created anew (subnet_id)"),
        ("delete", "destroyed (subnet_id)"),
        ("update", None),
        ("none", None),
    ],
)
def test_a_plan_that_destroys_counts_where_the_text_says_nothing(action: str, how: str | None) -> None:
    facts: dict[str, Value] = {"action": action, "fields": ["subnet_id"]}
    found = losses(ENDPOINT.format("n", "s", "t"), ENDPOINT.format("n", "s", "u"), facts)
    assert [one.how for one in found] == ([] if how is None else [how])


def test_what_is_no_longer_declared_is_destroyed_while_the_root_is_applied() -> None:
    rest = 'resource "azurerm_subnet" "s" {}\n'
    assert [one.how for one in losses(ENDPOINT.format("n", "s", "t") + rest, rest)] == ["destroyed"]
    assert losses(ENDPOINT.format("n", "s", "t"), "") == []


@pytest.mark.parametrize(
    ("before", "after", "other"),
    [
        ('"a"', '"b"', True),
        ('"a"', '"A"', False),
        ("azurerm_subnet.x.id", "azurerm_subnet.y.id", True),
        ("azurerm_subnet.x.id", "azurerm_subnet.x.self_id", False),
        ("azurerm_subnet.x.id", '"b"', False),
        ("data.azurerm_subnet.x.id", "data.azurerm_subnet.y.id", False),
    ],
)
def test_another_value(before: str, after: str, other: bool) -> None:
    base, head = (
        resolved(
            {"prod/m.tf": f'resource "azurerm_private_endpoint" "a" {{\n  subnet_id = {value}\n}}\n'}
        ).resources
        for value in (before, after)
    )
    changes = compare(base, head, lambda one: lambda field: ())
    contexts = Contexts(base, head, changes, lambda one: lambda field: ())
    assert [is_another(one, contexts(RULE, one)) for one in changes] == [other]


def test_spellings_that_providers_take_for_the_same() -> None:
    assert spelled("West Europe", "azurerm_subnet", "location") == "westeurope"
    assert spelled("projects/p/global/networks/prod", "google_compute_route", "network") == "prod"
    assert spelled("Example.com.", "aws_route53_record", "name") == "example.com"
    assert spelled("Web", "aws_security_group", "name") == "Web"
    assert plain("terraform:aws_vpc.a and ${var.b}") == "aws_vpc.a and var.b"
