"""Rules are made when they are asked for, and are the same ones as if all were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskcheck.models import Rule
from riskcheck.rules import remembered
from riskcheck.rules.choose import choose
from riskcheck.rules.listed import RuleList, of_subject
from riskcheck.rules.load import load_rules
from riskcheck.rules.selection import RuleIndex
from tests.build import changes, no_keys

if TYPE_CHECKING:
    from riskcheck.rules.compiled import Entry, Subject

SUBJECTS: tuple[Subject, ...] = ("change", "finding", "run", "state")


def loaded() -> RuleList:
    rules = load_rules(use_cache=False).rules
    assert isinstance(rules, RuleList)
    return rules


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Codes of the rules that are made, in that order."""
    codes: list[str] = []
    make = remembered.rule_of

    def rule_of(entry: Entry, bounded: bool = False, checks: tuple[str, str] | None = None) -> Rule:
        codes.append(entry["rule"]["code"])
        return make(entry, bounded, checks)

    monkeypatch.setattr(remembered, "rule_of", rule_of)
    return codes


def test_only_what_is_asked_for_is_made(made: list[str]) -> None:
    rules = load_rules(use_cache=False)
    assert "K8S-001" in rules.names()
    assert made == []
    assert rules.get("k8s-001") is rules.get("replicas-reduced")
    assert rules.get("nothing") is None
    assert made == ["K8S-001"]
    run = of_subject(choose(rules.rules, (), ()), "run")
    assert made == ["K8S-001", *(rule.code for rule in run)]


def test_what_concerns_a_kind_is_what_all_rules_say_concerns_it() -> None:
    lazily, everything = loaded(), tuple(loaded())
    pairs = {
        (platform, kind) for one in everything for platform in one.match.platforms for kind in one.match.kinds
    }
    assert len(pairs) > 100
    for platform, kind in sorted(pairs | {("kubernetes", "NoSuchKind"), ("nothing", "Deployment")}):
        assert lazily.concerning(platform, kind) == [
            rule
            for rule in everything
            if rule.match.subject == "change"
            and platform in (rule.match.platforms or {platform})
            and kind in (rule.match.kinds or {kind})
        ]
    for subject in SUBJECTS:
        assert lazily.of_subject(subject) == of_subject(everything, subject)
        assert lazily.of_subject(subject)


def test_a_change_is_shown_the_same_rules() -> None:
    (given,) = changes("spec: {replicas: 3}\n", "spec: {replicas: 2}\n")
    lazily, everything = (RuleIndex(rules, lambda _: no_keys) for rules in (loaded(), tuple(loaded())))
    expected = [one.rule.code for one in everything.select(given)]
    assert "K8S-001" in expected
    assert [one.rule.code for one in lazily.select(given)] == expected


def test_it_is_a_sequence() -> None:
    rules = loaded()
    assert rules[0] is next(iter(rules))
    assert rules[-1] == tuple(rules)[-1]
    assert rules[1:3] == tuple(rules)[1:3]
    assert len(rules) == len(tuple(rules))
    with pytest.raises(IndexError):
        _ = rules[len(rules)]
