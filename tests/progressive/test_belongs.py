"""What belongs to a canary, beside its declaration."""

from __future__ import annotations

import pytest

from riskcheck.progressive.belongs import belongs
from riskcheck.progressive.read import deliveries
from riskcheck.progressive.surroundings import Surroundings
from tests.progressive.manifests import CONFIG, DEPLOYMENT, SECRET, canary, resources, rollout, steps
from tests.progressive.test_flagger import ANALYSIS

ROLLOUT = rollout(
    steps("setWeight: 10", "pause: {}", more="stableService: web\ncanaryService: web-canary\n"),
    more="",
).replace("    spec:\n", "    spec:\n      serviceAccountName: web\n", 1)
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}\n"
)


def ours(text: str, declaring: str = ROLLOUT) -> bool:
    """Whether the object of `text` belongs to the canary of `declaring`."""
    found = resources(
        declaring, DEPLOYMENT if declaring != ROLLOUT else "", SERVICE if text != SERVICE else "", text
    )
    (delivery,) = deliveries(found)
    (wanted,) = (one for one in found if location(one) == text.splitlines()[1])
    return belongs(delivery, wanted, Surroundings(found))


def location(one: object) -> str:
    return f"kind: {getattr(one, 'kind', '')}"


def manifest(kind: str, spec: str, name: str = "other", namespace: str = "shop") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\n{spec}\n"


@pytest.mark.parametrize(
    "text",
    [
        CONFIG,
        SECRET,
        SERVICE,
        manifest("ExternalSecret", "spec: {target: {name: web-secret}}"),
        manifest("SealedSecret", "spec: {encryptedData: {K: abc}}", "web-secret"),
        manifest("ServiceAccount", "", "web"),
        manifest(
            "RoleBinding",
            "subjects: [{kind: ServiceAccount, name: web, namespace: shop}]\nroleRef: {name: r}",
        ),
        manifest("PodDisruptionBudget", "spec: {selector: {matchLabels: {app: web}}}"),
        manifest("NetworkPolicy", "spec: {podSelector: {matchLabels: {app: web}}}"),
        manifest("HorizontalPodAutoscaler", "spec: {scaleTargetRef: {kind: Rollout, name: web}}"),
        manifest("Ingress", "spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web}}}]}}]}"),
        manifest("HTTPRoute", "spec: {rules: [{backendRefs: [{name: web}]}]}"),
        manifest("VirtualService", "spec: {http: [{route: [{destination: {host: web.shop.svc}}]}]}"),
        manifest("DestinationRule", "spec: {host: web}"),
    ],
)
def test_configuration_and_what_finds_scales_or_guards_its_pods_belong_to_it(text: str) -> None:
    assert ours(text)


@pytest.mark.parametrize(
    "text",
    [
        manifest("ConfigMap", "data: {A: b}"),
        CONFIG.replace("namespace: shop", "namespace: elsewhere"),
        manifest("Service", "spec: {selector: {app: other}}"),
        manifest("Service", "spec: {selector: }"),
        manifest("PodDisruptionBudget", "spec: {selector: {}}"),
        manifest("NetworkPolicy", "spec: {podSelector: {}}"),
        manifest("HorizontalPodAutoscaler", "spec: {scaleTargetRef: {kind: Rollout, name: other}}"),
        manifest("Ingress", "spec: {rules: [{http: {paths: [{backend: {service: {name: other}}}]}}]}"),
        manifest(
            "RoleBinding", "subjects: [{kind: ServiceAccount, name: other}, null, 3]\nroleRef: {name: r}"
        ),
        manifest("PersistentVolumeClaim", "spec: {}"),
    ],
)
def test_other_objects_of_the_namespace_do_not(text: str) -> None:
    found = resources(ROLLOUT, text)
    (delivery,) = deliveries(found)
    others = [one for one in found if one is not delivery.resource]
    assert others
    assert not any(belongs(delivery, one, Surroundings(found)) for one in others)


@pytest.mark.parametrize(
    "text",
    [
        SERVICE,
        manifest("VirtualService", "spec: {http: [{route: [{destination: {host: web-primary}}]}]}", "web"),
        manifest("HorizontalPodAutoscaler", "spec: {scaleTargetRef: {kind: Deployment, name: web}}", "web"),
    ],
)
def test_what_flagger_makes_or_holds_back_does_not(text: str) -> None:
    assert not ours(
        text, canary(ANALYSIS, more="autoscalerRef: {kind: HorizontalPodAutoscaler, name: web}\n")
    )
