"""Declared backups: only what names the very resource counts."""

from __future__ import annotations

import pytest

from riskcheck.models import Environment, Resource
from riskcheck.rollout.backups import Backup, covers, declared_backup, declared_clones
from tests.build import PROD, STAGING, body, resource

CLAIM = (
    "kind: PersistentVolumeClaim\napiVersion: v1\nmetadata: {name: data, namespace: shop, labels: {app: db}}"
)
HOUR, DAY = 3_600, 86_400


def claim(environment: Environment = PROD) -> Resource:
    return resource(CLAIM, environment=environment, name="shop/data", kind="PersistentVolumeClaim")


def velero(spec: str, environment: Environment | None = None) -> Backup:
    found = declared_backup(
        body(f"apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {{name: x}}\nspec: {spec}"), environment
    )
    assert found is not None
    return found


def snapshots(spec: str, namespace: str = "shop") -> Backup:
    text = f"apiVersion: snapscheduler.backube/v1\nkind: SnapshotSchedule\nmetadata: {{namespace: {namespace}}}\n"
    found = declared_backup(body(f"{text}spec: {spec}"), None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "spec",
    [
        "{schedule: '0 2 * * *', template: {includedNamespaces: [shop]}}",
        "{schedule: '0 2 * * *', template: {includedNamespaces: ['*']}}",
        "{schedule: '0 2 * * *', template: {includedNamespaces: ['sh*']}}",
        "{schedule: '0 2 * * *', template: {includedResources: [pods, persistentvolumeclaims]}}",
        "{schedule: '0 2 * * *'}",
    ],
)
def test_velero_takes_the_namespaces_that_it_names_or_all(spec: str) -> None:
    backup = velero(spec)
    assert covers(backup, claim())
    assert backup.interval == DAY
    assert backup.place == "x.yaml:1"


@pytest.mark.parametrize(
    "spec",
    [
        "{template: {includedNamespaces: [other]}}",
        "{template: {excludedNamespaces: [shop]}}",
        "{paused: true}",
        "{template: {labelSelector: {matchLabels: {app: db}}}}",
        "{template: {snapshotVolumes: false}}",
        "{template: {includedResources: [configmaps]}}",
        "{template: {excludedResources: [persistentvolumeclaims]}}",
    ],
)
def test_velero_does_not_cover_what_it_leaves_out(spec: str) -> None:
    assert not covers(velero(spec), claim())


def test_a_backup_of_another_environment_is_none() -> None:
    here, there = velero("{}", PROD), velero("{}", STAGING)
    assert covers(here, claim())
    assert not covers(there, claim())
    europe = Environment("prod-eu", "prod", region="eu")
    assert not covers(velero("{}", europe), claim(Environment("prod-us", "prod", region="us")))


def test_snapshots_are_of_the_claims_that_the_labels_select() -> None:
    assert covers(snapshots("{schedule: '@hourly'}"), claim())
    assert covers(snapshots("{claimSelector: {matchLabels: {app: db}}}"), claim())
    assert not covers(snapshots("{claimSelector: {matchLabels: {app: web}}}"), claim())
    assert not covers(snapshots("{disabled: true}"), claim())
    assert not covers(snapshots("{}", namespace="other"), claim())


def test_a_deep_clone_is_a_copy_of_the_table_that_it_names() -> None:
    text = "-- nightly\nCREATE OR REPLACE TABLE safe.raw.orders DEEP CLONE main.raw.orders;\n"
    (clone,) = declared_clones("jobs/backup.sql", text, None)
    assert clone.place == "jobs/backup.sql:2"
    table = "catalog_name: main\nschema_name: raw\nname: orders"
    assert covers(clone, resource(table, platform="databricks", kind="synced_database_tables"))
    assert not covers(
        clone, resource(table.replace("raw", "gold"), platform="databricks", kind="synced_database_tables")
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "[1, 2]",
        "{apiVersion: velero.io/v1, kind: Backup}",
        "{apiVersion: [velero.io/v1], kind: {Schedule: 1}}",
    ],
)
def test_what_is_no_schedule_declares_no_backup(text: str) -> None:
    from riskcheck.documents.store import DocumentStore
    from tests.support import MemoryTree

    root = DocumentStore(MemoryTree({"x.yaml": text}, side="head", label="head")).get("x.yaml").root
    assert root is not None
    assert declared_backup(root, None) is None
