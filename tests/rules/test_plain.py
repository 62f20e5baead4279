"""Plain conditions are answered as CEL answers them, and the others are left to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.rules.cel import condition
from riskcheck.rules.load import load_rules
from riskcheck.rules.plain import UnsureError, plain_condition

SHIPPED = sorted(
    {
        source
        for rule in load_rules().rules
        for source in (rule.when, *(one.when for one in rule.escalate))
        if source is not None
    }
)
PLAIN = [source for source in SHIPPED if plain_condition(source) is not None]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 2.0, 2.5, -1.0, float("inf"), float("nan")]),
    st.sampled_from(
        ["", "1", "2", "P0", "P1", "data", "all", "true", "production", "tier-1", "quality", "now"]
    ),
)
VALUES = st.one_of(
    st.booleans(),
    st.booleans(),
    SCALARS,
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from("ab"), SCALARS),
)
WHOLE = st.fixed_dictionaries({}, optional=dict.fromkeys("ab", VALUES))


def both(source: str, data: dict[str, object]) -> tuple[bool | None, bool]:
    """What we say (None: CEL has to) and what CEL says."""
    plain = plain_condition(source)
    assert plain is not None, source
    try:
        ours: bool | None = plain.holds(data)
    except UnsureError:
        ours = None
    theirs, _ = condition(source).evaluate({name: data[name] for name in plain.wanted})
    return ours, theirs


def test_most_shipped_conditions_are_plain() -> None:
    assert len(PLAIN) > 100
    assert len(PLAIN) > 0.9 * len(SHIPPED)


@settings(max_examples=600)
@given(st.sampled_from(PLAIN), st.data())
def test_shipped_conditions_are_answered_as_cel_does(source: str, draw: st.DataObject) -> None:
    plain = plain_condition(source)
    assert plain is not None
    data: dict[str, object] = {}
    for root in plain.wanted:
        members = re.findall(rf"\b{root}\.(\w+)", source)
        likely = st.sampled_from([*re.findall(r"[\"']([^\"']*)[\"']", source), True, False, 2.0])
        values = st.one_of(likely, likely, st.lists(likely, max_size=2), VALUES)
        data[root] = (
            draw.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(members), values)))
            if members
            else draw.draw(values)
        )
    ours, theirs = both(source, data)
    assert ours is None or ours is theirs, (source, data)


OPERANDS = st.sampled_from(
    [
        "match.a",
        "match.b",
        "options.a",
        "before",
        "after",
        "true",
        "false",
        "2",
        "2.5",
        "-1",
        "'data'",
        '"P0"',
        "''",
    ]
)
ATOMS = st.one_of(
    OPERANDS,
    st.builds(
        "{} {} {}".format, OPERANDS, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in"]), OPERANDS
    ),
)
WRITTEN = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=600)
@given(WRITTEN, WHOLE, WHOLE, VALUES, VALUES)
def test_any_plain_condition_is_answered_as_cel_does(
    source: str, match: dict[str, object], options: dict[str, object], before: object, after: object
) -> None:
    plain = plain_condition(source)
    if plain is None:
        return
    known = {"match": match, "options": options, "before": before, "after": after}
    try:
        condition(source)
    except Exception:  # noqa: BLE001  # CEL refuses what cannot be right whatever the values (`'a' < true`)
        return
    ours, theirs = both(source, {name: known[name] for name in plain.wanted})
    assert ours is None or ours is theirs, (source, known)


@pytest.mark.parametrize("before", [1.0, 2.0, 3.0, float("nan")])
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_numbers_are_compared_as_cel_does(sign: str, before: float) -> None:
    ours, theirs = both(f"before {sign} 2 && after {sign} before", {"before": before, "after": 2.0})
    assert ours is theirs


@pytest.mark.parametrize(
    "source",
    [
        "size(match.a) > 0", "match.a ? true : false", "match['a']", "match.?a.orValue(false)",
        "before + 1 > after",
        "'a\\n' == before", "resource.spec.replicas == 1", "unknown == 1", "match.a == null", "!before == after",
        "1u == before", "before == 1e3", "match.a.exists(x, x)", "'''a''' == before", "b'a' == before", "",
        "before ==",
        "(before", "before)", "r'a' == before",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_cel(source: str) -> None:
    assert plain_condition(source) is None
