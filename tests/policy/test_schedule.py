"""Deploy windows, responses and the budget of a policy file: read in full, and refused with all that is wrong."""

from __future__ import annotations

import pytest

from riskcheck.policy.model import Budget, Window
from riskcheck.response import DEFAULTS, Escalation
from tests.policy.test_load import load, problems


def test_a_window_is_read_in_full() -> None:
    policy = load(
        "version: 1\n"
        "windows:\n"
        "  - {name: office, days: [mon, thu], from: '09:30', to: '16:00', timezone: Europe/Berlin,\n"
        "     services: [orders], environments: [prod-*]}\n"
        "  - {name: nights, from: 20:00, to: 04:00}\n"
    )
    assert policy.windows == (
        Window(
            "office",
            frozenset({0, 3}),
            570,
            960,
            "Europe/Berlin",
            ("orders",),
            ("prod-*",),
            "riskcheck.yaml:3",
        ),
        Window("nights", frozenset(range(7)), 1_200, 240, source="riskcheck.yaml:5"),
    )


def test_all_that_is_wrong_with_windows_is_told_at_once() -> None:
    assert problems(
        "version: 1\n"
        "environments: [{name: prod, stage: prod}]\n"
        "windows:\n"
        "  - {name: a, days: [someday], from: '9:00', to: '25:00', timezone: Europe/Berln}\n"
        "  - {name: b, from: '09:00', to: '09:00', environments: [prd]}\n"
        "  - {name: b, from: '24:00', to: '09:00', days: []}\n"
        "  - {name: c, from: '09:00', timezone: ../../etc/passwd}\n"
    ) == [
        'riskcheck.yaml:4: windows[0].days[0]: "someday" is not one of mon, tue, wed, thu, fri, sat, sun',
        'riskcheck.yaml:4: windows[0].from: "9:00" is not a time of day; write 09:00',
        'riskcheck.yaml:4: windows[0].timezone: "Europe/Berln" is no time zone; did you mean Europe/Berlin?',
        'riskcheck.yaml:4: windows[0].to: "25:00" is not a time of day; write 09:00',
        'riskcheck.yaml:5: windows[1].environments: "prd" is not declared; did you mean prod?',
        "riskcheck.yaml:5: windows[1].to: is the same as `from`; write 24:00 for the end of the day",
        "riskcheck.yaml:6: windows[2].days: must not be empty",
        "riskcheck.yaml:6: windows[2].from: is the end of a day; write 00:00",
        'riskcheck.yaml:6: windows[2].name: "b" is also windows[1]',
        'riskcheck.yaml:7: windows[3].timezone: "../../etc/passwd" is no time zone; write one like Europe/Berlin',
        "riskcheck.yaml:7: windows[3]: to is missing",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "windows: [null]\n",
        "windows: [{name: {a: b}, days: mon, from: [1], to: {a: b}, timezone: [x]}]\n",
        "windows: [{name: a, from: 09:00, to: 10:00, services: a, environments: 1}]\n",
        "windows: {a: b}\n",
        "response: [P1]\n",
        "response: {P1: [x]}\n",
        "response: {P1: {escalate: {after: 1h}, within: [1], to: {a: b}, notice: [page]}}\n",
        "response: {P1: {escalate: [null, 1h, {after: [1], to: {}}]}}\n",
        "budget: {resources: {a: b}, monthly: lots}\n",
        "budget: {resources: [null, 3, {where: [x], monthly: {}}]}\n",
    ],
)
def test_other_shapes_are_refused_and_break_nothing(text: str) -> None:
    assert all(one.startswith("riskcheck.yaml:2: ") for one in problems("version: 1\n" + text))


def test_a_response_is_read_and_keeps_what_it_does_not_say() -> None:
    policy = load(
        "version: 1\n"
        "response:\n"
        "  P1:\n"
        "    to: team-sre\n"
        "    answer: 30m\n"
        "    escalate: [{after: 1h, to: team lead}, {after: 3h, to: '@acme/management'}]\n"
        "  P3: {notice: message}\n"
    )
    first = policy.response["P1"]
    assert (first.notice, first.within, first.first_response) == ("page", 900, 1_800)
    assert first.responder == "team-sre"
    assert first.escalation == (Escalation(3_600, "team lead"), Escalation(10_800, "@acme/management"))
    assert first.source == "riskcheck.yaml:3"
    assert (policy.response["P3"].within, policy.response["P3"].escalation) == (
        3_600,
        DEFAULTS["P3"].escalation,
    )
    assert set(policy.response) == {"P1", "P3"}


def test_a_response_names_no_person_and_goes_on_in_time() -> None:
    told = problems(
        "version: 1\n"
        "response:\n"
        "  P0: {to: jo@example.com, escalate: [{after: 1h, to: '@jo'}, {after: 30m, to: CTO}]}\n"
        "  P3: {notice: next-business-day, within: 1h}\n"
        "  P4: {to: team-sre}\n"
    )
    assert told == [
        "riskcheck.yaml:3: response.P0.escalate[1].after: is not after the step before it",
        "riskcheck.yaml:3: response.P0.to: names a person; name the role or the team",
        "riskcheck.yaml:4: response.P3.within: says nothing on the next business day",
        "riskcheck.yaml:5: response.P4: unknown key; known: P0, P1, P2, P3",
    ]
    assert not any("jo@" in one or "@jo" in one for one in told)


def test_a_budget_states_what_its_share_is_of() -> None:
    policy = load(
        "version: 1\n"
        "budget:\n"
        "  max_increase: 15%\n"
        "  monthly: 40000\n"
        "  resources: [{where: 'databricks:jobs.*', monthly: 1200.5}]\n"
    )
    assert policy.budget == Budget(0.15, 40_000.0, (("databricks:jobs.*", 1_200.5),), "riskcheck.yaml:3")


def test_parts_of_a_budget_fit_into_it() -> None:
    assert problems(
        "version: 1\nbudget: {max_increase: 15%, monthly: 10, resources: [{where: a, monthly: 11}]}\n"
    ) == ["riskcheck.yaml:2: budget.monthly: is less than its resources cost together"]
    assert problems("version: 1\nbudget: {resources: [{where: a, monthly: 11}]}\n") == [
        "riskcheck.yaml:2: budget.resources: are parts of `monthly`, which is missing"
    ]
    assert problems("version: 1\nbudget: {monthly: -1}\n") == [
        "riskcheck.yaml:2: budget.monthly: -1 is not at least 0"
    ]


def test_names_that_nothing_declares_are_noted_with_what_is_near() -> None:
    policy = load(
        "version: 1\n"
        "services: [{name: orders, scopes: [sox]}]\n"
        "windows: [{name: office, from: 09:00, to: 16:00, services: [order]}]\n"
        "approvals: [{scope: soxx, teams: [a]}, {scope: gate, teams: [a]}, {scope: SOX, teams: [a]}]\n"
    )
    assert policy.undeclared == (
        ("order", "riskcheck.yaml:3: window office names order, which is not declared; did you mean orders?"),
    )
    (scope,) = policy.notes
    assert scope == (
        "riskcheck.yaml:4: no declared service is in scope of soxx, so the approval is asked for resources that "
        "are labelled so only; did you mean sox?"
    )


def test_an_unknown_criticality_is_refused_with_what_is_near() -> None:
    (told,) = problems("version: 1\nservices: [{name: orders, criticality: tier1}]\n")
    assert told.startswith('riskcheck.yaml:2: services[0].criticality: "tier1" is not one of tier-1, tier-2')
    assert told.endswith("; did you mean tier-1?")
