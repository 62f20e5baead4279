"""Files of packaged models as resources, and the names by which others and they find each other."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.mlflow import PLATFORM
from riskcheck.platforms.mlflow.resolve import model_name
from tests.support import MemoryTree

MODEL = "flavors: {python_function: {loader_module: mlflow.sklearn}}\n"
FEATURES = """\
input_columns:
- customer_id:
    source: training_data
- spend:
    source: feature_store
    table_name: ml.churn.customers
    feature_name: spend_30d
    lookup_key: [customer_id]
input_tables:
- ml.churn.customers: {table_id: 1}
"""


def resolved(files: Mapping[str, str]) -> Resolution:
    tree = MemoryTree(files)
    environments = EnvironmentModel((), paths=lambda: tree.entries())
    workspace = Workspace(tree, DocumentStore(tree), environments, frozenset(tree.entries()))
    return PLATFORM.resolve(workspace, PLATFORM.units(workspace, tuple(files)))


def test_a_model_is_found_by_the_name_of_its_directory() -> None:
    (model,) = resolved({"models/prod/classifier/model/MLmodel": MODEL}).resources
    assert (model.address, model.environment.stage, model.provides) == (
        "mlflow:models.classifier",
        "prod",
        ("model:classifier",),
    )


@pytest.mark.parametrize(
    ("directory", "name"),
    [("models/churn", "churn"), ("churn/model", "churn"), ("", "model"), ("m/data/feature_store", "m")],
)
def test_directories_that_the_client_makes_name_nothing(directory: str, name: str) -> None:
    assert model_name(directory) == name


def test_a_feature_specification_needs_tables_and_columns() -> None:
    (spec,) = resolved({"models/churn/data/feature_store/feature_spec.yaml": FEATURES}).resources
    assert [reference.target for reference in spec.references] == [
        "uc:ml.churn.customers",
        "uc:ml.churn.customers#spend_30d",
        "uc:ml.churn.customers#customer_id",
    ]


def test_a_file_that_is_only_called_so_is_left_to_others() -> None:
    assert resolved({"feature_spec.yaml": "channel_spec: {}\n", "vendor/m/MLmodel": MODEL}).resources == ()


def test_a_model_file_that_is_broken_is_a_limitation() -> None:
    found = resolved({"models/churn/MLmodel": "flavors: [\n"})
    assert (found.resources, [one.kind for one in found.limitations]) == ((), ["parse-error"])


@pytest.mark.parametrize("text", ["", "[]", "input_columns: [1, null, {a: b}, {c: {table_name: [x]}}]\n"])
def test_hostile_specifications_need_nothing(text: str) -> None:
    assert [one.references for one in resolved({"m/feature_spec.yaml": text}).resources] in ([], [()])
