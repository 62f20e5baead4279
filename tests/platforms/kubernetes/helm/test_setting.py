"""Single values set by their path."""

from __future__ import annotations

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Value
from riskcheck.platforms.kubernetes.edit import mapping_at
from riskcheck.platforms.kubernetes.helm.setting import MOST_INDEX, Setting, applied, steps_of, typed
from tests.platforms.kubernetes.helm.test_merge import plain, values

NEAR = mapping_at([], values("a: 1\n"))


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("a.b.c", ("a", "b", "c")),
        ("a[0].c", ("a", 0, "c")),
        ("a[1][2]", ("a", 1, 2)),
        (r"nodeSelector.kubernetes\.io/role", ("nodeSelector", "kubernetes.io/role")),
        ("", None),
        (".a", None),
        ("[0].a", None),
        ("a[x]", None),
        ("a[", None),
        (f"a[{MOST_INDEX + 1}]", None),
        ("x." * 50 + "x", None),
    ],
)
def test_paths(name: str, steps: tuple[str | int, ...] | None) -> None:
    assert steps_of(name) == steps


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("true", True),
        ("null", None),
        ("3", 3),
        ("03", "03"),
        ("1.5", "1.5"),
        ("yes", "yes"),
        ("{a,2}", ["a", 2]),
        ("{}", []),
    ],
)
def test_types(raw: str, value: Value) -> None:
    assert plain_value(typed(raw, NEAR), "yaml-1.1") == value


def test_text_is_text_where_it_is_forced() -> None:
    assert plain_value(typed("true", NEAR, as_text=True), "yaml-1.1") == "true"


def test_lists_grow_and_what_stands_in_the_way_is_replaced() -> None:
    base = values("a: text\nl: [1]\n")
    result = applied(base, Setting(("a", "b"), typed("1", NEAR)))
    result = applied(result, Setting(("l", 2, "x"), typed("1", NEAR)))
    assert plain(result) == {"a": {"b": 1}, "l": [1, None, {"x": 1}]}


def test_a_value_stands_where_its_parameter_does() -> None:
    near = values("\nv: 1\n").get("v")
    assert near is not None
    made = typed("5", near)
    assert (made.source.path, made.file_line, made.synthetic) == ("values.yaml", 2, False)
