"""Beyond what the comparison with kubectl covers: patches that do not fit."""

from __future__ import annotations

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Sequence, Value
from riskcheck.platforms.kubernetes.kustomize.jsonpatch import PatchError, apply, apply_loosely, pointer
from tests.build import body
from tests.support import MemoryTree

TARGET = "{a: {b: [1, 2]}, c: x}"


def operations(text: str) -> Sequence:
    root = DocumentStore(MemoryTree({"p.yaml": text})).get("p.yaml").root
    assert isinstance(root, Sequence)
    return root


def applied(text: str) -> Value:
    return plain_value(apply(body(TARGET), operations(text)), "yaml-1.1")


def test_negative_indexes_count_from_the_end() -> None:
    assert applied("[{op: replace, path: /a/b/-1, value: 9}]") == {"a": {"b": [1, 9]}, "c": "x"}


def test_the_whole_object_can_be_replaced_by_another() -> None:
    assert applied("[{op: replace, path: '', value: {z: 1}}]") == {"z": 1}


@pytest.mark.parametrize(
    "text",
    [
        "[{op: remove, path: /none}]",
        "[{op: remove, path: ''}]",
        "[{op: remove, path: /a/b/7}]",
        "[{op: remove, path: /c/x}]",
        "[{op: add, path: /none/x, value: 1}]",
        "[{op: add, path: /a/b/x, value: 1}]",
        "[{op: add, path: /a/b/0/x, value: 1}]",
        "[{op: add, path: /a/x}]",
        "[{op: replace, path: /a/b/9, value: 1}]",
        "[{op: replace, path: /c/x, value: 1}]",
        "[{op: replace, path: '', value: 1}]",
        "[{op: copy, from: /none, path: /x}]",
        "[{op: test, path: /c, value: y}]",
        "[{op: shuffle, path: /c}]",
        "[text]",
    ],
)
def test_a_patch_that_does_not_fit_says_so(text: str) -> None:
    with pytest.raises(PatchError):
        applied(text)


def test_pointers_are_unescaped() -> None:
    assert pointer("/a~1b/c~0d/") == ("a/b", "c~d", "")


def test_the_target_is_left_as_it_was() -> None:
    target = body(TARGET)
    apply(target, operations("[{op: add, path: /a/b/-, value: 3}, {op: remove, path: /c}]"))
    assert plain_value(target, "yaml-1.1") == {"a": {"b": [1, 2]}, "c": "x"}


def test_what_is_unknown_takes_values_where_they_are_put() -> None:
    loose = apply_loosely(
        body("{kind: X}"),
        operations(
            "[{op: add, path: /a/b, value: 1}, {op: replace, path: /l/0, value: 2}, {op: test, path: /x, value: 1}]"
        ),
    )
    assert plain_value(loose, "yaml-1.1") == {"kind": "X", "a": {"b": 1}, "patches": {"/l/0": 2}}
