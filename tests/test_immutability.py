from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare
from riskcheck.immutability import edited_section, is_one_way, is_refused, is_replaced_by_force
from riskcheck.nodes import KeyPath
from tests.build import resource


def section(kind: str, api: str, before: str, after: str, *path: str) -> KeyPath | None:
    head = f"apiVersion: {api}\nkind: {kind}\n"
    return edited_section(
        path, resource(head + before, "base", kind=kind), resource(head + after, "head", kind=kind)
    )


@pytest.mark.parametrize(
    ("kind", "api", "before", "after", "path"),
    [
        (
            "DaemonSet",
            "apps/v1",
            "spec: {selector: {a: 1}}",
            "spec: {selector: {a: 2}}",
            ("spec", "selector", "a"),
        ),
        (
            "StatefulSet",
            "apps/v1",
            "spec: {serviceName: a}",
            "spec: {serviceName: b}",
            ("spec", "serviceName"),
        ),
        ("Job", "batch/v1", "spec: {completionMode: Indexed}", "spec: {}", ("spec", "completionMode")),
        ("Secret", "v1", "type: Opaque", "type: kubernetes.io/tls", ("type",)),
        ("StorageClass", "storage.k8s.io/v1", "reclaimPolicy: Retain", "a: 1", ("reclaimPolicy",)),
        (
            "PersistentVolumeClaim",
            "v1",
            "spec: {storageClassName: a}",
            "spec: {}",
            ("spec", "storageClassName"),
        ),
        ("PriorityClass", "scheduling.k8s.io/v1", "value: 1", "value: 2", ("value",)),
        ("RuntimeClass", "node.k8s.io/v1", "handler: a", "handler: b", ("handler",)),
        ("Job", "batch/v1", "spec: {completions: 1}", "spec: {completions: 2}", ("spec", "completions")),
        (
            "IngressClass",
            "networking.k8s.io/v1",
            "spec: {controller: a}",
            "spec: {controller: b}",
            ("spec", "controller"),
        ),
        (
            "PersistentVolume",
            "v1",
            "spec: {nfs: {server: a}}",
            "spec: {nfs: {server: b}}",
            ("spec", "nfs", "server"),
        ),
        (
            "Service",
            "v1",
            "spec: {type: LoadBalancer}",
            "spec: {type: LoadBalancer, loadBalancerClass: x}",
            ("spec", "loadBalancerClass"),
        ),
    ],
)
def test_fields_that_cannot_be_edited(kind: str, api: str, before: str, after: str, path: KeyPath) -> None:
    assert section(kind, api, before, after, *path) is not None


@pytest.mark.parametrize(
    ("kind", "api", "before", "after", "path"),
    [
        (
            "Deployment",
            "extensions/v1beta1",
            "spec: {selector: 1}",
            "spec: {selector: 2}",
            ("spec", "selector"),
        ),
        (
            "Service",
            "serving.knative.dev/v1",
            "spec: {clusterIP: 1}",
            "spec: {clusterIP: 2}",
            ("spec", "clusterIP"),
        ),
        ("StatefulSet", "apps/v1", "spec: {}", "spec: {serviceName: ''}", ("spec", "serviceName")),
        ("Job", "batch/v1", "spec: {}", "spec: {completionMode: NonIndexed}", ("spec", "completionMode")),
        ("Job", "batch/v1", "spec: {backoffLimit: 1}", "spec: {backoffLimit: 2}", ("spec", "backoffLimit")),
        (
            "Job",
            "batch/v1",
            "spec: {completionMode: Indexed, completions: 1}",
            "spec: {completionMode: Indexed, completions: 2}",
            ("spec", "completions"),
        ),
        (
            "PersistentVolume",
            "v1",
            "spec: {nfs: {server: a}}",
            "spec: {nfs: {server: a}, nodeAffinity: {required: {}}}",
            ("spec", "nodeAffinity"),
        ),
        (
            "PersistentVolume",
            "v1",
            "spec: {persistentVolumeReclaimPolicy: Delete}",
            "spec: {persistentVolumeReclaimPolicy: Retain}",
            ("spec", "persistentVolumeReclaimPolicy"),
        ),
        ("Secret", "v1", "a: 1", "type: Opaque", ("type",)),
        ("ConfigMap", "v1", "data: {a: x}", "data: {a: y}", ("data", "a")),
        ("PersistentVolumeClaim", "v1", "spec: {}", "spec: {volumeMode: Filesystem}", ("spec", "volumeMode")),
        ("Service", "v1", "spec: {clusterIP: None}", "spec: {}", ("spec", "clusterIP")),
        (
            "Service",
            "v1",
            "spec: {clusterIP: 10.0.0.1}",
            "spec: {type: ExternalName, clusterIP: ''}",
            ("spec", "clusterIP"),
        ),
        (
            "Job",
            "batch/v1",
            "spec: {suspend: true, template: {spec: {nodeSelector: {a: b}}}}",
            "spec: {suspend: true, template: {spec: {nodeSelector: {a: c}}}}",
            ("spec", "template", "spec", "nodeSelector", "a"),
        ),
    ],
)
def test_edits_that_the_api_server_accepts(
    kind: str, api: str, before: str, after: str, path: KeyPath
) -> None:
    assert section(kind, api, before, after, *path) is None


def test_what_the_server_fills_into_claim_templates_is_no_edit() -> None:
    before = (
        "spec:\n  volumeClaimTemplates:\n"
        "  - {metadata: {name: d}, spec: {resources: {requests: {storage: 1Gi}}}}\n"
    )
    after = (
        "spec:\n  volumeClaimTemplates:\n  - {kind: PersistentVolumeClaim, metadata: {name: d}, "
        "spec: {volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}}}\n"
    )
    path = ("spec", "volumeClaimTemplates", "[0]", "kind")
    assert section("StatefulSet", "apps/v1", before, after, *path) is None
    grown = after.replace("1024Mi", "2Gi")
    assert section("StatefulSet", "apps/v1", before, grown, *path) == ("spec", "volumeClaimTemplates")
    labelled = after.replace("{name: d}", "{name: d, labels: {a: b}}")
    assert section("StatefulSet", "apps/v1", before, labelled, *path) == ("spec", "volumeClaimTemplates")


def refused(kind: str, api: str, before: str, after: str) -> tuple[bool, bool]:
    """Whether the edit is refused, and whether its revert would be."""
    head = f"apiVersion: {api}\nkind: {kind}\n"
    found = compare(
        [resource(head + before, "base", kind=kind)],
        [resource(head + after, "head", kind=kind)],
        lambda _: lambda field: (),
    )
    return any(map(is_refused, found)), any(is_refused(change.inverted()) for change in found)


@pytest.mark.parametrize(
    ("kind", "api", "before", "after"),
    [
        (
            "PersistentVolumeClaim",
            "v1",
            "spec: {resources: {requests: {storage: 10Gi}}}",
            "spec: {resources: {requests: {storage: 20Gi}}}",
        ),
        ("ConfigMap", "v1", "data: {a: x}", "data: {a: x}\nimmutable: true"),
        (
            "Service",
            "v1",
            "spec: {type: LoadBalancer}",
            "spec: {type: LoadBalancer, clusterIP: None}",
        ),
    ],
)
def test_what_is_accepted_one_way_may_be_refused_the_other(
    kind: str, api: str, before: str, after: str
) -> None:
    forward, back = refused(kind, api, before, after)
    assert (forward, back) in ((False, True), (True, False))
    assert refused(kind, api, after, before) == (back, forward)


@pytest.mark.parametrize(
    ("kind", "before", "after", "one_way"),
    [
        (
            "PersistentVolumeClaim",
            "spec: {resources: {requests: {storage: 1Gi}}}",
            "spec: {resources: {requests: {storage: 2Gi}}}",
            True,
        ),
        ("ConfigMap", "data: {a: x}", "data: {a: y}\nimmutable: true", True),
        ("ConfigMap", "data: {a: x}", "data: {a: y}", False),
        ("Secret", "type: Opaque", "type: kubernetes.io/tls", False),
        ("Service", "spec: {clusterIP: None}", "spec: {}", False),
    ],
)
def test_what_goes_one_way_only(kind: str, before: str, after: str, one_way: bool) -> None:
    head = f"apiVersion: v1\nkind: {kind}\n"
    found = compare(
        [resource(head + before, "base", kind=kind)],
        [resource(head + after, "head", kind=kind)],
        lambda _: lambda field: (),
    )
    assert found
    assert any(map(is_one_way, found)) is one_way


def test_a_claim_that_grew_does_not_shrink_back() -> None:
    small, large = (f"spec: {{resources: {{requests: {{storage: {size}}}}}}}" for size in ("1Gi", "2Gi"))
    assert refused("PersistentVolumeClaim", "v1", small, large) == (False, True)


def test_an_object_under_another_name_is_another_object() -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nspec: {selector: {a: %d}}"
    found = compare(
        [resource(text % 1, "base", name="old", identity="x")],
        [resource(text % 2, "head", name="new", identity="x")],
        lambda _: lambda field: (),
    )
    assert found
    assert not any(map(is_refused, found))


def test_replace_without_force_deletes_nothing() -> None:
    options = "metadata: {annotations: {argocd.argoproj.io/sync-options: '%s'}}\n"
    assert not is_replaced_by_force(resource(options % "Replace=true"))
    assert is_replaced_by_force(resource(options % "Force=true,Replace=true"))
