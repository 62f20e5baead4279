"""The schemas of what people write by hand: what an editor shows for each key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from riskcheck.commands.schema import NAMES
from riskcheck.data import data_dir, data_text
from tests.cli.test_diff import ROOT, riskcheck

WRITTEN = ("config", "rule", "rule-test", "coupled", "learned", "prices")


def properties(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        own = node.get("properties")
        if isinstance(own, dict):
            yield from ((f"{place}/{name}", said) for name, said in own.items())
        for key, value in node.items():
            # What an alternative only requires or forbids is described where the key is defined.
            if key not in ("if", "then", "else", "not", "anyOf", "allOf"):
                yield from properties(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from properties(value, f"{place}/{number}")


def described(schema: dict[str, Any], said: dict[str, Any]) -> bool:
    target = said.get("$ref", "").removeprefix("#/")
    found: Any = schema
    for step in target.split("/") if target else ():
        found = found[step]
    return "description" in said or (bool(target) and "description" in found)


@pytest.mark.parametrize("name", WRITTEN)
def test_each_key_says_what_it_is(name: str) -> None:
    schema = json.loads(data_text("schemas", f"{name}.schema.json"))
    found = dict(properties(schema))
    assert found
    assert [place for place, said in found.items() if not described(schema, said)] == []


def test_every_schema_is_listed() -> None:
    files = {path.name.removesuffix(".schema.json") for path in data_dir("schemas").glob("*.schema.json")}
    assert set(NAMES) == files


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_the_file(name: str) -> None:
    result = riskcheck(ROOT, "schema", name)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == data_text("schemas", f"{name}.schema.json")
    assert f"{name} " in riskcheck(ROOT, "schema", "-h").stdout


def test_without_a_name_it_is_the_policy() -> None:
    assert json.loads(riskcheck(ROOT, "schema").stdout)["title"] == "riskcheck policy"


def test_a_wrong_name_is_told_with_those_there_are() -> None:
    result = riskcheck(ROOT, "schema", "policy")
    assert result.returncode == 2
    assert "'config'" in result.stderr
