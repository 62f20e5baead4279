"""Projects of dbt as tables: what is read, which settings hold, what refers to what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import DeclaredEnvironment, EnvironmentModel
from riskcheck.models import Resolution, Resource
from riskcheck.nodes import Scalar, Sequence
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.dbt import PLATFORM
from riskcheck.platforms.dbt.jinja import config_in, references_in, snapshots_in
from riskcheck.platforms.dbt.stating import ESTATE
from riskcheck.platforms.sql.places import Places
from riskcheck.tables.quality import Expectation, expectations_of
from riskcheck.tables.read import columns_of, grants_of, text_of
from tests.support import MemoryTree

PROJECT = """\
name: shop
models:
  shop:
    +materialized: table
    staging:
      +materialized: view
    marts:
      +grants: {select: [analysts, finance]}
"""


def space(
    files: Mapping[str, str], base: Mapping[str, str] | None = None, prod: str = ""
) -> tuple[Workspace, list[str]]:
    tree, before = MemoryTree(files), MemoryTree(base or {}, side="base")
    declared = [DeclaredEnvironment("live", "prod", paths=(prod,))] if prod else []
    names = EnvironmentModel(declared, paths=lambda: [*tree.entries()])
    touched = frozenset(tree.entries())
    return Workspace(tree, DocumentStore(tree), names, touched, DocumentStore(before)), sorted(touched)


def resolved(files: Mapping[str, str], only: str = "", prod: str = "") -> Resolution:
    workspace, paths = space(files, prod=prod)
    units = PLATFORM.units(workspace, [path for path in paths if only in path])
    return PLATFORM.resolve(workspace, units)


def one(files: Mapping[str, str], name: str) -> Resource:
    return next(resource for resource in resolved(files).resources if resource.name == name)


def checks_of(files: Mapping[str, str], name: str) -> list[Expectation]:
    return list(expectations_of(one(files, name).body))


def test_files_outside_of_projects_and_of_their_folders_are_left_alone() -> None:
    model = "models: [{name: a}]\n"
    files = {
        "models/a.yml": model,
        "app/dbt_project.yml": PROJECT,
        "app/macros/m.sql": "{% macro m() %}{% endmacro %}",
        "app/resources/job.yml": model,
        "app/dbt_packages/x/models/b.sql": "select 1",
        "app/tests/t.sql": "select 1",
        "app/packages.yml": "packages: []\n",
    }
    workspace, paths = space(files)
    assert PLATFORM.units(workspace, paths) == frozenset()


def test_a_model_is_found_by_its_query_alone() -> None:
    found = resolved({"dbt_project.yml": PROJECT, "models/staging/stg_orders.sql": "select 1"}, ".sql")
    (model,) = found.resources
    assert (model.address, model.unit, model.environment.stage) == (
        "dbt:tables.stg_orders",
        "stg_orders",
        "unknown",
    )
    assert text_of(model.body, "type") == "VIEW"
    assert found.read == {"dbt_project.yml", "models/staging/stg_orders.sql"}


def test_the_folder_of_the_project_tells_the_environment_and_staging_models_do_not() -> None:
    files = {"live/dbt_project.yml": PROJECT, "live/models/staging/a.sql": "select 1"}
    assert resolved(files, prod="live/**").resources[0].environment.stage == "prod"
    assert (
        resolved({k.replace("live", "x"): v for k, v in files.items()}).resources[0].environment.stage
        == "unknown"
    )


def test_properties_are_found_wherever_they_are_and_properties_without_a_query_make_no_table() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/marts/orders.sql": "select 1 as id",
        "models/_all.yml": "models: [{name: orders, columns: [{name: Id, tests: [unique]}]}, {name: gone}]\n",
        "models/other.yml": "models: [{name: customers}]\n",
    }
    found = resolved(files, "orders.sql")
    assert [test.label for test in expectations_of(found.resources[0].body)] == ["unique of id"]
    assert "models/_all.yml" in found.read
    assert "models/other.yml" not in found.read
    assert [resource.name for resource in resolved(files, "_all").resources] == ["orders"]


@pytest.mark.parametrize(
    ("query", "properties", "expected"),
    [
        ("", "", "table"),
        ("", "config: {materialized: view}", "view"),
        ("{{ config(materialized = 'incremental') }}", "config: {materialized: view}", "incremental"),
        ("{# {{ config(materialized='view') }} #}", "", "table"),
        ("{{ config(materialized=var('how')) }}", "", "{{ var('how') }}"),
    ],
)
def test_the_nearest_setting_holds(query: str, properties: str, expected: str) -> None:
    model = one(
        {
            "dbt_project.yml": PROJECT,
            "models/marts/a.sql": f"{query}\nselect 1",
            "models/marts/a.yml": f"models:\n  - name: a\n    {properties}\n",
        },
        "a",
    )
    build = plain_value(model.body, "yaml-1.2")
    assert isinstance(build, dict)
    assert build["build"] == {"materialized": expected}


def test_grants_are_turned_round() -> None:
    model = one({"dbt_project.yml": PROJECT, "models/marts/a.sql": "select 1"}, "a")
    assert grants_of(model.body) == {"analysts": ("SELECT",), "finance": ("SELECT",)}


def test_columns_are_held_to_an_enforced_contract_only() -> None:
    text = "models: [{name: a, config: %s, columns: [{name: x, data_type: INT, constraints: [{type: not_null}]}]}]"
    for config, contract, nullable in (
        ("{contract: {enforced: true}}", "enforced", False),
        ("{contract: {enforced: false}}", "declared", True),
        ("{}", "declared", True),
    ):
        files = {"dbt_project.yml": PROJECT, "models/a.sql": "select 1 as x", "models/a.yml": text % config}
        body = one(files, "a").body
        column = columns_of(body)["x"]
        assert (text_of(body, "contract"), column.nullable, column.type_text) == (contract, nullable, "int")


def test_versions_are_tables_of_their_own() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/orders_v1.sql": "select 1",
        "models/orders_v2.sql": "select 1",
        "models/orders.yml": (
            "models:\n  - name: orders\n    columns: [{name: a}, {name: b}]\n    versions:\n"
            "      - v: 1\n      - v: 2\n        columns: [{include: all, exclude: [b]}, {name: c}]\n"
        ),
    }
    assert list(columns_of(one(files, "orders_v1").body)) == ["a", "b"]
    assert list(columns_of(one(files, "orders_v2").body)) == ["a", "c"]


@pytest.mark.parametrize(
    ("test", "check", "violation", "most"),
    [
        ("unique", "unique", "fail", {}),
        ("{unique: {severity: warn}}", "unique", "warn", {}),
        ("{unique: {config: {severity: WARN, warn_if: '>=5'}}}", "unique", "warn", {"warned": 4.0}),
        ("{not_null: {config: {error_if: '> 10'}}}", "not_null", "fail", {"failures": 10.0}),
        ("{name: mine, test_name: unique, config: {severity: error}}", "unique", "fail", {}),
        ("{unique: {severity: \"{{ 'error' if x else 'warn' }}\"}}", "unique", "", {}),
        ("{dbt_utils.accepted_range: {arguments: {max_value: 9}}}", "in_range", "fail", {"max_value": 9.0}),
        ("{dbt_expectations.expect_column_values_to_be_unique: {}}", "unique", "fail", {}),
        ("shop.looks_like_mail", "looks_like_mail", "fail", {}),
    ],
)
def test_tests_are_expectations(test: str, check: str, violation: str, most: dict[str, float]) -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/a.sql": "select 1 as x",
        "models/a.yml": f"models: [{{name: a, columns: [{{name: x, data_tests: [{test}]}}]}}]\n",
    }
    (found,) = checks_of(files, "a")
    assert (found.check, found.column, found.on_violation, found.at_most) == (check, "x", violation, most)


def test_a_severity_that_a_template_tells_is_a_limitation() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/a.csv": "",
        "models/a.sql": "select 1",
        "models/a.yml": "models: [{name: a, tests: [{t: {severity: \"{{ var('s') }}\"}}]}]\n",
    }
    told = [(limit.path, limit.line) for limit in resolved(files, "a.yml").limitations]
    assert ("models/a.yml", 1) in told


def test_a_query_whose_columns_no_contract_tells_is_a_limitation() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/a.sql": "select 1",
        "models/b.sql": "select 1 as x",
        "models/b.yml": "models: [{name: b, config: {contract: {enforced: true}}, columns: [{name: x}]}]\n",
    }
    assert [(one.path, one.kind) for one in resolved(files).limitations] == [
        ("models/a.sql", "unresolved-template")
    ]


def test_sources_are_tested_and_stand_for_tables_of_elsewhere() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "models/s.yml": (
            "sources:\n  - name: raw\n    database: lake\n    freshness: {error_after: {count: 12, period: hour}}\n"
            "    tables:\n      - name: orders\n        columns: [{name: id, tests: [not_null]}]\n"
            "      - {name: lines, identifier: line_items, freshness: null}\n"
        ),
    }
    orders, lines = (one(files, name) for name in ("raw.orders", "raw.lines"))
    assert [reference.target for reference in orders.references] == ["uc:lake.raw.orders"]
    assert [reference.target for reference in lines.references] == ["uc:lake.raw.line_items"]
    assert orders.provides == ("dbt::raw.orders",)
    assert [(test.check, test.on_violation) for test in expectations_of(orders.body)] == [
        ("freshness (error_after)", "fail"),
        ("not_null", "fail"),
    ]
    assert list(expectations_of(lines.body)) == []


def test_snapshots_are_called_as_they_say() -> None:
    files = {
        "dbt_project.yml": PROJECT,
        "snapshots/all.sql": "{% snapshot prices %}x{% endsnapshot %}{%- snapshot taxes -%}{% endsnapshot %}",
        "snapshots/new.yml": "snapshots: [{name: rates, relation: ref('r'), config: {unique_key: id}}]\n",
    }
    assert sorted(one.name for one in resolved(files).resources) == ["prices", "rates", "taxes"]


def test_settings_of_the_project_concern_the_tables_below_them() -> None:
    base = {
        "dbt_project.yml": PROJECT,
        "models/a.sql": "select 1",
        "models/marts/b.sql": "select 1",
        "models/staging/c.sql": "select 1",
    }
    for new, expected in (
        (PROJECT.replace("view", "ephemeral"), {"c"}),
        (PROJECT.replace("+materialized: table", "+materialized: incremental"), {"a", "b"}),
        (f"{PROJECT}data_tests: {{+severity: warn}}\n", {"a", "b", "c"}),
        (f"version: 2\n{PROJECT}", set()),
    ):
        workspace, _ = space({**base, "dbt_project.yml": new}, base)
        assert PLATFORM.units(workspace, ["dbt_project.yml"]) == expected


def test_references_in_a_template() -> None:
    text = (
        "-- {{ ref('old') }}\n{# {{ ref('older') }} #}\nselect * from {{ ref('a') }} join {{ ref('pkg', \"b\") }}\n"
        "join {{ ref('c', v=2) }} join {{ source('raw', 'd') }} join {{ ref('a') }} join {{ ref(name) }}\n"
    )
    assert [(one.name, one.relation) for one in references_in(text)] == [
        ("a", "ref"),
        ("b", "ref"),
        ("c_v2", "ref"),
        ("raw.d", "source"),
    ]
    assert snapshots_in("{# {% snapshot x %} #}{% snapshot y %}") == ["y"]


def test_settings_in_a_template() -> None:
    text = "{{ config(a='x, y', b=[ 'p', \"q\" ], c=true, d={'k': 'v'}, e=f(1, 2)) }}{{ config(g = 3) }}"
    found = config_in(text, Places("a.sql", "head", text))
    listed = found["b"]
    assert isinstance(listed, Sequence)
    assert [item.raw for item in listed.items if isinstance(item, Scalar)] == ["p", "q"]
    shown = {key: plain_value(node, "yaml-1.2") for key, node in found.items()}
    assert shown == {"a": "x, y", "b": ["p", "q"], "c": True, "d": {"k": "v"}, "e": "{{ f(1, 2) }}", "g": "3"}


@pytest.mark.parametrize(
    "text",
    ["{{ config(", "{{ config(a", "{{ config(a=[", "{{ config(a={'b': ", "{{ config(=,)", "{{ config(a='"],
)
def test_broken_settings_do_no_harm(text: str) -> None:
    config_in(text, Places("a.sql", "head", text))
    config_in(text * 2000, Places("a.sql", "head", text * 2000))


def test_settings_of_any_depth_and_length_are_read_in_bounds() -> None:
    deep = "{{ config(a=" + "[" * 50_000 + "]" * 50_000 + ") }}"
    assert list(config_in(deep, Places("a.sql", "head", deep))) == ["a"]
    long = "{{ config(a=[" + "'x'," * 40_000 + "]) }}"
    listed = config_in(long, Places("a.sql", "head", long))["a"]
    assert isinstance(listed, Sequence)
    assert len(listed.items) == 40_000


def test_what_files_state_before_anything_is_resolved() -> None:
    files = {
        "shop/dbt_project.yml": PROJECT,
        "shop/models/daily.sql": "select 1\nfrom {{ ref('orders') }}",
        "shop/models/x.yml": (
            "exposures:\n  - name: board\n    depends_on:\n    - ref('orders')\n    - source('raw', 'a')\n"
            "sources: [{name: raw, database: lake, tables: [{name: a}]}]\n"
        ),
        "other/models/y.sql": "select 1 from {{ ref('orders') }}",
    }
    tree = MemoryTree(files)
    documents = DocumentStore(tree)
    taken = [path for path in files if ESTATE.takes(tree, path) and ESTATE.worth(files[path].encode())]
    told = [
        (each.address, use.target, use.line)
        for path in taken
        for each in ESTATE.stated(documents.get(path))
        for use in each.uses
    ]
    assert told == [
        ("dbt:tables.daily", "dbt:shop:orders", 2),
        ("dbt:exposures.board", "dbt:shop:orders", 4),
        ("dbt:exposures.board", "dbt:shop:raw.a", 5),
        ("dbt:tables.raw.a", "uc:lake.raw.a", 6),
    ]


def test_an_identifier_that_is_no_text_leaves_the_name() -> None:
    tables = (
        "sources: [{name: raw, tables: [{name: orders, identifier: [o]}, {name: lines, identifier: ''}]}]\n"
    )
    files = {"dbt_project.yml": PROJECT, "models/s.yml": tables}
    for name in ("orders", "lines"):
        found = one(files, f"raw.{name}")
        assert [reference.target for reference in found.references] == [f"uc:*.raw.{name}"]
        assert text_of(found.body, "name") == f"raw.{name}"
