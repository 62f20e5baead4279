from __future__ import annotations

import pytest

from riskcheck.catalogs.formats import format_of
from tests.catalogs.support import catalog, told


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("catalog-info.yaml", "backstage"),
        ("a/b/catalog-info.yml", "backstage"),
        ("service.datadog.yaml", "datadog"),
        ("entity.datadog.yaml", "datadog"),
        ("slo/a.openslo.yaml", "openslo"),
        ("openslo/a.yaml", "told by content"),
        ("score.yaml", "score"),
        (".cortex/catalog/a.yaml", "told by content"),
        ("cortex.yaml", "cortex"),
        ("opslevel.yml", "opslevel"),
        ("docker-compose.prod.yml", "compose"),
        ("compose.yaml", "compose"),
        ("charts/a/Chart.yaml", "helm"),
        ("CODEOWNERS", "codeowners"),
        (".github/CODEOWNERS", "codeowners"),
        ("src/CODEOWNERS", None),
        ("tests/catalog-info.yaml", None),
        ("examples/web/docker-compose.yml", None),
        ("composer.yaml", None),
        ("chart.yaml", None),
        ("deploy.yaml", None),
        ("catalog-info.json", None),
    ],
)
def test_a_path_tells_the_format(path: str, expected: str | None) -> None:
    assert format_of(path) == expected


def test_the_policy_names_further_catalogs() -> None:
    globs = ("catalog/**", "tests/catalog-info.yaml")
    assert format_of("catalog/orders.yaml", globs) == "told by content"
    assert format_of("tests/catalog-info.yaml", globs) == "backstage"
    assert format_of("catalog/readme.md", globs) is None


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("apiVersion: backstage.io/v1beta1\nkind: System\nmetadata: {name: a}\n", "backstage"),
        ("apiVersion: v3\nkind: queue\nmetadata: {name: a}\n", "datadog"),
        ("schema-version: v2\ndd-service: a\n", "datadog"),
        ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\n", "openslo"),
        ("apiVersion: score.dev/v1b1\nmetadata: {name: a}\n", "score"),
        ("openapi: 3.0.0\ninfo: {x-cortex-tag: a}\n", "cortex"),
        ("version: 1\nservice: {name: a}\n", "opslevel"),
    ],
)
def test_the_content_tells_the_format_where_the_policy_names_the_file(text: str, format_: str) -> None:
    found = catalog("services/a.yaml", text, ("services/**",))
    assert [entry.format for entry in found.entries] == [format_]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
        "openapi: 3.0.0\ninfo: {title: a}\n",
        "version: 1\nservices: [{name: a}]\n",
        "- a\n- {b: c}\n",
        "text\n",
        "",
    ],
)
def test_what_is_no_catalog_says_nothing(text: str) -> None:
    found = catalog("services/a.yaml", text, ("services/**",))
    assert found.entries == () and found.limitations == ()


BACKSTAGE = "apiVersion: backstage.io/v1alpha1\n"
SHAPES = (
    "",
    "null",
    "7",
    "[]",
    "[[]]",
    "{}",
    "text",
    "{name: {a: b}}",
    "{name: [x]}",
    "{name: null}",
    "[null, 1]",
)
HOLDERS = (
    (
        "catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a, labels: %s}\nspec: %s\n",
    ),
    (
        "catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: %s\nspec: {dependsOn: %s}\n",
    ),
    ("service.datadog.yaml", "apiVersion: v3\nkind: service\nmetadata: %s\nspec: {dependsOn: %s}\n"),
    ("service.datadog.yaml", "schema-version: v2.2\ndd-service: %s\ntier: %s\n"),
    (
        "a.openslo.yaml",
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: %s\nspec: {service: a, objectives: %s}\n",
    ),
    ("score.yaml", "apiVersion: score.dev/v1b1\nmetadata: %s\nresources: %s\n"),
    (
        "cortex.yaml",
        "openapi: 3.0.1\ninfo: {x-cortex-tag: a, x-cortex-owners: %s, x-cortex-dependency: %s}\n",
    ),
    ("opslevel.yml", "version: 1\nservice: {name: a, aliases: %s, dependencies: %s}\n"),
    ("compose.yaml", "name: %s\nservices: {a: %s}\n"),
    ("compose.yaml", "volumes: %s\nservices: {a: {depends_on: %s, volumes: [1, {}]}}\n"),
    ("Chart.yaml", "name: %s\ndependencies: %s\n"),
)


@pytest.mark.parametrize(("path", "text"), HOLDERS)
def test_no_shape_of_any_format_raises(path: str, text: str) -> None:
    for first in SHAPES:
        for second in SHAPES:
            catalog(path, text % (first, second))


def test_bytes_that_are_no_text_are_said() -> None:
    found = catalog("catalog-info.yaml", b"\x00\x01")
    assert found.entries == ()
    assert told(found) == ["binary None: a binary file"]
