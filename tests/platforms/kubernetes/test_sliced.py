"""Very large objects that list others: only what differs is parsed."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.models import Limitation
from riskcheck.platforms.kubernetes.manifests import LARGE, Manifests
from riskcheck.platforms.kubernetes.objects import KubeObject
from tests.support import MemoryTree

PATH = "all.yaml"


def item(number: int, value: str = "same", indent: str = "") -> str:
    lines = [
        "- apiVersion: v1",
        "  kind: ConfigMap",
        f"  metadata: {{name: map-{number}}}",
        "  data:",
        "    text: |",
        "      - not an item",
        "",
        f"      {'x' * 300}",
        f"    value: {value}",
    ]
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)


def listing(values: list[str], indent: str = "", after: str = "") -> str:
    items = "".join(item(number, value, indent) for number, value in enumerate(values))
    return f"apiVersion: v1\nkind: List\n# what follows is long\nitems:\n{items}{after}"


def read(base: str, head: str) -> tuple[tuple[KubeObject, ...], tuple[KubeObject, ...], DocumentStore]:
    trees = MemoryTree({PATH: base}, "base"), MemoryTree({PATH: head}, "head")
    documents = DocumentStore(trees[0]), DocumentStore(trees[1])
    limitations: dict[Limitation, None] = {}
    sides = (
        Manifests(own, other, frozenset({PATH})).objects(PATH, limitations)
        for own, other in (documents, documents[::-1])
    )
    before, after = sides
    assert not limitations
    return before, after, documents[1]


MANY = ["same"] * 900
CHANGED = [*MANY[:500], "other", *MANY[501:]]


@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize("after", ["", "metadata:\n  name: all\n"])
def test_only_items_that_differ_are_read_each_at_its_place(indent: str, after: str) -> None:
    texts = [listing(values, indent, after) for values in (MANY, CHANGED)]
    assert all(len(text) > LARGE for text in texts)
    before, after_change, documents = read(*texts)
    assert [one.name for one in before] == [one.name for one in after_change] == ["map-500"]
    node = after_change[0].body.at("data", "value")
    assert node is not None
    line = documents.get(PATH).line(node.file_line)
    assert line[node.column :] == "other"


def test_items_that_come_and_go_are_read_on_their_side_only() -> None:
    before, after, _ = read(listing(MANY), listing([*MANY, "new"]))
    assert [one.name for one in before] == []
    assert [one.name for one in after] == ["map-900"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("items:\n", "items: # long\n"),
        lambda text: text.replace("items:\n", "items:\n"[:-1] + " !!seq\n"),
        lambda text: text.replace("    value: same", "    value: &same same", 1).replace(
            "    value: other", "    value: *same"
        ),
    ],
    ids=["a comment", "a tag", "an alias"],
)
def test_what_cannot_be_cut_is_read_as_a_whole(change: object) -> None:
    assert callable(change)
    _, after, _ = read(change(listing(MANY)), change(listing(CHANGED)))
    assert len(after) == 900


def test_a_broken_item_is_told() -> None:
    texts = listing(MANY), listing(CHANGED).replace("    value: other", "    value: [other")
    documents = (
        DocumentStore(MemoryTree({PATH: texts[0]}, "base")),
        DocumentStore(MemoryTree({PATH: texts[1]})),
    )
    limitations: dict[Limitation, None] = {}
    Manifests(documents[1], documents[0], frozenset({PATH})).objects(PATH, limitations)
    assert [one.kind for one in limitations] == ["parse-error"]


def test_small_files_are_read_as_a_whole() -> None:
    _, after, _ = read(listing(["a", "b"]), listing(["a", "c"]))
    assert [one.name for one in after] == ["map-0", "map-1"]
