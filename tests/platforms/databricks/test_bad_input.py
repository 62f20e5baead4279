"""Bundles that no deployment would accept: each says where and what, and the rest is resolved all the same."""

from __future__ import annotations

import pytest

from riskcheck.nodes import Value
from tests.platforms.databricks.bundles import body, resolve

BUNDLE = "bundle: {name: a}\n"
JOB = "resources: {jobs: {j: {name: fine}}}\n"

MAPPING = "where a mapping is expected: nothing of it is read"
LIST = "where a list is expected: nothing of it is read"

SAID = [
    (f"{BUNDLE}resources: [a]\n", 2, f"'resources' is a list {MAPPING}"),
    (f"{BUNDLE}resources: some\n", 2, f"'resources' is a text {MAPPING}"),
    (f"{BUNDLE}resources: {{jobs: [a]}}\n", 2, "resources.jobs is not a mapping"),
    (f"{BUNDLE}resources: {{jobs: {{j: some}}}}\n", 2, "resources.jobs.j is not a mapping"),
    (f"{BUNDLE}resources: {{jobs: {{j: }}}}\n", 2, "resources.jobs.j is not a mapping"),
    (f"bundle: some\n{JOB}", 1, f"'bundle' is a text {MAPPING}"),
    (f"{BUNDLE}targets: [dev]\n{JOB}", 2, f"'targets' is a list {MAPPING}"),
    (f"{BUNDLE}targets: {{dev: some}}\n{JOB}", 2, "target 'dev' is not a mapping"),
    (
        f"{BUNDLE}targets: {{dev: {{presets: [a]}}}}\n{JOB}",
        2,
        f"'targets.dev.presets' is a list {MAPPING}",
    ),
    (f"{BUNDLE}variables: [a]\n{JOB}", 2, f"'variables' is a list {MAPPING}"),
    (f"{BUNDLE}permissions: {{a: b}}\n{JOB}", 2, f"'permissions' is a mapping {LIST}"),
    (f"{BUNDLE}include: a.yml\n{JOB}", 2, f"'include' is a text {LIST}"),
    (f"{BUNDLE}include: [gone.yml]\n{JOB}", 2, "include 'gone.yml' matches no file"),
    (f"{BUNDLE}wonder: 1\n{JOB}", 2, "'wonder' is no section of a bundle that is known: it is not compared"),
    (
        f"{BUNDLE}targets: {{dev: {{wonder: 1}}}}\n{JOB}",
        2,
        "'targets.dev.wonder' is no section of a bundle that is known: it is not compared",
    ),
    (
        f"{BUNDLE}targets: {{dev: {{mode: staging}}}}\n{JOB}",
        2,
        "mode 'staging' is refused when it is deployed: it is 'development' or 'production'",
    ),
    (
        f"bundle: {{name: a, engine: new}}\n{JOB}",
        1,
        "engine 'new' is refused when it is deployed: it is 'direct' or 'terraform'",
    ),
    (
        f"bundle: {{name: 'a-${{var.x}}'}}\nvariables: {{x: {{default: b}}}}\n{JOB}",
        1,
        "no deployment accepts a reference in the name of a bundle: write it out",
    ),
    (
        f"{BUNDLE}variables: {{w: {{lookup: {{warehouse: Big}}}}}}\n{JOB}",
        2,
        "variable 'w' is looked up in the workspace by the deployment: its value is unknown here",
    ),
    (
        f"{BUNDLE}targets: {{dev: {{variables: {{nope: 1}}}}}}\n{JOB}",
        2,
        "variable 'nope' is set for a target but defined nowhere",
    ),
    (f"{BUNDLE}resources: {{jobs: {{j: {{name: '${{var.nope}}'}}}}}}\n", 2, "variable 'nope' is not defined"),
    (
        f"{BUNDLE}resources: {{jobs: {{j: {{name: fine}}}}, pipelines: {{j: {{}}}}}}\n",
        2,
        "'j' names a resource twice, which no deployment accepts: resources.jobs.j of databricks.yml:2 has it too",
    ),
    (
        (
            f"{BUNDLE}resources: {{jobs: {{j: {{tasks: [a]}}}}}}\n"
            "targets: {dev: {resources: {jobs: {j: {tasks: {}}}}}}\n"
        ),
        3,
        "'tasks' is a list and cannot be merged with a mapping",
    ),
    ("- a\n", 1, "the configuration of a bundle is a mapping"),
]


@pytest.mark.parametrize(("text", "line", "message"), SAID)
def test_it_is_said_where_and_what(text: str, line: int, message: str) -> None:
    resolution = resolve(text)
    assert [(each.line, each.message) for each in resolution.limitations] == [(line, message)]
    if JOB in text:
        assert {each.name for each in resolution.resources if each.kind == "jobs"} == {"j"}


QUIET = [
    f"{BUNDLE}resources: null\n",
    f"{BUNDLE}resources: {{jobs: null}}\n",
    f"{BUNDLE}targets: {{dev: }}\n{JOB}",
    f"{BUNDLE}targets: {{dev: {{}}}}\n{JOB}",
    f"{BUNDLE}include: [resources/*.yml]\n{JOB}",
    f"{BUNDLE}sync: {{paths: [.]}}\nartifacts: {{}}\nscripts: {{}}\ndefinitions: [a]\n{JOB}",
    f"{BUNDLE}common: &c {{num_workers: 3}}\nresources: {{clusters: {{j: {{<<: *c, cluster_name: a}}}}}}\n",
    f"{BUNDLE}common: [&c 3]\nresources: {{clusters: {{j: {{num_workers: *c}}}}}}\n",
    f"{BUNDLE}variables: {{p: {{type: complex, default: []}}}}\npermissions: ${{var.p}}\n{JOB}",
]


@pytest.mark.parametrize("text", QUIET)
def test_what_the_loader_accepts_is_not_worth_a_word(text: str) -> None:
    assert resolve(text).limitations == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tasks: {a: 1}", {"tasks": {"a": 1}}),
        ("tasks: some", {"tasks": "some"}),
        ("tasks: [some, 1, null]", {"tasks": ["some", 1, None]}),
        ("wonder: [{x: 1}]", {"wonder": [{"x": 1}]}),
        ("max_concurrent_runs: many", {"max_concurrent_runs": "many"}),
        ("permissions: some", {"permissions": "some"}),
        ("description: '${var..a} ${} ${a b}'", {"description": "${var..a} ${} ${a b}"}),
    ],
)
def test_fields_of_unknown_names_and_types_are_kept(field: str, value: dict[str, Value]) -> None:
    found = body(f"{BUNDLE}resources: {{jobs: {{j: {{{field}}}}}}}\n", "jobs.j")
    assert isinstance(found, dict)
    assert {key: found[key] for key in value} == value


def test_types_of_resources_that_nobody_knows_are_kept() -> None:
    assert body(f"{BUNDLE}resources: {{wonders: {{w: {{x: [1]}}}}}}\n", "wonders.w") == {"x": [1]}


def test_an_override_of_a_resource_that_the_bundle_does_not_have_is_one_of_that_target() -> None:
    files = f"{BUNDLE}{JOB}targets: {{dev: {{resources: {{jobs: {{other: {{name: b}}}}}}}}, prod: {{}}}}\n"
    found = {(each.name, each.environment.name) for each in resolve(files).resources if each.kind == "jobs"}
    assert found == {("j", "dev"), ("other", "dev"), ("j", "prod")}
