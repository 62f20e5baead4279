"""Variables of a container: what sets them, and which are set no more."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_environment import lost
from riskcheck.rules.checks.kubernetes_podspecs import Containers, pod_specs
from riskcheck.rules.checks.kubernetes_variables import Source, mentions, sources, variables
from riskcheck.rules.context import Resources
from tests.build import body, resource


def told(before: str, after: str, *given: Source, now: tuple[Source, ...] = ()) -> list[tuple[str, str]]:
    container = Containers("web", body(before), body(after), resident=True)
    return [(one.what, one.grade) for one in lost(container, list(given), list(now))]


SETTINGS = Source("ConfigMap", "settings", "APP_", frozenset({"LEVEL", "REGION"}), optional=False)
UNKNOWN = Source("Secret", "vault", "", None, optional=False)


def test_later_entries_win_and_odd_ones_are_left_out() -> None:
    found = variables(
        body("env: [{name: A, value: '1'}, {name: A, value: '2'}, {value: '3'}, text, {name: B}]")
    )
    assert {name: one.value for name, one in found.items()} == {"A": "2", "B": ""}


@pytest.mark.parametrize(
    ("before", "after", "grades"),
    [
        ("env: [{name: A, value: x}]", "{}", ["contract"]),
        ("env: [{name: A, value: ''}]", "{}", []),
        ("{image: 'web:1', env: [{name: A, value: x}]}", "{image: 'web:2'}", [""]),
        ("env: [{name: A, value: x}]", "args: [--a=$(A)]", ["used"]),
        ("{args: [--a=$$(A)], env: [{name: A, value: x}]}", "args: [--a=$$(A)]", ["contract"]),
        ("{args: [-a], env: [{name: A, value: x}]}", "args: [-b]", [""]),
        ("env: [{name: A, value: x}]", "command: [sh, -c, 'web $A']", ["used"]),
        ("env: [{name: A, value: x}]", "command: [sh, -c, 'A=1; web $A']", [""]),
        ("env: [{name: A, value: x}]", "command: [sh, -c, 'for A in 1 2; do web $A; done']", [""]),
        ("env: [{name: A, value: x}]", "command: [sh, -c, 'web ${A:-1} $AB']", [""]),
        ("env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]", "{}", ["contract"]),
    ],
)
def test_how_bad_it_is_that_a_variable_is_gone(before: str, after: str, grades: list[str]) -> None:
    assert [grade for _, grade in told(before, after)] == grades


def test_a_source_with_a_prefix_sets_variables() -> None:
    assert told("env: [{name: APP_LEVEL, value: x}]", "{}", now=(SETTINGS,)) == []
    assert told("env: [{name: LEVEL, value: x}]", "{}", SETTINGS, now=(SETTINGS,)) != []
    assert told("{}", "{}", SETTINGS)[0][0].endswith("given APP_LEVEL, APP_REGION of ConfigMap settings")


def test_what_is_not_known_may_set_it() -> None:
    assert told("env: [{name: A, value: x}]", "{}", now=(UNKNOWN,)) == []
    assert [grade for _, grade in told("env: [{name: A, value: x}]", "{}", UNKNOWN, now=(UNKNOWN,))] == [""]


def test_references_in_other_variables_count() -> None:
    container = body("env: [{name: B, value: 'https://$(A)/'}]")
    assert mentions(container, "A")
    assert not mentions(container, "B")


def test_entries_of_a_source_are_those_of_the_object_beside_it() -> None:
    web = resource("spec: {}", name="shop/web")
    settings = resource("{apiVersion: v1, data: {A: x}}", kind="ConfigMap", name="shop/settings")
    container = body(
        "envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: vault, optional: true}}]"
    )
    found = sources(container, web, Resources([web, settings]))
    assert [(one.name, one.keys, one.optional) for one in found] == [
        ("settings", frozenset({"A"}), False),
        ("vault", None, True),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "roles"),
    [
        ("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: []}}}}}", [""]),
        ("Pod", "spec: {containers: []}", [""]),
        ("Service", "spec: {}", []),
        (
            "SparkConnect",
            "{apiVersion: sparkoperator.k8s.io/v1alpha1, spec: {server: {template: {spec: {}}}, executor: {}}}",
            ["server"],
        ),
        ("SparkApplication", "{apiVersion: sparkoperator.k8s.io/v1beta2, spec: {driver: {}}}", ["driver"]),
    ],
)
def test_where_pods_are_specified(kind: str, text: str, roles: list[str]) -> None:
    assert list(pod_specs(resource(text, kind=kind))) == roles
