"""Where a line of base stands in head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.documents import linemaps
from riskcheck.documents.linemaps import LineMap

BASE = "a\nb\nc\nd\ne\nf\n"


@pytest.mark.parametrize(
    ("head", "line", "there"),
    [
        (BASE, 4, 4),
        ("a\nb\nd\ne\nf\n", 3, 3),
        ("a\nb\nd\ne\nf\n", 4, 3),
        ("new\na\nb\nc\nd\ne\nf\n", 1, 2),
        ("new\na\nc\nX\nd\nf\n", 2, 3),
        ("new\na\nc\nX\nd\nf\n", 5, 6),
        ("a\nb\n", 6, 2),
        ("z\n", 3, 1),
        ("", 3, 1),
    ],
)
def test_a_line_is_where_it_stood_or_what_took_its_place(head: str, line: int, there: int) -> None:
    assert LineMap(BASE, head).head_line(line) == there


def test_very_large_edits_are_placed_at_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linemaps, "MOST_WORK", 3)
    assert LineMap(BASE, "a\nX\nc\nY\nf\n").head_line(3) == 2


LINES = st.lists(st.sampled_from("abc"), max_size=12).map(lambda one: "\n".join(one))


@given(LINES, LINES, st.integers(0, 20))
def test_it_is_always_a_line_of_head_and_the_same_text_where_nothing_differs(
    base: str, head: str, line: int
) -> None:
    there = LineMap(base, head).head_line(line)
    assert 1 <= there <= max(1, len(head.split("\n")))
    if 1 <= line < len(base.split("\n")):
        assert LineMap(base, base).head_line(line) == line
