"""Large definitions are parsed when they are looked into, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskcheck.changes.keyed import Comparer
from riskcheck.documents.scalars import plain_value, same
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Deferred, Mapping, walk
from riskcheck.platforms.kubernetes.definitions import deferred
from tests.platforms.kubernetes.trees import Files, only, place, resolved
from tests.support import MemoryTree

if TYPE_CHECKING:
    from riskcheck.models import Side
    from riskcheck.nodes import Scalar

CRD = """\
# made by hand
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        description: |
          conversion: a word at the
        properties:
""" + "".join(f"          field{number}: {{type: string, description: some text}}\n" for number in range(60))
STATUS = "status:\n  acceptedNames: {kind: Widget}\n"


def parts(text: str, side: Side = "head") -> tuple[Mapping, Mapping]:
    """The definition with a deferred spec, and the same parsed at once."""
    (chunk,) = DocumentStore(MemoryTree({"crd.yaml": text}, side=side)).get("crd.yaml").chunks
    later = deferred(chunk, side)
    assert later is not None
    assert isinstance(chunk.root, Mapping)
    return later, chunk.root


@pytest.mark.parametrize("text", [CRD, CRD + STATUS, CRD.replace("\n", "\r\n"), f"---\n{CRD}..."])
def test_it_is_the_same_as_parsed_at_once(text: str) -> None:
    later, now = parts(text)
    assert isinstance(later.get("spec"), Deferred)
    assert same(later, now, "yaml-1.1")
    assert [(path, place(node)) for path, node in walk(later) if path[:1] != ("spec",)] == [
        (path, place(node)) for path, node in walk(now) if path[:1] != ("spec",)
    ]
    for path in (("spec",), ("spec", "group"), ("spec", "versions")):
        one, other = later.at(*path), now.at(*path)
        assert one is not None
        assert other is not None
        assert place(one) == place(other)


def test_its_keys_are_known_without_looking() -> None:
    def never() -> list[tuple[Scalar, Mapping]]:
        raise AssertionError("looked into")

    later, _ = parts(CRD)
    spec = later.get("spec")
    assert isinstance(spec, Deferred)
    assert spec.keys == {"group", "names", "scope", "versions"}
    spec._load = never  # type: ignore[assignment]  # a stand-in that must not be called
    assert spec.get("conversion") is None


def test_equal_ones_are_equal_without_looking() -> None:
    before, _ = parts(CRD, "base")
    after, _ = parts(f"# moved down\n{CRD}", "head")
    assert list(Comparer("yaml-1.1", lambda _: ()).differences(before, after)) == []
    assert "entries" not in slots(before)
    assert "entries" not in slots(after)


def slots(definition: Mapping) -> set[str]:
    spec = definition.get("spec")
    assert isinstance(spec, Deferred)
    try:
        object.__getattribute__(spec, "entries")
    except AttributeError:
        return set()
    return {"entries"}


def test_a_difference_is_found_where_it_is() -> None:
    before, _ = parts(CRD, "base")
    after, _ = parts(CRD.replace("served: true", "served: false"), "head")
    (found,) = Comparer("yaml-1.1", lambda _: ("name",)).differences(before, after)
    assert found.path == ("spec", "versions", "[v1]", "served")
    assert found.after is not None
    assert place(found.after) == "crd.yaml:12"


@pytest.mark.parametrize(
    "text",
    [
        CRD.replace("kind: CustomResourceDefinition", "kind: Widget"),
        CRD[:400],
        CRD.replace("metadata:\n  name: widgets.example.com\n", ""),
        CRD.replace("spec:\n", "spec: # why\n"),
        "x: [\n" + CRD,
    ],
)
def test_what_is_not_plainly_a_definition_is_parsed_at_once(text: str) -> None:
    (chunk,) = DocumentStore(MemoryTree({"crd.yaml": text})).get("crd.yaml").chunks
    assert deferred(chunk, "head") is None


def test_a_broken_spec_is_empty_where_the_change_leaves_it_alone() -> None:
    broken = CRD + "  \tx: [\n"
    files: Files = {
        "k8s/prod/crd.yaml": broken,
        "k8s/prod/a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
    }
    resolution = resolved(files, ["k8s/prod/a.yaml"])
    definition = only(resolution, "CustomResourceDefinition.widgets.example.com")
    assert plain_value(definition.body, "yaml-1.1") is not None
    assert resolution.limitations == ()


def test_a_spec_that_the_change_broke_is_a_failure() -> None:
    sound: Files = {"k8s/prod/crd.yaml": f"{CRD}---\n{CRD}"}
    broken: Files = {"k8s/prod/crd.yaml": f"{CRD}---\n{CRD}  \tx: [\n"}
    (failed,) = resolved(broken, ["k8s/prod/crd.yaml"], other=sound).limitations
    assert (failed.kind, failed.failed) == ("parse-error", True)
