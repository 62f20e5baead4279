"""Values over values, as Helm merges them."""

from __future__ import annotations

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.yaml import parse
from riskcheck.nodes import KeyPath, Mapping, Scalar, Source, Value
from riskcheck.platforms.kubernetes.helm.merge import over, over_defaults


def values(text: str, path: str = "values.yaml") -> Mapping:
    root, _ = parse(text, Source(path, "head"))
    assert isinstance(root, Mapping)
    return root


def plain(node: Mapping) -> Value:
    return plain_value(node, "yaml-1.1")


def test_later_values_win_mappings_merge_and_lists_are_replaced() -> None:
    lower = values("a: {b: 1, c: 2}\nlist: [1, 2]\nkept: x\n")
    upper = values("a: {c: 3, d: 4}\nlist: [9]\nnew: z\n")
    assert plain(over(upper, lower)) == {
        "a": {"b": 1, "c": 3, "d": 4},
        "list": [9],
        "kept": "x",
        "new": "z",
    }


def test_null_stays_between_files_and_deletes_the_default_of_the_chart() -> None:
    merged = over(values("probe: null\n"), values("probe: {path: /}\n"))
    assert plain(merged) == {"probe": None}
    deleted: dict[KeyPath, Scalar] = {}
    result = over_defaults(merged, values("probe: {path: /live}\nport: 80\n"), deleted)
    assert plain(result) == {"port": 80}
    assert {path: key.raw for path, key in deleted.items()} == {("probe",): "probe"}


def test_null_without_a_default_stays_and_an_empty_mapping_deletes_nothing() -> None:
    deleted: dict[KeyPath, Scalar] = {}
    result = over_defaults(
        values("other: null\nlimits: {}\nnone: null\n"), values("limits: {cpu: 1}\nnone: null\n"), deleted
    )
    assert plain(result) == {"limits": {"cpu": 1}, "other": None}
    assert deleted == {}


def test_a_value_of_another_kind_replaces_the_default() -> None:
    defaults = values("a: {b: 1}\nc: 5\n")
    assert plain(over_defaults(values("a: text\nc: {d: 1}\n"), defaults, {})) == {"a": "text", "c": {"d": 1}}


def test_every_value_keeps_its_place() -> None:
    merged = over(values("\na: {c: 3}\n", "prod.yaml"), values("a:\n  b: 1\n", "values.yaml"))
    places = {
        path: (node.source.path, node.file_line)
        for path in (("a", "b"), ("a", "c"))
        if (node := merged.at(*path)) is not None
    }
    assert places == {("a", "b"): ("values.yaml", 2), ("a", "c"): ("prod.yaml", 2)}


def test_equal_parts_are_shared() -> None:
    lower = values("a: {b: 1}\nc: {d: 2}\n")
    assert over(values("a: {b: 5}\n"), lower).get("c") is lower.get("c")
