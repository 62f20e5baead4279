from __future__ import annotations

from riskcheck.models import Resource
from riskcheck.rules.checks.kubernetes_pods import (
    autoscaler_of,
    config_uses,
    container_path,
    containers,
    pod_template,
    replicas_of,
)
from riskcheck.rules.context import Resources
from tests.build import resource

POD = """
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - {name: setup, image: setup, envFrom: [{secretRef: {name: setup, optional: true}}]}
      containers:
        - name: web
          image: web
          env:
            - {name: A, value: "1"}
            - {name: B, valueFrom: {configMapKeyRef: {name: settings, key: b}}}
            - {name: C, valueFrom: {secretKeyRef: {name: keys, key: c}}}
            - {name: D, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
          volumeMounts:
            - {name: whole, mountPath: /whole}
            - {name: file, mountPath: /file, subPath: app.conf}
            - {name: chosen, mountPath: /chosen}
      volumes:
        - {name: whole, configMap: {name: whole}}
        - {name: file, configMap: {name: file}}
        - {name: chosen, secret: {secretName: chosen, items: [{key: k, path: p}]}}
        - {name: idle, configMap: {name: idle}}
        - {name: mixed, projected: {sources: [{configMap: {name: mixed}}, {serviceAccountToken: {path: t}}]}}
        - {name: scratch, emptyDir: {}}
      imagePullSecrets: [{name: registry}]
"""


def uses(text: str) -> set[tuple[str, str, str | None, str]]:
    template = pod_template(resource(text))
    assert template is not None
    return {(use.kind, use.name, use.key, use.how) for use in config_uses(template)}


def test_every_way_to_use_a_config_map_or_secret_is_seen() -> None:
    assert uses(POD) == {
        ("Secret", "setup", None, "env"),
        ("ConfigMap", "settings", "b", "env"),
        ("Secret", "keys", "c", "env"),
        ("ConfigMap", "whole", None, "volume"),
        ("ConfigMap", "file", "app.conf", "subPath"),
        ("Secret", "chosen", "k", "volume"),
        ("ConfigMap", "idle", None, "unmounted"),
        ("ConfigMap", "mixed", None, "unmounted"),
        ("Secret", "registry", None, "pull"),
    }


def test_a_volume_mounted_both_ways_is_used_both_ways() -> None:
    text = """
spec:
  template:
    spec:
      containers:
        - name: web
          volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, subPath: dir/b.conf}]
      volumes: [{name: v, configMap: {name: c}}]
"""
    assert uses(text) == {("ConfigMap", "c", None, "volume"), ("ConfigMap", "c", "dir", "subPath")}


def test_a_sub_path_of_chosen_items_names_their_entry() -> None:
    text = """
spec:
  template:
    spec:
      containers: [{name: web, volumeMounts: [{name: v, mountPath: /b, subPath: b.conf}]}]
      volumes: [{name: v, configMap: {name: c, items: [{key: entry, path: b.conf}]}}]
"""
    assert uses(text) == {("ConfigMap", "c", "entry", "subPath")}


def test_malformed_pods_use_nothing() -> None:
    text = "spec: {template: {spec: {containers: [x, {env: 3}], volumes: {a: 1}, imagePullSecrets: [[]]}}}\n"
    assert uses(text) == set()


def test_templates_lie_where_their_kind_has_them() -> None:
    cron = resource(
        "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}\n", kind="CronJob"
    )
    pod = resource("spec: {containers: [{name: a}]}\n", kind="Pod")
    found = [pod_template(one) for one in (cron, pod)]
    assert all(one is not None and len(list(containers(one))) == 1 for one in found)
    assert pod_template(resource("spec: {template: {spec: {}}}\n", kind="ConfigMap")) is None
    assert pod_template(resource("spec: {replicas: 1}\n")) is None


def test_the_container_of_a_path() -> None:
    path = ("spec", "template", "spec", "containers", "[web]", "image")
    assert container_path(path) == path[:-1]
    assert container_path(path[:4]) is None


def view(*resources: Resource) -> Resources:
    return Resources(resources)


def test_replicas_are_one_unless_stated() -> None:
    assert replicas_of(resource("spec: {}\n"), view()) == 1
    assert replicas_of(resource("spec: {replicas: 4}\n"), view()) == 4
    assert replicas_of(resource("spec: {replicas: ${N}}\n".replace("${N}", '"${N}"')), view()) is None
    assert replicas_of(resource("spec: {}\n", kind="DaemonSet"), view()) is None


def test_an_autoscaler_sets_the_least_number() -> None:
    web = resource("spec: {replicas: 9}\n")
    target = "spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 3}\n"
    scaler = resource(target, kind="HorizontalPodAutoscaler")
    assert autoscaler_of(web, view(web, scaler)) is scaler
    assert replicas_of(web, view(web, scaler)) == 3
    assert replicas_of(web, view(web, resource(target.replace("web", "api"), kind=scaler.kind))) == 9


def test_keda_scales_to_nothing_unless_told_otherwise() -> None:
    web = resource("spec: {replicas: 9}\n")
    scaler = resource("spec: {scaleTargetRef: {name: web}}\n", kind="ScaledObject")
    assert replicas_of(web, view(web, scaler)) == 0


def test_an_autoscaler_of_another_namespace_is_another_matter() -> None:
    web = resource("spec: {replicas: 9}\n", name="shop/web")
    text = "spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 3}\n"
    scaler = resource(text, kind="HorizontalPodAutoscaler", name="store/web")
    assert autoscaler_of(web, view(web, scaler)) is None
