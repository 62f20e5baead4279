"""What manifests state of other units before anything is built."""

from __future__ import annotations

import pytest

from riskcheck.dependencies import Stated, Use
from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.kubernetes.stated import stated
from riskcheck.platforms.kubernetes.stating import ManifestFiles
from riskcheck.trees import MemoryTree

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"


def read(text: str) -> list[Stated]:
    assert ManifestFiles().worth(text.encode())
    tree = MemoryTree({"a.yaml": text.encode()}, "head", "test")
    return list(stated(DocumentStore(tree).get("a.yaml")))


def test_an_address_of_a_service_is_a_call() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop, labels: {app: web, tags.datadoghq.com/service: shop-web}}
data:
  urls: |
    orders=http://orders.sales.svc.cluster.local:80
    self=other.svcs.example
---
{apiVersion: v1, kind: Secret, metadata: {name: nothing}}
"""
    (found,) = read(text)
    assert (found.address, found.service) == ("kubernetes:ConfigMap.shop/settings", "shop-web")
    assert found.uses == (Use("dns:orders.sales", "soft", "calls", 5),)


def test_a_definition_of_flux_waits_for_others_and_applies_a_path() -> None:
    text = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps/prod, dependsOn: [{name: infra}, {name: dns, namespace: net}]}
"""
    (found,) = read(text)
    assert (found.service, found.provides) == ("apps", ("flux:Kustomization/flux-system/apps",))
    assert {(use.target, use.coupling, use.relation) for use in found.uses} == {
        ("flux:Kustomization/flux-system/infra", "soft", "dependsOn"),
        ("flux:Kustomization/net/dns", "soft", "dependsOn"),
        ("path:apps/prod", "hard", "applies"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "a.b.svc",
        "[a.b.svc]",
        "{kind: [x], metadata: a.b.svc}",
        f"{FLUX}spec: {{dependsOn: x, path: [y]}}",
        f"{FLUX}spec: {{path: ../..}}",
    ],
)
def test_other_shapes_state_nothing(text: str) -> None:
    assert read(text) == []
