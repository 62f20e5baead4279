"""Overlays and manifests into resources per environment."""

from __future__ import annotations

import pytest

from riskcheck.models import Limitation
from riskcheck.platforms.kubernetes import PLATFORM
from riskcheck.platforms.kubernetes.kustomize import step
from tests.platforms.kubernetes.trees import (
    by_key,
    node_at,
    only,
    place,
    resolved,
    units,
    value_at,
    workspace,
)

DEPLOYMENT = """\
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, labels: {app: web}}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.2
              envFrom: [{configMapRef: {name: settings}}]
    """
SHOP = {
    "shop/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "shop/base/deployment.yaml": DEPLOYMENT,
    "shop/staging/kustomization.yaml": "resources: [../base]\nnamespace: shop\n",
    "shop/prod/kustomization.yaml": """\
        resources: [../base]
        namespace: shop
        namePrefix: eu-
        images:
          - name: registry.example/web
            newTag: 1.5.0
        replicas:
          - {name: web, count: 5}
        configMapGenerator:
          - name: settings
            files:
              - app.conf
            literals:
              - debug=false
        patches:
          - path: patch.yaml
          - target: {kind: Deployment}
            patch: |-
              - op: add
                path: /spec/template/spec/priorityClassName
                value: high
        """,
    "shop/prod/app.conf": "a=1\n",
    "shop/prod/patch.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          minReadySeconds: 30
        """,
}


def test_a_base_appears_once_in_the_environment_of_each_overlay() -> None:
    found = by_key(resolved(SHOP, ["shop/base/deployment.yaml"]))
    assert set(found) == {
        ("Deployment.shop/web", "staging"),
        ("Deployment.shop/eu-web", "prod"),
        ("ConfigMap.shop/eu-settings", "prod"),
    }
    assert value_at(found[("Deployment.shop/web", "staging")], "spec", "replicas") == 2
    assert value_at(found[("Deployment.shop/eu-web", "prod")], "spec", "replicas") == 5


def test_every_value_knows_the_line_that_states_it() -> None:
    web = only(resolved(SHOP, ["shop/prod/kustomization.yaml"]), "Deployment.shop/eu-web")
    pod = ("spec", "template", "spec")
    container = (*pod, "containers", 0)
    assert place(node_at(web, "spec", "replicas")) == "shop/prod/kustomization.yaml:8"
    assert place(node_at(web, *container, "image")) == "shop/prod/kustomization.yaml:6"
    assert [place(node) for node in node_at(web, *container, "image").via] == ["shop/base/deployment.yaml:12"]
    assert place(node_at(web, "spec", "minReadySeconds")) == "shop/prod/patch.yaml:5"
    assert place(node_at(web, *pod, "priorityClassName")) == "shop/prod/kustomization.yaml:21"
    assert place(node_at(web, "metadata", "namespace")) == "shop/prod/kustomization.yaml:2"
    assert place(node_at(web, "metadata", "name")) == "shop/prod/kustomization.yaml:3"
    assert place(node_at(web, *container, "name")) == "shop/base/deployment.yaml:11"


def test_an_inline_patch_is_placed_to_the_column() -> None:
    web = only(resolved(SHOP, ["shop/prod/kustomization.yaml"]), "Deployment.shop/eu-web")
    node = node_at(web, "spec", "template", "spec", "priorityClassName")
    line = workspace(SHOP).documents.get("shop/prod/kustomization.yaml").line(21)
    assert line[node.column :] == "high"


def test_generated_content_is_placed_at_its_source() -> None:
    settings = only(resolved(SHOP, ["shop/prod/app.conf"]), "ConfigMap.shop/eu-settings")
    assert value_at(settings, "data") == {"app.conf": "a=1\n", "debug": "false"}
    assert place(node_at(settings, "data", "app.conf")) == "shop/prod/app.conf:1"
    assert place(node_at(settings, "data", "debug")) == "shop/prod/kustomization.yaml:14"


def test_a_generated_name_has_its_hash_in_the_values_and_not_in_the_address() -> None:
    found = by_key(resolved(SHOP, ["shop/prod/app.conf"]))
    settings = found[("ConfigMap.shop/eu-settings", "prod")]
    web = found[("Deployment.shop/eu-web", "prod")]
    name = value_at(settings, "metadata", "name")
    assert isinstance(name, str)
    assert name.startswith("eu-settings-")
    assert value_at(web, "spec", "template", "spec", "containers", 0, "envFrom") == [
        {"configMapRef": {"name": name}}
    ]
    assert "kubernetes:ConfigMap.shop/eu-settings" in {reference.target for reference in web.references}


def test_the_same_object_has_the_same_identity_in_every_environment() -> None:
    found = by_key(resolved(SHOP, ["shop/base/deployment.yaml"]))
    identities = {found[key].identity for key in found if key[0].startswith("Deployment")}
    assert identities == {"shop/*:Deployment.web"}


def test_an_object_keeps_its_identity_in_another_namespace() -> None:
    moved = {**SHOP, "shop/prod/kustomization.yaml": "resources: [../base]\nnamespace: other\n"}
    before = only(resolved(SHOP, ["shop/staging/kustomization.yaml"]), "Deployment.shop/web")
    after = only(resolved(moved, ["shop/prod/kustomization.yaml"]), "Deployment.other/web")
    assert before.identity == after.identity


BUDGET = "{kind: PodDisruptionBudget, apiVersion: policy/v1, metadata: {name: all}, spec: {selector: {matchLabels: "


@pytest.mark.parametrize(
    ("apps", "selector", "service"),
    [
        (("web",), "{tier: shop}", "web"),
        (("web", "api"), "{tier: shop}", None),
        (("web", "api"), "{app: api}", "api"),
        (("web",), "{app: gone}", None),
        ((), "{tier: shop}", None),
    ],
)
def test_a_budget_without_labels_is_of_the_service_it_protects(
    apps: tuple[str, ...], selector: str, service: str | None
) -> None:
    workloads = {
        f"apps/prod/{app}.yaml": "{kind: Deployment, apiVersion: apps/v1, "
        f"metadata: {{name: {app}, labels: {{app: {app}}}}}, "
        f"spec: {{template: {{metadata: {{labels: {{app: {app}, tier: shop}}}}}}}}}}\n"
        for app in apps
    }
    found = by_key(resolved({**workloads, "apps/prod/budget.yaml": f"{BUDGET}{selector}}}}}}}\n"}))
    (budget,) = [one for one in found.values() if one.kind == "PodDisruptionBudget"]
    assert budget.service == service


def test_an_autoscaler_and_a_canary_are_of_the_service_they_name() -> None:
    target = "spec: {%s: {kind: Deployment, apiVersion: apps/v1, name: web}}}\n"
    files = {
        "apps/prod/web.yaml": "{kind: Deployment, apiVersion: apps/v1, metadata: {name: web, labels: {app: shop}}, "
        "spec: {template: {}}}\n",
        "apps/prod/scaler.yaml": "{kind: HorizontalPodAutoscaler, apiVersion: autoscaling/v2, metadata: {name: a}, "
        + target % "scaleTargetRef",
        "apps/prod/canary.yaml": "{kind: Canary, apiVersion: flagger.app/v1beta1, metadata: {name: c}, "
        + target % "targetRef",
    }
    assert {one.service for one in by_key(resolved(files)).values()} == {"shop"}


def test_services_are_named_by_label_else_by_component() -> None:
    files = {
        "components/checkout/prod/kustomization.yaml": "resources: [a.yaml]\n",
        "components/checkout/prod/a.yaml": """\
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: b, labels: {app: other}}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {app: x, app.kubernetes.io/part-of: y}}}
            """,
    }
    found = by_key(resolved(files))
    assert {key[0]: resource.service for key, resource in found.items()} == {
        "ConfigMap.a": "checkout",
        "ConfigMap.b": "other",
        "ConfigMap.c": "y",
    }


def test_clusters_below_an_environment_are_environments_of_their_own() -> None:
    files = {
        **{
            f"web/production/shop-prod-p0{number}/kustomization.yaml": "resources: [../base]\n"
            for number in (1, 2)
        },
        "web/production/base/kustomization.yaml": "resources: [a.yaml]\n",
        "web/production/base/a.yaml": DEPLOYMENT,
    }
    found = by_key(resolved(files, ["web/production/base/a.yaml"]))
    assert {key[1] for key in found} == {"production/shop-prod-p01", "production/shop-prod-p02"}
    assert {resource.identity for resource in found.values()} == {"web/*:Deployment.web"}


def test_loose_manifests_are_deployed_where_their_file_says() -> None:
    config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}\n"
    files = {"deploy/prod.yaml": config, "deploy/staging.yaml": config}
    resolution = resolved(files)
    assert set(by_key(resolution)) == {("ConfigMap.shop/a", "prod"), ("ConfigMap.shop/a", "staging")}
    assert resolution.read == set(files)


def test_objects_that_the_change_leaves_alone_are_there_for_those_that_name_them() -> None:
    files = {
        "k8s/prod/web.yaml": DEPLOYMENT,
        "k8s/prod/config.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}\n",
    }
    found = by_key(resolved(files, ["k8s/prod/config.yaml"]))
    assert set(found) == {("Deployment.web", "prod"), ("ConfigMap.settings", "prod")}


def test_kinds_of_two_groups_with_one_name_stay_apart() -> None:
    files = {
        "k8s/prod/a.yaml": """\
            {apiVersion: v1, kind: Service, metadata: {name: web}}
            ---
            {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: web}}
            """
    }
    assert set(by_key(resolved(files))) == {
        ("Service.web", "prod"),
        ("Service.web.serving.knative.dev", "prod"),
    }


def limitations(files: dict[str, str], touched: list[str] | None = None) -> list[Limitation]:
    return list(resolved(files, touched).limitations)


def test_a_remote_base_is_a_limit_and_what_is_said_of_it_is_still_compared() -> None:
    files = {
        "prod/kustomization.yaml": """\
            resources:
              - https://github.com/example/web//deploy?ref=0123abc
            namespace: shop
            images: [{name: registry.example/web, newTag: "2"}]
            patches:
              - path: patch.yaml
              - target: {group: apps, version: v1, kind: Deployment, name: worker}
                patch: |-
                  - {op: replace, path: /spec/replicas, value: 3}
                  - {op: add, path: /spec/template/spec/containers/0/args/-, value: --fast}
            configMapGenerator:
              - {name: flags, behavior: merge, literals: [a=1]}
            """,
        "prod/patch.yaml": """\
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {replicas: 4, paused: null}
            """,
    }
    resolution = resolved(files)
    assert [(one.kind, one.line, one.failed) for one in resolution.limitations] == [("remote-base", 2, False)]
    found = by_key(resolution)
    assert set(found) == {
        ("Deployment.shop/web", "prod"),
        ("Deployment.shop/worker", "prod"),
        ("ConfigMap.shop/flags", "prod"),
        ("Kustomization.prod", "prod"),
    }
    assert value_at(found[("Deployment.shop/web", "prod")], "spec") == {"replicas": 4}, (
        "no default is made up"
    )
    worker = found[("Deployment.shop/worker", "prod")]
    assert value_at(worker, "spec", "replicas") == 3
    assert value_at(worker, "patches") == {"/spec/template/spec/containers/0/args/-": "--fast"}
    images = value_at(found[("Kustomization.prod", "prod")], "images")
    assert images == [{"name": "registry.example/web", "newTag": "2"}]


def test_a_remote_base_that_the_change_does_not_touch_is_not_mentioned() -> None:
    files = {
        "base/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n",
        "prod/kustomization.yaml": "resources: [../base, a.yaml]\n",
        "prod/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    }
    assert limitations(files, ["prod/a.yaml"]) == []


def test_what_kustomize_would_refuse_is_said_with_its_line() -> None:
    files = {
        "prod/kustomization.yaml": """\
            resources:
              - a.yaml
              - absent.yaml
              - ../../outside
              - a.yaml
            patches:
              - patch: |-
                  {apiVersion: v1, kind: ConfigMap, metadata: {name: nobody}}
              - target: {kind: ConfigMap}
                patch: |-
                  - {op: remove, path: /data/none}
              - target: {name: "(a+)+$"}
                patch: |-
                  - {op: remove, path: /data}
            replicas:
              - {name: nobody, count: 1}
            configMapGenerator:
              - files: [x]
              - {name: m, literals: [nothing]}
              - {name: n, files: [absent.conf]}
              - {name: o, behavior: merge}
            replacements:
              - source: {kind: Pod}
                targets: []
            """,
        "prod/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    }
    found = limitations(files, ["prod/kustomization.yaml"])
    assert [(one.kind, one.line) for one in found] == [
        ("missing", 3),
        ("outside-tree", 4),
        ("conflict", 5),
        ("generator", 18),
        ("generator", 19),
        ("absent", 20),
        ("generator", 21),
        ("patch-target", 7),
        ("patch", 10),
        ("patch", 12),
        ("patch-target", 16),
        ("replacement", 23),
    ]
    assert not any(one.failed for one in found)


def test_a_kustomization_of_the_wrong_form_is_said_and_read_as_far_as_it_goes() -> None:
    files = {
        "prod/kustomization.yaml": """\
            resources: [a.yaml, {b: c}]
            patches: [patch.yaml]
            images: {name: x}
            prefix: eu-
            bases:
            """,
        "prod/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
        "empty/kustomization.yaml": "kind: Kustomization\n",
    }
    resolution = resolved(files)
    assert [(one.path, one.kind, one.line) for one in resolution.limitations] == [
        ("empty/kustomization.yaml", "invalid", 1),
        ("prod/kustomization.yaml", "invalid", 1),
        ("prod/kustomization.yaml", "invalid", 2),
        ("prod/kustomization.yaml", "invalid", 3),
        ("prod/kustomization.yaml", "invalid", 4),
    ]
    assert set(by_key(resolution)) == {("ConfigMap.a", "prod")}


def test_what_takes_plugins_is_a_limit() -> None:
    files = {
        "prod/kustomization.yaml": """\
            helmCharts: [{name: web}]
            generators: [generator.yaml]
            transformers: []
            """
    }
    assert [(one.kind, one.line) for one in limitations(files)] == [("unsupported", 2), ("unsupported", 1)]


def test_overlays_in_a_circle_end() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, x.yaml]\n",
        "b/x.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    }
    resolution = resolved(files, ["b/x.yaml"])
    assert {one.kind for one in resolution.limitations} == {"cycle"}
    assert {resource.name for resource in resolution.resources} == {"a"}


def test_overlays_that_double_at_each_level_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MAX_OBJECTS", 200)
    files = {
        "l00/kustomization.yaml": "resources: [x.yaml]\n",
        "l00/x.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    }
    for level in range(1, 12):
        below = f"l{level - 1:02}"
        for side in "ab":
            files[f"l{level:02}{side}/kustomization.yaml"] = f"resources: [../{below}]\nnamePrefix: {side}-\n"
        files[f"l{level:02}/kustomization.yaml"] = f"resources: [../l{level:02}a, ../l{level:02}b]\n"
    resolution = resolved(files, ["l00/x.yaml"])
    assert any(one.kind == "too-large" and one.failed for one in resolution.limitations)


def test_a_file_that_the_change_broke_is_a_failure() -> None:
    sound = {**SHOP, "k8s/prod/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"}
    broken = {
        **sound,
        "k8s/prod/a.yaml": "apiVersion: v1\nkind: ConfigMap\n\tx: 1\n",
        "shop/base/deployment.yaml": "apiVersion: apps/v1\nkind: [\n",
    }
    touched = ["k8s/prod/a.yaml", "shop/base/deployment.yaml"]
    failed = [one for one in resolved(broken, touched, other=sound).limitations if one.failed]
    assert {(one.path, one.kind) for one in failed} == {(path, "parse-error") for path in touched}
    before = resolved(broken, touched, other=broken).limitations
    assert {one.failed for one in before} == {False}


def test_a_kustomization_that_the_change_broke_is_a_failure() -> None:
    broken = {**SHOP, "shop/prod/kustomization.yaml": "resources: [\n"}
    space = workspace(broken, ["shop/prod/kustomization.yaml"], other=SHOP)
    found = PLATFORM.resolve(space, units(SHOP, "shop/prod/kustomization.yaml"))
    assert [(one.kind, one.failed) for one in found.limitations] == [("parse-error", True)]


def test_what_the_change_broke_counts_as_it_was() -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
    sound = {**SHOP, "k8s/prod/a.yaml": "---\n".join(config.replace("NAME", name) for name in "abc")}
    broken = {
        **sound,
        "k8s/prod/a.yaml": sound["k8s/prod/a.yaml"].replace("name: b", "name: b]"),
        "shop/prod/kustomization.yaml": "resources: [\n",
    }
    touched = ["k8s/prod/a.yaml", "shop/prod/kustomization.yaml"]
    before, after = resolved(sound, touched), resolved(broken, touched, other=sound)
    assert {one.key for one in after.resources} >= {
        one.key for one in before.resources if one.unit == "k8s/prod"
    }
    space = workspace(broken, touched, other=sound)
    whole = PLATFORM.resolve(space, {"k8s/prod", "shop/prod"})
    assert {one.key for one in whole.resources} == {one.key for one in before.resources}
    assert [one.failed for one in whole.limitations] == [True, True]


def test_templates_only_limit_and_only_where_they_changed() -> None:
    files = {
        "k8s/prod/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ .Values.x }}\n",
        "k8s/prod/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ .Values.x }}\n",
        "chart/Chart.yaml": "name: web\n",
        "chart/templates/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    }
    resolution = resolved(files, ["k8s/prod/a.yaml", "chart/templates/web.yaml"])
    assert {(one.path, one.kind, one.failed) for one in resolution.limitations} == {
        ("k8s/prod/a.yaml", "unresolved-template", False),
        ("chart/templates/web.yaml", "unresolved-template", False),
    }
    assert {one.kind for one in resolution.resources} == {"HelmValues", "HelmChart"}
    assert {"k8s/prod/a.yaml", "chart/templates/web.yaml"} <= resolution.read


def test_ciphertext_is_never_compared() -> None:
    files = {
        "k8s/prod/a.yaml": """\
            apiVersion: v1
            kind: Secret
            metadata: {name: a}
            stringData: {token: "ENC[AES256_GCM,data:abc,type:str]", plain: kept}
            sops: {mac: "ENC[AES256_GCM,data:mac]", lastmodified: "2026-01-01T00:00:00Z"}
            ---
            apiVersion: bitnami.com/v1alpha1
            kind: SealedSecret
            metadata: {name: b}
            spec: {encryptedData: {token: AgBy3i4OJSWK}, template: {type: Opaque}}
            """
    }
    found = by_key(resolved(files))
    secret, sealed = found[("Secret.a", "prod")], found[("SealedSecret.b", "prod")]
    assert value_at(secret, "stringData") == {"token": "<encrypted>", "plain": "kept"}
    assert "sops" not in secret.body.index
    assert value_at(sealed, "spec", "encryptedData") == {"token": "<encrypted>"}


def test_thousands_of_documents_in_one_file() -> None:
    text = "---\n".join(
        f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{n}}}}}\n" for n in range(3000)
    )
    assert len(resolved({"k8s/prod/all.yaml": text}).resources) == 3000


def test_a_unit_that_is_not_there_on_this_side_is_empty() -> None:
    resolution = PLATFORM.resolve(workspace(SHOP), ["elsewhere", "shop/prod/nothing"])
    assert resolution.resources == ()


def test_an_unreadable_file_is_a_limit() -> None:
    files = {"prod/kustomization.yaml": "resources: [big.yaml]\n"}
    space = workspace(files, ["prod/big.yaml"], unreadable={"prod/big.yaml": "too-large"})
    assert PLATFORM.units(space, ["prod/big.yaml"]) == {"prod"}
    (found,) = PLATFORM.resolve(space, ["prod"]).limitations
    assert (found.path, found.kind) == ("prod/big.yaml", "too-large")


ROLE = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n"


@pytest.mark.parametrize(
    ("metadata", "line"),
    [
        ("metadata: [1]", 7),
        ("metadata:", 7),
        ("metadata: {name: [web]}", 7),
        ("metadata: {name: }", 7),
        ("metadata: {labels: {app: web}}", 7),
        ("immutable: true", 5),
    ],
)
def test_an_object_whose_metadata_the_change_broke_is_said_and_not_taken_for_removed(
    metadata: str, line: int
) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\n"
    sound = {"web.yaml": f"{ROLE}---\n{config}metadata: {{name: settings}}\n"}
    broken = {"web.yaml": f"{ROLE}---\n{config}{metadata}\n"}
    resolution = resolved(broken, ["web.yaml"], other=sound)
    assert [(one.kind, one.line, one.failed) for one in resolution.limitations] == [("invalid", line, True)]
    assert [one.name for one in resolution.resources] == ["web", "settings"]


def test_an_object_that_had_no_usable_name_before_only_limits() -> None:
    bad = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: [1]\n"
    before = {"web.yaml": f"{ROLE}{bad}"}
    after = {"web.yaml": f"{ROLE.replace('web', 'app')}{bad}"}
    found = resolved(after, ["web.yaml"], other=before).limitations
    assert [(one.kind, one.line, one.failed) for one in found] == [("invalid", 7, False)]
    assert not resolved(after, [], other=before).limitations


def test_a_new_object_without_a_usable_name_in_a_list_fails() -> None:
    items = "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: {a: 1}}}\n"
    files = {"web.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"}
    found = resolved(files, ["web.yaml"], other={"README.md": ""}).limitations
    assert [(one.kind, one.line, one.failed) for one in found] == [("invalid", 4, True)]


def test_a_file_of_a_tool_needs_no_metadata() -> None:
    files = {"config.yaml": "apiVersion: v1\nkind: Config\nclusters: []\n"}
    assert not resolved(files, ["config.yaml"], other={"README.md": ""}).limitations
