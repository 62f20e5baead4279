"""HCL in the shape of Terraform's JSON syntax, every value at its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.errors import Rejected
from riskcheck.documents.hcl import parse
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore, format_of
from riskcheck.nodes import Mapping, Node, Sequence, Source, Value
from tests.support import MemoryTree

SOURCE = Source("main.tf", "head")


def read(text: str) -> Mapping:
    return parse(text, SOURCE)[0]


def value(text: str) -> Value:
    return plain_value(read(text), "yaml-1.2")


def at(node: Node | None) -> tuple[int, int]:
    assert node is not None
    return node.file_line, node.column + 1


def test_labels_are_keys_and_nested_blocks_are_lists() -> None:
    text = """
resource "databricks_grants" "main" {
  catalog = "main"
  grant {
    principal  = "readers"
    privileges = ["SELECT"]
  }
  grant {
    principal = "writers"
  }
}
"""
    assert value(text) == {
        "resource": {
            "databricks_grants": {
                "main": {
                    "catalog": "main",
                    "grant": [
                        {"principal": "readers", "privileges": ["SELECT"]},
                        {"principal": "writers"},
                    ],
                }
            }
        }
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"a"', "a"),
        ('""', ""),
        (r'"tab\tquote\"\\ \u00e9"', 'tab\tquote"\\ é'),
        ("12", 12),
        ("-1.5", -1.5),
        ("true", True),
        ("null", None),
        ("[1, [2]]", [1, [2]]),
        ('{ a = 1, "b c" : 2 }', {"a": 1, "b c": 2}),
        ("(3)", 3),
        ("var.a", "${var.a}"),
        ('"${var.a}"', "${var.a}"),
        ("(var.a)", "${(var.a)}"),
        ('"a-${var.b}-c"', "a-${var.b}-c"),
        ("var.a ? 1 : 0", "${var.a ? 1 : 0}"),
        ("[for s in var.l : upper(s)]", "${[for s in var.l : upper(s)]}"),
        ('"$${kept}"', "$${kept}"),
        ("<<EOT\nhello ${var.x}\nworld\nEOT", "hello ${var.x}\nworld\n"),
        ("<<EOT\nplain\nEOT", "plain\n"),
        ("<<EOT\n  a\n b\nEOT", "  a\n b\n"),
        ('<<-EOT\n    a "b\n\n      ${var.c}\n    EOT', 'a "b\n\n  ${var.c}\n'),
        ("<<EOT\nEOT", ""),
        ("1e5", 100_000),
        ("[1.5E-3, 2e+3]", [0.0015, 2000]),
        ('["1e5", 1e5]', ["1e5", 100_000]),
        ('list("a", "${var.b}")', '${list("a", "${var.b}")}'),
        ('{ (var.a) = 1, "${var.b}-c" = 2 }', {"${(var.a)}": 1, "${var.b}-c": 2}),
    ],
)
def test_values(written: str, meant: Value) -> None:
    assert value(f"x = {written}\n") == {"x": meant}


def test_the_layout_of_an_expression_is_no_part_of_it() -> None:
    spread = "x = merge(  # both\n  local.a,\n  { b = 1 }\n)\n"
    assert value(spread) == value("x = merge( local.a, { b = 1 } )\n")


def test_every_value_has_its_place() -> None:
    root = read(
        'locals {\n  a = 1\n}\nlocals {\n  b = ["x",\n    "y"]\n}\nresource "t" "n" {\n  é = "ü"\n  c = 2\n}\n'
    )
    assert at(root.at("locals", "a")) == (2, 7)
    assert at(root.at("locals", "b")) == (5, 7)
    assert at(root.at("resource", "t", "n")) == (8, 1)
    assert at(root.at("resource", "t", "n", "é")) == (9, 7)
    names = root.at("resource", "t")
    assert isinstance(names, Mapping)
    assert at(names.key("n")) == (8, 14)


def test_blocks_that_may_come_often_are_listed_with_their_labels() -> None:
    found = value(
        'provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  alias = "b"\n}\n'
        "moved {\n  from = a.b\n  to = a.c\n}\n"
    )
    assert found == {
        "provider": [{"__labels__": ["aws"], "region": "a"}, {"__labels__": ["aws"], "alias": "b"}],
        "moved": [{"from": "${a.b}", "to": "${a.c}"}],
    }


def test_a_name_that_comes_twice_is_told() -> None:
    duplicates = parse('variable "a" {}\nvariable "a" {}\nx = 1\nx = 2\n', SOURCE)[1]
    assert sorted(duplicates) == [(1, 9, "a"), (3, 0, "x")]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = = 1\n", 0), ('resource "a" "b" {\n  c = 1\n', 0), ("x = 1\n}\n", 1), ("x = [1,\n", 0), ("\0", 0)],
)
def test_what_is_no_hcl_is_rejected_at_its_line(text: str, line: int) -> None:
    with pytest.raises(Rejected) as rejected:
        read(text)
    assert rejected.value.line == line
    assert "HCL" in rejected.value.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a {\n}\nb {\n  c {\n  d = 1\n}\ne {\n}\n", 2, "the '{' of line 3 has no closing '}'"),
        ("a = {\n  b = 1]\n", 1, "']' does not close the '{' of line 1"),
        ("a = 1\n}\n", 1, "'}' closes nothing"),
        ('a {\n  b = "c\n}\n', 1, "this text has no closing quote"),
        ("a = 1\nb = <<EOT\nc\n", 1, "the text that <<EOT begins has no end"),
        ("a = 1\n/* b\n", 1, "this comment has no end"),
        ('a = "}" # {\nb = <<E\n}}\nE\nc = [\n', 4, "the '[' of line 5 has no closing ']'"),
        ('password = "hunter2" "hunter3"\n', 0, "not understood near a text in quotes"),
    ],
)
def test_the_reason_says_what_does_not_end(text: str, line: int, reason: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read(text)
    assert (rejected.value.line, rejected.value.reason) == (line, f"not HCL: {reason}")


def test_line_ends_of_windows_and_a_byte_order_mark_are_no_part_of_it() -> None:
    tree = MemoryTree({"a.tf": '\ufeffresource "a" "b" {\r\n  c = [\r\n    "d",\r\n  ]\r\n}\r\n'})
    document = DocumentStore(tree).get("a.tf")
    assert document.root is not None
    assert plain_value(document.root, "yaml-1.2") == {"resource": {"a": {"b": {"c": ["d"]}}}}
    assert isinstance(document.root, Mapping)
    assert at(document.root.at("resource", "a", "b", "c")) == (2, 7)


def test_a_large_file_is_read_in_pieces_as_a_whole_one_is() -> None:
    one = (
        'resource "t" "r%d" {\n  a = "é${var.x}"\n  b = <<EOT\nc = 1\n}\nd {\nEOT\n  e = {\nf = [1e3]\n  }\n}\n'
        '/* g {\nh = 1\n*/\nlocals {\n  i%d = merge(\n    j,\n  )\n}\nprovider "k" {}\nl%d = 1\n'
    )
    parts = [one % (number, number, number) for number in range(3_000)]
    found = read("".join(parts))
    lines = one.count("\n")
    names = found.at("resource", "t")
    assert isinstance(names, Mapping)
    assert len(names.entries) == 3_000
    for number in (0, 1_234, 2_999):
        (alone,) = (parse(parts[number], SOURCE)[0],)
        for path in (("resource", "t", f"r{number}"), ("locals", f"i{number}"), (f"l{number}",)):
            node, expected = found.at(*path), alone.at(*path)
            assert node is not None and expected is not None
            assert plain_value(node, "yaml-1.2") == plain_value(expected, "yaml-1.2")
            assert (node.line, node.column) == (expected.line + number * lines, expected.column)
            assert node.end_line == expected.end_line + number * lines
    providers = found.get("provider")
    assert isinstance(providers, Sequence)
    assert len(providers.items) == 3_000


@pytest.mark.parametrize(
    ("head", "line", "reason"), [("x = [\n", 0, "a block of more than"), ("a {\n", 0, "has no closing '}'")]
)
def test_one_block_is_bounded(head: str, line: int, reason: str) -> None:
    with pytest.raises(Rejected, match=reason) as rejected:
        read(head + '  "10.0.0.0/8",\n' * 200_000 + ("]\n" if "[" in head else ""))
    assert rejected.value.line == line


def test_nesting_is_bounded() -> None:
    with pytest.raises(Rejected, match="nested more than"):
        read("x = " + "[" * 5_000 + "]" * 5_000 + "\n")
    with pytest.raises(Rejected, match="nested more than"):
        read("a {\n" * 1_000 + "}\n" * 1_000)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_rejected(text: str) -> None:
    try:
        read(text)
    except Rejected as rejected:
        assert 0 <= rejected.line <= text.count("\n") + 1


def test_the_store_reads_it_by_its_name() -> None:
    assert [format_of(path) for path in ("a/main.tf", "prod.tfvars", "x.hcl", "x.tofu", "main.tf.json")] == [
        "hcl",
        "hcl",
        "hcl",
        "hcl",
        "json",
    ]
    document = DocumentStore(MemoryTree({"a.tf": 'x = "y" # riskcheck: ignore[a] \n'})).get("a.tf")
    assert [comment.text for comment in document.comments] == ["riskcheck: ignore[a]"]


@pytest.mark.parametrize("written", ["0x10", "1.0e400", "9" * 5_000, "9" * 400 + ".5"])
def test_numbers_that_no_number_holds_stay_their_text(written: str) -> None:
    assert value(f"x = {written}\n") == {"x": written}


def test_halves_of_surrogates_are_no_text() -> None:
    assert value('x = "a\\ud800b"\n') == {"x": "a\ufffdb"}
