from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.yaml import split
from tests.documents.yaml_support import problem


def _cut(text: str) -> list[tuple[int, str]]:
    return [(part.first_line, text[part.start : part.end]) for part in split(text)]


def test_a_file_is_cut_at_each_line_of_three_dashes() -> None:
    assert _cut("a: 1\n---\nb: 2\n---\nc: 3\n") == [(1, "a: 1\n"), (2, "---\nb: 2\n"), (4, "---\nc: 3\n")]


def test_comments_before_the_first_dashes_are_no_document() -> None:
    assert _cut("# licence\n\n---\na: 1\n") == [(3, "---\na: 1\n")]


def test_comments_between_dashes_are_an_empty_document() -> None:
    assert len(_cut("a: 1\n---\n# nothing\n---\nb: 1\n")) == 3


def test_dashes_that_end_a_file_open_an_empty_document() -> None:
    assert _cut("a: 1\n---\n")[1:] == [(2, "---\n")]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_file_without_content_has_one_empty_document(text: str) -> None:
    assert _cut(text) == [(1, text)]


def test_content_may_follow_the_dashes_on_their_line() -> None:
    assert _cut("--- {a: 1}\n--- # note\nb: 2\n") == [(1, "--- {a: 1}\n"), (2, "--- # note\nb: 2\n")]


@pytest.mark.parametrize("line", ["----", "---x", " ---", "- --"])
def test_only_three_dashes_alone_in_column_0_cut(line: str) -> None:
    assert len(_cut(f"a: |\n  x\nb:\n  c\n# {line}\n{line}\n")) == 1


def test_dashes_in_an_indented_block_scalar_do_not_cut() -> None:
    assert len(_cut("a: |\n  ---\n  b: 1\n")) == 1


def test_windows_line_ends_cut_alike() -> None:
    assert _cut("a: 1\r\n---\r\nb: 2\r\n") == [(1, "a: 1\r\n"), (2, "---\r\nb: 2\r\n")]


def test_directives_belong_to_the_document_they_precede() -> None:
    text = "%YAML 1.1\n# c\n---\na: 1\n...\n%TAG !e! tag:x,2000:\n---\nb: !e!t 1\n"
    assert _cut(text) == [
        (1, "%YAML 1.1\n# c\n---\na: 1\n...\n"),
        (6, "%TAG !e! tag:x,2000:\n---\nb: !e!t 1\n"),
    ]


def test_a_percent_sign_in_a_value_is_no_directive() -> None:
    assert _cut("a: 50%\nb: |\n  %x\n---\nc: 1\n")[1] == (4, "---\nc: 1\n")


def test_a_second_document_that_no_dashes_open_is_an_error() -> None:
    line, _, reason = problem("a: 1\n...\nb: 2\n")
    assert line == 2
    assert "document" in reason


@given(
    st.lists(
        st.sampled_from(["a: 1\n", "---\n", "--- x\n", "...\n", "%YAML 1.1\n", "# c\n", "\n", "  - y\n"])
    )
)
@settings(max_examples=200, deadline=None)
def test_cuts_are_in_order_cover_all_that_counts_and_know_their_line(lines: list[str]) -> None:
    text = "".join(lines)
    parts = split(text)
    assert parts[-1].end == len(text)
    assert all(one.end == two.start for one, two in itertools.pairwise(parts))
    assert all(part.first_line == text.count("\n", 0, part.start) + 1 for part in parts)
    skipped = text[: parts[0].start]
    assert all(not line.strip() or line.startswith("#") for line in skipped.split("\n"))
