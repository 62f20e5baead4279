"""What files of a bundle state before anything is resolved, and the names by which others find resources."""

from __future__ import annotations

import pytest

from riskcheck.dependencies import Stated, Use
from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.databricks.names import provided_by, table_of, volume_in
from riskcheck.platforms.databricks.stated import stated
from riskcheck.platforms.databricks.stating import Bundles
from riskcheck.trees import MemoryTree
from tests.build import body as mapping


def read(text: str) -> list[Stated]:
    tree = MemoryTree({"a.yml": text.encode()}, "head", "test")
    return list(stated(DocumentStore(tree).get("a.yml")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Main.Sales.Orders", "uc:main.sales.orders"),
        ("${var.catalog}.sales.orders", "uc:*.sales.orders"),
        ("${var.env}_main.sales.orders", "uc:*.sales.orders"),
        ("main.${var.schema}.orders", None),
        ("main.sales.${var.table}", None),
        ("sales.orders", None),
        ("a.b.c.d", None),
        ("..", None),
        ("", None),
    ],
)
def test_a_table_is_known_by_schema_and_name_where_the_catalog_is_filled_in(
    text: str, expected: str | None
) -> None:
    assert table_of(text) == expected


def test_a_path_names_its_volume() -> None:
    assert volume_in("dbfs:/Volumes/main/raw/landing/2026/x.csv") == "uc:main.raw.landing"
    assert volume_in("/Volumes/${var.catalog}/raw/landing") == "uc:*.raw.landing"
    assert volume_in("/Volumes/main/raw") is None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("volumes", "{catalog_name: main, schema_name: raw, name: landing}", ("uc:main.raw.landing",)),
        ("volumes", "{catalog_name: main, name: landing}", ()),
        ("schemas", '{catalog_name: "${var.c}", name: raw}', ("uc:*.raw",)),
        (
            "pipelines",
            "{catalog: main, target: Sales, name: gold}",
            ("uc:main.sales", "databricks:pipelines@gold", "databricks:pipelines=gold"),
        ),
        ("jobs", '{name: "nightly ${bundle.target}"}', ()),
        ("jobs", "{name: [x]}", ()),
        ("grants", "{name: x}", ()),
    ],
)
def test_the_names_of_a_resource(kind: str, text: str, expected: tuple[str, ...]) -> None:
    assert provided_by(kind, mapping(text)) == expected


def test_uses_come_with_their_word_line_and_target() -> None:
    found = read(
        """\
bundle: {name: orders}
resources:
  jobs:
    nightly:
      tasks:
        - task_key: a
          pipeline_task: {pipeline_id: "${resources.pipelines.gold.id}"}
        - task_key: b
          notebook_task: {base_parameters: {from: /Volumes/main/raw/landing/in}}
targets:
  dev:
    resources:
      jobs: {nightly: {trigger: {table_update: {table_names: [main.sales.orders]}}}}
"""
    )
    bundle, job, in_dev = found
    assert (bundle.kind, bundle.service, bundle.line) == ("bundle", "orders", 1)
    assert job.uses == (
        Use("inside:pipelines.gold", "hard", "pipeline_task", 7),
        Use("uc:main.raw.landing", "soft", "from", 9),
    )
    assert job.provides == ("inside:jobs.nightly",)
    assert in_dev.uses == (Use("uc:main.sales.orders", "soft", "table_names", 13, "dev"),)


@pytest.mark.parametrize(
    "text", ["", "[]", "resources: 7", "resources: {jobs: [a]}", "targets: [x]", "bundle: x"]
)
def test_other_shapes_state_nothing(text: str) -> None:
    assert read(text) == []


def test_a_file_belongs_to_the_innermost_bundle() -> None:
    files = {
        "databricks.yml": b"",
        "a/b/databricks.yml": b"",
        "a/b/c/x.yml": b"",
        "a/x.yml": b"",
        "a/x.py": b"",
    }
    tree = MemoryTree(files, "head", "test")
    reader = Bundles()
    assert reader.home(tree, "a/b/c/x.yml") == "a/b/databricks.yml"
    assert reader.home(tree, "a/x.yml") == "databricks.yml"
    assert reader.takes(tree, "a/x.yml")
    assert not reader.takes(tree, "a/x.py")
    assert reader.home(MemoryTree({"a/x.yml": b""}, "head", "other"), "a/x.yml") is None
