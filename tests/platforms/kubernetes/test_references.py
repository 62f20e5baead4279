from __future__ import annotations

from textwrap import indent

import pytest

from tests.platforms.kubernetes.trees import by_key, resolved

POD = """\
serviceAccountName: runner
imagePullSecrets: [{name: registry}]
priorityClassName: high
initContainers:
  - name: init
    env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: a, optional: true}}}]
containers:
  - name: main
    env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]
    envFrom: [{configMapRef: {name: more}}, {secretRef: {name: token}}]
volumes:
  - {name: a, configMap: {name: files}}
  - {name: b, secret: {secretName: cert}}
  - {name: c, projected: {sources: [{configMap: {name: part}}, {secret: {name: piece}}]}}
  - {name: d, persistentVolumeClaim: {claimName: data}}
"""
NAMED_BY_POD = {
    ("ServiceAccount.shop/runner", "hard"),
    ("Secret.shop/registry", "hard"),
    ("PriorityClass.high", "hard"),
    ("Secret.shop/keys", "soft"),
    ("ConfigMap.shop/settings", "hard"),
    ("ConfigMap.shop/more", "hard"),
    ("Secret.shop/token", "hard"),
    ("ConfigMap.shop/files", "hard"),
    ("Secret.shop/cert", "hard"),
    ("ConfigMap.shop/part", "hard"),
    ("Secret.shop/piece", "hard"),
    ("PersistentVolumeClaim.shop/data", "hard"),
}


def references(text: str, address: str) -> set[tuple[str, str]]:
    found = by_key(resolved({"k8s/prod/all.yaml": text}))[(address, "prod")]
    return {(one.target.removeprefix("kubernetes:"), one.kind) for one in found.references}


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        ("Deployment", "spec:\n  template:\n    spec:\n"),
        ("DaemonSet", "spec:\n  template:\n    spec:\n"),
        ("Rollout", "spec:\n  template:\n    spec:\n"),
        ("CronJob", "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"),
        ("Pod", "spec:\n"),
    ],
)
def test_all_that_a_pod_needs(kind: str, above: str) -> None:
    depth = " " * (len(above.splitlines()) * 2)
    text = (
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x, namespace: shop}}\n{above}{indent(POD, depth)}"
    )
    assert references(text, f"{kind}.shop/x") == NAMED_BY_POD


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web, tier: a}}}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: Service\nspec: {selector: {app: web}}", {("Deployment.shop/web", "hard")}),
        ("kind: Service\nspec: {selector: {app: web, tier: b}}", set()),
        ("kind: Service\nspec: {selector: {}}", set()),
        (
            "kind: PodDisruptionBudget\nspec: {selector: {matchLabels: {app: web}}}",
            {("Deployment.shop/web", "soft")},
        ),
        (
            "kind: HorizontalPodAutoscaler\nspec: {scaleTargetRef: {kind: Deployment, name: web}}",
            {("Deployment.shop/web", "hard")},
        ),
        ("kind: ScaledObject\nspec: {scaleTargetRef: {name: web}}", {("Deployment.shop/web", "hard")}),
        (
            (
                "kind: Ingress\nspec: {ingressClassName: nginx, tls: [{secretName: t}], rules: [{http: {paths: "
                "[{backend: {service: {name: s}}}]}}], defaultBackend: {service: {name: d}}}"
            ),
            {
                ("IngressClass.nginx", "hard"),
                ("Secret.shop/t", "hard"),
                ("Service.shop/s", "hard"),
                ("Service.shop/d", "hard"),
            },
        ),
        (
            (
                "kind: RoleBinding\nroleRef: {kind: ClusterRole, name: view}\n"
                "subjects: [{kind: ServiceAccount, name: a}, {kind: ServiceAccount, name: b, namespace: n}, "
                "{kind: User, name: u}]"
            ),
            {("ClusterRole.view", "hard"), ("ServiceAccount.shop/a", "hard"), ("ServiceAccount.n/b", "hard")},
        ),
        (
            (
                "kind: HTTPRoute\nspec: {parentRefs: [{kind: Gateway, name: g, namespace: infra}], "
                "rules: [{backendRefs: [{name: s}]}]}"
            ),
            {("Gateway.infra/g", "hard"), ("Service.shop/s", "hard")},
        ),
        (
            (
                "kind: HelmRelease\nspec: {chart: {spec: {sourceRef: {kind: HelmRepository, name: r}}}, "
                "valuesFrom: [{kind: ConfigMap, name: v, optional: true}], dependsOn: [{name: other}]}"
            ),
            {
                ("HelmRepository.shop/r", "hard"),
                ("ConfigMap.shop/v", "soft"),
                ("HelmRelease.shop/other", "soft"),
            },
        ),
    ],
)
def test_what_other_kinds_name(text: str, expected: set[tuple[str, str]]) -> None:
    kind = text.partition("\n")[0].removeprefix("kind: ")
    whole = f"{WEB}---\napiVersion: x/v1\nmetadata: {{name: x, namespace: shop}}\n{text}\n"
    assert references(whole, f"{kind}.shop/x") == expected


def test_an_object_without_namespace_is_found_by_those_in_one() -> None:
    text = """\
        apiVersion: v1
        kind: Pod
        metadata: {name: x, namespace: shop}
        spec: {volumes: [{name: a, configMap: {name: c}}]}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
        """
    assert references(text, "Pod.shop/x") == {("ConfigMap.c", "hard")}


def relations(text: str, address: str) -> set[tuple[str, str, str]]:
    found = by_key(resolved({"k8s/prod/all.yaml": text}))[(address, "prod")]
    return {(one.target, one.kind, one.relation) for one in found.references}


def test_an_address_in_a_value_is_a_call_to_that_service() -> None:
    text = """\
        apiVersion: v1
        kind: Pod
        metadata: {name: x, namespace: shop}
        spec:
          containers:
            - name: a
              env:
                - {name: ORDERS, value: "http://orders.sales.svc.cluster.local:8080/v1"}
                - {name: CART, value: "cart.shop.svc"}
                - {name: NOT_ONE, value: "https://orders.sales.svcs.example"}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}}}
        """
    assert relations(text, "Pod.shop/x") == {
        ("dns:orders.sales", "soft", "calls"),
        ("kubernetes:Service.shop/cart", "soft", "calls"),
    }


def test_a_service_is_found_by_its_address_and_an_object_by_kind_and_namespace() -> None:
    text = "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}}}"
    found = by_key(resolved({"k8s/prod/all.yaml": text}))[("Service.shop/cart", "prod")]
    assert found.provides == ("kubernetes:Service.shop/cart", "dns:cart.shop")
    without = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}"
    assert by_key(resolved({"k8s/prod/all.yaml": without}))[("ConfigMap.settings", "prod")].provides == ()


def test_whom_a_network_policy_lets_in_may_call() -> None:
    text = f"""\
{WEB}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: front, namespace: shop}}
spec: {{template: {{metadata: {{labels: {{app: front}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: x, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: web}}}}
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: front}}}}}}, {{podSelector: {{}}}}]}}]
"""
    assert relations(text, "Deployment.shop/front") == {
        ("kubernetes:Deployment.shop/web", "soft", "may call")
    }
    assert relations(text, "NetworkPolicy.shop/x") == {("kubernetes:Deployment.shop/web", "soft", "selects")}
    assert relations(text, "Deployment.shop/web") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: Service\nspec: {selector: {app: web}}", ("Deployment.shop/web", "hard", "selects")),
        (
            "kind: VirtualService\nspec: {http: [{route: [{destination: {host: s.infra.svc.cluster.local}}]}]}",
            ("Service.infra/s", "hard", "destination"),
        ),
        (
            "kind: HorizontalPodAutoscaler\nspec: {scaleTargetRef: {kind: Deployment, name: web}}",
            ("Deployment.shop/web", "hard", "scaleTargetRef"),
        ),
        (
            "kind: Kustomization\nspec: {dependsOn: [{name: infra, namespace: flux}]}",
            ("Kustomization.flux/infra", "soft", "dependsOn"),
        ),
    ],
)
def test_the_relation_is_the_word_of_the_format(text: str, expected: tuple[str, str, str]) -> None:
    kind = text.partition("\n")[0].removeprefix("kind: ")
    whole = f"{WEB}---\napiVersion: x/v1\nmetadata: {{name: x, namespace: shop}}\n{text}\n"
    target, coupling, relation = expected
    assert (f"kubernetes:{target}", coupling, relation) in relations(whole, f"{kind}.shop/x")


def test_all_that_a_spark_application_needs() -> None:
    text = """
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: x, namespace: shop}
spec:
  sparkConfigMap: conf
  hadoopConfigMap: hadoop
  imagePullSecrets: [registry]
  volumes:
    - {name: a, persistentVolumeClaim: {claimName: checkpoints}}
    - {name: b, configMap: {name: files}}
  driver:
    serviceAccount: driver
    secrets: [{name: keys, path: /keys, secretType: Generic}]
    env: [{name: A, valueFrom: {secretKeyRef: {name: token, key: a}}}]
  executor:
    configMaps: [{name: more, path: /more}]
    envFrom: [{configMapRef: {name: settings}}]
"""
    assert references(text, "SparkApplication.shop/x") == {
        ("ConfigMap.shop/conf", "hard"),
        ("ConfigMap.shop/hadoop", "hard"),
        ("Secret.shop/registry", "hard"),
        ("PersistentVolumeClaim.shop/checkpoints", "hard"),
        ("ConfigMap.shop/files", "hard"),
        ("ServiceAccount.shop/driver", "hard"),
        ("Secret.shop/keys", "hard"),
        ("Secret.shop/token", "hard"),
        ("ConfigMap.shop/more", "hard"),
        ("ConfigMap.shop/settings", "hard"),
    }


def test_a_policy_selects_the_driver_of_an_application_by_the_labels_that_spark_sets() -> None:
    text = """
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: x, namespace: shop}
spec: {driver: {labels: {team: a}}, executor: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: drivers, namespace: shop}
spec: {podSelector: {matchLabels: {spark-role: driver, team: a}}}
"""
    assert references(text, "NetworkPolicy.shop/drivers") == {("SparkApplication.shop/x", "soft")}
