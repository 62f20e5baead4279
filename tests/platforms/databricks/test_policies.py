"""Compute policies that files define, as part of the bundles whose clusters name them."""

from __future__ import annotations

from riskcheck.platforms.databricks import PLATFORM
from tests.platforms.databricks.bundles import workspace

BUNDLE = """\
bundle: {name: shop}
resources:
  clusters:
    shared: {cluster_name: shared, policy_id: POLICY, num_workers: 1}
targets:
  dev: {mode: development}
  prod: {mode: production}
"""
SMALL = '{"num_workers": {"type": "range", "maxValue": 4}}'
FILES = {"databricks.yml": BUNDLE.replace("POLICY", "small"), "policies/small.json": SMALL}


def policies(files: dict[str, str]) -> tuple[list[tuple[str, str]], frozenset[str], list[str]]:
    """Environment and name of each policy, the files that were read, and the kinds of limitations."""
    resolved = PLATFORM.resolve(workspace(files), {"."})
    found = [(one.environment.name, one.name) for one in resolved.resources if one.kind == "cluster_policies"]
    return found, resolved.read, [one.kind for one in resolved.limitations]


def test_a_file_that_defines_a_policy_concerns_every_bundle() -> None:
    files = {**FILES, "etl/databricks.yml": "bundle: {name: etl}\n"}
    assert set(PLATFORM.units(workspace(files), ["policies/small.json"])) == {".", "etl"}


def test_other_files_about_policies_concern_none() -> None:
    files = {**FILES, "policies/opa.json": '{"rules": [1]}', "policies/readme.md": "type: fixed"}
    assert set(PLATFORM.units(workspace(files), ["policies/opa.json", "policies/readme.md"])) == set()


def test_each_target_has_the_policies_that_its_clusters_name() -> None:
    found, read, limits = policies(FILES)
    assert found == [("dev", "small"), ("prod", "small")]
    assert "policies/small.json" in read
    assert limits == []


def test_a_policy_that_nothing_names_is_left_to_others() -> None:
    found, read, _ = policies({**FILES, "databricks.yml": BUNDLE.replace("POLICY", "other")})
    assert found == []
    assert "policies/small.json" not in read


def test_the_folder_of_a_target_tells_its_policy() -> None:
    both = {"policies/dev/small.json": SMALL, "policies/prod/small.json": SMALL}
    found, read, limits = policies({"databricks.yml": FILES["databricks.yml"], **both})
    assert (found, limits) == ([("dev", "small"), ("prod", "small")], [])
    assert both.keys() <= read


def test_two_definitions_of_one_name_are_told_and_neither_is_taken() -> None:
    both = {"a/policies/small.json": SMALL, "b/policies/small.json": SMALL}
    found, _, limits = policies({"databricks.yml": FILES["databricks.yml"], **both})
    assert found == []
    assert set(limits) == {"ambiguous-policy"}


def test_a_broken_definition_is_no_policy() -> None:
    assert policies({**FILES, "policies/small.json": SMALL[:-3]})[0] == []
