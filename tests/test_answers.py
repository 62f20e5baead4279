"""Answers about history that are kept between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.answers import Answers
from riskcheck.engine import Options, analyze
from riskcheck.nodes import Value
from riskcheck.policy.load import load_policy
from riskcheck.rollout.landing import Landed, Landings
from riskcheck.rules.load import load_rules
from riskcheck.sources import RangeSpec, open_comparison
from tests.gitrepo import GitRepo
from tests.rollout.test_landing import BASE, PRODUCTION, STAGING, at, overlay, replicas


class Shelf:
    """A memory that is a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, Value] = {}

    def recall(self, name: str) -> object:
        return self.held.get(name)

    def keep(self, name: str, value: Value) -> None:
        self.held[name] = value

    def file(self, name: str) -> str | None:
        return None


QUESTION = ("kubernetes", "overlays/staging", "replicas")
ANSWER = Landed(1_700_000_000, "abc", "", False)


def test_answers_are_kept_for_the_same_base_and_policy_only() -> None:
    shelf = Shelf()
    answers = Answers(shelf, "base", "policy")
    answers.keep(QUESTION, ANSWER)
    answers.save()
    assert Answers(shelf, "base", "policy").recall(QUESTION) == ANSWER
    assert Answers(shelf, "other", "policy").recall(QUESTION) is None
    assert Answers(shelf, "base", "other").recall(QUESTION) is None
    assert Answers(shelf, "base", "policy").recall((*QUESTION, "more")) is None
    assert "replicas" not in str(shelf.held)


def test_nothing_is_written_where_nothing_is_new() -> None:
    shelf = Shelf()
    Answers(shelf, "base", "policy").save()
    assert shelf.held == {}


@pytest.mark.parametrize("answer", [None, 3, [], ["x", "abc", "", False], [1, 2, "", False], [None] * 4, {}])
def test_what_is_no_answer_is_left_out(answer: Value) -> None:
    shelf = Shelf()
    answers = Answers(shelf, "base", "policy")
    answers.keep(QUESTION, ANSWER)
    answers.save()
    held = shelf.held["landings"]
    assert isinstance(held, dict) and isinstance(held["answers"], dict)
    held["answers"] = dict.fromkeys(held["answers"], answer)
    assert Answers(shelf, "base", "policy").recall(QUESTION) is None
    shelf.held["landings"] = answer
    assert Answers(shelf, "base", "policy").recall(QUESTION) is None


def said(repo: GitRepo, shelf: Shelf) -> list[str]:
    """What is told of canaries, with what `shelf` remembers."""
    spec = RangeSpec(root=repo.path, environ=repo.environ, clock=repo.clock, revision="HEAD~1..HEAD")
    comparison = open_comparison(spec)
    rules = load_rules(use_cache=False)
    policy = load_policy(comparison.deciding, None)
    report = analyze(comparison, policy, rules.rules, rules.digest, Options(memory=shelf))
    return [one.detail for finding in report.findings for one in finding.canary]


def test_a_second_run_asks_git_for_no_history_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(4))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(7))
    shelf = Shelf()
    first = said(repo, shelf)
    assert "staging has run it for 3d" in first
    monkeypatch.setattr(Landings, "_steps", None)
    assert said(repo, shelf) == first


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """More commits than are read back for one question."""
    monkeypatch.setattr("riskcheck.rollout.landing.MOST_COMMITS", 3)
    repo = GitRepo(tmp_path / "repo")
    repo.commit({**BASE, STAGING: overlay(replicas(2))}, at=at(0))
    for number in range(8):
        repo.commit({STAGING: overlay(replicas(2), f"# {number}")}, at=at(8) + number)
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(12))
    return repo


def test_how_far_a_long_history_was_read_back_is_kept(long: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    first = said(long, shelf)
    assert "staging has run it for at least 3d" in first
    monkeypatch.setattr(Landings, "_steps", None)
    assert said(long, shelf) == first


def test_what_there_was_no_time_to_read_is_asked_again(
    long: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskcheck.rollout.landing.MOST_SECONDS", -1.0)
    shelf = Shelf()
    said(long, shelf)
    assert shelf.held.get("landings") is None
