"""What a deployment does to resources that name what changes."""

from __future__ import annotations

import pytest

from riskcheck.bundles.carried import with_carried
from riskcheck.changes.compare import compare
from riskcheck.models import Action, Change, Resource
from riskcheck.platforms.databricks import PLATFORM
from tests.platforms.databricks.bundles import workspace

BUNDLE = """
resources:
  catalogs:
    main: {name: main}
  schemas:
    raw: {catalog_name: "${resources.catalogs.main.name}", name: raw, comment: old}
  volumes:
    landing: {catalog_name: main, schema_name: "${resources.schemas.raw.name}", name: landing}
  pipelines:
    ingest: {name: ingest, storage: dbfs:/a}
  jobs:
    load:
      tasks: [{task_key: a, pipeline_task: {pipeline_id: "${resources.pipelines.ingest.id}"}}]
      description: "${resources.volumes.landing.volume_path}"
  postgres_projects:
    shop: {project_id: shop, pg_version: 16}
  postgres_branches:
    main: {parent: "${resources.postgres_projects.shop.id}", branch_id: main}
  postgres_endpoints:
    primary: {parent: "${resources.postgres_branches.main.id}", endpoint_id: primary}
"""


def resolved(text: str) -> tuple[Resource, ...]:
    return PLATFORM.resolve(workspace({"databricks.yml": text}), ["."]).resources


def actions(old: str, new: str) -> dict[str, Action]:
    head = resolved(BUNDLE.replace(old, new))
    changes: dict[str, list[Change]] = {}
    keys = PLATFORM.natural_keys
    for change in compare(resolved(BUNDLE), head, lambda resource: lambda field: keys(resource.kind, field)):
        changes.setdefault(change.resource.address, []).append(change)
    own = {address: PLATFORM.action(members) for address, members in changes.items()}
    found = with_carried(head, changes, own)
    return {address.partition(":")[2]: action for address, action in found.items() if action != "none"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("dbfs:/a", "dbfs:/b", {"pipelines.ingest": "recreate", "jobs.load": "update"}),
        ("name: raw", "name: bronze", {"schemas.raw": "recreate", "volumes.landing": "recreate"}),
        ("{name: main}", "{name: lake}", {"catalogs.main": "rename", "schemas.raw": "recreate"}),
        (
            "pg_version: 16",
            "pg_version: 17",
            {
                "postgres_projects.shop": "recreate",
                "postgres_branches.main": "recreate",
                "postgres_endpoints.primary": "recreate",
            },
        ),
        ("comment: old", "comment: new", {"schemas.raw": "update"}),
        ("name: ingest", "name: ingest2", {"pipelines.ingest": "update"}),
    ],
)
def test_what_is_named_carries_what_names_it(old: str, new: str, expected: dict[str, Action]) -> None:
    assert actions(old, new) == expected


def test_nothing_is_brought_about_by_nothing() -> None:
    assert actions("name: main", "name: main") == {}
