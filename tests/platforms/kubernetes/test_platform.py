from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare
from riskcheck.models import Action, Change
from riskcheck.platforms import load
from riskcheck.platforms.kubernetes import PLATFORM
from tests.build import changes, resource


def test_the_platform_is_found_before_the_plain_one() -> None:
    names = [platform.name for platform in load()]
    assert names.index("kubernetes") < names.index("plain")


@pytest.mark.parametrize(
    ("kind", "field", "expected"),
    [
        ("Deployment", "containers", ("name",)),
        ("Deployment", "env", ("name",)),
        ("Deployment", "volumeMounts", ("mountPath",)),
        ("Deployment", "ports", ("containerPort", "protocol")),
        ("Service", "ports", ("port", "protocol")),
        ("Kustomization", "images", ("name",)),
        ("NetworkPolicy", "ingress", ()),
        ("Role", "rules", ()),
    ],
)
def test_lists_are_matched_by_the_keys_of_the_api(kind: str, field: str, expected: tuple[str, ...]) -> None:
    assert PLATFORM.natural_keys(kind, field) == expected


def test_reordered_containers_and_ports_are_no_change() -> None:
    before = "{containers: [{name: a, ports: [{containerPort: 1}, {containerPort: 2}]}, {name: b}]}"
    after = "{containers: [{name: b}, {name: a, ports: [{containerPort: 2}, {containerPort: 1}]}]}"
    found = compare(
        [resource(before, "base")],
        [resource(after, "head")],
        lambda one: lambda field: PLATFORM.natural_keys(one.kind, field),
    )
    assert found == ()


SPARK = "{apiVersion: sparkoperator.k8s.io/v1beta2, spec: %s}"
STACKABLE = "{apiVersion: spark.stackable.tech/v1alpha1, spec: %s}"
APPS = "{apiVersion: apps/v1, spec: %s}"
BATCH = "{apiVersion: batch/v1, spec: %s}"


def one(kind: str, before: str | None, after: str | None) -> tuple[Change, ...]:
    return compare(
        [] if before is None else [resource(before, "base", kind=kind)],
        [] if after is None else [resource(after, "head", kind=kind)],
        lambda _: lambda field: (),
    )


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("Deployment", None, "{spec: {}}", "create"),
        ("Deployment", "{spec: {}}", None, "delete"),
        ("Deployment", "{spec: {replicas: 1}}", "{spec: {replicas: 2}}", "update"),
        ("Deployment", APPS % "{selector: {a: b}}", APPS % "{selector: {a: c}}", "unknown"),
        ("StatefulSet", APPS % "{serviceName: a}", APPS % "{serviceName: b}", "unknown"),
        ("StatefulSet", APPS % "{serviceName: ''}", APPS % "{}", "update"),
        ("Job", BATCH % "{podFailurePolicy: {}}", BATCH % "{podFailurePolicy: {rules: [1]}}", "unknown"),
        ("Service", "{spec: {clusterIP: None}}", "{spec: {}}", "update"),
        ("StatefulSet", "{spec: {replicas: 1}}", "{spec: {replicas: 2}}", "update"),
        ("SparkApplication", SPARK % "{sparkVersion: 3.5.1}", SPARK % "{sparkVersion: 3.5.2}", "recreate"),
        ("SparkApplication", SPARK % "{suspend: false}", SPARK % "{suspend: true}", "update"),
        ("SparkApplication", SPARK % "{timeToLiveSeconds: 1}", SPARK % "{}", "update"),
        ("SparkApplication", STACKABLE % "{a: 1}", STACKABLE % "{a: 2}", "update"),
        ("ScheduledSparkApplication", SPARK % "{schedule: a}", SPARK % "{schedule: b}", "update"),
        ("SparkConnect", SPARK % "{image: a}", SPARK % "{image: b}", "update"),
    ],
)
def test_what_an_apply_would_do(kind: str, before: str | None, after: str | None, expected: Action) -> None:
    assert PLATFORM.action(one(kind, before, after)) == expected


def test_nothing_changed_does_nothing() -> None:
    assert PLATFORM.action(changes("{a: 1}", "{a: 1}")) == "none"


def test_another_namespace_is_another_object() -> None:
    found = compare(
        [resource("{a: 1}", "base", name="old/web", identity="x")],
        [resource("{a: 1}", "head", name="new/web", identity="x")],
        lambda _: lambda field: (),
    )
    assert PLATFORM.action(found) == "recreate"
