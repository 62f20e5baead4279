"""Variables that Flux puts in."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.kubernetes.gitops.substitution import Variables, substituted
from riskcheck.platforms.kubernetes.objects import KubeObject
from tests.support import MemoryTree


def parsed(text: str, path: str = "a.yaml") -> Mapping:
    root = DocumentStore(MemoryTree({path: text}, side="head")).get(path).root
    assert isinstance(root, Mapping)
    return root


VALUES = parsed("COUNT: 3\nNAME: web\nEMPTY: ''\n", "vars.yaml")
KNOWN = {key.raw: node for key, node in VALUES.entries if isinstance(node, Scalar)}


def put_in(value: str, complete: bool = True) -> Scalar:
    body = parsed(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  x: {value}\n")
    done = substituted(KubeObject(body, body), Variables(KNOWN, complete)).body
    node = done.at("data", "x")
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${NAME}", "web"),
        ("a-${NAME}-${COUNT}", "a-web-3"),
        ("${NONE}", ""),
        ("${NONE:=fallback}", "fallback"),
        ("${NONE:-fallback}", "fallback"),
        ("${NONE=fallback}", "fallback"),
        ("${EMPTY:=fallback}", "fallback"),
        ("${NAME:=fallback}", "web"),
        ("$${NAME}", "${NAME}"),
        ("$NAME", "$NAME"),
        ("${NAME,,}", "${NAME,,}"),
        ("${NAME:0:2}", "${NAME:0:2}"),
        ("${}", "${}"),
    ],
)
def test_variables_are_put_in(written: str, expected: str) -> None:
    assert put_in(f'"{written}"').raw == expected


def test_what_a_secret_may_set_stays_as_written() -> None:
    assert put_in('"${NONE:=fallback}-${NAME}"', complete=False).raw == "${NONE:=fallback}-web"


def test_a_number_in_quotes_becomes_one() -> None:
    assert put_in('"${COUNT}"').style == "plain"
    assert put_in("'\"${COUNT}\"'").style == "quoted"


def test_the_value_stands_where_the_variable_is_set() -> None:
    node = put_in('"${COUNT}"')
    assert (node.source.path, node.file_line) == ("vars.yaml", 1)
    assert [(via.source.path, via.file_line) for via in node.via] == [("a.yaml", 5)]


def test_several_variables_stand_where_they_are_used() -> None:
    node = put_in('"${NAME}-${COUNT}"')
    assert (node.source.path, node.file_line) == ("a.yaml", 5)
    assert [via.file_line for via in node.via] == [2, 1]


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_marked_objects_are_left_alone(field: str) -> None:
    body = parsed(
        "apiVersion: v1\nkind: ConfigMap\n"
        f"metadata: {{name: a, {field}: {{kustomize.toolkit.fluxcd.io/substitute: disabled}}}}\n"
        "data: {x: '${NAME}'}\n"
    )
    found = KubeObject(body, body)
    assert substituted(found, Variables(KNOWN, complete=True)) is found


def test_names_and_keys_follow() -> None:
    body = parsed("{apiVersion: v1, kind: ConfigMap, metadata: {name: 'a-${NAME}'}, data: {'${NAME}': x}}\n")
    done = substituted(KubeObject(body, body), Variables(KNOWN, complete=True))
    assert done.name == "a-web"
    data = done.body.get("data")
    assert isinstance(data, Mapping) and list(data.index) == ["web"]
