"""Whatever a repository brings as a rule, a path or a condition: an error with words, never a crash."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.data import data_dir
from riskcheck.redact import redact_line, redact_text
from riskcheck.rules import reading
from riskcheck.rules.cases import read_cases
from riskcheck.rules.cel import VARIABLES, ConditionError, condition
from riskcheck.rules.functions import bytes_of, quantity, seconds, version_part
from riskcheck.rules.reading import read_rule
from riskcheck.rules.selector import PathIndex, parse_path
from riskcheck.rules.terms import terms_of

STEADY = settings(derandomize=True, deadline=None, max_examples=150, database=None)

SIGNS = st.text(alphabet='ab.*[]{},"\\ ', max_size=40)
WORDS = st.lists(
    st.sampled_from(
        [
            "after",
            "before",
            ".",
            "(",
            ")",
            "exists",
            "map",
            "x",
            ",",
            "&&",
            "==",
            "'",
            '"',
            "\\",
            "r",
            "1",
            "[",
            "?",
        ]
    ),
    max_size=30,
).map("".join)


@STEADY
@given(SIGNS)
def test_any_path_compiles_or_says_what_is_wrong(text: str) -> None:
    try:
        patterns = parse_path(text)
    except ValueError as error:
        assert "path" in str(error)
        return
    index: PathIndex[int] = PathIndex()
    for pattern in patterns:
        index.add(pattern, 1)
    index.walk(("a", "[b]", "a")).ends()


@STEADY
@given(WORDS)
def test_any_condition_compiles_or_says_what_is_wrong(source: str) -> None:
    assert terms_of(source, VARIABLES).wanted.keys() <= VARIABLES
    try:
        compiled = condition(source, bounded=True)
    except ConditionError as error:
        assert str(error)
        return
    holds, fault = compiled.evaluate(dict.fromkeys(compiled.terms.wanted, 1.0))
    assert holds is False or fault is None


@STEADY
@given(st.binary(max_size=200))
def test_any_bytes_are_a_rule_or_a_list_of_problems(data: bytes) -> None:
    compiled, problems = read_rule("rules/a/b-c.yaml", data)
    assert (compiled is None) == bool(problems)
    assert read_cases("rules/a/b-c.test.yaml", data).cases == ()


@STEADY
@given(st.one_of(st.text(max_size=60), st.floats(), st.integers(), st.booleans(), st.none()))
def test_functions_take_any_value(value: object) -> None:
    for function in (quantity, bytes_of, seconds, lambda given: version_part(given, 1)):
        found = function(value)
        assert found is None or isinstance(found, float | int)


@STEADY
@given(st.text(max_size=300))
def test_redaction_takes_any_text(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)
    redact_line(text)


def test_the_schema_and_the_reader_know_the_same_keys() -> None:
    schema = json.loads((data_dir("schemas") / "rule.schema.json").read_text("utf-8"))
    assert set(schema["properties"]) == {*reading._REQUIRED, *reading._OPTIONAL}
    assert set(schema["required"]) == set(reading._REQUIRED)
    assert set(schema["properties"]["match"]["properties"]) == set(reading._MATCH_KEYS)
