"""Catalog files as resources that are judged and not deployed."""

from __future__ import annotations

import pytest

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.catalog import PLATFORM
from riskcheck.trees import MemoryTree

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec: {owner: team-orders}
"""
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\n"


def workspace(files: dict[str, str], catalogs: tuple[str, ...] = ()) -> Workspace:
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, "head", "test")
    paths = frozenset(files)
    return Workspace(
        tree, DocumentStore(tree), EnvironmentModel(paths=lambda: paths), paths, catalogs=catalogs
    )


def resolved(files: dict[str, str], catalogs: tuple[str, ...] = ()) -> Resolution:
    given = workspace(files, catalogs)
    return PLATFORM.resolve(given, PLATFORM.units(given, given.touched))


@pytest.mark.parametrize(
    "path",
    ["CODEOWNERS", "compose.yaml", "charts/a/Chart.yaml", "score.yaml", "deploy.yaml", "databricks.yml"],
)
def test_files_of_other_platforms_are_left_alone(path: str) -> None:
    given = workspace({path: COMPONENT})
    assert PLATFORM.units(given, given.touched) == frozenset()


def test_a_glob_of_the_policy_claims_only_what_is_a_catalog_throughout() -> None:
    files = {
        "services/a.yaml": COMPONENT,
        "services/b.yaml": DEPLOYMENT,
        "services/c.yaml": f"{COMPONENT}---\n{DEPLOYMENT}",
        "other/a.yaml": COMPONENT,
    }
    assert resolved(files, ("services/**",)).read == {"services/a.yaml"}


def test_metadata_belong_to_no_stage_unless_the_path_says_so() -> None:
    found = resolved({"catalog-info.yaml": COMPONENT, "envs/prod/catalog-info.yaml": COMPONENT})
    assert [(one.unit, one.environment.stage) for one in found.resources] == [
        ("catalog-info.yaml", "unknown"),
        ("envs/prod/catalog-info.yaml", "prod"),
    ]
    assert found.resources[0].environment.name == "service catalog"
    assert found.resources[0].address == "catalog:backstage.orders"
    assert found.resources[0].service == "orders"


def test_objectives_belong_to_the_service_they_name() -> None:
    text = (
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: fast}\nspec: {service: orders, objectives: []}\n"
    )
    (one,) = resolved({"a.openslo.yaml": text}).resources
    assert (one.address, one.service) == ("catalog:openslo.SLO/fast", "orders")


def test_every_component_of_an_opslevel_file_is_one_resource() -> None:
    text = "version: 1\nservice: [{name: a, owner: x}, {owner: y}, {name: b}]\nsystem: {name: s}\n"
    found = resolved({"opslevel.yml": text})
    assert [one.name for one in found.resources] == ["a", "b", "system:s"]
    assert [one.message for one in found.limitations] == ["an OpsLevel service without a name"]


def test_what_is_broken_or_said_twice_is_a_limitation() -> None:
    found = resolved({"catalog-info.yaml": f"{COMPONENT}---\n{COMPONENT}", "a/catalog-info.yaml": "a: [\n"})
    assert [(one.path, one.kind, one.line) for one in found.limitations] == [
        ("a/catalog-info.yaml", "parse-error", 2),
        ("catalog-info.yaml", "catalog", 6),
    ]
    assert len(found.resources) == 1
