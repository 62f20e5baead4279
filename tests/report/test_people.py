"""Names of people in values: none is shown, and no name of a team is hidden."""

from __future__ import annotations

import json
from time import perf_counter

import pytest

from riskcheck.nodes import MISSING
from riskcheck.report.json import render as render_json
from riskcheck.report.people import NAME, OTHER_NAME, line_without_names, values_of, without_names
from riskcheck.report.sarif import render as sarif
from tests.findings import finding
from tests.report.formats import report_of


def test_a_whole_resource_names_nobody_and_keeps_teams() -> None:
    given = {
        "metadata": {
            "name": "shop",
            "annotations": {
                "openshift.io/requester": "jdoe",
                "owner": "team-shop",
                "example.org/owner": "jdoe",
            },
        },
        "maintainers": [{"name": "Jo Doe", "active": True}, {"name": "group:payments"}],
        "members": ["@acme/payments", "serviceAccount:ci", "allUsers", "jdoe", "${var.owner}", ""],
        "username": "jdoe",
    }
    shown = without_names(given)
    assert "doe" not in json.dumps(shown).lower()
    assert shown == {
        "metadata": {
            "name": "shop",
            "annotations": {"openshift.io/requester": NAME, "owner": "team-shop", "example.org/owner": NAME},
        },
        "maintainers": [{"name": NAME, "active": True}, {"name": "group:payments"}],
        "members": ["@acme/payments", "serviceAccount:ci", "allUsers", NAME, "${var.owner}", ""],
        "username": NAME,
    }


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (("metadata", "annotations", "openshift.io/requester"), "jdoe", NAME),
        (("metadata", "labels", "owner"), "jdoe", NAME),
        (("metadata", "labels", "owner"), "team-a", "team-a"),
        (("maintainers", "[0]"), "Jo Doe", NAME),
        (("spec", "approvers"), 2, 2),
        # What a rule is about: a role or a group as often as a person.
        (("owner",), "analytics", "analytics"),
        (("spec", "replicas"), "3", "3"),
    ],
)
def test_a_field_is_masked_where_only_people_stand_in_it(
    path: tuple[str, ...], value: object, shown: object
) -> None:
    assert values_of(finding(path=path, before=value, after=MISSING)) == (shown, MISSING)


def test_another_name_is_told_from_the_first() -> None:
    one = finding(path=("metadata", "annotations", "contact"), before="jdoe", after="asmith")
    assert values_of(one) == (NAME, OTHER_NAME)
    for text in (render_json(report_of(one)), sarif(report_of(one))):
        assert "jdoe" not in text
        assert "asmith" not in text
        assert OTHER_NAME in text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("    openshift.io/requester: jdoe", f"    openshift.io/requester: {NAME}"),
        ('  "created-by": "Jo Doe",', f'  "created-by": {NAME},'),
        ("maintainer = jdoe # of old", f"maintainer = {NAME}# of old"),
        ("  reviewers: [@acme/team-a]", "  reviewers: [@acme/team-a]"),
        ("  contact: team-a", "  contact: team-a"),
        ("  authority: high", "  authority: high"),
        ("replicas: 3", "replicas: 3"),
    ],
)
def test_a_quoted_line_names_nobody(line: str, shown: str) -> None:
    assert line_without_names(line) == shown


@pytest.mark.parametrize(
    "piece", ["author", "author: ", "a/", "author:\t ", 'author: "', "requested-by ", "x.author="]
)
def test_any_line_is_read_in_linear_time(piece: str) -> None:
    started = perf_counter()
    line_without_names(piece * (200_000 // len(piece)))
    assert perf_counter() - started < 2
