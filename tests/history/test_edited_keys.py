"""Keys as a change edits them in its files: `riskcheck.edits`."""

from __future__ import annotations

import pytest

from riskcheck import edits
from riskcheck.edits import Edits, edits_of
from riskcheck.history.model import MOST_PATHS
from riskcheck.history.shapes import shape_of
from riskcheck.trees import PathChange
from tests.support import MemoryTree

Files = dict[str, str | bytes]


def edited(before: Files, after: Files) -> Edits:
    base, head = MemoryTree(before, "base"), MemoryTree(after)
    changes = []
    for path in sorted({*before, *after}):
        old, new = base.entry(path), head.entry(path)
        status = "added" if old is None else "deleted" if new is None else "modified"
        changes.append(PathChange(path, status, path, old, new))  # type: ignore[arg-type]
    return edits_of(base, head, changes)


def keys(before: str | bytes, after: str | bytes, path: str = "prod/web.yaml") -> list[str]:
    return [one.key for one in edited({path: before}, {path: after}).keys]


def test_lists_go_by_their_natural_keys() -> None:
    before = "env:\n- {name: A, value: x}\n- {name: B, value: y}\n"
    after = "env:\n- {name: B, value: z}\n- {name: A, value: x}\n"
    assert keys(before, after) == ["env[B].value"]


def test_documents_that_move_are_the_same() -> None:
    one = "kind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n"
    two = "kind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {x: '1'}\n"
    assert keys(f"{one}---\n{two}", f"{two}---\n{one}") == []
    assert keys(f"{one}---\n{two}", f"{two.replace('1', '2')}---\n{one}") == ["ConfigMap/n/b data.x"]


def test_comments_alone_edit_no_key() -> None:
    found = edited({"a.yaml": "a: 1\n# one\n"}, {"a.yaml": "a: 1\n# two\n"})
    assert (found.keys, found.commented, found.lines) == ((), False, 2)
    found = edited({"a.yaml": "a: 1\nbeta: true\n"}, {"a.yaml": "a: 1\n# beta: true\n"})
    assert ([one.operation for one in found.keys], found.commented) == (["removed"], True)
    found = edited({"a.yaml": "a: 1\n#beta: true\n"}, {"a.yaml": "a: 1\nbeta: true\n"})
    assert found.commented


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("a.json", '{"a": {"b": 1}}', '{"a": {"b": 2}}', ["a.b"]),
        ("a.toml", "[a]\nb = 1\n", "[a]\nb = 2\n", ["a.b"]),
        ("a.properties", "a.b=1\n", "a.b=2\n", ['"a.b"']),
        ("a.yaml", "{a: 1", "{a: 2", [""]),
        ("a.yaml", b"a: \xff\n", b"a: \xfe\n", [""]),
        ("a.json", '{"\\ud800": 1}', '{"\\ud800": 2}', ["�"]),
        ("notes.txt", "a: 1\n", "a: 2\n", []),
    ],
)
def test_other_formats_and_broken_files(path: str, before: str, after: str, expected: list[str]) -> None:
    assert keys(before, after, path) == expected


def test_terraform_where_its_reader_is_there() -> None:
    pytest.importorskip("tree_sitter_hcl")
    assert keys("a = 1\nb = 2\n", "a = 1\nb = 3\n", "prod.tfvars") == ["b"]


def test_a_file_that_cannot_be_read_is_counted() -> None:
    base = MemoryTree({"a.yaml": "a: 1\n"}, "base", unreadable={"a.yaml": "missing"})
    head = MemoryTree({"a.yaml": "a: 2\n"})
    change = PathChange("a.yaml", "modified", "a.yaml", base.entry("a.yaml"), head.entry("a.yaml"))
    found = edits_of(base, head, [change])
    assert found.unread == 1
    assert [(one.key, one.operation) for one in found.keys] == [("", "modified")]


def test_files_that_come_and_go_are_edited_as_a_whole() -> None:
    found = edited({"gone.yaml": "a: 1\n"}, {"new.yaml": "a: 1\n"})
    assert [(one.path, one.key, one.operation) for one in found.keys] == [
        ("gone.yaml", "", "removed"),
        ("new.yaml", "", "added"),
    ]


def test_neither_values_nor_addresses_are_in_keys() -> None:
    assert keys("args: [a]\n", "args: [a, '--password=hunter2[x]']\n") == ["args[]"]
    assert keys("args: [a, secret]\n", "args: [a]\n") == ["args[]"]
    before = "permissions:\n- {user_name: jane@example.com, level: A}\n"
    assert keys(before, before.replace("A}", "B}")) == ["permissions[somebody].level"]
    assert keys("jane@example.com: a\n", "jane@example.com: b\n") == ['"somebody"']


def test_bounds() -> None:
    many: Files = {f"a{number}.yaml": "a: 1\n" for number in range(edits.MOST_FILES + 1)}
    found = edited(many, dict.fromkeys(many, "a: 2\n"))
    assert (found.keys, found.lines) == ((), edits.MOST_FILES + 1)
    assert edits.MOST_FILES < MOST_PATHS
    wide = "".join(f"k{number}: 1\n" for number in range(edits.MOST_KEYS + 1))
    assert keys(wide, wide.replace("1\n", "2\n")) == [""]
    large = "a: " + "x" * edits.MOST_BYTES + "\n"
    assert keys(large, large + "b: 1\n") == [""]
    assert [len(one) for one in keys(f"{'k' * 5_000}: 1\n", f"{'k' * 5_000}: 2\n")] in ([500], [0])


@pytest.mark.parametrize(
    ("before", "after", "shape"),
    [
        ("false", "true", "on"),
        ("Enabled", "disabled", "off"),
        ("3", "30", "tenfold"),
        ("512Mi", "5120Mi", "tenfold"),
        ("30", "3", "tenfold"),
        ("3", "4", "number"),
        ("3", "0", "zeroed"),
        ("0", "3", "number"),
        ("512Mi", "1Gi", ""),
        ("v1.2.3", "v1.2.4", "version"),
        ("registry/app:1.2.3", "registry/app:1.2.4", "version"),
        ("app@sha256:" + "a" * 64, "app@sha256:" + "b" * 64, "version"),
        ("a", "b", ""),
        ("1" * 300, "2" * 300, ""),
        ("1_" * 99 + "!", "2_" * 99 + "!", ""),
        ("", "", ""),
    ],
)
def test_shapes(before: str, after: str, shape: str) -> None:
    assert shape_of(before, after) == shape
