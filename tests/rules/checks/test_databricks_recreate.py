"""Whatever a deployment deletes, or deletes and creates anew, is told by one rule: not by none, nor by several."""

from __future__ import annotations

import json

import pytest

from riskcheck.bundles.lifecycles import EVERY, LIFECYCLES, Path
from riskcheck.in_memory import analyze_trees
from riskcheck.nodes import Value
from riskcheck.rules.load import load_rules

RULES = load_rules().rules
ABOUT_THE_CHANGE = ("CAN-", "GOV-")
"""Rules that speak beside the ones about what a resource becomes."""

HOLDS_NOTHING = "job_runs"
"""A run that was recorded: making it anew runs the job once more, which is what it is declared for."""

NAMES = {
    "alerts": "display_name",
    "clusters": "cluster_name",
    "dashboards": "display_name",
    "genie_spaces": "title",
    "instance_pools": "instance_pool_name",
    "postgres_projects": "project_id",
    "quality_monitors": "table_name",
}
RENAMED_ON_THE_WAY = {"scope", "scope_backend_type", "backend_azure_keyvault", "initial_manage_principal"}
"""Fields of the deployed secret scope that a bundle states under other names, or not at all."""

SAMPLES = {"database_catalogs": ("name",), "synced_database_tables": ("name",)}

KINDS = sorted(LIFECYCLES.keys() - {HOLDS_NOTHING})
FIELDS = [
    (kind, SAMPLES.get(kind, ("branch",)) if path == EVERY else path)
    for kind in KINDS
    for path in LIFECYCLES[kind].recreate
    if path[0] not in RENAMED_ON_THE_WAY
]


def body(kind: str, path: Path = (), value: str = "") -> dict[str, Value]:
    """A resource of `kind` with a name of three parts, and with `value` at `path`."""
    whole: dict[str, Value] = {NAMES.get(kind, "name"): "main.shop.orders"}
    inner = whole
    for step in path[:-1]:
        below: dict[str, Value] = {}
        inner[step] = below
        inner = below
    if path:
        inner[path[-1]] = value
    return whole


def bundle(kind: str, resource: dict[str, Value] | None) -> dict[str, bytes]:
    resources: dict[str, Value] = {} if resource is None else {kind: {"one": resource}}
    root: Value = {
        "bundle": {"name": "shop"},
        "resources": resources,
        "targets": {"prod": {"mode": "production"}},
    }
    return {"databricks.yml": json.dumps(root, indent=1).encode()}


def told(base: dict[str, bytes], head: dict[str, bytes]) -> list[str]:
    findings = analyze_trees(base, head, RULES).findings
    return [one.code for one in findings if not one.code.startswith(ABOUT_THE_CHANGE)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_deletion_is_told_once(kind: str) -> None:
    assert len(told(bundle(kind, body(kind)), bundle(kind, None))) == 1


@pytest.mark.parametrize(("kind", "path"), FIELDS)
def test_a_recreation_is_told_once(kind: str, path: Path) -> None:
    before, after = (bundle(kind, body(kind, path, value)) for value in ("main.shop.old", "main.shop.new"))
    assert len(told(before, after)) == 1
