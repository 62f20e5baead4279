"""SQL files as a platform: what is read, where it is deployed, what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from time import process_time

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Limitation, Resolution
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.sql import PLATFORM, parser
from riskcheck.platforms.sql.files import foreign_dialect, is_migration, is_sql, is_undo, order_of
from tests.support import MemoryTree


def resolved(head: Mapping[str, str], base: Mapping[str, str] | None = None) -> Resolution:
    tree, before = MemoryTree(head), MemoryTree(base or {}, side="base")
    names = EnvironmentModel((), paths=lambda: [*tree.entries(), *before.entries()])
    space = Workspace(
        tree, DocumentStore(tree), names, frozenset(tree.entries()), DocumentStore(before), frozenset()
    )
    paths = [*tree.entries(), *before.entries()]
    return PLATFORM.resolve(space, PLATFORM.units(space, paths))


def limits(found: Resolution) -> list[tuple[str, str, int | None, bool]]:
    return [(one.kind, one.message, one.line, one.failed) for one in found.limitations]


def test_a_file_is_what_it_does_and_what_it_declares() -> None:
    found = resolved({"sql/prod/orders.sql": "CREATE TABLE main.sales.orders (id INT);\nDROP TABLE x;\n"})
    assert {(one.address, one.environment.name) for one in found.resources} == {
        ("sql:statements.sql/*/orders.sql", "prod"),
        ("sql:tables.main.sales.orders", "prod"),
    }
    assert next(one for one in found.resources if one.kind == "tables").provides == ("uc:main.sales.orders",)
    assert found.read == {"sql/prod/orders.sql"}
    assert found.limitations == ()


def test_catalogs_tell_the_environment_where_the_path_does_not() -> None:
    text = (
        "DROP TABLE prod.sales.a; DROP TABLE dev.sales.b; USE CATALOG prod; DROP TABLE sales.c; DROP TABLE d;"
    )
    found = resolved({"scripts/clean.sql": text})
    names = {
        one.environment.name: [each["name"] for each in plain_value(one.body, "yaml-1.2")["statements"]]  # type: ignore[call-overload,index,union-attr]
        for one in found.resources
    }
    assert names == {"prod": ["prod.sales.a", "prod.sales.c"], "dev": ["dev.sales.b"], "default": ["d"]}
    assert {one.environment.stage for one in found.resources} == {"prod", "dev", "unknown"}


BUNDLE = """
bundle: {name: sales}
resources:
  jobs: {clean: {name: clean, tasks: [{task_key: a, sql_task: {file: {path: src/clean.sql}, warehouse_id: x}}]}}
  pipelines: {gold: {name: gold, libraries: [{glob: {include: gold/**}}]}}
targets:
  dev: {mode: development}
  live: {mode: production}
"""


def test_the_targets_of_a_bundle_deploy_the_files_that_it_names() -> None:
    files = {"bundle/databricks.yml": BUNDLE}
    for name in ("src/clean.sql", "gold/a.sql", "src/other.sql"):
        files[f"bundle/{name}"] = "DROP TABLE a;"
    found = {(one.unit, one.environment.name, one.environment.stage) for one in resolved(files).resources}
    assert found == {
        ("bundle/src/clean.sql", "dev", "dev"),
        ("bundle/src/clean.sql", "live", "prod"),
        ("bundle/gold/a.sql", "dev", "dev"),
        ("bundle/gold/a.sql", "live", "prod"),
        ("bundle/src/other.sql", "default", "unknown"),
    }


def test_both_sides_have_the_same_scripts() -> None:
    base, head = {"prod/a.sql": "DROP TABLE x;"}, {"prod/b.sql": "DROP TABLE y;"}
    addresses = {one.address for one in resolved(head, base).resources}
    assert addresses == {one.address for one in resolved(base, head).resources}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SELECT 1;\nSELECT 2\n<<<<<<< HEAD\nFROM a\n=======\nFROM b\n>>>>>>> theirs\n;\n",
            ("parse-error", "invalid SQL: a merge conflict is not resolved", 3),
        ),
        (
            "SELECT 1;\nSELECT (2;\nSELECT 3;\n",
            ("parse-error", "invalid SQL: nothing closes the parenthesis", 2),
        ),
        ("SELECT 1;\n\nSELECT 'a;\n", ("parse-error", "invalid SQL: nothing closes the quote '", 3)),
        (
            "SELECT 1;\nCREATE TABLE t (\n  a INT,,\n  b INT);\n",
            ("parse-error", "invalid SQL: a comma has nothing to separate", 3),
        ),
        ("SELECT 1;\nSELECT\n  a FROM WHERE b;\n", ("parse-error", "invalid SQL: Expected table name", 3)),
        (
            "SELECT 1;\nSELEC a FRM b;\n",
            ("parse-error", "invalid SQL: Invalid expression / Unexpected token", 2),
        ),
    ],
)
def test_invalid_sql_is_named_by_its_line(text: str, expected: tuple[str, str, int]) -> None:
    assert limits(resolved({"prod/a.sql": text})) == [(*expected, False)]
    assert limits(resolved({"prod/a.sql": text}, {"prod/a.sql": "SELECT 1;"})) == [(*expected, True)]
    before = text.replace("SELECT 1", "SELECT 0")
    assert [one[3] for one in limits(resolved({"prod/a.sql": text}, {"prod/a.sql": before}))] in ([], [False])


def test_the_statements_around_a_broken_one_are_read() -> None:
    found = resolved({"prod/a.sql": "DROP TABLE a;\nDROP TABLE b WITH (;\nDROP TABLE c;\n"})
    (script,) = found.resources
    names = [each["name"] for each in plain_value(script.body, "yaml-1.2")["statements"]]  # type: ignore[call-overload,index,union-attr]
    assert names[0] == "a"
    assert names[-1] == "c"


def test_statements_that_no_parser_needs_to_see_are_no_problem() -> None:
    text = """
        UNDROP TABLE a; REORG TABLE a APPLY (PURGE); RESTORE TABLE a TO VERSION AS OF 1; DENY SELECT ON a TO b;
        CREATE TABLE t (a INT, CONSTRAINT c EXPECT (a > 0) ON VIOLATION DROP ROW);
        BEGIN DECLARE n INT DEFAULT 0; loop: WHILE n < 3 DO SET n = n + 1; END WHILE loop; VALUES (n); END;
    """
    assert resolved({"prod/a.sql": text}).limitations == ()


def test_without_the_parser_one_limitation_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "_dialect", lambda: None)
    parser.problem_of.cache_clear()
    found = resolved({"prod/a.sql": "SELECT 1; SELECT 2; DROP TABLE a", "prod/b.sql": "SELECT 3"})
    parser.problem_of.cache_clear()
    message = "not all SQL is checked: pip install 'riskcheck[sql]' brings the parser"
    assert found.limitations == (Limitation("prod/a.sql", "missing-extra", message),)
    assert len(found.resources) == 2


def test_a_fault_of_the_parser_is_a_limitation_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """sqlglot 30.0 raises `ValueError` for a GRANT of nothing; other statements may do so in any version."""

    class Tripping:
        def parse(self, _: str) -> None:
            raise ValueError("Cannot convert empty name into var.")

    monkeypatch.setattr(parser, "_dialect", Tripping)
    parser.problem_of.cache_clear()
    found = resolved({"prod/a.sql": "DROP TABLE a;\nGRANT ON a TO b;\n"})
    parser.problem_of.cache_clear()
    message = "the SQL parser cannot read this statement (ValueError)"
    assert found.limitations == (Limitation("prod/a.sql", "parse-error", message, 2),)


def test_templates_are_said_and_read_as_far_as_they_go() -> None:
    text = "{% if target == 'prod' %}\nDROP TABLE {{ catalog }}.sales.t;\n{% endif %}\n{{ anything() }};\n"
    found = resolved({"prod/a.sql": text})
    assert [(one.kind, one.line) for one in found.limitations] == [
        ("unresolved-template", 1),
        ("unresolved-template", 4),
    ]
    (script,) = found.resources
    assert plain_value(script.body, "yaml-1.2")["statements"][0]["name"] == "{{ catalog }}.sales.t"  # type: ignore[call-overload,index]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("models/orders.sql", "SELECT * FROM {{ ref('raw') }}", "unresolved-template"),
        ("macros/cents.sql", "{% macro cents(a) %} {{ a }} / 100 {% endmacro %}", "unresolved-template"),
        ("db/V1__a.sql", "CREATE TABLE a (id BIGSERIAL PRIMARY KEY);", "other-dialect"),
        ("db/mysql/V1__a.sql", "CREATE TABLE a (id INT);", "other-dialect"),
        ("db/a.sql", "PRAGMA foreign_keys = ON;", "other-dialect"),
    ],
)
def test_what_is_rendered_or_run_elsewhere_is_left_alone(path: str, text: str, kind: str) -> None:
    found = resolved({path: text})
    assert ([one.kind for one in found.limitations], found.resources) == ([kind], ())


def test_signs_of_databricks_count_before_those_of_others() -> None:
    assert foreign_dialect("postgres_sync/a.sql", "CREATE TABLE a (id INT) USING DELTA") is None
    assert foreign_dialect("sync/a.sql", "CREATE TABLE a (id INT)") is None


def test_which_files_are_read() -> None:
    assert is_sql("a/B.SQL")
    assert not is_sql("tests/a.sql")
    assert not is_sql("a.sqlx")
    assert is_migration("db/migrations/a.sql")
    assert is_migration("db/V12__a.sql")
    assert is_migration("db/20260101120000_a.sql")
    assert not is_migration("jobs/01_bronze.sql")
    assert is_undo("db/U12__a.sql")
    assert is_undo("db/revert/a.sql")
    assert is_undo("db/001_a.down.sql")
    assert not is_undo("db/V1__lockdown.sql")


def test_migrations_are_put_in_the_order_in_which_they_run() -> None:
    paths = ["m/R__views.sql", "m/V10__b.sql", "m/V2__a.sql", "m/V2.1__c.sql", "m/other.sql"]
    assert sorted(paths, key=order_of) == [
        "m/V2__a.sql",
        "m/V2.1__c.sql",
        "m/V10__b.sql",
        "m/other.sql",
        "m/R__views.sql",
    ]


def test_hostile_files_are_bounded() -> None:
    deep = "SELECT " + "(" * 20_000 + "1" + ")" * 20_000
    many = "DROP TABLE a;\n" * 6_000
    kinds = {one.kind for one in resolved({"prod/a.sql": deep, "prod/b.sql": many}).limitations}
    assert kinds == {"too-large"}


@pytest.mark.parametrize(
    "opener", ["/* ", "'\\", '"\\', "{{ ", "{% ", "{# ", "<% ", "r'\\", "`a ", "a{{", "/*'"]
)
def test_what_nothing_closes_is_looked_for_once(opener: str) -> None:
    begun = process_time()
    found = resolved({"prod/a.sql": "DROP TABLE c.s.t;\n" + opener * 60_000})
    assert process_time() - begun < 15
    (script,) = found.resources
    assert "drop table c.s.t" in str(plain_value(script.body, "yaml-1.2"))


def test_a_comment_without_an_end_is_told() -> None:
    (one,) = resolved({"prod/a.sql": "SELECT 1;\n/* DROP TABLE c.s.t"}).limitations
    assert (one.kind, one.message, one.line) == ("parse-error", "invalid SQL: nothing closes the comment", 2)


@pytest.mark.parametrize("filler", ["\n", " \n", "GO ", "CREATE \n"])
def test_blank_lines_tell_no_dialect_and_cost_nothing(filler: str) -> None:
    begun = process_time()
    assert foreign_dialect("prod/a.sql", filler * 40_000 + "X") is None
    assert process_time() - begun < 5


def test_a_change_beyond_what_is_read_is_a_failure() -> None:
    found = resolved({"prod/a.sql": "DROP TABLE a;\n" * 6_000}, {"prod/a.sql": "DROP TABLE a;\n"})
    assert limits(found) == [("too-large", "more statements than are read", None, True)]
