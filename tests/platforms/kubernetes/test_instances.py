from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.kubernetes.instances import CUSTOM, instances
from tests.support import MemoryTree

BLOCK = """\
# of another team
apiVersion: example.com/v1
kind: Widget
metadata:
  labels:
    app: a
  name: one
"""


def stated(text: str) -> list[tuple[str, str, int]]:
    document = DocumentStore(MemoryTree({"x.yaml": text})).get("x.yaml")
    found = list(instances(document))
    assert not found or CUSTOM.search(text.encode()), "the file is never looked into"
    return [(one.uses[0].target, one.name, one.uses[0].line) for one in found]


def test_a_custom_resource_uses_the_version_that_it_states() -> None:
    assert stated(BLOCK) == [("api:example.com/v1/Widget", "one", 2)]


def test_each_document_stands_for_itself() -> None:
    second = (
        "---\nkind: 'Gadget'\napiVersion: \"example.com/v1beta1\"\nmetadata: {namespace: shop, name: two}\n"
    )
    assert stated(BLOCK + second)[1:] == [("api:example.com/v1beta1/Gadget", "two", 10)]


@pytest.mark.parametrize(
    ("api", "known"),
    [
        ("v1", False),
        ("apps/v1", False),
        ("networking.k8s.io/v1", False),
        ("policy/v1beta1", True),
        ("networking.k8s.io/v1beta1", True),
        ("snapshot.storage.k8s.io/v1", True),
        ("kustomize.config.k8s.io/v1beta1", False),
        ("{{ .Values.api }}", False),
    ],
)
def test_only_what_may_not_be_served_is_noted(api: str, known: bool) -> None:
    assert bool(stated(BLOCK.replace("example.com/v1", api))) == known


def test_what_has_no_kind_or_name_is_passed_over() -> None:
    assert stated("apiVersion: example.com/v1\nmetadata: {name: a}\n") == []
    assert stated("apiVersion: example.com/v1\nkind: Widget\nmetadata: {}\n") == []
