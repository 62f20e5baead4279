"""Text that stands at several places is parsed once; each place has nodes of its own."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Node, Scalar, walk
from riskcheck.trees import MemoryTree

TEXT = "a: {b: [1, 'two', !!str 3]}\nc: |\n  some\n  text\nd:\n- e: ~\n- []\n"


def store(files: dict[str, str]) -> DocumentStore:
    return DocumentStore(MemoryTree({path: text.encode() for path, text in files.items()}, "head", "test"))


def told(root: Node | None) -> list[tuple[object, ...]]:
    """All that a tree says but where it stands."""
    assert root is not None
    return [
        (path, type(node), node.line, node.column, node.end_line, node.end_column, *_scalar(node))
        for path, node in walk(root)
    ]


def _scalar(node: Node) -> tuple[object, ...]:
    if isinstance(node, Scalar):
        return node.raw, node.style, node.tag, node.native
    return tuple(key.raw for key, _ in node.entries) if isinstance(node, Mapping) else ()


def test_the_second_place_says_the_same_with_lines_of_its_own() -> None:
    documents = store({"one.yaml": TEXT, "two.yaml": f"x: 1\n---\n{TEXT}"})
    first, second = documents.get("one.yaml").chunks[0], documents.get("two.yaml").chunks[1]
    alone = store({"two.yaml": f"x: 1\n---\n{TEXT}"}).get("two.yaml").chunks[1]
    assert first.root is not None
    assert told(second.root) == told(alone.root)
    assert second.root is not None
    assert {node.source.path for _, node in walk(second.root)} == {"two.yaml"}
    assert second.root.file_line == 3


def test_equal_files_share_no_nodes_and_know_their_paths() -> None:
    documents = store({"one.yaml": TEXT, "two.yaml": TEXT})
    one, two = (documents.get(path).root for path in ("one.yaml", "two.yaml"))
    assert one is not None
    assert two is not None
    assert told(one) == told(two)
    assert {id(node) for _, node in walk(one)}.isdisjoint(id(node) for _, node in walk(two))
    assert isinstance(two, Mapping)
    assert {key.source.path for key, _ in two.entries} == {"two.yaml"}


@pytest.mark.parametrize(
    "text", ["a: &x [1]\nb: *x\n", "base: &b {k: 1}\nuse: {<<: *b}\n", "a: 1\na: 2\n", "a: [\n", "", "# no\n"]
)
def test_anchors_duplicates_and_broken_text_are_read_anew(text: str) -> None:
    documents = store({"one.yaml": text, "two.yaml": text})
    one, two = (documents.get(path) for path in ("one.yaml", "two.yaml"))
    assert (one.root is None) == (two.root is None)
    if one.root is not None:
        assert told(one.root) == told(two.root)
    assert one.error == two.error
    assert [chunk.duplicate_keys for chunk in one.chunks] == [chunk.duplicate_keys for chunk in two.chunks]
    if "&x" in text:
        assert isinstance(two.root, Mapping)
        assert two.root.get("a") is two.root.get("b")
