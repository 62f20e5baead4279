from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_references import Offer, offers
from riskcheck.rules.checks.kubernetes_storage import is_ephemeral
from tests.build import resource


def offered(kind: str, text: str, api: str = "v1") -> list[Offer]:
    return list(offers(resource(f"apiVersion: {api}\nkind: {kind}\n{text}", kind=kind, name="shop/web")))


def test_a_config_map_offers_its_entries() -> None:
    text = "data: {a: '1'}\nbinaryData: {b: AA==}\n"
    assert offered("ConfigMap", text) == [Offer("ConfigMap", "web", frozenset({"a", "b"}))]


@pytest.mark.parametrize(
    "text",
    [
        "metadata: {labels: {config.openshift.io/inject-trusted-cabundle: 'true'}}\ndata: {a: '1'}\n",
        "metadata: {annotations: {service.beta.openshift.io/inject-cabundle: 'true'}}\n",
        "metadata: {}\n",
    ],
)
def test_entries_that_a_controller_fills_in_are_unknown(text: str) -> None:
    assert offered("ConfigMap", text) == [Offer("ConfigMap", "web", None)]


def test_an_external_secret_offers_what_it_fetches_under_its_target() -> None:
    text = "spec: {target: {name: tls}, data: [{secretKey: crt}]}\n"
    api = "external-secrets.io/v1"
    assert offered("ExternalSecret", text, api) == [Offer("Secret", "tls", frozenset({"crt"}))]
    assert offered("ExternalSecret", "spec: {dataFrom: [{extract: {key: x}}]}\n", api) == [
        Offer("Secret", "web", None)
    ]


def test_controllers_that_make_secrets_offer_them() -> None:
    assert offered("Certificate", "spec: {secretName: tls}\n", "cert-manager.io/v1") == [
        Offer("Secret", "tls", None)
    ]
    assert offered("SealedSecret", "spec: {encryptedData: {a: x}}\n", "bitnami.com/v1alpha1") == [
        Offer("Secret", "web", frozenset({"a"}))
    ]
    serving = "metadata: {annotations: {service.beta.openshift.io/serving-cert-secret-name: cert}}\n"
    assert offered("Service", serving) == [Offer("Secret", "cert", None)]


def test_workloads_offer_nothing() -> None:
    text = "spec: {template: {spec: {containers: []}}, secretName: x}\n"
    assert offered("Deployment", text, "apps/v1") == []


@pytest.mark.parametrize(
    ("labels", "ephemeral"),
    [
        ("{purpose: cache}", True),
        ("{shop.example/ephemeral: 'true'}", True),
        ("{shop.example/ephemeral: 'false'}", False),
        ("{app: cache-warmer}", False),
    ],
)
def test_labels_that_allow_losing_data(labels: str, ephemeral: bool) -> None:
    claim = resource(f"metadata: {{labels: {labels}}}\n", kind="PersistentVolumeClaim")
    assert is_ephemeral(claim, ["ephemeral", "cache"]) is ephemeral
