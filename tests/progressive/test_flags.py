"""Who gets which variant, as far as flag files say."""

from __future__ import annotations

import json

import pytest

from riskcheck.progressive.flagformats import flag_of
from riskcheck.progressive.flags import Flag, is_flag_file
from tests.build import body


def flag(text: str) -> Flag:
    found = flag_of("x", body(text))
    assert len(found) == 1
    return found[0]


def flagd(targeting: str, default: str = "off") -> Flag:
    return flag(
        f'{{"state": "ENABLED", "variants": {{"on": true, "off": false}}, "defaultVariant": "{default}", '
        f'"targeting": {targeting}}}'
    )


@pytest.mark.parametrize(
    ("targeting", "shares"),
    [
        ("null", {"false": 1.0}),
        ("{}", {"false": 1.0}),
        ('{"fractional": [{"var": "email"}, ["on", 1], ["off", 3]]}', {"true": 0.25, "false": 0.75}),
        ('{"fractional": [["on"], ["off"]]}', {"true": 0.5, "false": 0.5}),
        ('{"fractionalEvaluation": ["email", ["on", 10], ["off", 90]]}', {"true": 0.1, "false": 0.9}),
        ('{"if": [{"in": ["a", {"var": "b"}]}, "on", "off"]}', {"false": 1.0}),
        ('{"if": [{"in": ["a", {"var": "b"}]}, "on"]}', {"false": 1.0}),
        ('"on"', {"true": 1.0}),
    ],
)
def test_weights_are_relative_and_the_default_takes_the_rest(
    targeting: str, shares: dict[str, float]
) -> None:
    assert flagd(targeting).rest.shares == shares


@pytest.mark.parametrize(
    "targeting",
    [
        '{"in": ["@example.com", {"var": "email"}]}',
        '{"fractional": [["gone", 5], ["on", 5]]}',
        '{"fractional": [["on", -1]]}',
        '{"fractional": [["on", 0]]}',
        '{"fractional": []}',
        "[1, 2]",
    ],
)
def test_what_cannot_be_told_is_not_guessed(targeting: str) -> None:
    assert flagd(targeting).rest.shares is None


def test_conditions_are_segments_in_their_order() -> None:
    found = flagd(
        '{"if": [{"==": [{"var": "env"}, "prod"]}, {"fractional": [["on", 5], ["off", 95]]}, '
        '{"==": [{"var": "env"}, "dev"]}, "on", "off"]}'
    )
    assert [segment.production for segment in found.segments] == [True, False, False]
    assert found.segments[0].shares == {"true": 0.05, "false": 0.95}
    assert found.rest.who == ""


def test_conditions_that_nest_deeply_end() -> None:
    text = '"on"'
    for _ in range(60):
        text = f'{{"if": [true, {text}, "off"]}}'
    assert flagd(text).rest.shares == {"false": 1.0}


def test_launchdarkly_by_environment() -> None:
    text = {
        "variations": [{"value": True, "name": "new"}, {"value": False}],
        "environments": {
            "production": {
                "on": True,
                "offVariation": 1,
                "fallthrough": {
                    "rollout": {
                        "variations": [{"variation": 0, "weight": 5000}, {"variation": 1, "weight": 95000}]
                    }
                },
            },
            "test": {"on": False, "offVariation": 1, "fallthrough": {"variation": 0}},
        },
    }
    found = flag_of("x", body(json.dumps(text)))
    assert [one.name for one in found] == ["x in production", "x in test"]
    assert found[0].rest.shares == {"true": 0.05, "false": 0.95}
    assert found[1].rest.shares == {"false": 1.0}
    assert found[0].called("true") == "new"


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("{percentage: 5}", 0.05),
        ("{rollout: 1}", 0.01),
        ("{rollout: 1.0}", 1.0),
        ("{rollout: 0.25}", 0.25),
        ("{percentage: 0.5}", 0.005),
        ('{rollout_percentage: "30%"}', 0.3),
        ("{enabled: false, percentage: 30}", None),
    ],
)
def test_percentages_and_fractions(text: str, share: float | None) -> None:
    shares = flag(text).rest.shares
    assert shares is not None
    assert shares.get('"on"') == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    "text", ["{percentage: 300}", "{percentage: many}", "{a: 1}", "{variants: [{weight: 3}]}", "{}"]
)
def test_no_flag(text: str) -> None:
    assert flag_of("x", body(text)) == ()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('{"flags": {"a": {"state": "ENABLED", "variants": {"on": true}}}}', True),
        ('{"flags": [{"key": "a", "state": "ENABLED", "variants": {"on": true}}]}', True),
        ('{"flags": {"a": {"variations": [true, false]}}}', True),
        ('{"flags": {"a": {"variants": {"on": true}}}}', False),
        ('{"flags": {"verbose": true}}', False),
        ('{"flags": {}}', False),
        ('{"flags": ["-Wall"]}', False),
    ],
)
def test_a_flag_file_is_told_by_its_content(text: str, is_one: bool) -> None:
    assert is_flag_file(body(text)) is is_one
