"""Contracts, schemas and suites as tables: what is told to be one, and what it says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.contracts import PLATFORM
from riskcheck.platforms.contracts.spans import span_seconds
from riskcheck.tables.quality import expectations_of
from riskcheck.tables.read import columns_of, text_of
from tests.support import MemoryTree


def resolved(files: Mapping[str, str], base: Mapping[str, str] | None = None) -> Resolution:
    tree, before = MemoryTree(files), MemoryTree(base or {}, side="base")
    names = EnvironmentModel((), paths=lambda: [*tree.entries()])
    workspace = Workspace(
        tree, DocumentStore(tree), names, frozenset(tree.entries()), DocumentStore(before), frozenset()
    )
    return PLATFORM.resolve(workspace, PLATFORM.units(workspace, tuple(files)))


def types(text: str, path: str = "a.yaml") -> dict[str, tuple[str, bool]]:
    (table,) = resolved({path: text}).resources
    return {name: (one.type_text, one.nullable) for name, one in columns_of(table.body).items()}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("values.yaml", "replicas: 3\n"),
        ("crd.yaml", "apiVersion: x/v1\nkind: DataContractList\n"),
        ("checks.yaml", "description: checks for us\n"),
        ("app.json", '{"expectations": "kwargs", "name": "x"}'),
        ("go.json", '{"type": "struct", "fields": [{"name": "a", "type": "int"}]}'),
        ("package.json", '{"name": "x", "expectations": [{"type": "unit", "kwargs": {}}]}'),
        ("tests/fixtures/a.avsc", '{"type": "record", "name": "a", "fields": []}'),
        ("enum.avsc", '{"type": "enum", "name": "a", "symbols": ["x"]}'),
    ],
)
def test_other_files_are_left_alone(path: str, text: str) -> None:
    tree = MemoryTree({path: text})
    workspace = Workspace(tree, DocumentStore(tree), EnvironmentModel(()), frozenset([path]))
    assert PLATFORM.units(workspace, [path]) == frozenset()


def test_a_file_without_the_words_is_not_parsed() -> None:
    tree = MemoryTree({"deploy/values.yaml": "a: [1, 2\n"})
    documents = DocumentStore(tree)
    workspace = Workspace(tree, documents, EnvironmentModel(()), frozenset(["deploy/values.yaml"]))
    PLATFORM.units(workspace, ["deploy/values.yaml"])
    assert documents._documents == {}


ODCS = """\
apiVersion: v3.0.2
kind: DataContract
id: orders
servers:
  - {server: a, type: databricks, catalog: Main, schema: sales}
schema:
  - name: orders
    physicalName: order_lines
    properties:
      - {name: Id, logicalType: integer, required: true}
      - {name: code, logicalType: string, physicalType: varchar(18)}
      - name: address
        logicalType: object
        properties: [{name: zip, logicalType: string}]
      - {name: tags, logicalType: array, items: {logicalType: string}}
      - {name: odd, logicalType: array}
"""


def test_a_contract_of_the_standard() -> None:
    (table,) = resolved({"contracts/prod/a.yaml": ODCS}).resources
    assert (table.name, table.provides, table.environment.name) == (
        "main.sales.order_lines",
        ("uc:main.sales.order_lines",),
        "prod",
    )
    assert {name: (one.type_text, one.nullable) for name, one in columns_of(table.body).items()} == {
        "id": ("bigint", False),
        "code": ("varchar(18)", True),
        "address": ("struct<zip: string>", True),
        "tags": ("array<string>", True),
        "odd": ("", True),
    }
    assert text_of(table.body, "contract") == "enforced"
    (draft,) = resolved({"a.yaml": f"status: draft\n{ODCS}"}).resources
    assert text_of(draft.body, "contract") == "declared"


def test_service_levels_stand_with_the_object_that_they_name() -> None:
    text = (
        "apiVersion: v3\nkind: DataContract\nschema: [{name: a}, {name: b}]\nslaProperties:\n"
        "  - {property: latency, value: 4, unit: d, element: b.at}\n  - {property: retention, value: 3, unit: y}\n"
        "  - {property: generalAvailability, value: 2022-05-12}\n  - {property: latency, value: 1, unit: moon}\n"
    )
    first, second = resolved({"a.yaml": text}).resources
    assert [one.name for one in expectations_of(first.body)] == [
        "retention",
        "generalavailability",
        "latency",
    ]
    assert [(one.name, one.at_most) for one in expectations_of(second.body)] == [
        ("latency b.at", {"age": 345_600.0})
    ]
    assert [one.at_least for one in expectations_of(first.body)] == [{"period": 94_608_000.0}, {}, {}]


def test_a_contract_of_the_specification() -> None:
    text = (
        "dataContractSpecification: 1.2.0\nmodels:\n  orders:\n    fields:\n"
        "      id: {$ref: '#/definitions/id', required: true}\n"
        "      total: {type: numeric, precision: 9, scale: 2}\n"
        "      at: {type: timestamp_tz}\n      of: {type: record, fields: {x: {type: text}}}\n"
        "definitions: {id: {type: long, minimum: 1}}\n"
    )
    assert types(text) == {
        "id": ("bigint", False),
        "total": ("decimal(9,2)", True),
        "at": ("timestamp", True),
        "of": ("struct<x: string>", True),
    }
    (table,) = resolved({"a.yaml": text}).resources
    assert [(one.label, one.at_least) for one in expectations_of(table.body)] == [
        ("minimum of id", {"min_value": 1.0})
    ]


def test_an_avro_schema() -> None:
    text = (
        '{"type": "record", "name": "Line", "namespace": "shop", "fields": [{"name": "id", "type": "long"},'
        '{"name": "n", "type": ["null", "string"]}, {"name": "u", "type": ["int", "string"]},'
        '{"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},'
        '{"name": "t", "type": {"type": "long", "logicalType": "timestamp-millis"}},'
        '{"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"]}},'
        '{"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "int"}}},'
        '{"name": "r", "type": {"type": "record", "name": "R", "fields": [{"name": "x", "type": "boolean"}]}}]}'
    )
    assert types(text, "a.avsc") == {
        "id": ("bigint", False),
        "n": ("string", True),
        "u": ("", False),
        "d": ("decimal(9,2)", False),
        "t": ("timestamp", False),
        "e": ("string", False),
        "m": ("map<string, array<int>>", False),
        "r": ("struct<x: boolean>", False),
    }


def test_a_spark_schema() -> None:
    text = (
        '{"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": false, "metadata": {}},'
        '{"name": "m", "nullable": true, "type": {"type": "map", "keyType": "string", "valueType":'
        ' {"type": "struct", "fields": [{"name": "a", "type": "short", "nullable": true}]}}}]}'
    )
    assert types(text, "line.json") == {
        "id": ("bigint", False),
        "m": ("map<string, struct<a: smallint>>", True),
    }


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("row_count > 0", ("row_count", "", "fail", {"min_value": 1e-09}, {})),
        ("missing_count(id) = 0", ("not_null", "id", "fail", {}, {"max_value": 0.0})),
        ("missing_percent(id) < 5 %", ("not_null", "id", "fail", {}, {"max_value": 5 - 1e-09})),
        ("freshness(at) < 1d6h", ("soda", "", "", {}, {})),
        ("freshness(at) <= 30h", ("freshness", "at", "fail", {}, {"age": 108_000.0})),
        ("avg(x) between 1 and 2", ("avg", "x", "fail", {"min_value": 1.0}, {"max_value": 2.0})),
        ("duplicate_count(a, b) = 0", ("unique", "", "fail", {}, {"max_value": 0.0})),
        ("avg(x) between 1.2.3 and ...", ("avg", "x", "fail", {}, {})),
        (f"a{' ' * 50_000}b" * 2, ("soda", "", "", {}, {})),
        ("row_count: {warn: when < 10}", ("row_count", "", "warn", {"min_value": 10.0}, {})),
        ("row_count: {warn: when < 10, fail: when < 5}", ("row_count", "", "fail", {"min_value": 5.0}, {})),
        ("avg(x): {fail: when > 7}", ("avg", "x", "fail", {}, {"max_value": 7.0})),
    ],
)
def test_checks_of_soda(check: str, expected: tuple[object, ...]) -> None:
    (table,) = resolved({"soda/checks.yml": f"checks for orders:\n  - {check}\n"}).resources
    (found,) = expectations_of(table.body)
    assert (found.check, found.column, found.on_violation, found.at_least, found.at_most) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("25h", 90_000),
        ("1d6h", 108_000),
        ("P1Y", 31_536_000),
        ("PT90M", 5_400),
        ("1 year", 31_536_000),
        ("daily", 86_400),
        ("6 moons", None),
        ("", None),
        ("P", None),
        ("9" * 50, None),
    ],
)
def test_spans(text: str, seconds: float | None) -> None:
    assert span_seconds(text) == seconds


def test_a_contract_that_breaks_counts_as_it_was() -> None:
    base = {"a.yaml": ODCS}
    found = resolved({"a.yaml": "apiVersion: v3\nkind: DataContract\nschema: [\n"}, base)
    assert [one.name for one in found.resources] == ["main.sales.order_lines"]
    assert [(one.kind, one.failed) for one in found.limitations] == [("parse-error", True)]


def test_a_suite_takes_the_name_that_is_text() -> None:
    check = '{"type": "expect_column_to_exist", "kwargs": {"column": "id"}}'
    suite = f'{{"expectation_suite_name": [], "name": "orders", "expectations": [{check}]}}'
    (table,) = resolved({"expectations/orders.json": suite}).resources
    assert table.name == "orders"
