"""Which bundles a change concerns, and which files they read."""

from __future__ import annotations

import pytest

from riskcheck.platforms.databricks import PLATFORM
from riskcheck.platforms.databricks.discovery import Pattern
from tests.platforms.databricks.bundles import find, resolve, said, workspace

ROOT = "bundle: {name: shop}\ninclude: [resources/*.yml]\n"
JOB = "resources: {jobs: {ingest: {name: Ingest}}}\n"


def units(files: dict[str, str], *paths: str) -> set[str]:
    return set(PLATFORM.units(workspace(files), paths))


@pytest.mark.parametrize("name", ["databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml"])
def test_each_root_file_name_makes_its_directory_a_bundle(name: str) -> None:
    assert units({f"etl/{name}": ROOT}, f"etl/{name}") == {"etl"}


def test_a_bundle_at_the_top_is_called_dot() -> None:
    assert units({"databricks.yml": ROOT}, "databricks.yml") == {"."}


def test_a_file_counts_when_an_include_names_it() -> None:
    files = {"etl/databricks.yml": ROOT, "etl/resources/jobs.yml": JOB, "etl/other/jobs.yml": JOB}
    assert units(files, "etl/resources/jobs.yml") == {"etl"}
    assert units(files, "etl/other/jobs.yml") == set()


def test_a_file_that_is_gone_still_counts_when_an_include_would_name_it() -> None:
    assert units({"etl/databricks.yml": ROOT}, "etl/resources/removed.yml") == {"etl"}


def test_code_that_a_bundle_deploys_is_not_its_configuration() -> None:
    assert units({"databricks.yml": ROOT}, "src/job.py", "resources/readme.md") == set()


def test_an_include_may_reach_into_a_sibling_directory() -> None:
    files = {
        "etl/databricks.yml": "include: [../shared/*.yml]\n",
        "ml/databricks.yml": ROOT,
        "shared/jobs.yml": JOB,
    }
    assert units(files, "shared/jobs.yml") == {"etl"}


def test_the_overrides_file_of_a_target_concerns_its_bundle() -> None:
    files = {"etl/databricks.yml": ROOT, "ml/databricks.yml": ROOT}
    assert units(files, "etl/.databricks/bundle/prod/variable-overrides.json") == {"etl"}
    assert units(files, "etl/.databricks/bundle/prod/deep/variable-overrides.json") == set()


def test_only_the_bundles_that_could_read_a_path_are_parsed() -> None:
    files = {"etl/databricks.yml": ROOT, "ml/databricks.yml": "include: ][ broken\n"}
    side = workspace(files)
    assert PLATFORM.units(side, ["etl/resources/jobs.yml"]) == {"etl"}


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("resources/*.yml", "resources/a.yml", True),
        ("resources/*.yml", "resources/deep/a.yml", False),
        ("resources/**/*.yml", "resources/deep/a.yml", True),
        ("resources/**/*.yml", "resources/a.yml", False),
        ("resources/**/*.yml", "resources/very/deep/a.yml", False),
        ("resources/job[0-9].yml", "resources/job3.yml", True),
        ("resources/job[^0-9].yml", "resources/job3.yml", False),
        ("resources/{a,b}.yml", "resources/a.yml", False),
        ("*/databricks.yml", "a/databricks.yml/below", False),
        ("jobs.yml", "jobs.yml", True),
    ],
)
def test_includes_match_as_go_matches_paths(pattern: str, path: str, matches: bool) -> None:
    assert Pattern(pattern).matches(path) is matches


def test_two_root_files_are_said_and_the_first_is_read() -> None:
    resolution = resolve({"databricks.yml": "bundle: {name: first}", "bundle.yml": "bundle: {name: second}"})
    assert said(resolution) == ["databricks.yml ambiguous-root"]
    assert find(resolution, "targets.default").service == "first"


def test_the_content_of_a_template_is_no_bundle() -> None:
    files = {
        "kit/databricks_template_schema.json": "{}",
        "kit/template/{{.name}}/databricks.yml": ROOT,
        "kit/template/{{.name}}/resources/jobs.yml.tmpl": JOB,
    }
    paths = [path for path in files if "template/" in path]
    assert units(files, *paths) == {"kit"}
    resolution = PLATFORM.resolve(workspace(files, touched=tuple(paths)), ["kit"])
    assert resolution.resources == ()
    assert sorted(said(resolution)) == [f"{path} unresolved-template" for path in sorted(paths)]
    assert resolution.read == frozenset(paths)


def test_a_root_file_that_is_a_template_is_limited_and_other_templates_are_left_alone() -> None:
    files = {"etl/databricks.yml.tmpl": ROOT, "helm/values.yaml.tmpl": "a: 1\n"}
    assert units(files, *files) == {"etl"}


def test_a_unit_that_this_side_does_not_have_is_no_resource() -> None:
    resolution = resolve({"readme.md": "nothing"}, "etl")
    assert resolution.resources == ()
    assert resolution.limitations == ()
