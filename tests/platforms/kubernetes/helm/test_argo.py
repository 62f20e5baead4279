"""Releases of Argo CD, in its fixed order."""

from __future__ import annotations

from tests.platforms.kubernetes.trees import by_key, node_at, only, place, resolved, units, value_at

CHART = {
    "charts/web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
    "charts/web/values.yaml": "a: chart\nb: chart\nc: chart\nd: chart\ne: chart\n",
    "charts/web/values-prod.yaml": "b: file\nc: file\nd: file\ne: file\n",
}
APPLICATION = """\
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {name: web-prod}
    spec:
      destination: {namespace: shop, name: in-cluster}
      source:
        path: charts/web
        helm:
          valueFiles: [values-prod.yaml, missing.yaml]
          ignoreMissingValueFiles: true
          values: |
            c: text
            d: text
          parameters:
            - {name: d, value: "1"}
            - {name: e, value: "1", forceString: true}
            - {name: 'f\\.g', value: "true"}
    """


def test_parameters_over_values_over_files_over_the_chart() -> None:
    files = {"argocd/web.yaml": APPLICATION, **CHART}
    resolution = resolved(files, ["charts/web/values-prod.yaml"])
    found = only(resolution, "HelmValues.shop/web-prod")
    told = {key: value_at(found, key) for key in ("a", "b", "c", "d", "e", "f.g")}
    assert told == {"a": "chart", "b": "file", "c": "text", "d": 1, "e": "1", "f.g": True}
    assert place(node_at(found, "c")) == "argocd/web.yaml:12"
    assert place(node_at(found, "d")) == "argocd/web.yaml:15"
    assert found.environment.stage == "prod"
    assert resolution.limitations == ()


def test_values_object_counts_instead_of_values() -> None:
    text = APPLICATION.replace(
        "          parameters:", "          valuesObject: {c: object}\n          parameters:"
    )
    found = only(resolved({"argocd/web.yaml": text, **CHART}), "HelmValues.shop/web-prod")
    assert (value_at(found, "c"), value_at(found, "b")) == ("object", "file")


def test_the_object_keeps_all_but_the_values() -> None:
    found = only(resolved({"argocd/web.yaml": APPLICATION, **CHART}), "Application.web-prod")
    assert set(value_at(found, "spec", "source", "helm")) == {  # type: ignore[arg-type]  # a mapping
        "valueFiles",
        "ignoreMissingValueFiles",
    }


def test_a_values_file_leads_to_the_definition_that_names_it() -> None:
    files = {"argocd/web.yaml": APPLICATION, **CHART}
    assert units(files, "charts/web/values-prod.yaml") == {"argocd"}
    assert units(files, "charts/web/values.yaml") == {"argocd"}


def test_several_sources_and_a_reference_between_them() -> None:
    files = {
        "argocd/web.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: web}
            spec:
              destination: {namespace: shop, name: prod-eu}
              sources:
                - repoURL: https://charts.example
                  chart: web
                  targetRevision: 1.2.3
                  helm: {valueFiles: [$here/config/web.yaml, $other/x.yaml]}
                - {repoURL: "https://git.example/config", ref: here}
            """,
        "config/web.yaml": "a: 1\n",
    }
    assert units(files, "config/web.yaml") == {"argocd"}
    found = only(resolved(files, ["config/web.yaml"]), "HelmValues.shop/web")
    assert value_at(found, "a") == 1
    assert found.environment.stage == "prod"


def test_each_application_of_a_set() -> None:
    files = {
        "argocd/set.yaml": """\
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: web}
            spec:
              generators: [{list: {elements: [{env: staging, size: "1"}, {env: prod, size: "3"}]}}]
              template:
                metadata: {name: "web-{{env}}"}
                spec:
                  destination: {namespace: shop}
                  source:
                    path: charts/web
                    helm:
                      valueFiles: ["values-{{env}}.yaml"]
                      parameters: [{name: size, value: "{{size}}"}]
            """,
        **CHART,
    }
    found = by_key(resolved(files, ["charts/web/values-prod.yaml"]))
    prod, staging = found["HelmValues.shop/web-prod", "prod"], found["HelmValues.shop/web-staging", "staging"]
    assert (value_at(prod, "b"), value_at(staging, "b")) == ("file", "chart")
    assert (value_at(prod, "size"), value_at(staging, "size")) == (3, 1)
    assert prod.identity == staging.identity


def test_a_missing_values_file_only_limits() -> None:
    text = APPLICATION.replace("          ignoreMissingValueFiles: true\n", "")
    resolution = resolved({"argocd/web.yaml": text, **CHART})
    assert [(one.kind, one.line, one.failed) for one in resolution.limitations] == [
        ("missing-values", 9, False)
    ]
    assert value_at(only(resolution, "HelmValues.shop/web-prod"), "b") == "file"


def test_values_of_any_name_in_a_tree_without_charts_and_kustomizations() -> None:
    application = """\
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec:
          destination: {namespace: shop}
          sources:
            - {chart: web, helm: {valueFiles: [$here/env/production.yaml]}}
            - {repoURL: https://git.example/gitops, ref: here}
        """
    for place_of_it in ("apps/web.yaml", "argo/web.yaml", "team/applications/web.yaml"):
        files = {place_of_it: application, "env/production.yaml": "replicaCount: 6\n"}
        web = only(resolved(files, ["env/production.yaml"]), "HelmValues.shop/web")
        assert value_at(web, "replicaCount") == 6
        assert web.environment.name == "production"
