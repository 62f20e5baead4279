"""Root file and includes into one configuration."""

from __future__ import annotations

import pytest

from riskcheck.platforms.databricks import PLATFORM
from tests.platforms.databricks.bundles import at, field, find, place, resolve, said, workspace

JOBS = "resources: {jobs: {ingest: {name: Ingest, max_concurrent_runs: 2}}}\n"


def test_includes_are_merged_in_the_order_of_patterns_and_sorted_within_one() -> None:
    files = {
        "databricks.yml": "include: [late/*.yml, early/*.yml]\nresources: {jobs: {ingest: {name: root}}}\n",
        "late/b.yml": "resources: {jobs: {ingest: {description: b}}}\n",
        "late/a.yml": "resources: {jobs: {ingest: {description: a}}}\n",
        "early/z.yml": "resources: {jobs: {ingest: {name: z}}}\n",
    }
    assert field(files, "jobs.ingest", "name") == "z"
    assert field(files, "jobs.ingest", "description") == "b"


def test_a_value_stays_at_the_place_it_was_written() -> None:
    files = {"databricks.yml": "include: [jobs.yml]\n", "jobs.yml": f"# comment\n{JOBS}"}
    resolution = resolve(files)
    assert place(at(find(resolution, "jobs.ingest").body, "name")) == "jobs.yml:2"
    assert place(find(resolution, "jobs.ingest").origin) == "jobs.yml:2"
    assert resolution.read == {"databricks.yml", "jobs.yml"}


def test_json_files_can_be_included() -> None:
    files = {
        "databricks.yml": "include: [jobs.json]\n",
        "jobs.json": '{"resources": {"jobs": {"a": {"name": "A"}}}}',
    }
    assert field(files, "jobs.a", "name") == "A"


def test_a_file_is_read_once_however_often_it_is_included() -> None:
    files = {
        "databricks.yml": "include: [databricks.yml, jobs.yml, '*.yml']\n",
        "jobs.yml": "resources: {jobs: {a: {tasks: [{task_key: one}]}}}\n",
    }
    assert field(files, "jobs.a", "tasks") == [{"task_key": "one"}]
    assert said(resolve(files)) == []


def test_includes_that_cannot_be_followed_are_said_with_their_line() -> None:
    files = {
        "etl/databricks.yml": """\
            include:
              - ../../outside.yml
              - /etc/passwd.yml
              - missing.yml
              - nothing/*.yml
              - notes.txt
            """,
        "etl/notes.txt": "text",
    }
    assert said(resolve(files, "etl")) == [
        "etl/databricks.yml:2 include-outside",
        "etl/databricks.yml:3 include-outside",
        "etl/databricks.yml:4 include-missing",
        "etl/databricks.yml:6 include-unreadable",
    ]


def test_an_include_inside_an_included_file_is_ignored() -> None:
    files = {
        "databricks.yml": "include: [a.yml]\n",
        "a.yml": "resources: {}\ninclude: [b.yml]\n",
        "b.yml": JOBS,
    }
    resolution = resolve(files)
    assert [each.kind for each in resolution.resources] == ["targets"]
    assert said(resolution) == ["a.yml:2 ignored-include"]


def test_the_old_name_of_targets_still_counts_but_not_beside_the_new_one() -> None:
    old = resolve("environments: {dev: {}, prod: {variables: {}}}\n")
    assert [each.name for each in old.environments] == ["dev", "prod"]
    both = resolve("targets: {dev: {}}\nenvironments: {prod: {}}\n")
    assert [each.name for each in both.environments] == ["dev"]
    assert said(both) == ["databricks.yml:2 ambiguous-targets"]


def test_a_key_that_names_two_resources_is_said() -> None:
    resolution = resolve("resources:\n  jobs: {shop: {name: a}}\n  pipelines: {shop: {name: b}}\n")
    assert said(resolution) == ["databricks.yml:3 duplicate-resource"]


SHOP = "resources: {jobs: {shop: {name: a}}}\n"
INCLUDING = "include: ['*.job.yml']\n"


def test_a_resource_of_two_files_is_said_with_both_places() -> None:
    resolution = resolve({"databricks.yml": INCLUDING + SHOP, "a.job.yml": SHOP, "b.job.yml": SHOP})
    assert said(resolution) == ["a.job.yml:1 duplicate-resource", "b.job.yml:1 duplicate-resource"]
    assert all("resources.jobs.shop of databricks.yml:2" in each.message for each in resolution.limitations)


def test_an_override_in_a_target_or_an_empty_body_is_no_second_declaration() -> None:
    over = "targets: {dev: {resources: {jobs: {shop: {name: b}}}}}\n"
    files = {"databricks.yml": INCLUDING + over, "a.job.yml": SHOP, "b.job.yml": over.replace("dev", "prod")}
    assert said(resolve(files)) == []


@pytest.mark.parametrize("touched", ["a.job.yml", "b.job.yml"])
def test_a_key_that_the_change_declares_twice_is_a_failure_at_the_changed_file(touched: str) -> None:
    files = {"databricks.yml": INCLUDING, "a.job.yml": SHOP, "b.job.yml": SHOP}
    before = {path: text for path, text in files.items() if path != touched}
    resolution = PLATFORM.resolve(workspace(files, touched=(touched,), other=before), ["."])
    assert [(each.path, each.failed) for each in resolution.limitations] == [(touched, True)]


def test_a_key_that_was_declared_twice_before_is_only_a_limit() -> None:
    files = {"databricks.yml": INCLUDING, "a.job.yml": SHOP, "b.job.yml": SHOP}
    before = {**files, "a.job.yml": f"# moved\n{SHOP}"}
    resolution = PLATFORM.resolve(workspace(files, touched=("a.job.yml",), other=before), ["."])
    assert [(each.path, each.failed) for each in resolution.limitations] == [("a.job.yml", False)]


def test_of_merged_anchors_the_later_wins_and_its_lines_are_kept() -> None:
    files = """\
        definitions:
          small: &small
            {num_workers: 1, spark_version: old}
          large: &large
            {num_workers: 9}
        resources:
          clusters:
            main:
              <<: [*small, *large]
              spark_version: new
        """
    resolution = resolve({"databricks.yml": files})
    cluster = find(resolution, "clusters.main")
    assert field(files, "clusters.main", "num_workers") == 9
    assert field(files, "clusters.main", "spark_version") == "new"
    assert place(at(cluster.body, "num_workers")) == "databricks.yml:5"


def test_a_second_document_in_a_file_is_not_read() -> None:
    resolution = resolve(f"{JOBS}---\nresources: {{jobs: {{b: {{name: B}}}}}}\n")
    assert [each.name for each in resolution.resources] == ["default", "ingest"]
    assert said(resolution) == ["databricks.yml:2 several-documents"]


def test_a_duplicate_key_is_said_and_the_last_one_counts() -> None:
    files = "resources:\n  jobs:\n    a:\n      name: one\n      name: two\n"
    assert field(files, "jobs.a", "name") == "two"
    assert said(resolve(files)) == ["databricks.yml:5 duplicate-key"]


def test_a_file_broken_by_the_change_is_a_failure_and_reads_as_it_was() -> None:
    root = "include: [jobs.yml]\n"
    head = workspace(
        {"databricks.yml": root, "jobs.yml": "resources: {jobs: [\n"},
        touched=("jobs.yml",),
        other={"databricks.yml": root, "jobs.yml": JOBS},
    )
    resolution = PLATFORM.resolve(head, ["."])
    assert [(each.kind, each.failed) for each in resolution.limitations] == [("parse-error", True)]
    assert find(resolution, "jobs.ingest").name == "ingest"


def test_a_file_that_was_broken_before_is_only_a_limit() -> None:
    files = {"databricks.yml": "include: [jobs.yml]\n", "jobs.yml": "resources: {jobs: [\n"}
    resolution = PLATFORM.resolve(workspace(files, touched=("jobs.yml",), other=files), ["."])
    assert [(each.kind, each.failed) for each in resolution.limitations] == [("parse-error", False)]


def test_a_new_broken_file_is_a_failure() -> None:
    files = {"databricks.yml": "include: [jobs.yml]\n", "jobs.yml": "resources: {jobs: [\n"}
    before = {"databricks.yml": "include: []\n"}
    resolution = PLATFORM.resolve(workspace(files, touched=("jobs.yml",), other=before), ["."])
    assert [(each.kind, each.failed) for each in resolution.limitations] == [("parse-error", True)]


def test_a_link_is_not_followed() -> None:
    side = workspace({"databricks.yml": "include: ['*.yml']\n"}, unreadable={"linked.yml": "symlink"})
    assert said(PLATFORM.resolve(side, ["."])) == ["linked.yml:1 symlink"]


def test_what_is_no_mapping_where_one_is_expected_is_said() -> None:
    files = {
        "databricks.yml": """\
            include: [list.yml]
            resources:
              jobs: [one]
              pipelines:
                a: text
                b:
            targets: {dev: 3}
            """,
        "list.yml": "- one\n",
    }
    assert said(resolve(files)) == [
        "databricks.yml:3 not-a-mapping",
        "databricks.yml:5 not-a-mapping",
        "databricks.yml:6 not-a-mapping",
        "databricks.yml:7 not-a-mapping",
        "list.yml:1 not-a-mapping",
    ]


def test_python_and_scripts_that_may_change_resources_are_said() -> None:
    resolution = resolve(
        "python:\n  resources: ['resources:load']\nexperimental:\n  scripts: {preinit: make}\n"
    )
    assert said(resolution) == ["databricks.yml:2 python-resources", "databricks.yml:4 script"]
