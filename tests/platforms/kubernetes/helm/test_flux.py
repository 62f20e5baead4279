"""Releases of Flux: what charts get after kustomize has patched the objects."""

from __future__ import annotations

from riskcheck.helmvalues import values_of
from tests.platforms.kubernetes.trees import by_key, node_at, only, place, resolved, units, value_at

RELEASE = """\
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: web, namespace: shop}
    spec:
      chart: {spec: {chart: web, version: 1.2.3, sourceRef: {kind: HelmRepository, name: r}}}
      values: {replicas: 2, image: {tag: "1"}}
    """
OVERLAYS = {
    "apps/base/kustomization.yaml": "resources: [web.yaml]\n",
    "apps/base/web.yaml": RELEASE,
    "apps/staging/kustomization.yaml": "resources: [../base]\n",
    "apps/prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
    "apps/prod/patch.yaml": """\
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: web, namespace: shop}
        spec: {values: {replicas: 5}}
        """,
}


def test_values_of_each_overlay_with_their_places() -> None:
    found = by_key(resolved(OVERLAYS, ["apps/base/web.yaml"]))
    prod, staging = found["HelmValues.shop/web", "prod"], found["HelmValues.shop/web", "staging"]
    assert (value_at(prod, "replicas"), value_at(staging, "replicas")) == (5, 2)
    assert place(node_at(prod, "replicas")) == "apps/prod/patch.yaml:4"
    assert place(node_at(prod, "image", "tag")) == "apps/base/web.yaml:6"
    assert prod.identity == staging.identity == "apps/*:HelmValues.web"


def test_the_object_is_left_without_them() -> None:
    release = by_key(resolved(OVERLAYS))["HelmRelease.shop/web", "prod"]
    assert value_at(release, "spec", "chart", "spec", "version") == "1.2.3"
    assert set(value_at(release, "spec")) == {"chart"}  # type: ignore[arg-type]  # a mapping


def test_values_from_a_generated_config_map_are_below_inline_ones() -> None:
    files = {
        "prod/kustomization.yaml": """\
            resources: [web.yaml]
            configMapGenerator:
              - {name: web-values, namespace: shop, files: [values.yaml]}
            """,
        "prod/values.yaml": "replicas: 9\nport: 80\n",
        "prod/web.yaml": """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: web, namespace: shop}
            spec:
              valuesFrom:
                - {kind: ConfigMap, name: web-values}
                - {kind: ConfigMap, name: missing, optional: true}
                - {kind: ConfigMap, name: inline, valuesKey: size, targetPath: "a.b[0].c"}
              values: {replicas: 2}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: inline, namespace: shop}
            data: {size: "3"}
            """,
    }
    resolution = resolved(files, ["prod/values.yaml"])
    found = only(resolution, "HelmValues.shop/web")
    assert (value_at(found, "replicas"), value_at(found, "port")) == (2, 80)
    assert place(node_at(found, "port")) == "prod/values.yaml:2"
    assert value_at(found, "a") == {"b": [{"c": 3}]}
    assert resolution.limitations == ()
    assert "prod/values.yaml" in resolution.read


def test_values_inside_a_config_map_keep_their_lines() -> None:
    files = {
        "prod/web.yaml": """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: web, namespace: shop}
            spec: {valuesFrom: [{kind: ConfigMap, name: web}]}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: web, namespace: shop}
            data:
              values.yaml: |
                a:
                  b: 1
            """
    }
    found = only(resolved(files), "HelmValues.shop/web")
    assert place(node_at(found, "a", "b")) == "prod/web.yaml:12"
    assert node_at(found, "a", "b").column == 9


def test_secrets_and_missing_config_maps_only_limit_where_they_are_touched() -> None:
    files = {
        "prod/web.yaml": RELEASE.replace(
            "      values:",
            "      valuesFrom: [{kind: Secret, name: s}, {kind: ConfigMap, name: c}]\n      values:",
        ),
        "prod/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    }
    assert {one.kind for one in resolved(files).limitations} == {"encrypted", "missing-values"}
    assert resolved(files, ["prod/other.yaml"]).limitations == ()


def test_a_chart_of_this_repository_gives_its_defaults() -> None:
    local = RELEASE.replace("chart: web, version: 1.2.3", "chart: ./charts/web").replace(
        "HelmRepository", "GitRepository"
    )
    files = {
        "clusters/prod/web.yaml": local,
        "charts/web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
        "charts/web/values.yaml": "replicas: 1\nport: 80\n",
        "charts/web/templates/web.yaml": "kind: Deployment\nport: {{ .Values.port }}\n",
    }
    assert units(files, "charts/web/values.yaml") == {"clusters/prod"}
    found = only(resolved(files, ["charts/web/values.yaml"]), "HelmValues.shop/web")
    assert (value_at(found, "replicas"), value_at(found, "port")) == (2, 80)
    values = values_of(found)
    assert values is not None and values.known
    assert [(one.path, one.kinds) for one in values.uses()] == [(("port",), ("Deployment",))]
