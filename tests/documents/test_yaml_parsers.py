from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse, split
from tests.documents.yaml_support import SOURCE, mapping, places, problem, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [http://x, nginx:1.2]\n", {"a": ["http://x", "nginx:1.2"]}),
        ("a: {image: nginx:1.2}\n", {"a": {"image": "nginx:1.2"}}),
        ("a: [::1]\n", {"a": ["::1"]}),
        ('a: "\\ud83d\\ude00"\n', {"a": "\U0001f600"}),
        ("%YAML 1.2\n---\na: 1\n", {"a": 1}),
    ],
)
def test_what_the_c_parser_wrongly_rejects_is_still_read(text: str, expected: object) -> None:
    assert value(text) == expected


def test_places_are_the_same_whichever_parser_reads() -> None:
    found = places(mapping("x: &a {u: http://h}\nurls: [http://y, &b z, !!str 'q']\nlast: |\n  t\n\n"))
    assert found["http://h"] == (0, 10, 0, 18)
    assert found["http://y"] == (1, 7, 1, 15)
    assert found["z"] == (1, 20, 1, 21)
    assert found["q"] == (1, 29, 1, 32)
    assert found["t\n"] == (2, 6, 3, 3)


def test_text_that_a_half_surrogate_pair_makes_unprintable_is_repaired() -> None:
    found = value('a: "\\ud83d"\n')
    assert found == {"a": "\ufffd"}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: c: d\n", 1, "mapping values are not allowed"),
        ("a: [1, 2\nb: 3\n", 1, "expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 1, "tab"),
        ("a: 'x\n", 1, "end of stream"),
        ("ok: 1\nbad: \x01\n", 1, "control characters"),
        ("a: {{ .x\n", 1, "expected"),
        ("a: {host: https://x}\nb: {n: ${x}}\n", 1, "expected ',' or '}'"),
    ],
)
def test_broken_text_says_where_and_why(text: str, line: int, word: str) -> None:
    found = problem(text)
    assert found[0] == line
    assert word in found[2]


def test_an_error_after_other_line_breaks_is_at_the_line_git_counts() -> None:
    assert problem("a: 'x\u2028y'\nb: c: d\n")[:2] == (1, 4)


def test_an_error_at_the_end_of_text_without_a_last_line_break_is_in_its_last_line() -> None:
    assert problem("  s: \n  e")[:2] == (1, 3)


def test_long_broken_text_is_not_given_to_the_slow_parser() -> None:
    assert "unexpected" in problem("a: [" + "x, " * 100_000 + "http://y]\n")[2]


@given(st.text(alphabet="ab:-?[]{}#&*!|>'\"%@` \t\n\r\x85,<0.~\\u\u2028é\U0001f600", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_rejected_within_the_text(text: str) -> None:
    for part in split(text):
        chunk = text[part.start : part.end]
        try:
            root = parse(chunk, SOURCE).root
        except Rejected as rejected:
            assert 0 <= rejected.line <= chunk.count("\n")
            assert rejected.column >= 0
        else:
            if root is not None:
                assert 0 <= root.line <= chunk.count("\n")
                "".join(places(root)).encode()
