"""When a table is promised less: pairs of checks, and what becomes of them."""

from __future__ import annotations

import pytest

from riskcheck.nodes import Mapping, Source, made
from riskcheck.nodes import Sequence as List
from riskcheck.tables.loosening import ENDS, loosened
from riskcheck.tables.quality import expectation, named_once, number_of, numbers
from riskcheck.tables.read import text_of
from riskcheck.tables.shape import column, placed, sequence, table

AT = made("", Mapping([], Source("a.yml", "head"), 0, 0, 0, 0))


def check(word: str, on: str = "fail", col: str = "", name: str = "", **more: object) -> Mapping:
    text = {key: placed(str(more[key]), AT) for key in ("where", "expression", "enabled") if key in more}
    values, least, most = more.get("values"), more.get("at_least"), more.get("at_most")
    return expectation(
        AT,
        name=placed(name or f"{col}.{word}", AT),
        check=placed(word, AT),
        column=placed(col, AT) if col else None,
        on_violation=placed(on, AT) if on else None,
        values=List([placed(one, AT) for one in values], AT.source, 0, 0, 0, 0)
        if isinstance(values, list)
        else None,
        at_least=numbers(AT, least) if isinstance(least, dict) else None,
        at_most=numbers(AT, most) if isinstance(most, dict) else None,
        **text,
    )


def of(*checks: Mapping, columns: tuple[str, ...] = ()) -> Mapping:
    told = [column(AT, name=placed(one, AT)) for one in columns]
    return table(AT, constraints=sequence(AT, checks), columns=sequence(AT, told))


def said(before: Mapping, after: Mapping | None) -> list[tuple[str, bool]]:
    return [(one.what, one.grade == ENDS) for one in loosened(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (check("unique"), check("unique", "warn"), ("unique only warns instead of failing", True)),
        (check("unique"), check("unique", "drop"), ("unique drops the row instead of failing", True)),
        (
            check("unique", "drop"),
            check("unique", "warn"),
            ("unique keeps the row instead of dropping it", False),
        ),
        (check("unique"), check("unique", where="a > 1"), ("unique looks only at rows where a > 1", False)),
        (check("unique"), check("unique", enabled="false"), ("unique is switched off", True)),
        (
            check("unique"),
            check("unique", at_most={"failures": 3}),
            ("unique allows 3 failures instead of 0", False),
        ),
        (
            check("not_null"),
            check("not_null", at_least={"mostly": 0.9}),
            ("not_null asks for a share of 0.9 instead of 1", False),
        ),
        (
            check("in_range", at_least={"min_value": 1}),
            check("in_range"),
            ("in_range asks for any number instead of at least 1", False),
        ),
        (
            check("freshness", at_most={"age": 3600}),
            check("freshness", at_most={"age": 3 * 86_400}),
            ("freshness allows an age of 3d instead of 1h", False),
        ),
        (
            check("accepted_values", values=["a"]),
            check("accepted_values", values=["a", "b"]),
            ("accepted_values accepts b too", False),
        ),
        (
            check("own", expression="x > 0"),
            check("own", expression="true"),
            (".own allows more: true", False),
        ),
        (
            check("own", expression="x > 0 and y > 0"),
            check("own", expression="y > 0"),
            (".own allows more: y > 0", False),
        ),
        (
            check("own", expression="x <= 5"),
            check("own", expression="x <= 50"),
            (".own allows more: x <= 50", False),
        ),
        (
            check("own", expression="x > 5"),
            check("own", expression="x > 5 or y"),
            (".own allows more: x > 5 or y", False),
        ),
    ],
)
def test_what_asks_for_less(before: Mapping, after: Mapping, what: tuple[str, bool]) -> None:
    assert said(of(before), of(after)) == [what]
    assert said(of(after), of(before)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (check("unique", col="a", name="x"), check("unique", col="a", name="y")),
        (check("unique", ""), check("unique", "warn")),
        (check("unique"), check("unique", "")),
        (check("unique", where="a > 1"), check("unique", where="a > 2")),
        (check("own", expression="x > 5"), check("own", expression="5 < x")),
        (check("own", expression="x between 1 and 2"), check("own", expression="x between 0 and 2")),
        (check("own", name="a", expression="f(x)"), check("own", name="b", expression="g(x)")),
    ],
)
def test_what_cannot_be_told_to_be_less(before: Mapping, after: Mapping) -> None:
    assert said(of(before), of(after)) == []


def test_checks_that_go_are_told_together() -> None:
    before = of(*(check("unique", col=one) for one in "abcdef"))
    assert said(before, of()) == [
        ("unique of a, unique of b, unique of c, unique of d and 2 more are no longer checked", True)
    ]
    assert said(before, None) == said(before, of())


def test_a_check_goes_with_its_column() -> None:
    before = of(check("unique", col="a"), columns=("a", "b"))
    assert said(before, of(columns=("b",))) == []
    assert said(before, of(columns=("a", "b"))) == [("unique of a is no longer checked", True)]


def test_one_strict_check_stands_for_a_loose_one_beside_it() -> None:
    assert (
        said(
            of(check("unique", col="a")),
            of(check("unique", "warn", "a", "x"), check("unique", col="a", name="y")),
        )
        == []
    )


def test_names_that_occur_again_are_told_apart() -> None:
    items = named_once([check("own", name="a"), check("own", name="a"), check("own", name="b")])
    assert [text_of(item, "name") for item in items] == ["a", "a#2", "b"]


def test_numbers_are_read_as_they_are() -> None:
    assert [number_of(placed(text, AT)) for text in ("1", "-0.5", "1e400", "nan", "x", "")] == [
        1.0,
        -0.5,
        None,
        None,
        None,
        None,
    ]
