"""What SQL statements lose, what has it back, and who hangs off what they change."""

from __future__ import annotations

import pytest

from riskcheck.in_memory import analyze_trees
from riskcheck.judged import Finding, RollbackEvidence
from riskcheck.results import Report
from riskcheck.rules.load import load_rules

BASE = {
    "shop/sql/prod/V001__a.sql": "CREATE TABLE main.sales.orders (id INT, amount INT);\n",
    "reports/prod/daily.sql": (
        "USE CATALOG main;\nINSERT OVERWRITE reports.daily SELECT * FROM sales.orders JOIN other.t USING (id);\n"
    ),
    "riskcheck.yaml": """\
version: 1
services:
  - {name: reporting, criticality: tier-1, owner: team-reports, paths: ["reports/**"]}
""",
}


def judged(statement: str, **more: str) -> Report:
    base = {path: text.encode() for path, text in {**BASE, **more}.items()}
    head = {**base, "shop/sql/prod/V002__b.sql": statement.encode()}
    return analyze_trees(base, head, load_rules(use_cache=False).rules)


def finding(report: Report, code: str) -> Finding:
    return next(one for one in report.findings if one.code == code)


def evidence(report: Report, code: str, kind: str) -> RollbackEvidence:
    return next(one for one in finding(report, code).rollback if one.kind == kind)


@pytest.mark.parametrize(
    ("statement", "code", "found", "detail"),
    [
        ("DROP TABLE main.sales.orders", "UCD-004", True, "UNDROP TABLE for 7d; noticing"),
        ("DROP VOLUME main.sales.landing", "UCD-004", True, "UNDROP VOLUME"),
        ("DROP SCHEMA main.sales CASCADE", "UCD-004", False, "needs the schema, which is gone"),
        ("TRUNCATE TABLE main.sales.orders", "UCD-004", True, "RESTORE TABLE to the version before"),
        (
            "ALTER TABLE main.sales.orders DROP COLUMN amount",
            "UCD-005",
            True,
            "RESTORE TABLE to the version before",
        ),
        (
            "ALTER TABLE main.sales.orders SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
            "UCD-007",
            False,
            "no recovery window is known",
        ),
    ],
)
def test_windows_of_statements(statement: str, code: str, found: bool, detail: str) -> None:
    window = evidence(judged(statement), code, "window")
    assert window.found is found
    assert detail in window.detail


def test_a_table_whose_schema_goes_in_the_same_script_is_not_undropped() -> None:
    report = judged("DROP TABLE main.sales.orders;\nDROP SCHEMA main.sales CASCADE;\n")
    first = next(one for one in report.findings if one.code == "UCD-004" and one.location.line == 1)
    assert [one.kind for one in first.rollback if one.found] == []


def test_a_revert_says_what_it_leaves() -> None:
    revert = evidence(judged("DROP TABLE main.sales.orders"), "UCD-004", "revert")
    assert revert.detail == (
        "a revert does not bring table main.sales.orders back: only UNDROP TABLE does, for 7 days, without its "
        "constraints"
    )


def test_a_deep_clone_of_the_table_is_its_backup() -> None:
    clone = "CREATE OR REPLACE TABLE main.safe.orders DEEP CLONE main.sales.orders;\n"
    report = judged("DROP TABLE main.sales.orders", **{"jobs/prod/backup_orders.sql": clone})
    assert evidence(report, "UCD-004", "backup").found
    assert not evidence(judged("DROP TABLE main.sales.orders"), "UCD-004", "backup").found


def test_whoever_reads_the_table_hangs_off_the_statement() -> None:
    def reaches(report: Report) -> bool:
        return any(one.code == "GRF-002" and "reporting" in one.message for one in report.findings)

    assert reaches(judged("ALTER TABLE main.sales.orders DROP COLUMN amount"))
    assert not reaches(judged("ALTER TABLE main.hr.staff DROP COLUMN amount"))
