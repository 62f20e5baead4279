"""Cluster files, and values whose names alone tell where they go."""

from __future__ import annotations

import pytest

from riskcheck.helmvalues import read_by, values_of
from riskcheck.platforms.kubernetes.helm.convention import is_values_file
from tests.platforms.kubernetes.trees import by_key, node_at, only, place, resolved, units, value_at

CLUSTER = {
    "config/clusters/main/cluster.yaml": """\
        name: main
        support: {helm_chart_values_files: [support.values.yaml]}
        hubs:
          - name: staging
            helm_chart: hub
            helm_chart_values_files: [common.values.yaml, staging.values.yaml, enc-staging.secret.values.yaml]
          - name: prod
            helm_chart: hub
            helm_chart_values_files: [common.values.yaml, prod.values.yaml]
        """,
    "config/clusters/main/common.values.yaml": "db: {size: 1Gi}\n",
    "config/clusters/main/staging.values.yaml": "debug: true\n",
    "config/clusters/main/prod.values.yaml": "db: {size: 9Gi}\n",
    "config/clusters/main/support.values.yaml": "grafana: {replicas: 2}\n",
    "config/clusters/main/enc-staging.secret.values.yaml": """\
        token: ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]
        sops: {mac: "ENC[x]"}
        """,
    "helm-charts/hub/Chart.yaml": """\
        {apiVersion: v2, name: hub, version: 1.0.0, dependencies: [{name: base, repository: "file://../base"}]}
        """,
    "helm-charts/hub/values.yaml": "port: 80\nbase: {users: 5}\n",
    "helm-charts/base/Chart.yaml": "{apiVersion: v2, name: base, version: 1.0.0}",
    "helm-charts/base/values.yaml": "users: 1\nidle: 60\n",
    "helm-charts/support/Chart.yaml": "{apiVersion: v2, name: support, version: 1.0.0}",
    "helm-charts/support/values.yaml": "grafana: {replicas: 1, size: 2}\n",
}


def test_hubs_of_a_cluster_file() -> None:
    found = by_key(resolved(CLUSTER))
    prod = found["HelmValues.prod", "main/prod"]
    assert value_at(prod, "db", "size") == "9Gi"
    assert value_at(prod, "base") == {"users": 5, "idle": 60}
    assert place(node_at(prod, "base", "idle")) == "helm-charts/base/values.yaml:2"
    staging = found["HelmValues.staging", "main/staging"]
    assert value_at(staging, "token") == "<encrypted>"
    assert staging.identity == prod.identity
    assert value_at(found["HelmValues.support", "main"], "grafana") == {"replicas": 2, "size": 2}


def test_what_a_cluster_file_reads() -> None:
    for path in (
        "config/clusters/main/common.values.yaml",
        "helm-charts/hub/values.yaml",
        "helm-charts/base/values.yaml",
        "helm-charts/support/Chart.yaml",
    ):
        assert units(CLUSTER, path) == {"config/clusters/main"}


def test_hubs_that_are_the_same_on_both_sides_are_left_out() -> None:
    path = "config/clusters/main/support.values.yaml"
    before = {**CLUSTER, path: "grafana: {replicas: 3}\n"}
    found = by_key(resolved(CLUSTER, [path], other=before))
    assert ("HelmValues.support", "main") in found
    assert ("HelmChart.hub", "main") not in found


@pytest.mark.parametrize(
    "path",
    ["values-prod.yaml", "values.prod.yaml", "values/prod.yaml", "prod/values.yaml", "prod.values.yaml"],
)
def test_a_chart_with_values_of_an_environment(path: str) -> None:
    files = {
        "web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
        "web/values.yaml": "port: 80\nreplicas: 1\n",
        f"web/{path}": "replicas: 3\n",
    }
    resolution = resolved(files, [f"web/{path}"])
    found = only(resolution, "HelmValues.web")
    assert found.environment.name == "prod"
    assert (value_at(found, "replicas"), value_at(found, "port")) == (3, 80)
    values = values_of(found)
    assert "told by their names" in read_by(values, ("port",)).said
    assert f"web/{path}" in resolution.read


def test_values_without_a_chart_stand_on_the_common_ones() -> None:
    files = {
        "deploy/values.yaml": "port: 80\nreplicas: 1\n",
        "deploy/values-staging.yaml": "replicas: 2\n",
        "deploy/values-prod.yaml": "replicas: 3\n",
    }
    found = by_key(resolved(files, ["deploy/values.yaml"]))
    told = {key[1]: (value_at(one, "replicas"), value_at(one, "port")) for key, one in found.items()}
    assert told == {"staging": (2, 80), "prod": (3, 80)}
    assert len({one.identity for one in found.values()}) == 1


def test_a_directory_for_each_environment() -> None:
    files = {
        "deploy/common/values.yaml": "port: 80\n",
        "deploy/staging/values.yaml": "replicas: 2\n",
        "deploy/prod/values.yaml": "replicas: 3\n",
    }
    assert units(files, "deploy/common/values.yaml") == {"deploy/staging", "deploy/prod"}
    found = by_key(resolved(files))
    told = {key[1]: (value_at(one, "replicas"), value_at(one, "port")) for key, one in found.items()}
    assert told == {"staging": (2, 80), "prod": (3, 80)}
    assert len({one.identity for one in found.values()}) == 1


def test_a_chart_without_environments_has_its_defaults() -> None:
    files = {
        "web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
        "web/values.yaml": "port: 80\n",
        "web/ci/test-values.yaml": "port: 1\n",
    }
    found = only(resolved(files, ["web/values.yaml"]), "HelmValues.web")
    assert (found.environment.name, value_at(found, "port")) == ("default", 80)


def test_what_kustomize_reads_is_no_custom() -> None:
    files = {
        "prod/kustomization.yaml": "configMapGenerator: [{name: v, files: [values.yaml]}]\n",
        "prod/values.yaml": "a: 1\n",
    }
    assert {one.kind for one in resolved(files).resources} == {"ConfigMap"}


def test_names_of_values_files() -> None:
    for path in ("values.yaml", "a/web-values-prod.yml", "values/prod.yaml", "eu.values.yaml"):
        assert is_values_file(path)
    for path in ("a/templates/values.yaml", "keyvalues.yaml", "values.json", "ci/values.yaml", "prod.yaml"):
        assert not is_values_file(path)


def test_conditions_and_aliases_of_subcharts() -> None:
    files = {
        "web/Chart.yaml": """\
            apiVersion: v2
            name: web
            dependencies:
              - {name: db, alias: store, condition: "store.on,db.on"}
              - {name: cache, tags: [fast]}
            """,
        "web/values.yaml": "store: {on: true}\ntags: {fast: false}\n",
        "web/charts/db/Chart.yaml": "{apiVersion: v2, name: db, version: 1.0.0}",
        "web/charts/db/values.yaml": "size: 1\n",
        "web/charts/cache/Chart.yaml": "{apiVersion: v2, name: cache, version: 1.0.0}",
        "web/charts/cache/values.yaml": "size: 2\n",
        "web/charts/plain/Chart.yaml": "{apiVersion: v2, name: plain, version: 1.0.0}",
        "web/charts/plain/values.yaml": "size: 3\n",
    }
    found = only(resolved(files, ["web/charts/db/values.yaml"]), "HelmValues.web")
    assert value_at(found, "store") == {"on": True, "size": 1}
    assert value_at(found, "plain") == {"size": 3}
    assert "cache" not in found.body.index
    values = values_of(found)
    assert values is not None
    assert values.switches == {
        ("store", "on"): ("store",),
        ("db", "on"): ("store",),
        ("tags", "fast"): ("cache",),
    }


def test_charts_that_kustomize_inflates() -> None:
    files = {
        "prod/kustomization.yaml": """\
            helmCharts:
              - name: web
                repo: https://charts.example
                version: 1.2.3
                releaseName: shop
                namespace: store
                valuesFile: values.yaml
                valuesInline: {replicas: 3}
            """,
        "prod/values.yaml": "replicas: 1\nport: 80\n",
    }
    assert units(files, "prod/values.yaml") == {"prod"}
    resolution = resolved(files, ["prod/values.yaml"])
    found = only(resolution, "HelmValues.store/shop")
    assert (value_at(found, "replicas"), value_at(found, "port")) == (3, 80)
    assert place(node_at(found, "port")) == "prod/values.yaml:2"
    kustomization = only(resolution, "Kustomization.prod")
    assert "valuesInline" not in node_at(kustomization, "helmCharts", 0).index  # type: ignore[attr-defined]
