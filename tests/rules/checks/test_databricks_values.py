"""Reading bundle resources as the platform understands them."""

from __future__ import annotations

import pytest

from riskcheck.models import Resource
from riskcheck.rules.checks.databricks_recreate import identity_at
from riskcheck.rules.checks.databricks_values import (
    deployed_elsewhere,
    dereferenced,
    likeness,
    listed,
    noun,
    shown,
    state_location,
)
from riskcheck.rules.context import Resources
from tests.rules.checks.bundles import resource

NOTHING = Resources(())


def target(host: str, state: str, unit: str = ".", name: str = "orders") -> Resource:
    body = f"bundle: {{name: {name}}}\nworkspace: {{host: '{host}', state_path: '{state}'}}"
    return resource("targets", "prod", body, unit)


@pytest.mark.parametrize(
    "kind", ["volumes", "schemas", "sql_warehouses", "vector_search_indexes", "postgres_branches"]
)
def test_a_kind_has_a_singular(kind: str) -> None:
    assert not noun(kind).endswith("s") and "_" not in noun(kind)


def test_a_reference_is_followed_through_resources() -> None:
    schema = resource("schemas", "raw", "{name: raw, catalog_name: '${resources.catalogs.lake.name}'}")
    catalog = resource("catalogs", "lake", "{name: main}")
    view = Resources([schema, catalog])
    assert dereferenced("${resources.schemas.raw.catalog_name}", schema, view) == "main"


def test_a_reference_that_leads_nowhere_stays() -> None:
    schema = resource("schemas", "raw", "{name: raw}")
    assert (
        dereferenced("${resources.catalogs.gone.name}", schema, NOTHING) == "${resources.catalogs.gone.name}"
    )


def test_references_in_a_circle_end() -> None:
    schema = resource("schemas", "raw", "{catalog_name: '${resources.schemas.raw.catalog_name}'}")
    text = "${resources.schemas.raw.catalog_name}"
    assert dereferenced(text, schema, Resources([schema])) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Prod.cloud.databricks.com/", "https://prod.cloud.databricks.com"),
        ("https://adb-1.azuredatabricks.net/?o=1", "https://adb-1.azuredatabricks.net"),
        ("prod.cloud.databricks.com", "https://prod.cloud.databricks.com"),
    ],
)
def test_spellings_of_one_host_are_one_place(one: str, other: str) -> None:
    assert state_location(target(one, "/s")) == state_location(target(other, "/s/"))


def test_a_bundle_that_moved_is_found_by_its_state() -> None:
    old, moved = target("h", "/s", unit="old"), target("h", "/s", unit="new")
    assert deployed_elsewhere(old, Resources([moved, target("h", "/other", unit="third")])) is moved


def test_a_bundle_of_another_name_is_another_one() -> None:
    assert (
        deployed_elsewhere(target("h", "/s", unit="old"), Resources([target("h", "/s", "new", "sales")]))
        is None
    )


def test_names_that_spell_out_the_key_are_alike() -> None:
    one = resource("volumes", "landing", "{catalog_name: main, schema_name: raw, name: landing}")
    other = resource("volumes", "arrivals", "{catalog_name: main, schema_name: raw, name: arrivals}")
    assert likeness(one, other) == 1


def test_another_resource_of_the_kind_is_less_alike() -> None:
    one = resource("volumes", "landing", "{catalog_name: main, schema_name: raw, name: landing}")
    other = resource("volumes", "models", "{catalog_name: ml, schema_name: models, name: v1, comment: new}")
    assert likeness(one, other) == 0


def test_resources_without_any_setting_are_not_alike() -> None:
    assert likeness(resource("jobs", "a", "{}"), resource("jobs", "b", "{}")) == 0


@pytest.mark.parametrize(
    ("kind", "field", "one", "other"),
    [
        ("schemas", "name", "Raw", "raw"),
        ("schemas", "storage_root", "s3://lake/raw/", "s3://lake/raw"),
        ("catalogs", "storage_root", "s3://lake/", "s3://lake"),
        ("model_serving_endpoints", "route_optimized", "false", "''"),
    ],
)
def test_spellings_of_one_identity_are_one(kind: str, field: str, one: str, other: str) -> None:
    left, right = (resource(kind, "x", f"{{{field}: {text}}}") for text in (one, other))
    assert identity_at(left, (field,), NOTHING) == identity_at(right, (field,), NOTHING)


def test_the_storage_of_a_pipeline_is_taken_as_written() -> None:
    left, right = (resource("pipelines", "x", f"{{storage: {text}}}") for text in ("dbfs:/a", "dbfs:/a/"))
    assert identity_at(left, ("storage",), NOTHING) != identity_at(right, ("storage",), NOTHING)


def test_what_is_absent_reads_as_unset() -> None:
    assert [shown(value) for value in (None, "", True, 2.0, 0)] == ["unset", "unset", "true", "2", "0"]


def test_a_list_is_read_out_and_counted_when_long() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdef")) == "a, b, c, d and 2 more"
