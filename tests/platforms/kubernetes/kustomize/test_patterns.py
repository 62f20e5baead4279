from __future__ import annotations

import pytest

from riskcheck.platforms.kubernetes.kustomize.patterns import (
    UnsupportedPatternError,
    is_literal,
    is_word,
    pattern,
    selects,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("web", "web"),
        ("web.*", "web-1"),
        ("a|b", "b"),
        ("^web(-idp)?$", "web-idp"),
        ("w[a-f]b", "web"),
    ],
)
def test_a_pattern_matches_the_whole_name(written: str, name: str) -> None:
    assert pattern(written).fullmatch(name)


@pytest.mark.parametrize(("written", "name"), [("web", "web-1"), ("we", "web"), ("a|b", "ab")])
def test_a_part_is_no_match(written: str, name: str) -> None:
    assert not pattern(written).fullmatch(name)


@pytest.mark.parametrize(
    "written",
    [
        "(a+)+$",
        "(a|a)*b",
        "a*a*a*b",
        "(",
        "x{1,9}{1,9}{1,9}y{1,3}",
        r"(a)\1",
        "(?=a)",
        "a?" * 30 + "a" * 30,
        "a" * 501 + ".",
    ],
)
def test_patterns_that_could_run_away_are_refused(written: str) -> None:
    with pytest.raises(UnsupportedPatternError):
        pattern(written)


LABELS = {"app": "web", "tier": "front"}


@pytest.mark.parametrize(
    "selector",
    [
        "app=web",
        "app==web",
        "app",
        "!gone",
        "app in (web, x)",
        "app notin (x)",
        "tier!=back",
        "app=web,tier=front",
        "gone!=x",
        "",
    ],
)
def test_label_selectors_that_hold(selector: str) -> None:
    assert selects(selector, LABELS)


@pytest.mark.parametrize(
    "selector", ["app=x", "gone", "!app", "app in (x)", "app notin (web)", "app=web,tier=x"]
)
def test_label_selectors_that_do_not(selector: str) -> None:
    assert not selects(selector, LABELS)


@pytest.mark.parametrize("selector", ["=", "a b", "app in web", "(", "app=web;x"])
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(UnsupportedPatternError):
        selects(selector, LABELS)


def test_words_are_no_patterns() -> None:
    assert is_word("web-1.x")
    assert not is_word("web.*")
    assert not is_word("")


def test_a_dot_makes_a_pattern() -> None:
    assert is_literal("web-1")
    assert not is_literal("web.1")
