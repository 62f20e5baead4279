"""What messages of commits say that they take back, as git, GitHub and GitLab write them, and what is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.history.messages import digest, told
from riskcheck.history.model import Revert
from riskcheck.history.reverts import Claim, Subject, reverts

A, B = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f'Revert "Raise"\n\nThis reverts commit {A}.', {("commit", A), ("title", digest("Raise"))}),
        (f"Undo\n\nThis reverts commit {A[:7]}.", {("commit", A[:7])}),
        (f"Undo\n\nThis reverts commit {A.upper()}.", {("commit", A)}),
        (f"Undo\n\nThis reverts commit {A}.\nThis reverts commit {B}.", {("commit", A), ("commit", B)}),
        (
            f"Undo\n\nThis reverts commits {A}, {B[:9]} and 1234567.",
            {("commit", A), ("commit", B[:9]), ("commit", "1234567")},
        ),
        (f"Undo\n\nThis reverts commit {A}, reversing\nchanges made to {B}.", {("commit", A)}),
        (f"Undo\n\nThis reverts merge commit {A}, reversing changes made to {B}.", {("commit", A)}),
        ('Revert "Raise replicas (#12)" (#13)', {("title", digest("Raise replicas"))}),
        ('Revert "Raise" (#13)\n\nReverts org/repo#8', {("title", digest("Raise")), ("pull", "8")}),
        ("Merge pull request #9 from org/revert-8-branch\n\nBack", {("branch", "8")}),
        (
            'Merge pull request #9 from org/revert-8-branch\n\nRevert "Raise"',
            {("branch", "8"), ("title", digest("Raise"))},
        ),
        (
            "Merge branch 'revert-1a2b3c4d' into 'main'\n\nRevert \"Raise\"\n\nSee merge request org/repo!9",
            {("title", digest("Raise"))},
        ),
        (
            'Revert "Merge branch \'x\' into \'main\'"\n\nThis reverts merge request !8',
            {("title", digest("Merge branch 'x' into 'main'")), ("pull", "8")},
        ),
        ("Revert PR #8", {("title", digest("PR #8")), ("pull", "8")}),
        ('Revert "Revert "Raise""', {("title", digest('Revert "Raise"'))}),
        (f'Reapply "Raise"\n\nThis reverts commit {A}.', {("commit", A)}),
        ("revert: feat: raise", {("title", digest("feat: raise"))}),
        ("Reverting raise", {("title", digest("raise"))}),
        ("Raise replicas\n\nWe may have to revert this.", set()),
        ("Raise replicas (#12)", set()),
        ("Document how reverts work, see #8", set()),
        ("Irreverts #8", set()),
        ("", set()),
        ("\n\n", set()),
    ],
)  # fmt: skip
def test_what_is_taken_back(message: str, expected: set[tuple[str, str]]) -> None:
    found = told(message)
    assert set(found.reverts) == expected
    assert found.reverting == bool(expected)


@pytest.mark.parametrize(
    ("message", "pull"),
    [
        ("Raise (#12)", 12),
        ("Raise (#12)\n\n* one (#3)", 12),
        ("Merge pull request #7 from org/branch\n\nRaise (#3)", 7),
        ("Merge branch 'x' into 'main'\n\nRaise\n\nSee merge request group/sub/repo!44", 44),
        ("Merged in x (pull request #5)", 5),
        ("Raise #12", None),
        ("Raise (#123456789)", None),
    ],
)
def test_the_number_of_the_pull_request(message: str, pull: int | None) -> None:
    assert told(message).pull == pull


@pytest.mark.parametrize(
    "title", ["Re-enable x", "Reapply x", "Enable x again", "Second attempt", "x, take 2"]
)
def test_a_second_attempt(title: str) -> None:
    assert told(title).again
    assert not told("Raise x\n\n" + title).again


@pytest.mark.parametrize("text", ["Temporarily raise", "Raise\n\nFor testing only", "Load test"])
def test_planned(text: str) -> None:
    assert told(text).planned


def test_titles_are_the_same_but_for_case_spaces_and_the_number() -> None:
    assert digest("Raise  Replicas (#12)") == digest("raise replicas")
    assert digest("raise replicas!") != digest("raise replicas")
    assert "raise" not in digest("raise")


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_message_is_read(message: str) -> None:
    found = told(message)
    assert (bool(found.reverts) <= found.reverting) and len(found.title) == 16


def test_what_stands_far_down_is_not_read() -> None:
    message = "Squash\n\n" + "x" * 30_000 + f"\n\nThis reverts commit {A}."
    assert told(message).reverts == ()


def subjects(*titles: str, pulls: dict[int, int] | None = None) -> list[Subject]:
    return [
        Subject(number, (digest(title), digest(title)), (pulls or {}).get(number), "temporar" in title)
        for number, title in enumerate(titles)
    ]


def test_the_newest_one_before_with_that_title_is_meant() -> None:
    found = reverts(
        subjects("Raise", "Raise", 'Revert "Raise"', "Raise"), [Claim(2, "title", digest("Raise"))], {}
    )
    assert found == (Revert(1, 2, "title", False),)


def test_the_surest_source_that_finds_something_decides() -> None:
    told_by = [Claim(3, "title", digest("two")), Claim(3, "commit", "a" * 8), Claim(3, "pull", "7")]
    known = subjects("one", "two", "three", "back", pulls={2: 7})
    assert reverts(known, told_by, {A: 0}) == (Revert(0, 3, "commit", False),)
    assert reverts(known, told_by, {}) == (Revert(2, 3, "pull", False),)
    assert reverts(known[:2] + known[3:], told_by, {}) == (Revert(1, 3, "title", False),)


def test_an_abbreviation_of_two_commits_is_nobody() -> None:
    known = subjects("one", "two", "back")
    claim = [Claim(2, "commit", "aaaaaaaa")]
    assert reverts(known, claim, {"a" * 40: 0, "a" * 39 + "b": 1}) == ()
    assert reverts(known, claim, {"a" * 40: 0, "b" * 40: 1}) == (Revert(0, 2, "commit", False),)


def test_nothing_takes_back_itself_or_what_lands_later() -> None:
    known = subjects("one", "back", "later")
    assert reverts(known, [Claim(1, "commit", A), Claim(1, "commit", B)], {A: 1, B: 2}) == ()


def test_the_first_revert_counts_and_planned_is_said_by_either() -> None:
    known = subjects("temporary", "two", "back", "back again")
    told_by = [Claim(3, "commit", A), Claim(2, "commit", A), Claim(2, "commit", B)]
    assert reverts(known, told_by, {A: 0, B: 1}) == (
        Revert(0, 2, "commit", True),
        Revert(1, 2, "commit", False),
    )
