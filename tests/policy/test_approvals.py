from __future__ import annotations

import pytest

from riskcheck.policy.approvals import read_approvals
from riskcheck.policy.model import Approval
from riskcheck.policy.problems import PolicyError


def test_approvals_are_read_and_people_are_not() -> None:
    text = '[{"team": "team-a", "scope": "sox", "at": "2027-01-15T07:00:00Z", "by": "somebody"}]'
    assert read_approvals("a.json", text) == (Approval("team-a", "sox", "2027-01-15T07:00:00Z"),)
    assert read_approvals("a.json", "[]") == ()


def test_an_approval_may_list_what_it_was_given_for() -> None:
    text = '[{"team": "a", "scope": "sox", "at": "2027-01-15", "findings": ["0123456789abcdef"]}]'
    (approval,) = read_approvals("a.json", text)
    assert approval.findings == frozenset({"0123456789abcdef"})
    (nothing,) = read_approvals("a.json", text.replace('"0123456789abcdef"', ""))
    assert nothing.findings == frozenset(), "an empty list approves a change in which nothing is found"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.json:1: is not JSON"),
        ('[\n{"team":}\n]', r"a\.json:2: is not JSON"),
        ("{}", "must be a list of approvals"),
        ("\ufeff[]", "is not JSON"),
        ("[1e999, NaN]", "holds NaN, which is no JSON"),
        (f"[{'9' * 5000}]", "is not JSON"),
        ('[{"team": "a", "scope": "x", "scope": "gate", "at": "2027-01-15"}]', "states a key twice"),
        ('[{"team": 1, "scope": "sox", "at": "2027-01-15"}]', r"\[0\] needs team, scope and at"),
        ("[" * 100_000, "is nested too deeply"),
        ('[{"team": "a", "scope": "sox"}]', r"\[0\] needs team, scope and at"),
        ('[{"team": "", "scope": "sox", "at": "2027-01-15"}]', r"\[0\] needs team, scope and at"),
        ("[1]", r"\[0\] needs team"),
        ('[{"team": "a", "scope": "sox", "at": "now"}]', r"\[0\]\.at is not a time"),
        (
            '[{"team": "a", "scope": "sox", "at": "2027-01-15", "findings": null}]',
            r"\[0\]\.findings must be",
        ),
        ('[{"team": "a", "scope": "sox", "at": "2027-01-15", "findings": ["all"]}]', r"\[0\]\.findings must"),
        ('[{"team": "a", "scope": "sox", "at": "2027-01-15", "findings": "*"}]', r"\[0\]\.findings must"),
    ],
)
def test_what_is_not_understood_approves_nothing(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        read_approvals("a.json", text)
