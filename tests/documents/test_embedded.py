"""Properties inside a scalar of another document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.documents.embedded import properties_within
from riskcheck.documents.yaml import parse
from riskcheck.nodes import Mapping, Scalar, Source


def within(text: str, first_line: int = 1) -> dict[str, tuple[str, int, int]]:
    """Key to value, line and column of the properties in the only entry of a mapping."""
    root, _ = parse(text, Source("a.yaml", "head", first_line), "yaml")
    assert isinstance(root, Mapping)
    outer = root.entries[0][1]
    assert isinstance(outer, Scalar)
    inner = properties_within(outer)
    assert inner is not None
    return {
        key.raw: (node.raw, node.file_line, node.column)
        for key, node in inner.entries
        if isinstance(node, Scalar)
    }


LITERAL = """\
spark.conf: |  # defaults
  # comment

  spark.a 1
  spark.b =  2 \\
    3
  spark.c: 4
"""


def test_each_value_of_a_literal_block_has_its_line() -> None:
    assert within(LITERAL) == {"spark.a": ("1", 4, 10), "spark.b": ("2 3", 5, 13), "spark.c": ("4", 7, 11)}
    assert within(LITERAL, first_line=11)["spark.c"] == ("4", 17, 11)


@pytest.mark.parametrize("text", ['k: "spark.a 1\\nspark.b 2"', "k: >\n  spark.a 1\n\n  spark.b 2\n"])
def test_other_text_is_placed_where_it_begins(text: str) -> None:
    assert within(text) == {"spark.a": ("1", 1, 3), "spark.b": ("2", 1, 3)}


@given(st.lists(st.sampled_from(["spark.a 1", "", "# x", "spark.b=2", "!", " spark.d: 3 "]), max_size=8))
def test_lines_are_those_of_the_file(lines: list[str]) -> None:
    text = "k: |\n" + "".join(f"    {line}\n" if line else "\n" for line in ["spark.z 9", *lines])
    found = within(text)
    assert found["spark.z"] == ("9", 2, 12)
    for key, (value, line, column) in found.items():
        stated = text.split("\n")[line - 1]
        assert key in stated
        assert stated[column:].startswith(value)
