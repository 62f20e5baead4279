from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from riskcheck.data import data_dir
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.models import location_of
from riskcheck.nodes import Scalar
from riskcheck.report import json
from riskcheck.report import text as text_report
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions
from riskcheck.rules.testing import suite_of
from tests.platforms.kubernetes.trees import by_key, node_at, resolved
from tests.platforms.kubernetes.trees import value_at as value

TEMPLATE = """\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: web-template}
parameters:
  - {name: NAMESPACE, value: shop}
  - {name: REPLICAS, value: "3"}
  - {name: IMAGE_TAG, required: true}
objects:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: "${NAMESPACE}"}
    spec:
      replicas: ${{REPLICAS}}
      template:
        spec:
          containers:
            - {name: web, image: "registry.example/web:${IMAGE_TAG}"}
"""

SETS = """\
apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: standard}
spec:
  clusterDeploymentSelector: {matchLabels: {tier: standard}}
  resources:
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: {most: "5"}}
    - apiVersion: v1
      kind: List
      items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: premium}
spec:
  clusterDeploymentSelector: {matchLabels: {tier: premium}}
  resources:
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: {most: "9"}}
"""


def test_a_template_is_its_objects_with_the_values_of_its_parameters() -> None:
    found = by_key(resolved({"clusters/prod/web.yaml": TEMPLATE}))
    assert list(found) == [("Deployment.shop/web", "prod")]
    (web,) = found.values()
    assert value(web, "spec", "replicas") == 3
    replicas = web.body.at("spec", "replicas")
    assert isinstance(replicas, Scalar)
    assert location_of(replicas).line == 13
    assert [location_of(one).line for one in replicas.via] == [6]


def test_a_parameter_without_a_value_stays_as_it_is_written() -> None:
    (web,) = resolved({"clusters/prod/web.yaml": TEMPLATE}).resources
    image = node_at(web, "spec", "template", "spec", "containers", 0, "image")
    assert isinstance(image, Scalar)
    assert image.raw == "registry.example/web:${IMAGE_TAG}"


def test_text_parameters_are_text_whatever_they_look_like() -> None:
    text = TEMPLATE.replace("${{REPLICAS}}", '"${REPLICAS}"')
    (web,) = resolved({"clusters/prod/web.yaml": text}).resources
    assert value(web, "spec", "replicas") == "3"


def test_a_template_that_is_stored_in_a_cluster_stays_one() -> None:
    text = TEMPLATE.replace("name: web-template", "name: web-template, namespace: openshift")
    found = by_key(resolved({"clusters/prod/web.yaml": text}))
    assert list(found) == [("Template.openshift/web-template", "prod")]


def test_each_sync_set_has_its_own_copy_of_an_object() -> None:
    found = by_key(resolved({"clusters/prod/sets.yaml": SETS}))
    assert sorted(found) == [
        ("ConfigMap.shop/limits@via:premium", "prod"),
        ("ConfigMap.shop/limits@via:standard", "prod"),
        ("Namespace.shop@via:standard", "prod"),
        ("SelectorSyncSet.premium", "prod"),
        ("SelectorSyncSet.standard", "prod"),
    ]
    assert value(found[("ConfigMap.shop/limits@via:premium", "prod")], "data", "most") == "9"


def test_a_sync_set_is_compared_without_what_it_holds() -> None:
    found = by_key(resolved({"clusters/prod/sets.yaml": SETS}))
    assert value(found[("SelectorSyncSet.premium", "prod")], "spec") == {
        "clusterDeploymentSelector": {"matchLabels": {"tier": "premium"}}
    }


def test_objects_of_a_sync_set_are_not_found_under_the_names_of_this_cluster() -> None:
    found = by_key(resolved({"clusters/prod/sets.yaml": SETS}))
    assert found[("ConfigMap.shop/limits@via:premium", "prod")].provides == ()


def test_what_should_hold_objects_and_does_not_is_no_error() -> None:
    for inside in (
        "null",
        "text",
        "{a: 1}",
        "[null, 1, {kind: Secret}, [a], {apiVersion: v1, kind: Secret}]",
    ):
        resolution = resolved(
            {
                "clusters/prod/set.yaml": f"""\
                apiVersion: hive.openshift.io/v1
                kind: SyncSet
                metadata: {{name: odd, namespace: shop}}
                spec: {{resources: {inside}}}
                """,
                "clusters/prod/template.yaml": f"""\
                apiVersion: v1
                kind: Template
                metadata: {{name: odd}}
                parameters: {inside}
                objects: {inside}
                """,
            }
        )
        kinds = sorted(one.kind for one in resolution.resources)
        assert kinds in (["SyncSet"], ["SyncSet", "Template"])


def test_the_value_of_a_secret_parameter_is_in_no_report() -> None:
    text = """\
    apiVersion: v1
    kind: Template
    metadata: {name: web}
    parameters: [{name: DB_PASSWORD, value: hunter2}]
    objects:
      - apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: shop}
        data: {address: "db?word=${DB_PASSWORD}", other: "${DB_PASSWORD}"}
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          template:
            spec:
              containers:
                - name: web
                  image: x
                  envFrom: [{configMapRef: {name: web}}]
    """
    base = {"clusters/prod/web.yaml": dedent(text).encode()}
    head = {"clusters/prod/web.yaml": dedent(text).replace("hunter2", "swordfish").encode()}
    rules = suite_of([Path(data_dir("rules")) / "kubernetes"]).everything
    report = analyze_trees(base, head, rules, now=NOW)
    assert report.findings
    shown = json.render(report) + text_report.render(report, Style(), TextOptions(explain=True))
    assert "hunter2" not in shown
    assert "swordfish" not in shown
