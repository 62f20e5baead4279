"""The path grammar: what each form selects, what it refuses, and that no input makes it slow."""

from __future__ import annotations

import pytest

from riskcheck.nodes import KeyPath
from riskcheck.rules.selector import PathIndex, matches_glob, parse_path


def selects(pattern: str, path: KeyPath) -> bool:
    index: PathIndex[str] = PathIndex()
    for segments in parse_path(pattern):
        index.add(segments, "rule")
    return index.walk(path).ends() == ["rule"]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("", ()),
        ("**", ()),
        ("**", ("a", "[b]", "c")),
        ("**.image", ("image",)),
        ("**.image", ("spec", "containers", "[web]", "image")),
        ("spec.**.image", ("spec", "image")),
        ("spec.**", ("spec",)),
        ("**.a.**.b", ("a", "a", "x", "b", "b")),
        ("*.a", ("x", "a")),
        ("tasks[].max_retries", ("tasks", "[ingest]", "max_retries")),
        ("tasks[*]", ("tasks", "[ingest]")),
        ("tasks[ingest].x", ("tasks", "[ingest]", "x")),
        ("tasks[in*].x", ("tasks", "[ingest]", "x")),
        ("[].x", ("[0]", "x")),
        ("rows[][]", ("rows", "[0]", "[1]")),
        ("tasks[].{a,b}", ("tasks", "[t]", "b")),
        ("{a,b.c}.d", ("b", "c", "d")),
        ("{a{b,c}d,e}", ("acd",)),
        ("x.{tasks[].a,b}", ("x", "tasks", "[t]", "a")),
        ('spark_conf."spark.driver.memory"', ("spark_conf", "spark.driver.memory")),
        ("spark_conf.spark*", ("spark_conf", "spark.driver.memory")),
        ("*_password", ("db_password",)),
        ('x."[odd]"', ("x", "\\[odd]")),
        ('x."*"', ("x", "*")),
        ('"{a,b}"', ("{a,b}",)),
    ],
)
def test_selects(pattern: str, path: KeyPath) -> None:
    assert selects(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("spec.replicas", ("spec",)),
        ("spec.replicas", ("spec", "replicas", "x")),
        ("", ("spec",)),
        ("*", ()),
        ("*", ("[a]",)),
        ("[]", ("a",)),
        ("tasks[ingest]", ("tasks", "[load]")),
        ("tasks[].x", ("tasks", "t", "x")),
        ("**.a.**.b", ("b", "a")),
        ("a*c", ("ab",)),
        ('x."*"', ("x", "y")),
        ("x.[odd]", ("x", "\\[odd]")),
    ],
)
def test_does_not_select(pattern: str, path: KeyPath) -> None:
    assert not selects(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("a..b", "unexpected '.'"),
        ("a.", "ends with a dot"),
        (".a", "unexpected '.'"),
        ("a[b", "'[' without ']'"),
        ("a]b", "unexpected ']'"),
        ("{a,b", "'{' without '}'"),
        ("a}", "'}' without '{'"),
        ("{a,}", "empty alternative"),
        ('a."b', "unfinished quote"),
        ("a b", "unexpected ' '"),
        ('"a"b', "unexpected 'b'"),
        ("{a,b}" * 20, "more than 256 alternatives"),
        ("{" * 300 + "a" + "}" * 300, "more than 400 characters"),
    ],
)
def test_malformed_paths_say_what_is_wrong(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="path") as raised:
        parse_path(pattern)
    assert complaint in str(raised.value)


def test_several_rules_share_one_walk_in_their_own_order() -> None:
    index: PathIndex[str] = PathIndex()
    for name, pattern in (("first", "a.b"), ("second", "**.b"), ("third", "a.*"), ("other", "a.c")):
        index.add(parse_path(pattern)[0], name)
    assert sorted(index.walk(("a", "b")).ends()) == ["first", "second", "third"]


def test_a_pattern_that_ends_twice_at_one_place_is_named_once() -> None:
    index: PathIndex[str] = PathIndex()
    for pattern in parse_path("{a.b,**.b}"):
        index.add(pattern, "rule")
    assert index.walk(("a", "b")).ends() == ["rule"]


def test_the_walk_tells_whether_patterns_go_further() -> None:
    index: PathIndex[str] = PathIndex()
    index.add(parse_path("spec.probe.path")[0], "rule")
    assert index.walk(("spec",)).leads_on()
    assert not index.walk(("spec", "probe", "path")).leads_on()
    assert not index.walk(("other",)).leads_on()


def test_many_deep_wildcards_stay_a_small_set_of_places() -> None:
    index: PathIndex[str] = PathIndex()
    index.add(("**", "a") * 12 + ("b",), "rule")
    assert index.walk(("a",) * 2000).ends() == []
    assert index.walk((*("a",) * 2000, "b")).ends() == ["rule"]


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    [
        ("a*", "a", True),
        ("*", "", True),
        ("a*b*c", "abc", True),
        ("a*a", "a", False),
        ("*bc*c", "abc", False),
    ],
)
def test_globs(glob: str, text: str, fits: bool) -> None:
    assert matches_glob(glob.split("*"), text) is fits
