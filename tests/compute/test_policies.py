"""Compute policies as files define them."""

from __future__ import annotations

import pytest

from riskcheck.compute.policies import Definition, definitions_in, limits_of
from riskcheck.documents.store import DocumentStore
from tests.support import MemoryTree


def definitions(text: str, path: str = "policies/small.json") -> list[Definition]:
    return list(definitions_in(DocumentStore(MemoryTree({path: text})).get(path).root, "small"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"num_workers": {"type": "range", "maxValue": 4}}', {"small"}),
        (
            '{"name": "Small jobs", "definition": {"a": {"type": "fixed", "value": 1}}}',
            {"small", "Small jobs"},
        ),
        (
            '{"policy_id": "A1", "definition": "{\\"a\\": {\\"type\\": \\"fixed\\", \\"value\\": 1}}"}',
            {"small", "A1"},
        ),
        ('{"policy_family_definition_overrides": {"a": {"type": "whitelist", "values": [1]}}}', {"small"}),
        ('[{"name": "x", "definition": {"a": {"type": "forbidden"}}}, 3, {"name": "y"}]', {"x"}),
        ('{"jobs": {"name": "x", "definition": {"a": {"type": "forbidden"}}}}', {"jobs", "x"}),
    ],
)
def test_policies_are_found_in_the_shapes_that_files_have(text: str, names: set[str]) -> None:
    found = definitions(text)
    assert set().union(*(one.names for one in found)) == names
    assert len(limits_of(found[0].body, "yaml-1.2")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "3",
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}',
        '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"type": "fixed"}}',
        '{"a": {"type": "fixed"}, "b": {"kind": "other"}}',
        '{"name": "x", "definition": "{broken"}',
        '{"name": "x", "definition": "[1]"}',
        '{"name": "x", "definition": null}',
        '{"a": {"type": ["fixed"]}}',
    ],
)
def test_other_files_define_no_policy(text: str) -> None:
    assert definitions(text) == []


def test_a_limit_is_required_unless_it_says_otherwise() -> None:
    text = (
        '{"a": {"type": "unlimited"}, "b": {"type": "unlimited", "isOptional": true}, "d": {"type": "forbidden"},'
        ' "c": {"type": "range", "defaultValue": 1}, "e": {"type": "fixed", "value": 1}}'
    )
    limits = limits_of(definitions(text)[0].body, "yaml-1.2")
    assert [limit.path for limit in limits if limit.required] == ["a"]


def test_limits_of_json_in_a_text_stand_where_the_text_does() -> None:
    found = definitions(
        'name: x\ndefinition: |\n  {"a": {"type": "fixed", "value": 1}}\n', "policies/small.yaml"
    )
    limit = limits_of(found[0].body, "yaml-1.2")[0]
    assert (limit.key, limit.node.file_line) == (("definition",), 2)
