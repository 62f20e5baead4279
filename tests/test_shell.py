from __future__ import annotations

import pytest

from riskcheck.shell import MAX_LENGTH, Statement, statements


def words(text: str) -> list[tuple[str, ...]]:
    return [statement.words for statement in statements(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n  \n", []),
        ("a b\nc", [("a", "b"), ("c",)]),
        ("a && b || c; d | e & f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("a 'b && c' \"d | e\"", [("a", "b && c", "d | e")]),
        ("a --x='b c'd", [("a", "--x=b cd")]),
        ("a \\\n  b\nc", [("a", "b"), ("c",)]),
        ("a # b\nc#d", [("a",), ("c#d",)]),
        ("# only a comment", []),
        ("a $(b | c && d) e", [("a", "$(b | c && d)", "e")]),
        ("a $((1 + (2))) b", [("a", "$((1 + (2)))", "b")]),
        (r"a \# \"b\"", [("a", "#", '"b"')]),
        ("a '' b", [("a", "", "b")]),
        ("a 'never closed && b", [("a", "never closed && b")]),
        ("a $(never closed && b", [("a", "$(never closed && b")]),
        ("a \\", [("a", "")]),
        ("a ${{ b && c || 'd' }} ${e} f", [("a", "${{ b && c || 'd' }}", "${e}", "f")]),
        ("a ${never && closed", [("a", "${never && closed")]),
        ("a $ b", [("a", "$", "b")]),
        ('a "b\\\nc" "\\n"', [("a", "bc", "\\n")]),
    ],
)
def test_words(text: str, expected: list[tuple[str, ...]]) -> None:
    assert words(text) == expected


def test_operators() -> None:
    assert list(statements("make test || true\nmake | tee log; exit")) == [
        Statement(("make", "test"), "||"),
        Statement(("true",), "\n"),
        Statement(("make",), "|"),
        Statement(("tee", "log"), ";"),
        Statement(("exit",), ""),
    ]


@pytest.mark.parametrize("piece", ["a", "$(", "$(a ", '"', "$ ", "\\", "'a'"])
def test_hostile_scripts_take_time_in_proportion(piece: str) -> None:
    # Quadratic work on this much text would not end within the patience of any test run.
    assert len(words(piece * MAX_LENGTH)) <= MAX_LENGTH


def test_long_scripts_are_cut_off() -> None:
    assert len(words("a\n" * MAX_LENGTH)) == MAX_LENGTH // 2
