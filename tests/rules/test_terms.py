"""What a condition mentions is read off its words."""

from __future__ import annotations

import pytest

from riskcheck.rules.cel import VARIABLES
from riskcheck.rules.terms import Wanted, terms_of


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("after < before", {"after": None, "before": None}),
        ("resource.spec.replicas == 1", {"resource": {"spec": {"replicas": None}}}),
        ("resource.spec.a == 1 && resource.spec.b == 2", {"resource": {"spec": {"a": None, "b": None}}}),
        ("resource.spec.a == 1 && resource.spec == after", {"resource": {"spec": None}, "after": None}),
        ("resource.spec.exists(k, k == 'x')", {"resource": {"spec": None}}),
        ("parent.?image.orValue('') == ''", {"parent": {"image": None}}),
        ("has(resource.spec.?a)", {"resource": {"spec": {"a": None}}}),
        ("resource['spec'].a == 1", {"resource": None}),
        ("resource.tasks[0].name == ''", {"resource": {"tasks": None}}),
        ("size(resource) == 1", {"resource": None}),
        ("change.key == 'before'", {"change": {"key": None}}),
        ('"after" == r"before\\"', {}),
        ("parent.after == 1 // before", {"parent": {"after": None}}),
        ("r'\\' + after == ''", {"after": None}),
        ("'\\'' + after == ''", {"after": None}),
        ("true", {}),
    ],
)
def test_mentioned_variables_and_members(source: str, wanted: dict[str, Wanted | None]) -> None:
    assert terms_of(source, VARIABLES).wanted == wanted


@pytest.mark.parametrize(
    ("source", "nesting", "growing"),
    [
        ("after < before", 0, 0),
        ("after.exists(a, a == 1)", 1, 0),
        ("after.all(a, before.exists(b, (a == b)))", 2, 0),
        ("after.exists(a, a == 1) && after.exists(b, b == 2)", 1, 0),
        ("after.map(a, a.replace('x', 'y')).exists(a, true)", 1, 2),
        ("parent.map == 1", 0, 0),
    ],
)
def test_nesting_and_growth(source: str, nesting: int, growing: int) -> None:
    terms = terms_of(source, VARIABLES)
    assert (terms.nesting, terms.growing) == (nesting, growing)


def test_unfinished_text_and_deep_parentheses_are_read_to_the_end() -> None:
    assert terms_of('"' * 9999, VARIABLES).wanted == {}
    assert terms_of("(" * 99999, VARIABLES).nesting == 0
