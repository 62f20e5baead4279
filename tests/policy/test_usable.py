"""What makes a waiver unusable: it fails closed, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.judged import Waiver
from riskcheck.policy.usable import end_of, is_too_wide, lack
from riskcheck.records import replace

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z
YEAR = 366 * 86_400
WAIVER = Waiver("K8S-001", "kubernetes:Deployment.shop/web", "team-web", "scaled down", "2027-01-31")


def test_a_complete_one_lacks_nothing() -> None:
    assert lack(WAIVER, NOW) is None


@pytest.mark.parametrize(
    "until",
    [
        "2027-1-5",
        "2027-02-30",
        "2027-13-01",
        "2027-01-31T10:00:00Z",
        "2027-01-31 10:00",
        "20270131",
        "2027-W04-7",
        "2027-031",
        "31-01-2027",
        "31.01.2027",
        "01/31/2027",
        "2027-01-31,",
        '"2027-01-31"',
        "\uff12\uff10\uff12\uff17-01-31",
        "2027-01-3\u0661",
        "2027-01-31\n",
        "0000-00-00",
        "never",
        "-2027-01-3",
        "+2027-01-3",
    ],
)
def test_a_date_of_another_form_is_none(until: str) -> None:
    assert end_of(until) is None
    assert lack(replace(WAIVER, until=until), NOW) == "has no readable date (until=2027-01-31)"


@pytest.mark.parametrize("until", ["0001-01-01", "1969-12-31", "1970-01-01", "2027-01-14"])
def test_what_is_over_is_over(until: str) -> None:
    assert lack(replace(WAIVER, until=until), NOW) == f"lapsed after {until}"


@pytest.mark.parametrize(
    ("until", "told"), [("2028-01-17", False), ("2028-01-19", True), ("9999-12-31", True)]
)
def test_no_date_in_disguise(until: str, told: bool) -> None:
    lacking = lack(replace(WAIVER, until=until), NOW, YEAR)
    assert (lacking == f"lasts until {until}, longer than the 366d that are allowed") is told


def test_the_policy_may_say_how_far_ahead() -> None:
    assert lack(replace(WAIVER, until="9999-12-31"), NOW) is None
    assert lack(WAIVER, NOW, 7 * 86_400) == "lasts until 2027-01-31, longer than the 7d that are allowed"
    assert lack(replace(WAIVER, until="2029-01-01"), NOW, 800 * 86_400) is None


@given(st.dates())
def test_every_date_ends_or_lasts(day: object) -> None:
    lacking = lack(replace(WAIVER, until=str(day)), NOW, YEAR)
    end = end_of(str(day))
    assert end is not None
    assert (lacking is None) == (NOW < end <= NOW + YEAR + 2 * 86_400)


@given(st.text())
def test_no_text_is_a_date_but_a_date(text: str) -> None:
    if end_of(text) is not None:
        assert text.isascii()
        assert len(text) == 10


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"rule": "*"}, "names no single rule"),
        ({"rule": "K8S-*"}, "names no single rule"),
        ({"rule": ""}, "names no single rule"),
        ({"owner": " "}, "has no owner"),
        ({"owner": "somebody@example.com"}, "names a person as its owner instead of a team"),
        ({"owner": "@somebody"}, "names a person as its owner instead of a team"),
        ({"reason": " \t"}, "has no reason"),
        ({"until": ""}, "has no date"),
        ({"where": "**"}, "is too wide: name a resource, a file or a folder"),
        ({"repeated": "until"}, "says until= twice"),
    ],
)
def test_what_is_missing_is_told(changed: dict[str, str], told: str) -> None:
    assert lack(replace(WAIVER, **changed), NOW) == told  # type: ignore[arg-type]  # text fields by name


@pytest.mark.parametrize("owner", ["team-web", "@org/team-web", "data platform", "платформа"])
def test_teams_are_teams(owner: str) -> None:
    assert lack(replace(WAIVER, owner=owner), NOW) is None


@pytest.mark.parametrize(
    "where",
    [
        "*",
        "**",
        "**/*",
        "*:*",
        "/**",
        "./**",
        "**/",
        "*/**",
        "**/**/*",
        "?*",
        "**/*.yaml",
        "*.yml",
        "**/*.{yaml,yml}",
        "{**,deploy}",
        "*/*/*.yaml",
        "[!a]*/**",
        "kubernetes:*",
        "kubernetes:*.*",
        "kubernetes:Deployment.*",
        "kubernetes:Deployment*",
        "kubernetes:*/*",
        "databricks:jobs.**",
        "service:*",
    ],
)
def test_what_names_nothing_is_too_wide(where: str) -> None:
    assert is_too_wide(where)


@pytest.mark.parametrize(
    "where",
    [
        "kubernetes:Deployment.shop/web",
        "kubernetes:Deployment.shop/*",
        "kubernetes:*.shop/*",
        "kubernetes:*/web",
        "databricks:volumes.tmp*",
        "service:orders",
        "deploy/**",
        "deploy",
        "**/web.yaml",
        "**/prod/**",
        "databricks.yml",
        "a{b,c}/*.tf",
        "[",
    ],
)
def test_what_names_something_is_not(where: str) -> None:
    assert not is_too_wide(where)
