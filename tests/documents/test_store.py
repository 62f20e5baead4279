from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import MAX_BYTES, MAX_CHUNKS, DocumentStore, format_of
from riskcheck.models import location_of
from riskcheck.nodes import Mapping
from tests.support import MemoryTree


def _store(files: dict[str, str | bytes], unreadable: dict[str, str] | None = None) -> DocumentStore:
    return DocumentStore(MemoryTree(files, unreadable=unreadable))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.yaml", "yaml"),
        ("B.YML", "yaml"),
        ("x.json", "json"),
        ("tsconfig.jsonc", "json"),
        ("pyproject.toml", "toml"),
        ("app.properties", "properties"),
        ("conf/spark-defaults.conf", "properties"),
        ("nginx.conf", None),
        ("yaml", None),
        (".yaml", None),
        ("a.yaml/README", None),
        ("Makefile", None),
    ],
)
def test_the_name_of_a_file_promises_its_format(path: str, expected: str | None) -> None:
    assert format_of(path) == expected


def test_every_format_gives_the_same_tree() -> None:
    store = _store(
        {
            "a.yaml": "k: {v: x}\n",
            "a.json": '{"k": {"v": "x"}}',
            "a.toml": 'k.v = "x"\n',
            "a.properties": "v = x\n",
        }
    )
    for path in ("a.yaml", "a.json", "a.toml"):
        root = store.get(path).root
        assert root is not None
        assert plain_value(root, "yaml-1.2") == {"k": {"v": "x"}}
    root = store.get("a.properties").root
    assert root is not None
    assert plain_value(root, "yaml-1.2") == {"v": "x"}


def test_a_format_given_overrules_the_name() -> None:
    store = _store({"Config": "a: 1\n", "b.txt": "{}"})
    assert store.get("Config").root is None
    assert store.get("Config", "yaml").root is not None
    assert store.get("b.txt", "json").root is not None


def test_a_document_is_read_and_parsed_once() -> None:
    tree = MemoryTree({"a.yaml": "a: 1\n"})
    store = DocumentStore(tree)
    assert store.get("a.yaml") is store.get("a.yaml")
    assert store.get("a.yaml").root is store.get("a.yaml").root
    assert tree.reads == ["a.yaml"]


def test_a_shared_cache_reads_equal_content_of_both_sides_once() -> None:
    cache: dict[object, object] = {}
    base = MemoryTree({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"}, "base")
    head = MemoryTree({"a.yaml": "a: 1\n", "b.yaml": "b: 2\n"}, "head")
    stores = [DocumentStore(base, cache), DocumentStore(head, cache)]
    roots = [store.get(path).root for path in ("a.yaml", "b.yaml") for store in stores]
    assert (base.reads, head.reads) == (["a.yaml", "b.yaml"], ["b.yaml"])
    assert roots[0] is roots[1], "what is equal at the same place is parsed once"
    assert roots[2] is not roots[3]
    assert [root.source.side for root in roots if root is not None] == ["head", "head", "base", "head"]


def test_lines_of_a_later_document_are_those_of_the_file() -> None:
    document = _store({"a.yaml": "# licence\n---\na: 1\n---\n\nb:\n  c: 2\n  c: 3\n"}).get("a.yaml")
    assert [chunk.first_line for chunk in document.chunks] == [2, 4]
    second = document.chunks[1].root
    assert isinstance(second, Mapping)
    node = second.at("b", "c")
    assert node is not None
    place = location_of(node)
    assert (place.path, place.line, place.column, document.line(place.line)) == ("a.yaml", 8, 6, "  c: 3")
    assert [(one.line, one.column) for one in document.chunks[1].duplicate_keys] == [(8, 3)]


def test_equal_documents_have_equal_digests_wherever_they_stand() -> None:
    store = _store({"a.yaml": "x: 1\n---\na: 1\n", "b.yaml": "---\na: 1\n", "c.yaml": "---\na: 2\n"})
    moved, same, other = (store.get(path).chunks[-1].digest for path in ("a.yaml", "b.yaml", "c.yaml"))
    assert moved == same
    assert moved != other


def test_a_broken_document_does_not_hide_its_neighbours() -> None:
    document = _store({"a.yaml": "a: 1\n---\nb: c: d\n---\ne: 2\n"}).get("a.yaml")
    assert [chunk.root is not None for chunk in document.chunks] == [True, False, True]
    assert document.error is not None
    assert (document.error.line, document.error.column) == (3, 5)
    assert document.unreadable is None


def test_the_root_is_that_of_the_first_document_with_content() -> None:
    root = _store({"a.yaml": "---\n# nothing\n---\na: 1\n"}).get("a.yaml").root
    assert isinstance(root, Mapping)


def test_merge_keys_are_read_as_the_caller_asks() -> None:
    text = "p: &p {a: 1}\nq: &q {a: 2}\nx:\n  <<: [*p, *q]\n"
    store = _store({"a.yaml": text})
    for merge, expected in (("yaml", 1), ("databricks", 2)):
        root = store.get("a.yaml", merge="databricks" if merge == "databricks" else "yaml").root
        assert isinstance(root, Mapping)
        merged = root.get("x")
        assert merged is not None
        assert plain_value(merged, "yaml-1.2") == {"a": expected}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a: \x00", "binary"),
        (b"a: \xff\n", "not-utf-8"),
        (b"\xff\xfea", "not-utf-8"),
        (b"a" * (MAX_BYTES + 1), "too-large"),
    ],
)
def test_what_is_no_text_is_unreadable_and_says_so(content: bytes, kind: str) -> None:
    document = _store({"a.yaml": content}).get("a.yaml")
    assert document.unreadable == kind
    assert document.error is not None
    assert (document.root, document.text, document.chunks) == (None, "", ())


@pytest.mark.parametrize("kind", ["symlink", "missing-blob", "too-large"])
def test_what_the_tree_cannot_read_is_unreadable(kind: str) -> None:
    document = _store({}, {"a.yaml": kind}).get("a.yaml")
    assert document.unreadable == kind
    assert document.error is not None


def test_a_path_that_does_not_exist_is_unreadable() -> None:
    assert _store({}).get("no/such.yaml").unreadable == "absent"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    document = _store({"a.yaml": mark + "é: 1\n".encode(encoding)}).get("a.yaml")
    root = document.root
    assert isinstance(root, Mapping)
    key = root.key("é")
    assert key is not None
    assert (key.line, key.column) == (0, 0)


def test_a_file_of_too_many_documents_is_refused_as_a_whole() -> None:
    document = _store({"a.yaml": "---\n" * (MAX_CHUNKS + 1)}).get("a.yaml")
    assert document.error is not None
    assert "documents in one file" in document.error.reason


def test_json_may_have_comments_only_where_that_is_usual() -> None:
    text = '{\n  // why\n  "a": 1,\n}\n'
    store = _store({"tsconfig.json": text, "x.jsonc": text, "x.json": text})
    assert store.get("tsconfig.json").root is not None
    assert store.get("x.jsonc").root is not None
    assert store.get("x.json").error is not None


def test_lines_outside_a_file_are_empty() -> None:
    document = _store({"a.yaml": "a: 1\r\n"}).get("a.yaml")
    assert [document.line(number) for number in (-1, 0, 1, 2, 3)] == ["", "", "a: 1", "", ""]


def test_prefetching_is_the_trees_work() -> None:
    tree = MemoryTree({"a.yaml": ""})
    DocumentStore(tree).prefetch(["a.yaml", "b.yaml"])
    assert tree.prefetched == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: 1 # riskcheck: ignore[DAB-001] until=2027-01-01\n",
            [(1, "riskcheck: ignore[DAB-001] until=2027-01-01")],
        ),
        ("# riskcheck: x\r\na: 1\n---\n  #riskcheck: y\nb: 2\n", [(1, "riskcheck: x"), (4, "riskcheck: y")]),
        ("a: 'x # riskcheck: no'\n", []),
        ("a: |\n  # riskcheck: no\n  x\nb: 1 # riskcheck: yes\n", [(4, "riskcheck: yes")]),
        ("a: b#riskcheck: no\n", []),
        ("a: 1 # see riskcheck: docs\n", []),
        ("a: [broken\n# riskcheck: still found\n", [(2, "riskcheck: still found")]),
    ],
)
def test_comments_to_riskcheck_are_found_but_not_values_that_look_like_them(
    text: str, expected: list[tuple[int, str]]
) -> None:
    comments = _store({"a.yaml": text}).get("a.yaml").comments
    assert [(one.line, one.text) for one in comments] == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.toml", 'a = "# riskcheck: no"\nb = 1 # riskcheck: yes\n'),
        ("a.properties", "a = # riskcheck: no\n# riskcheck: yes\n"),
        ("a.jsonc", '{"a": "// riskcheck: no",\n "b": 1} // riskcheck: yes\n'),
        ("a.sql", "select 1\n-- riskcheck: yes\n"),
        ("main.tf", "a = 1\nb = 2 # riskcheck: yes\n"),
    ],
)
def test_comments_are_found_in_every_format(path: str, text: str) -> None:
    comments = _store({path: text}).get(path).comments
    assert [(one.line, one.text) for one in comments] == [(2, "riskcheck: yes")]


@given(
    content=st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode)),
    path=st.sampled_from(
        ["a.yaml", "a.json", "tsconfig.json", "a.toml", "a.properties", "spark-defaults.conf", "a"]
    ),
)
@settings(max_examples=500, deadline=None)
def test_no_content_makes_the_store_raise(content: bytes, path: str) -> None:
    document = _store({path: content}).get(path)
    assert (document.root is None) or not document.unreadable
    assert document.template is None or document.error is not None
    assert not document.encrypted or "ENC[" in document.text or "sops" in document.text
    assert isinstance(document.comments, tuple)
    for chunk in document.chunks:
        assert (chunk.root is None) or (chunk.error is None)
        if chunk.root is not None:
            plain_value(chunk.root, "yaml-1.1")
