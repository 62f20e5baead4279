from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.errors import Rejected
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.toml import parse
from riskcheck.nodes import Mapping, Scalar, Source
from tests.documents.yaml_support import places

_SOURCE = Source("a.toml", "head")
_TEXT = """\
# settings
title = "x"
a.b."c d" = 1

[server]  # note
ports = [ 8001,
  8002, # last
]
point = { x = 1, y.z = "deep" }
at = 2026-10-01 07:32:00

[[jobs]]
name = 'one'
[jobs.limits]
cpu = 0.5
[[jobs]]
name = \"\"\"
two ""quoted"\"\"\"
"""


def test_keys_and_values_know_their_places() -> None:
    found = places(parse(_TEXT, _SOURCE))
    assert found["title"] == (1, 0, 1, 5)
    assert found["x"] == (8, 10, 8, 11)
    assert found["c d"] == (2, 4, 2, 9)
    assert found["server"] == (4, 1, 4, 7)
    assert found["8002"] == (6, 2, 6, 6)
    assert found["deep"] == (8, 23, 8, 29)
    assert found["2026-10-01 07:32:00"] == (9, 5, 9, 24)
    assert found["limits"] == (13, 6, 13, 12)
    assert found['two ""quoted"'] == (16, 7, 17, 16)


def test_values_are_what_the_standard_library_reads_but_dates_stay_text() -> None:
    expected = tomllib.loads(_TEXT)
    expected["server"]["at"] = "2026-10-01 07:32:00"
    assert plain_value(parse(_TEXT, _SOURCE), "yaml-1.2") == expected


def test_a_table_spans_its_header_and_all_its_values() -> None:
    server = parse(_TEXT, _SOURCE).get("server")
    assert isinstance(server, Mapping)
    assert (server.line, server.end_line) == (4, 9)


def test_a_table_opened_by_a_dotted_key_is_placed_at_that_key() -> None:
    a = parse(_TEXT, _SOURCE).get("a")
    assert isinstance(a, Mapping)
    assert (a.line, a.column) == (2, 0)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [("a = 1\nb = \n", 1, "value"), ("a = 1\na = 2\n", 1, "overwrite"), ("[x\n", 0, "']'"), ("x", 0, "'='")],
)
def test_broken_text_says_where_and_why(text: str, line: int, word: str) -> None:
    with pytest.raises(Rejected, match=word) as caught:
        parse(text, _SOURCE)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "[" * 250 + "]" * 250,
        "a = " + "{a=" * 250 + "1" + "}" * 250,
        "a." * 100_000 + "a = 1",
        "b = {" + "a . " * 300 + "a = 1}",
        "[" + "'a'." * 300 + "a]",
        "x" * 300_000,
        "a = " + "9" * 5000,
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        parse(text, _SOURCE)


_NAMES = st.sampled_from(["a", "b-1", '"q d"', "'l'", "c.d", 'e."f.g"'])
_VALUES = st.sampled_from(
    [
        "1",
        "-0x1f",
        "1_0.5e3",
        "true",
        "'s # t'",
        '"e\\"\\u00e9"',
        '"""m\n  x\\\n   y"""',
        "'''a\n''b'''",
        "[]",
        "[1, 2 ,\n 3, # c\n]",
        "{}",
        "{x = 1, y = [{z = 'q'}]}",
        "2026-01-01",
        "07:32:00",
        "inf",
        "[[1], ['a']]",
    ]
)
_LINES = st.lists(
    st.one_of(
        st.tuples(_NAMES, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
        _NAMES.map(lambda name: f"[{name}]"),
        _NAMES.map(lambda name: f"  [[ {name} ]] # t"),
        st.sampled_from(["", "# c = 1"]),
    ),
    max_size=10,
)


def _as_text(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value if isinstance(value, bool | int | float | str) else "text"


@given(lines=_LINES, ends=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=400, deadline=None)
def test_whatever_the_standard_library_accepts_is_located(lines: list[str], ends: str) -> None:
    text = ends.join(lines)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Rejected):
            parse(text, _SOURCE)
        return
    root = parse(text, _SOURCE)
    assert _shape(root) == _as_text(expected)
    rows = text.replace("\r\n", "\n").split("\n")
    for key, (line, column, end_line, end_column) in places(root).items():
        if line == end_line and key in ("a", "b-1", "c", "d", "true", "2026-01-01", "07:32:00"):
            assert rows[line][column:end_column].strip("'") == key


def _shape(node: object) -> object:
    if isinstance(node, Mapping):
        return {key.raw: _shape(child) for key, child in node.entries}
    if isinstance(node, Scalar):
        dated = isinstance(node.native, str) and node.raw in ("2026-01-01", "07:32:00")
        return "text" if dated else node.native
    return [_shape(child) for child in getattr(node, "items", [])]
