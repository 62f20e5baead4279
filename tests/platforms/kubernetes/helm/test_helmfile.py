"""Releases of helmfile, in each of its environments."""

from __future__ import annotations

from tests.platforms.kubernetes.trees import by_key, node_at, place, resolved, units, value_at

FILES = {
    "deploy/helmfile.yaml": """\
        environments:
          default: {}
          staging:
            values: [env/staging.yaml]
          prod:
            values: [{tier: gold, worker: {enabled: true}}]
        ---
        templates:
          common:
            namespace: shop
            values: [values/common.yaml]
        releases:
          - name: web
            inherit: [{template: common}]
            chart: ./charts/web
            values:
              - values/{{ .Environment.Name }}.yaml
              - {inline: 1, replicas: 3}
            set:
              - {name: image.tag, value: "7"}
          - name: worker
            chart: stable/worker
            condition: worker.enabled
            values: ["{{ requiredEnv \\"X\\" }}.yaml", values/*.yaml]
          - name: off
            chart: stable/off
            installed: false
        """,
    "deploy/env/staging.yaml": "worker: {enabled: false}\n",
    "deploy/values/prod.yaml": "replicas: 9\nport: 90\n",
    "deploy/charts/web/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
    "deploy/charts/web/values.yaml": "port: 80\nimage: {tag: 1, name: web}\n",
}


def test_releases_of_each_environment() -> None:
    found = by_key(resolved(FILES, ["deploy/values/prod.yaml"]))
    values = {key for key in found if key[0].startswith("HelmValues.")}
    assert values == {
        ("HelmValues.shop/web", "staging"),
        ("HelmValues.shop/web", "prod"),
        ("HelmValues.worker", "prod"),
    }
    web = found["HelmValues.shop/web", "prod"]
    assert (value_at(web, "replicas"), value_at(web, "port"), value_at(web, "inline")) == (3, 90, 1)
    assert value_at(web, "image") == {"tag": 7, "name": "web"}
    assert place(node_at(web, "port")) == "deploy/values/prod.yaml:2"
    assert value_at(found["HelmValues.shop/web", "staging"], "port") == 80
    assert web.identity == found["HelmValues.shop/web", "staging"].identity


def test_what_a_helmfile_reads() -> None:
    for path in ("deploy/values/prod.yaml", "deploy/env/staging.yaml", "deploy/charts/web/values.yaml"):
        assert units(FILES, path) == {"deploy"}
    assert units(FILES, "deploy/other/x.yaml") == set()


def test_templates_limit_where_the_helmfile_is_touched() -> None:
    touched = resolved(FILES, ["deploy/helmfile.yaml"]).limitations
    assert {(one.kind, one.failed) for one in touched} == {
        ("unresolved-template", False),
        ("missing-values", False),
    }
    assert resolved(FILES, ["deploy/values/prod.yaml"]).limitations == ()


def test_a_helmfile_that_is_a_template_only_limits() -> None:
    files = {"helmfile.yaml": '{{ if eq .Environment.Name "prod" }}\nreleases: []\n{{ end }}\n'}
    resolution = resolved(files)
    assert resolution.resources == ()
    assert [one.kind for one in resolution.limitations] == ["unresolved-template"]


TEMPLATE = {
    "web/helmfile.yaml": """\
        helmDefaults:
          args: [--kubeconfig, x]
          timeout: {{ env "TIMEOUT" | default "600" }} # seconds
        environments:
          staging: {values: [{db: {enabled: false}}], missingFileHandler: Warn}
          production: {values: [{db: {enabled: true}}]}
        ---
        {{- $region := env "REGION" }}
        templates:
          common: &common
            missingFileHandler: Warn
            values:
              - values.yaml
              - /etc/defaults/{{ .Environment.Name }}.yaml
              - "values-{{`{{ .Release.Name }}`}}.yaml"
              - 'values-{{`{{ .Release.Name }}`}}-{{ .Environment.Name }}.yaml'
        {{ if eq .Environment.Name
              "production" }}
        releases:
          - name: web
            <<: *common
            chart: shop/web
            labels: {region: "{{ env "REGION" }}"}
          - name: db
            chart: shop/db
            installed: {{ .Values.db.enabled }}
            values: [{size: 1}]
        {{ end }}
        """,
    "web/values.yaml": "replicas: 2\nport: 80\n",
    "web/values-web.yaml": "replicas: 3\n",
    "web/values-web-production.yaml": "replicas: 4\n",
}


def test_what_stands_between_the_actions_of_a_template_is_read() -> None:
    found = by_key(resolved(TEMPLATE, ["web/values-web.yaml"]))
    assert {key for key in found if key[0].startswith("HelmValues.")} == {
        ("HelmValues.web", "staging"),
        ("HelmValues.web", "production"),
        ("HelmValues.db", "production"),
    }
    staging, production = (found["HelmValues.web", name] for name in ("staging", "production"))
    assert (value_at(staging, "replicas"), value_at(staging, "port")) == (3, 80)
    assert place(node_at(production, "replicas")) == "web/values-web-production.yaml:1"
    assert place(node_at(found["HelmValues.db", "production"], "size")) == "web/helmfile.yaml:27"
    for path in ("web/values.yaml", "web/values-web.yaml", "web/values-web-production.yaml"):
        assert units(TEMPLATE, path) == {"web"}


def test_a_template_limits_once_and_files_that_may_be_missing_do_not() -> None:
    touched = resolved(TEMPLATE, ["web/helmfile.yaml"]).limitations
    assert [one.kind for one in touched] == ["unresolved-template"]


def test_a_template_whose_parts_are_no_yaml_leaves_those_out() -> None:
    broken = (
        "releases: [{name: a, chart: b}]\n---\nx: {{ if }}\n  - {{\n---\nreleases: {{ toYaml .Values }}\n"
    )
    found = by_key(resolved({"helmfile.yaml": broken}))
    assert {key[0] for key in found if key[0].startswith("HelmValues.")} == {"HelmValues.a"}
