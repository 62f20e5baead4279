"""Which columns the resources of a bundle name, and the addresses of models in their texts."""

from __future__ import annotations

import pytest

from riskcheck.graph.index import keys_of
from riskcheck.platforms.databricks.columns import columns_used
from riskcheck.platforms.databricks.names import models_in
from tests.build import body as mapping

MONITOR = """\
table_name: ML.churn.payload
inference_log: {timestamp_col: at, prediction_col: score, model_id_col: version}
slicing_exprs: [region, "amount > 10"]
"""
INDEX = """\
primary_key: id
delta_sync_index_spec:
  source_table: ${var.catalog}.support.tickets
  columns_to_sync: [id, body]
  embedding_source_columns: [{name: body}]
"""


def used(kind: str, body: str) -> set[str]:
    return {use.target for use in columns_used(kind, mapping(body))}


def test_a_monitor_names_columns_and_not_expressions() -> None:
    assert used("quality_monitors", MONITOR) == {
        f"uc:ml.churn.payload#{column}" for column in ("at", "score", "version", "region")
    }


def test_an_index_names_columns_of_a_table_whose_catalog_a_deployment_fills_in() -> None:
    assert used("vector_search_indexes", INDEX) == {
        "uc:*.support.tickets#id",
        "uc:*.support.tickets#body",
    }


@pytest.mark.parametrize(
    "body",
    ["primary_key: id", "delta_sync_index_spec: [1]", "delta_sync_index_spec: {source_table: [a]}", "{}"],
)
def test_without_a_table_there_are_no_columns(body: str) -> None:
    assert used("vector_search_indexes", body) == set()


def test_a_column_is_found_with_and_without_its_catalog() -> None:
    assert keys_of("uc:main.sales.orders#id") == ("uc:main.sales.orders#id", "uc:*.sales.orders#id")
    assert keys_of("uc:main.sales.orders") == ("uc:main.sales.orders", "uc:main.sales")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "models:/ML.churn.Classifier@champion",
            ("uc:ml.churn.classifier", "uc:ml.churn.classifier@champion"),
        ),
        ("--model models:/a.b.c/7 --other", ("uc:a.b.c",)),
        ("models:/${var.catalog}.churn.c@x", ("uc:*.churn.c", "uc:*.churn.c@x")),
        ("models:/legacy@prod", ()),
        ("models:/", ()),
        ("s3://models/a.b.c", ()),
    ],
)
def test_addresses_of_models_are_read_wherever_they_stand(text: str, names: tuple[str, ...]) -> None:
    assert models_in(text) == names
