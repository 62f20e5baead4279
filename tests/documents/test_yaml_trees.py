from __future__ import annotations

import pytest

from riskcheck.documents.errors import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES
from riskcheck.nodes import Mapping, Scalar, Sequence
from tests.documents.yaml_support import mapping, parsed, problem, value


def test_an_alias_is_the_very_node_of_its_anchor() -> None:
    root = mapping("a: &x {k: 1}\nb: *x\nc: [*x]\n")
    anchored = root.get("a")
    assert root.get("b") is anchored
    items = root.get("c")
    assert isinstance(items, Sequence)
    assert items.items[0] is anchored


def test_an_anchor_set_again_counts_from_there_on() -> None:
    assert value("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_alias_may_be_a_key() -> None:
    assert value("a: &x name\n*x : 1\n") == {"a": "name", "name": 1}


def test_an_alias_without_anchor_is_placed() -> None:
    assert problem("a: 1\nb: *nope\n") == (1, 3, "alias *nope has no anchor before it")


@pytest.mark.parametrize("text", ["a: &x\n  b: *x\n", "&x [*x]\n", "a: &x [[*x]]\n"])
def test_an_alias_inside_its_own_anchor_is_refused(text: str) -> None:
    assert problem(text)[2] == "alias *x contains itself"


def test_explicit_keys_win_over_merged_ones_wherever_they_stand() -> None:
    text = "d: &d {a: 1, b: 2, c: 3}\nx:\n  a: 10\n  <<: *d\n  b: 20\n"
    assert value(text) == {"d": {"a": 1, "b": 2, "c": 3}, "x": {"a": 10, "b": 20, "c": 3}}


_TWO = "p: &p {a: 1, b: 1}\nq: &q {b: 2, c: 2}\n"


def test_of_a_list_of_merges_the_earlier_wins_in_yaml() -> None:
    found = value(_TWO + "x:\n  <<: [*p, *q]\n")
    assert isinstance(found, dict)
    assert found["x"] == {"a": 1, "b": 1, "c": 2}


def test_of_a_list_of_merges_the_later_wins_in_the_bundle_loader() -> None:
    found = value(_TWO + "x:\n  <<: [*p, *q]\n", "databricks")
    assert isinstance(found, dict)
    assert found["x"] == {"a": 1, "b": 2, "c": 2}


def test_of_two_merge_keys_the_later_wins_in_yaml_and_both_are_reported() -> None:
    result = parsed(_TWO + "x:\n  <<: *p\n  <<: *q\n")
    assert isinstance(result.root, Mapping)
    merged = result.root.at("x", "b")
    assert isinstance(merged, Scalar)
    assert merged.raw == "2"
    assert [(one.line, one.key) for one in result.duplicates] == [(4, "<<")]


def test_the_bundle_loader_refuses_a_second_merge_key_and_a_literal_mapping() -> None:
    assert "second '<<'" in problem(_TWO + "x:\n  <<: *p\n  <<: *q\n", "databricks")[2]
    assert "alias" in problem("x:\n  <<: {a: 1}\n", "databricks")[2]
    assert value("x:\n  <<: {a: 1}\n") == {"x": {"a": 1}}


def test_a_merged_value_is_still_the_node_of_its_anchor() -> None:
    root = mapping("d: &d {a: 1}\nx:\n  <<: *d\n")
    assert root.at("x", "a") is root.at("d", "a")


def test_merging_a_mapping_that_was_itself_merged_brings_all_of_it() -> None:
    found = value("a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nc:\n  <<: *b\n")
    assert isinstance(found, dict)
    assert found["c"] == {"y": 2, "x": 1}


@pytest.mark.parametrize("text", ["<<: 1\n", "<<: [1]\n", "a: &a [1]\nb:\n  <<: *a\n"])
def test_only_mappings_can_be_merged(text: str) -> None:
    assert problem(text)[2] == "'<<' takes mappings only"


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert value("'<<': 1\n") == {"<<": 1}


def test_of_duplicate_keys_the_last_wins_and_each_is_reported() -> None:
    result = parsed("a: 1\nb: 2\na: 3\n'a': 4\n")
    assert isinstance(result.root, Mapping)
    assert [(key.raw, key.line) for key, _ in result.root.entries] == [("b", 1), ("a", 3)]
    assert [(one.line, one.key) for one in result.duplicates] == [(2, "a"), (3, "a")]


def test_reports_of_duplicate_keys_are_bounded() -> None:
    assert len(parsed("a: 1\n" * 1000).duplicates) == MAX_DUPLICATES


def test_tags_are_kept_as_text_and_construct_nothing() -> None:
    root = mapping("a: !!python/object/apply:os.system ['true']\nb: !Ref x\nc: !!str 1\nd: !<tag:q,1:z> {}\n")
    assert [node.tag for node in root.index.values() if isinstance(node, Scalar | Sequence | Mapping)] == [
        "!!python/object/apply:os.system",
        "!Ref",
        "!!str",
        "tag:q,1:z",
    ]


@pytest.mark.parametrize("text", ["[a]: 1\n", "? {a: 1}\n: 2\n", "x: {{ y }}\n"])
def test_a_key_must_be_a_scalar(text: str) -> None:
    assert problem(text)[2] == "a mapping or list cannot be a key"


@pytest.mark.parametrize("text", ["", "# c\n", "---\n", "--- # c\n...\n"])
def test_a_document_without_content_has_no_root(text: str) -> None:
    assert parsed(text).root is None


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[" * 100_000 + "]" * 100_000]
)
def test_a_hundred_thousand_levels_are_refused_without_overflow(text: str) -> None:
    assert "nested deeper" in problem(text)[2]


def test_the_depth_limit_is_inclusive() -> None:
    assert parsed("[" * MAX_DEPTH + "]" * MAX_DEPTH).root is not None


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "aliases add more than" in problem("\n".join(rows))[2]


def test_a_bomb_of_merge_keys_is_refused() -> None:
    rows = ["m0: &m0 {k0: 1}"] + [f"m{n}: &m{n} {{<<: *m{n - 1}, k{n}: 1}}" for n in range(1, 1500)]
    assert "merge keys add more than" in problem("\n".join(rows))[2]


def test_depth_that_only_aliases_make_is_refused() -> None:
    rows = ["- &a0 [x]"] + [f"- &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH + 2)]
    assert "aliases nest deeper" in problem("\n".join(rows))[2]


def test_ordinary_use_of_aliases_is_within_the_limits() -> None:
    rows = ["base: &base {a: 1, b: [1, 2, 3]}", *(f"x{n}: *base" for n in range(2000))]
    found = value("\n".join(rows))
    assert isinstance(found, dict)
    assert len(found) == 2001


def test_more_values_than_any_document_has_are_refused() -> None:
    assert "keys and values in one document" in problem("[" + "a," * (MAX_NODES + 1) + "]")[2]
