"""The price table that a policy names: read from the tree that decides, refused with all that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from riskcheck.policy.load import load_policy
from riskcheck.policy.problems import PolicyError
from riskcheck.pricetable import Hours
from tests.support import MemoryTree

TABLE = """\
currency: USD
machines: {i3.xlarge: 0.312, Standard_D4ds_v5: 0.2}
dbus: {i3.xlarge: 1.0, Small: 12}
products: {jobs: 0.15, sql-serverless: 0.7}
spot_discount: 60%
photon: 2.5
hours:
  - {where: "databricks:jobs.nightly", per_run: 1.5}
  - {where: "databricks:sql_warehouses.*", per_day: 8}
"""
POLICY = "version: 1\nbudget: {max_increase: 15%, prices: finance/prices.yaml}\n"
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "prices.schema.json").read_text())


def problems(table: str | None, policy: str = POLICY) -> list[str]:
    files = {"riskcheck.yaml": policy}
    if table is not None:
        files["finance/prices.yaml"] = table
    with pytest.raises(PolicyError) as caught:
        load_policy(MemoryTree(files), None)
    return str(caught.value).splitlines()


def test_what_a_table_says() -> None:
    policy = load_policy(MemoryTree({"riskcheck.yaml": POLICY, "finance/prices.yaml": TABLE}), None)
    prices = policy.budget.prices
    assert prices is not None
    assert (prices.currency, prices.spot_discount, prices.photon) == ("USD", 0.6, 2.5)
    assert prices.machines == {"i3.xlarge": 0.312, "standard_d4ds_v5": 0.2}
    assert prices.dbus["small"] == 12
    assert prices.hours == (
        Hours("databricks:jobs.nightly", per_run=1.5),
        Hours("databricks:sql_warehouses.*", per_day=8),
    )
    assert prices.source == "finance/prices.yaml"


def test_the_schema_is_one_and_the_table_fits_it() -> None:
    from ruamel.yaml import YAML

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(YAML(typ="safe", pure=True).load(TABLE), SCHEMA)


def test_everything_that_is_wrong_is_told_with_its_line() -> None:
    table = (
        "currency: 3\nmachine: {}\nphoton: twice\nspot_discount: 0.6\nhours: [{per_run: -1}]\ndbus: {a: x}\n"
    )
    assert problems(table) == [
        'finance/prices.yaml:1: currency: 3 is not text; quote it: "3"',
        "finance/prices.yaml:2: machine: unknown key; did you mean machines?",
        'finance/prices.yaml:3: photon: "twice" is not a number',
        "finance/prices.yaml:4: spot_discount: 0.6 is not a percentage; write 0.6%",
        "finance/prices.yaml:5: hours[0].per_run: -1 is not between 0 and 1000000000",
        "finance/prices.yaml:5: hours[0]: where is missing",
        'finance/prices.yaml:6: dbus.a: "x" is not a number',
    ]


@pytest.mark.parametrize(
    "table", ["", "[]", "currency: USD\nmachines: {a: .inf}\n", "currency: {", "a: 1\na: 2\n"]
)
def test_a_table_that_is_none_is_refused(table: str) -> None:
    assert all(line.startswith("finance/prices.yaml:") for line in problems(table))


def test_a_table_that_is_not_there_is_told_where_it_is_named() -> None:
    assert problems(None)[0].startswith(
        'riskcheck.yaml:2: budget.prices: "finance/prices.yaml" is no file of'
    )


@pytest.mark.parametrize("path", ["/etc/prices.yaml", "../prices.yaml"])
def test_a_table_is_in_the_repository(path: str) -> None:
    policy = f"version: 1\nbudget: {{max_increase: 15%, prices: {path}}}\n"
    assert problems(None, policy) == [
        f'riskcheck.yaml:2: budget.prices: "{path}" is not in the repository; name a file of it'
    ]
