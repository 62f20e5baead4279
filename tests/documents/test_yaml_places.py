from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from tests.documents.yaml_support import mapping, parsed, places


def test_every_key_and_scalar_knows_where_it_is_written() -> None:
    root = mapping("kind: Job\nspec:\n  parallelism: 3\n  args: [a1, 'b 2']\n")
    assert places(root) == {
        "kind": (0, 0, 0, 4),
        "Job": (0, 6, 0, 9),
        "spec": (1, 0, 1, 4),
        "parallelism": (2, 2, 2, 13),
        "3": (2, 15, 2, 16),
        "args": (3, 2, 3, 6),
        "a1": (3, 9, 3, 11),
        "b 2": (3, 13, 3, 18),
    }


def test_a_value_begins_after_its_anchor_and_tag() -> None:
    root = mapping("a: &x !Ref one\nb: !!str &y 2\nc: &z\n  d: 3\n")
    found = places(root)
    assert found["one"] == (0, 11, 0, 14)
    assert found["2"] == (1, 12, 1, 13)
    block = root.get("c")
    assert isinstance(block, Mapping)
    assert (block.line, block.column) == (3, 2)


def test_an_anchored_nothing_stays_at_its_anchor() -> None:
    empty = mapping("a: &x\nb: 1\n").get("a")
    assert isinstance(empty, Scalar)
    assert (empty.raw, empty.line) == ("", 0)


def test_a_block_scalar_ends_with_its_last_line_of_text() -> None:
    root = mapping("script: |\n  one\n  two\n\n\nnext: 1\n")
    script = root.get("script")
    assert isinstance(script, Scalar)
    assert (script.line, script.column, script.end_line, script.end_column) == (0, 8, 2, 5)


def test_a_block_collection_ends_with_its_last_value_not_at_the_next_key() -> None:
    root = mapping("a:\n  - 1\n  - bb\n\n# about b\nb: {}\n")
    items = root.get("a")
    assert isinstance(items, Sequence)
    assert (items.line, items.column, items.end_line, items.end_column) == (1, 2, 2, 6)


def test_a_collection_that_ends_in_an_alias_ends_there_and_not_at_the_anchor() -> None:
    root = mapping("a: &long\n  k: 1\n  l: 2\nb:\n  x: *long\nc: 1\n")
    b = root.get("b")
    assert isinstance(b, Mapping)
    assert (b.end_line, b.end_column) == (4, 10)


def test_flow_collections_span_their_brackets() -> None:
    root = mapping("a: {b: [1, 2]}\n")
    a = root.get("a")
    assert isinstance(a, Mapping)
    b = a.get("b")
    assert isinstance(b, Sequence)
    assert (a.column, a.end_column, b.column, b.end_column) == (3, 14, 7, 13)


@pytest.mark.parametrize("odd", ["\r", "\x85", "\u2028", "\u2029"])
def test_lines_are_counted_as_git_counts_them(odd: str) -> None:
    found = places(mapping(f"a: 'x{odd}y'\nb: 2\n"))
    assert found["2"] == (1, 3, 1, 4)


def test_windows_line_ends_do_not_shift_places() -> None:
    assert places(mapping("a: 1\r\nb:\r\n  c: 2\r\n"))["2"] == (2, 5, 2, 6)


def test_columns_count_characters_not_bytes() -> None:
    assert places(mapping("é: [ü, \U0001f600, z]\n"))["z"] == (0, 10, 0, 11)


_WORDS = st.text(alphabet="abcxyz019éß_", min_size=1, max_size=8)
_LEAVES = st.one_of(
    _WORDS.map(lambda word: ("plain", "v" + word)),
    _WORDS.map(lambda word: ("'", word)),
    _WORDS.map(lambda word: ('"', word)),
)
_Tree = tuple[str, str] | list["_Tree"] | dict[str, "_Tree"]
_TREES: st.SearchStrategy[_Tree] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4),
        st.dictionaries(_WORDS.map("k".__add__), inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


def _written(tree: _Tree, indent: str, block: bool) -> str:
    if isinstance(tree, tuple):
        quote, word = tree
        return word if quote == "plain" else f"{quote}{word}{quote}"
    if not block:
        if isinstance(tree, dict):
            return "{" + ", ".join(f"{key}: {_written(item, '', False)}" for key, item in tree.items()) + "}"
        return "[" + ", ".join(_written(item, "", False) for item in tree) + "]"
    pairs = (
        [(f"{key}:", item) for key, item in tree.items()]
        if isinstance(tree, dict)
        else [("-", i) for i in tree]
    )
    lines = []
    for opener, item in pairs:
        text = _written(item, indent + "  ", not isinstance(item, tuple))
        lines.append(f"{indent}{opener}" + (f" {text}" if isinstance(item, tuple) else f"\n{text}"))
    return "\n".join(lines)


def _scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    children = [part for entry in node.entries for part in entry] if isinstance(node, Mapping) else []
    children += node.items if isinstance(node, Sequence) else []
    return [scalar for child in children for scalar in _scalars(child)]


@given(tree=_TREES, block=st.booleans(), comment=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_text_at_the_place_of_a_scalar_is_that_scalar(tree: _Tree, block: bool, comment: bool) -> None:
    text = (
        ("# note\n\n" if comment else "") + _written(tree, "", block and not isinstance(tree, tuple)) + "\n"
    )
    lines = text.split("\n")
    root = parsed(text).root
    assert root is not None
    for scalar in _scalars(root):
        assert scalar.line == scalar.end_line
        written = lines[scalar.line][scalar.column : scalar.end_column]
        assert written.strip("'\"") == scalar.raw


@pytest.mark.parametrize("text", ["?", "- ? ", "a:\n  ? b", "? # c"])
def test_a_key_without_a_value_ends_no_later_than_the_text(text: str) -> None:
    root = parsed(text).root
    assert root is not None
    found = places(root)
    assert found
    assert all(end_line <= text.count("\n") for _, _, end_line, _ in found.values())
