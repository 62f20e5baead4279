"""Variables: which value counts, and what a reference becomes."""

from __future__ import annotations

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import MISSING, Scalar
from riskcheck.redact import REDACTED, redact_value
from tests.platforms.databricks.bundles import at, field, find, place, resolve, said

USE = "resources: {jobs: {a: {name: '${var.x}'}}}\n"
OVERRIDES = ".databricks/bundle/dev/variable-overrides.json"


def name(files: dict[str, str] | str, target: str = "default") -> object:
    return field(files, "jobs.a", "name", target)


def test_the_default_counts_where_nothing_overrides_it() -> None:
    assert name(f"{USE}variables: {{x: {{default: root}}}}\n") == "root"


@pytest.mark.parametrize("override", ["dev", "{default: dev}", "{default: dev, description: why}"])
def test_a_target_overrides_the_default_in_any_spelling(override: str) -> None:
    files = f"{USE}variables: {{x: {{default: root}}}}\ntargets: {{dev: {{variables: {{x: {override}}}}}}}\n"
    assert name(files, "dev") == "dev"


def test_the_overrides_file_counts_more_than_any_default() -> None:
    files = {
        "databricks.yml": f"{USE}variables: {{x: {{default: root}}}}\n"
        "targets: {dev: {variables: {x: target}}, qa: }\n",
        OVERRIDES: '{"x": "file"}',
    }
    assert name(files, "dev") == "file"
    assert name(files, "qa") == "root"
    assert OVERRIDES in resolve(files).read


def test_an_overrides_file_that_cannot_be_read_is_said() -> None:
    files = {
        "databricks.yml": f"{USE}variables: {{x: {{default: root}}}}\ntargets: {{dev: }}\n",
        OVERRIDES: "{",
    }
    assert name(files, "dev") == "root"
    assert said(resolve(files)) == [f"{OVERRIDES}:1 parse-error"]


def test_a_lookup_stays_a_lookup_so_that_another_name_is_another_value() -> None:
    files = f"{USE}variables: {{x: {{lookup: {{warehouse: Shared one}}}}}}\n"
    assert name(files) == "${lookup.warehouse.Shared one}"
    assert said(resolve(files)) == ["databricks.yml:2 lookup-variable"]


def test_a_default_in_a_target_drops_the_lookup_and_the_other_way_round() -> None:
    files = """\
        resources: {jobs: {a: {name: "${var.x}", description: "${var.y}"}}}
        variables: {x: {lookup: {cluster: main}}, y: {default: "id"}}
        targets: {dev: {variables: {x: plain, y: {lookup: {cluster: other}}}}}
        """
    assert name(files, "dev") == "plain"
    assert field(files, "jobs.a", "description", "dev") == "${lookup.cluster.other}"


def test_a_lookup_may_use_variables() -> None:
    files = f"{USE}variables: {{x: {{lookup: {{cluster: 'main-${{bundle.target}}'}}}}}}\ntargets: {{dev: }}\n"
    assert name(files, "dev") == "${lookup.cluster.main-dev}"


def test_a_variable_without_a_value_is_said_where_it_is_defined() -> None:
    files = f"{USE}variables:\n  x: {{description: from CI}}\n"
    assert name(files) == "${var.x}"
    assert said(resolve(files)) == ["databricks.yml:3 variable-without-value"]


def test_a_variable_that_nobody_asks_for_needs_no_value() -> None:
    assert said(resolve("variables: {unused: }\n")) == []


def test_an_undefined_variable_is_said_where_it_is_used_and_kept_as_text() -> None:
    files = "resources:\n  jobs:\n    a:\n      name: job-${var.nope}\ntargets: {dev: , prod: }\n"
    assert name(files, "prod") == "job-${var.nope}"
    assert said(resolve(files)) == ["databricks.yml:4 undefined-variable"]


def test_a_target_cannot_define_a_variable() -> None:
    files = f"{USE}targets:\n  dev:\n    variables:\n      x: only here\n"
    assert said(resolve(files)) == ["databricks.yml:5 undefined-variable"]


def test_a_variable_that_is_no_definition_is_said() -> None:
    assert said(resolve("variables:\n  x: text\n")) == ["databricks.yml:2 invalid-variable"]


def test_a_reference_alone_keeps_the_type_and_the_place_of_the_value() -> None:
    files = """\
        variables:
          workers:
            default: 8
        resources:
          clusters:
            a:
              num_workers: ${var.workers}
        """
    node = at(find(resolve(files), "clusters.a").body, "num_workers")
    assert isinstance(node, Scalar)
    assert field(files, "clusters.a", "num_workers") == 8
    assert place(node) == "databricks.yml:3"
    assert [place(each) for each in node.via] == ["databricks.yml:7"]


def test_a_reference_in_a_text_is_placed_at_the_text_and_knows_the_variable() -> None:
    files = """\
        variables:
          env:
            default: 7
        resources:
          jobs:
            a:
              name: job-${var.env}-${bundle.target}
        """
    node = at(find(resolve(files), "jobs.a").body, "name")
    assert field(files, "jobs.a", "name") == "job-7-default"
    assert node is not None
    assert place(node) == "databricks.yml:7"
    assert [place(each) for each in node.via] == ["databricks.yml:3", "databricks.yml:1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [("true", "x-true"), ("3", "x-3"), ("1.50", "x-1.5"), ("010", "x-10"), ("yes", "x-yes")],
)
def test_values_in_a_text_read_as_the_loader_prints_them(value: str, text: str) -> None:
    files = f"resources: {{jobs: {{a: {{name: 'x-${{var.x}}'}}}}}}\nvariables: {{x: {{default: {value}}}}}\n"
    assert name(files) == text


def test_a_complex_variable_brings_its_tree_and_its_own_references() -> None:
    files = """\
        variables:
          size: {default: 4}
          cluster:
            type: complex
            default: {num_workers: "${var.size}", spark_conf: {a: b}}
        resources:
          jobs:
            a:
              job_clusters: [{job_cluster_key: main, new_cluster: "${var.cluster}"}]
              description: ${var.cluster.spark_conf.a}
        targets:
          dev: {variables: {size: 6}}
          qa: {variables: {cluster: {num_workers: 1}}}
        """
    path = "job_clusters.0.new_cluster"
    assert field(files, "jobs.a", path, "dev") == {"num_workers": 6, "spark_conf": {"a": "b"}}
    assert field(files, "jobs.a", path, "qa") == {"num_workers": 1}
    assert field(files, "jobs.a", "description", "dev") == "b"


def test_elements_of_a_list_can_be_referred_to() -> None:
    files = (
        f"{USE.replace('var.x', 'var.x[1].name')}variables: {{x: {{default: [{{name: a}}, {{name: b}}]}}}}\n"
    )
    assert name(files) == "b"


@pytest.mark.parametrize("reference", ["var.x[5]", "var.x.name", "var.x[0].nope"])
def test_a_path_that_leads_nowhere_is_said(reference: str) -> None:
    files = f"{USE.replace('var.x', reference)}variables: {{x: {{default: [{{name: a}}]}}}}\n"
    assert name(files) == f"${{{reference}}}"
    assert said(resolve(files)) == ["databricks.yml:1 unresolved-reference"]


def test_a_tree_inside_a_text_is_said() -> None:
    files = f"{USE.replace('${var.x}', 'a ${var.x}')}variables: {{x: {{default: [1]}}}}\n"
    assert said(resolve(files)) == ["databricks.yml:1 unresolved-reference"]


def test_the_long_form_of_a_reference_is_the_same() -> None:
    files = f"{USE.replace('var.x', 'variables.x.value')}variables: {{x: {{default: long}}}}\n"
    assert name(files) == "long"


def test_a_reference_may_be_put_together_from_another() -> None:
    files = """\
        resources: {jobs: {a: {name: "${var.${bundle.target}_name}"}}}
        variables: {dev_name: {default: for dev}}
        targets: {dev: }
        """
    assert name(files, "dev") == "for dev"


def test_what_only_the_deployment_knows_stays_as_it_is() -> None:
    text = "${resources.jobs.b.id} ${workspace.current_user.userName} ${bundle.git.branch} ${HOME}"
    files = f"resources: {{jobs: {{a: {{name: '{text}'}}}}}}\n"
    assert name(files) == text
    assert said(resolve(files)) == []


def test_settings_that_do_not_exist_are_said() -> None:
    assert said(resolve(USE.replace("var.x", "bundle.nope"))) == ["databricks.yml:1 unresolved-reference"]


def test_a_key_cannot_hold_a_reference() -> None:
    assert said(resolve('resources: {jobs: {"${var.x}": {name: a}}}\n')) == [
        "databricks.yml:1 reference-in-key"
    ]


def test_an_override_with_other_keys_is_itself_the_value() -> None:
    files = """\
        resources: {clusters: {a: {spark_conf: "${var.x}"}}}
        variables: {x: {type: complex, default: {k: v}}}
        targets: {dev: {variables: {x: {default: one, spark.other: two}}}}
        """
    assert field(files, "clusters.a", "spark_conf", "dev") == {"default": "one", "spark.other": "two"}


def test_settings_of_a_variable_can_be_referred_to() -> None:
    files = f"{USE.replace('var.x', 'variables.x.description')}variables: {{x: {{description: about}}}}\n"
    assert name(files) == "about"
    assert field(files, "targets.default", "variables.x.value") is MISSING


def test_what_secret_variables_are_put_into_is_no_longer_shown() -> None:
    files = """\
        variables:
          db_password: {default: hunter2}
          address: {default: "db://${var.db_password}"}
          region: {default: eu}
        resources:
          jobs:
            a:
              name: job-${var.region}
              description: ${var.address}/main
              tags: {whole: "${var.db_password}", inside: "x-${var.db_password}"}
        """
    body = find(resolve(files), "jobs.a").body
    shown = redact_value((), "jobs", plain_value(body, "databricks"), body)
    assert isinstance(shown, dict)
    assert shown["name"] == "job-eu"
    assert shown["description"] == REDACTED
    assert shown["tags"] == {"whole": REDACTED, "inside": REDACTED}
