"""How values read in a message."""

from __future__ import annotations

import pytest

from riskcheck.models import Match
from riskcheck.nodes import MISSING, MaybeValue
from riskcheck.rules.messages import MessageError, placeholders, render, show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MISSING, "unset"),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (3.0, "3"),
        (0.5, "0.5"),
        ("web:1", "web:1"),
        ("", "''"),
        ("two\nlines", "two lines"),
        (["a", {"b": 1}], '["a", {"b": 1}]'),
        ("x" * 121, "x" * 119 + "…"),
        (float("nan"), "NaN"),
        (1e300, "1e+300"),
    ],
)
def test_values(value: MaybeValue, text: str) -> None:
    assert show(value) == text


def test_placeholders_are_names_in_braces() -> None:
    assert placeholders("{a} of {b_2}: {}, {not one}, {{c}}") == ["a", "b_2", "c"]


def test_without_a_change_only_the_check_fills_them() -> None:
    assert (
        render("{path}: {reason}", None, Match(values={"path": "a.yaml", "reason": "broken"}))
        == "a.yaml: broken"
    )
    with pytest.raises(MessageError, match=r"\{before\}"):
        render("{before}", None, Match())


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert render("{a}", None, Match(values={"a": "{b}", "b": "c"})) == "{b}"


def test_secrets_that_a_check_yields_are_hidden() -> None:
    assert render("{what}", None, Match(values={"what": "AKIAIOSFODNN7EXAMPLE"})) == "<redacted>"
