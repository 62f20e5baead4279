"""The policy's JSON Schema, and that our interpreter of it says what ``jsonschema`` says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Node, Value
from riskcheck.policy.read import read_policy
from riskcheck.policy.schema import faults
from tests.policy.test_load import DESIGN_EXAMPLE
from tests.support import MemoryTree

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "config.schema.json").read_text())
UNDERSTOOD = {
    *(
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "default",
        "description",
        "enum",
        "examples",
        "items",
    ),
    *("maxLength", "maximum", "minItems", "minLength", "minimum", "pattern", "properties", "required"),
    *("title", "type"),
}


def root_of(text: str) -> Node:
    root = DocumentStore(MemoryTree({"riskcheck.yaml": text})).get("riskcheck.yaml").root
    assert root is not None
    return root


def accepts(text: str) -> bool:
    return not list(faults(root_of(text), SCHEMA))


def reference_accepts(text: str) -> bool:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return bool(validator.is_valid(plain_value(root_of(text), "yaml-1.2")))


def schemas(schema: Value) -> Iterator[dict[str, Value]]:
    """Every subschema, itself included."""
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("properties", "$defs"):
        held = schema.get(name, {})
        assert isinstance(held, dict)
        for child in held.values():
            yield from schemas(child)
    for name in ("items", "additionalProperties"):
        yield from schemas(schema.get(name))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_documented_example_is_valid_to_both() -> None:
    assert accepts(DESIGN_EXAMPLE)
    assert reference_accepts(DESIGN_EXAMPLE)


def test_the_interpreter_understands_every_keyword_that_the_schema_uses() -> None:
    used = {keyword for schema in schemas(SCHEMA) for keyword in schema}
    assert used <= UNDERSTOOD


def test_every_pattern_has_a_name_and_examples_that_match_it() -> None:
    import re

    patterned = [schema for schema in schemas(SCHEMA) if "pattern" in schema]
    assert len(patterned) == 7
    for schema in patterned:
        assert isinstance(schema["examples"], list)
        assert schema["title"]
        assert all(re.fullmatch(str(schema["pattern"]), str(example)) for example in schema["examples"])


def test_every_mapping_is_closed_but_those_keyed_by_rule() -> None:
    opened = [
        schema
        for schema in schemas(SCHEMA)
        if "object" in str(schema.get("type")) and schema.get("additionalProperties") is not False
    ]
    assert len(opened) == 3  # options, the options of one rule, severity


_WORDS = st.sampled_from(
    [
        *(
            "1",
            "'1'",
            "2",
            "1.0",
            "true",
            "null",
            "~",
            "''",
            "text",
            "git",
            "prod",
            "tier-1",
            "P0",
            "risky",
            "block",
        ),
        *(
            "30m",
            "30 m",
            "1h30m",
            "5M",
            "15%",
            "15.5%",
            "5%%",
            "2027-01-31",
            "2027-1-31",
            "2027-01-31T10:00:00Z",
        ),
        *(
            "0.5",
            "-1",
            "1e400",
            "[]",
            "[a]",
            "[a, 1]",
            "{}",
            "{a: b}",
            "{name: x}",
            "[{name: x, stage: prod}]",
        ),
        *(
            "[{rule: x, where: y}]",
            "[{scope: a, teams: [b]}]",
            "[{name: x, from: 2027-01-01, to: 2027-01-02}]",
        ),
    ]
)
_KEYS = st.sampled_from(
    [
        *SCHEMA["properties"],
        *("name", "stage", "share", "soak", "rto", "exclude", "select", "options", "severity"),
    ]
)


def _mapping(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.dictionaries(_KEYS, children, max_size=4)
    return pairs.map(lambda held: "{" + ", ".join(f"{key}: {value}" for key, value in held.items()) + "}")


def _sequence(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(children, max_size=3).map(lambda held: "[" + ", ".join(held) + "]")


_FLOW = st.recursive(_WORDS, lambda children: _mapping(children) | _sequence(children), max_leaves=6)


@given(st.dictionaries(_KEYS, _FLOW, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_agrees_with_the_reference_on_any_document(held: dict[str, str]) -> None:
    text = "version: 1\n" + "".join(f"{key}: {value}\n" for key, value in held.items() if key != "version")
    assert accepts(text) == reference_accepts(text)


@pytest.mark.parametrize("word", ["x", 1, [], {}, None])
def test_agrees_with_the_reference_on_the_example_with_any_value_replaced(word: Value) -> None:
    text = json.dumps(plain_value(root_of(DESIGN_EXAMPLE), "yaml-1.2"))
    for path in _leaves(json.loads(text)):
        changed = json.loads(text)
        at = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = word
        replaced = json.dumps(changed)
        assert accepts(replaced) == reference_accepts(replaced), path


def _leaves(value: Value, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _leaves(child, (*path, index))


def test_a_fingerprint_of_digits_has_to_be_quoted() -> None:
    text = """\
version: 1
waivers:
  - {rule: K8S-001, where: deploy, fingerprints: [1234567890123456, "1234567890123456", ABCDEF0123456789]}
"""
    document = DocumentStore(MemoryTree({"riskcheck.yaml": text}, "base")).get("riskcheck.yaml")
    told = [str(problem) for problem in read_policy(document)[1]]
    where = "riskcheck.yaml:3: waivers[0].fingerprints"
    assert told == [
        f'{where}[0]: 1234567890123456 is not a fingerprint; quote it: "1234567890123456"',
        f'{where}[2]: "ABCDEF0123456789" is not a fingerprint; write abcdef0123456789',
    ]
