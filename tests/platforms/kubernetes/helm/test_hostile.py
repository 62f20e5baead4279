"""Bad input: it limits what is known and never ends the run."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskcheck.documents.store import MAX_BYTES
from tests.platforms.kubernetes.trees import by_key, only, resolved, value_at

CHART = {
    "web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
    "web/values.yaml": "port: 80\n",
    "web/values-prod.yaml": "replicas: 3\n",
}


def test_a_values_file_that_the_change_broke_counts_as_it_was() -> None:
    files = {**CHART, "web/values-prod.yaml": "replicas: [\n"}
    resolution = resolved(files, ["web/values-prod.yaml"], other=CHART)
    assert [(one.kind, one.failed) for one in resolution.limitations] == [("parse-error", True)]
    assert value_at(only(resolution, "HelmValues.web"), "replicas") == 3


def test_a_templated_values_file_only_limits() -> None:
    files = {**CHART, "web/values-prod.yaml": "{{ if .x }}\nreplicas: 1\n{{ end }}\n"}
    resolution = resolved(files, ["web/values-prod.yaml"])
    assert [(one.kind, one.failed) for one in resolution.limitations] == [("unresolved-template", False)]
    assert value_at(only(resolution, "HelmValues.web"), "port") == 80


def test_values_that_are_no_mapping_only_limit() -> None:
    resolution = resolved({**CHART, "web/values-prod.yaml": "- a\n"}, ["web/values-prod.yaml"])
    assert [(one.kind, one.failed) for one in resolution.limitations] == [("invalid", False)]


def test_a_huge_values_file_is_not_read() -> None:
    files = {**CHART, "web/values-prod.yaml": "a: " + "x" * MAX_BYTES}
    resolution = resolved(files, ["web/values-prod.yaml"])
    assert [one.kind for one in resolution.limitations] == ["too-large"]


def test_aliases_and_merge_keys_are_followed() -> None:
    text = "base: &base {cpu: 1}\nweb: *base\napi: {<<: *base, memory: 2}\n"
    found = only(resolved({**CHART, "web/values-prod.yaml": text}), "HelmValues.web")
    assert value_at(found, "web") == {"cpu": 1}
    assert value_at(found, "api") == {"cpu": 1, "memory": 2}


def test_charts_that_take_each_other_in() -> None:
    def chart(name: str, other: str) -> str:
        listed = (
            f"[{{name: {other}, repository: 'file://../{other}'}}, {{name: gone, repository: 'file://../x'}}]"
        )
        return f"{{apiVersion: v2, name: {name}, dependencies: {listed}}}"

    files = {
        "a/Chart.yaml": chart("a", "b"),
        "a/values.yaml": "x: 1\n",
        "b/Chart.yaml": chart("b", "a"),
        "b/values.yaml": "y: 2\n",
    }
    found = by_key(resolved(files))
    assert value_at(found["HelmValues.a", "default"], "b") == {"y": 2}


def test_charts_that_take_many_in_end() -> None:
    names = [f"c{number}" for number in range(14)]
    files: dict[str, str] = {}
    for name in names:
        others = ", ".join(f"{{name: {one}, repository: 'file://../{one}'}}" for one in names if one != name)
        files[f"charts/{name}/Chart.yaml"] = f"{{apiVersion: v2, name: {name}, dependencies: [{others}]}}"
        files[f"charts/{name}/values.yaml"] = f"{name}: 1\n"
    assert resolved(files, ["charts/c0/values.yaml"]).resources


def test_a_chain_of_charts_is_no_matter_of_the_stack() -> None:
    files: dict[str, str] = {}
    for number in range(400):
        below = f"{{name: c{number + 1}, repository: 'file://../c{number + 1}'}}"
        files[f"c{number}/Chart.yaml"] = f"{{apiVersion: v2, name: c{number}, dependencies: [{below}]}}"
        files[f"c{number}/values.yaml"] = "a: 1\n"
    assert resolved(files, ["c399/values.yaml"]).resources


def test_deep_values_are_merged_or_refused() -> None:
    deep = "".join(" " * level + "a:\n" for level in range(90)) + " " * 90 + "a: 1\n"
    files = {**CHART, "web/values.yaml": deep, "web/values-prod.yaml": deep}
    assert value_at(only(resolved(files), "HelmValues.web"), "a")


_scalars = st.sampled_from(
    ["null", "5", "text", "''", "true", "[]", "{}", "[1, {a: b}]", "{a: {b: null}}", "[null]"]
)
_lines = st.sampled_from(
    [
        "name",
        "dependencies",
        "values",
        "valuesFrom",
        "chart",
        "helm_chart",
        "helm_chart_values_files",
        "hubs",
        "support",
        "releases",
        "environments",
        "prod",
        "set",
        "helm",
        "valueFiles",
        "parameters",
        "source",
        "sources",
        "spec",
        "metadata",
        "template",
        "generators",
        "tags",
        "condition",
        "inherit",
        "templates",
        "bases",
        "secrets",
        "valuesObject",
        "destination",
        "namespace",
        "fileParameters",
        "path",
        "ref",
        "repository",
        "alias",
        "version",
        "install",
        "upgrade",
        "chartRef",
        "targetPath",
        "kind",
        "apiVersion",
        "type",
        "entries",
        "global",
    ]
)
_flow = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(_lines, inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        ),
    ),
    max_leaves=8,
)
_bodies = st.dictionaries(_lines, _flow, min_size=1, max_size=5).map(
    lambda pairs: "".join(f"{key}: {value}\n" for key, value in pairs.items())
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_bodies, _bodies, _flow, _flow)
def test_wrong_types_anywhere(one: str, other: str, spec: str, source: str) -> None:
    flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\n"
    argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n"
    files = {
        "web/Chart.yaml": one,
        "web/Chart.lock": other,
        "web/values.yaml": other,
        "web/values-prod.yaml": one,
        "web/templates/x.yaml": "kind: {{ .Values.a }}\n" + one,
        "deploy/helmfile.yaml": one + "---\n" + other,
        "config/main/cluster.yaml": "x: helm_chart_values_files\n" + other,
        "clusters/prod/flux.yaml": flux
        + f"spec: {spec}\n---\n"
        + flux
        + f"spec: {{chart: {source}, values: {spec}}}\n",
        "argocd/prod/a.yaml": argo + f"spec: {{source: {source}, sources: [{spec}]}}\n",
        "argocd/prod/b.yaml": argo.replace("Application", "ApplicationSet")
        + f"spec: {{generators: [{{list: {{elements: [{{a: b}}]}}}}], template: {{spec: {{source: {source}}}}}}}\n",
    }
    for resource in resolved(files).resources:
        value_at(resource)
