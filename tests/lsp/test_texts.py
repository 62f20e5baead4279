"""Lines and columns, whatever the text is."""

from __future__ import annotations

from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.judged import Waiver
from riskcheck.lsp.texts import Encoding, Span, Text, line_map, units
from riskcheck.lsp.words import escaped, explained
from tests.findings import finding

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
NAMES = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTH = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_units_are_those_of_the_encoding(text: str) -> None:
    for unit in ENCODINGS:
        assert units(text, unit) == len(text.encode(NAMES[unit])) // WIDTH[unit]


@given(
    st.binary(max_size=60),
    *(st.integers(-2, 12) for _ in range(4)),
    st.sampled_from(ENCODINGS),
)
def test_every_span_lies_in_the_text(
    data: bytes, line: int, column: int, end_line: int, end_column: int, unit: Encoding
) -> None:
    text = Text(data)
    span = text.span(line, column, end_line, end_column, unit)
    assert 0 <= span.line == span.end_line < len(text.lines)
    assert 0 <= span.character <= span.end_character <= units(text.lines[span.line], unit)


def test_lines_end_where_editors_end_them() -> None:
    assert Text(b"\xef\xbb\xbfa\r\nb\rc\nd\x0be\xe2\x80\xa8f").lines == ["a", "b", "c", "d\x0be\u2028f"]


def test_a_span_over_several_lines_is_its_first_line() -> None:
    assert Text(b"  a: |\n    b\n").span(1, 3, 2, 6, "utf-16") == Span(0, 2, 0, 6)


def near(line: int, before: bytes, after: bytes) -> int:
    return line_map(Text(before), Text(after)).head_line(line)


def test_a_line_that_is_gone_is_where_its_neighbours_are() -> None:
    before = b"a\nb\nc\nd\n"
    assert near(2, before, b"a\nc\nd\n") == 2
    assert near(4, before, b"new\na\nb\nc\nd\n") == 5
    assert near(4, before, b"") == 1
    assert near(2, before, b"a\r\nB\r\nc\r\nd\r\n") == 2


def test_a_place_is_found_in_no_time_whatever_the_lines_are() -> None:
    """Twenty thousand equal lines on either side took minutes."""
    started = perf_counter()
    assert near(10_000, b"- a\n" * 19_000 + b"x\n", b"y\n" + b"- a\n" * 19_000) >= 1
    assert perf_counter() - started < 2


def test_what_markdown_would_take_for_its_own_is_escaped() -> None:
    assert escaped("a_b *c* [d](e) <f> `g` https://h www.i\n\u202ej") == (
        r"a\_b \*c\* \[d\](e) \<f\> \`g\` https\://h www\.i \\u202ej"
    )


def test_what_the_baseline_holds_is_said_to_be_known_and_by_nobody() -> None:
    entry = Waiver("ABC-001", "x", "", "known", "", source=".riskcheck-baseline.json:4", baseline=True)
    said = explained(finding(waiver=entry))
    assert "**Known already**" in said
    assert ".riskcheck-baseline.json:4" in said.replace("\\", "")
    assert "aived" not in said
