from __future__ import annotations

from textwrap import dedent

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.kubernetes.objects import KubeObject, objects_in
from tests.support import MemoryTree


def objects(text: str) -> list[KubeObject]:
    document = DocumentStore(MemoryTree({"x.yaml": dedent(text)})).get("x.yaml")
    return [found for chunk in document.chunks for found in objects_in(chunk.root)]


def test_reads_group_version_kind_name_and_namespace() -> None:
    (found,) = objects("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}")
    assert (found.group, found.version, found.kind) == ("apps", "v1", "Deployment")
    assert (found.name, found.namespace, found.api_version) == ("web", "shop", "apps/v1")


def test_the_core_group_has_no_name() -> None:
    (found,) = objects("{apiVersion: v1, kind: Service, metadata: {name: web}}")
    assert (found.group, found.version, found.effective_namespace) == ("", "v1", "default")


def test_lists_are_their_items_however_deep() -> None:
    found = objects(
        """\
        apiVersion: v1
        kind: List
        items:
          - {apiVersion: v1, kind: Secret, metadata: {name: a}}
          - apiVersion: v1
            kind: ConfigMapList
            items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]
        """
    )
    assert [one.name for one in found] == ["a", "b"]


def test_an_object_that_the_server_names_is_known_by_its_prefix() -> None:
    (found,) = objects("{apiVersion: batch/v1, kind: Job, metadata: {generateName: import-}}")
    assert found.name == "import-*"


def test_cluster_scoped_kinds_are_in_no_namespace() -> None:
    namespace, widget = objects(
        """\
        {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
        ---
        {apiVersion: example.com/v1, kind: ClusterWidget, metadata: {name: shop}}
        """
    )
    assert namespace.cluster_scoped
    assert not widget.cluster_scoped, "a custom kind may be either, and counts as namespaced"


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: Pod}",
        "{kind: Pod, metadata: {name: x}}",
        "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: x}}",
        "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, metadata: {name: x}}",
        "- apiVersion: v1",
        "text",
        "",
    ],
)
def test_what_no_server_stores_is_no_object(text: str) -> None:
    assert objects(text) == []


def test_an_evolved_object_remembers_and_leaves_the_first_alone() -> None:
    (first,) = objects("{apiVersion: v1, kind: Service, metadata: {name: web}}")
    second = first.evolve(remember=True, prefixes=("eu-",))
    assert (first.previous, first.prefixes) == ((), ())
    assert (second.previous, second.prefixes) == ((first.id,), ("eu-",))
    assert second.first_id == first.id
