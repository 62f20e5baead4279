"""Which SQL files are read, in which order migrations run, and which are of another database."""

from __future__ import annotations

import re
from typing import Final

from riskcheck.regexes import regex

ENDING: Final = ".sql"

_NOT_DEPLOYED: Final = frozenset(
    {
        ".git",
        ".venv",
        "__fixtures__",
        "__tests__",
        "dbt_packages",
        "fixtures",
        "node_modules",
        "site-packages",
        "spec",
        "specs",
        "test",
        "testdata",
        "tests",
        "third_party",
        "vendor",
        "venv",
    }
)
_MIGRATIONS: Final = frozenset(
    {
        "migration",
        "migrations",
        "migrate",
        "flyway",
        "liquibase",
        "versions",
        "changelog",
        "changelogs",
        "changes",
    }
)
_VERSION: Final = regex(
    r"(?:(?P<kind>[VURB])(?P<version>\d[\d._]*?)__|(?P<number>\d{3,}(?:[._]\d+)*)[._-]|(?P<repeatable>R)__)",
    re.ASCII,
)
_MOST_DIGITS: Final = 20
_BACK: Final = frozenset({"down", "revert", "rollback", "rollbacks", "undo"})

_FOREIGN_STEPS: Final = frozenset(
    {
        "athena",
        "bigquery",
        "bq",
        "clickhouse",
        "db2",
        "duckdb",
        "hsqldb",
        "h2",
        "mariadb",
        "mssql",
        "mysql",
        "oracle",
        "pg",
        "pgsql",
        "postgres",
        "postgresql",
        "redshift",
        "snowflake",
        "sqlite",
        "sqlserver",
        "synapse",
        "teradata",
        "trino",
        "presto",
        "tsql",
    }
)
_FOREIGN: Final = (
    ("PostgreSQL", r"\bLANGUAGE\s+'?plpgsql\b|\bSERIAL\b(?=\s*(?:PRIMARY|NOT|,))|\bCREATE\s+EXTENSION\b"),
    (
        "PostgreSQL",
        r"\bBIGSERIAL\b|\bTIMESTAMPTZ\b|\bJSONB\b|\bUSING\s+(?:btree|gin|gist)\b|\bWITH\s+TIME\s+ZONE\b",
    ),
    ("MySQL", r"\bENGINE\s*=\s*InnoDB\b|\bAUTO_INCREMENT\b|\bUNSIGNED\b"),
    (
        "SQL Server",
        r"^[ \t]*GO[ \t]*\r?$|\[dbo\]|\bNVARCHAR\b|\bIDENTITY\s*\(\s*\d+\s*,\s*\d+\s*\)\s*(?:NOT|PRIMARY|,)",
    ),
    ("Oracle", r"\bVARCHAR2\b|\bNUMBER\s*\(\s*\d+\s*\)"),
    ("SQLite", r"\bAUTOINCREMENT\b|^[ \t]*PRAGMA\b"),
    ("Snowflake", r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:WAREHOUSE|STAGE|STREAM|PIPE|FILE\s+FORMAT)\b"),
    ("Snowflake", r"\bUSE\s+WAREHOUSE\b|\bDATA_RETENTION_TIME_IN_DAYS\b"),
    ("BigQuery", r"\bINT64\b|\bFLOAT64\b|\bOPTIONS\s*\(\s*(?:description|labels)\s*="),
    ("ClickHouse", r"\bENGINE\s*=\s*\w*MergeTree\b"),
)
"""Databases, and words that Databricks SQL does not have."""

_DATABRICKS: Final = (
    r"\bUSING\s+DELTA\b|\bTBLPROPERTIES\b|\bdelta\.|\bUSE\s+CATALOG\b|\bZORDER\b|\bSTREAMING\s+TABLE\b"
    r"|\bCOPY\s+INTO\b|Databricks notebook source|-- COMMAND --|\bread_files\s*\("
)
_DBT: Final = regex(
    r"\{\{[-\s]*(?:ref|source|config)\s*\(|\{%[-\s]*(?:macro|test|snapshot|materialization|docs|set)\b"
)
_MOST_LOOKED_AT: Final = 200_000


def is_sql(path: str) -> bool:
    """Whether a path is a SQL file that something may run, not one of tests or of installed packages."""
    *folders, name = path.lower().split("/")
    return name.endswith(ENDING) and _NOT_DEPLOYED.isdisjoint(folders)


def is_migration(path: str) -> bool:
    """Whether a file is run once, after others: it lies among migrations or its name starts with a version."""
    folders = path.lower().split("/")[:-1]
    return not _MIGRATIONS.isdisjoint(folders) or _VERSION.match(path.rpartition("/")[2]) is not None


def is_undo(path: str) -> bool:
    """Whether a migration is the way back of another: no deployment runs it."""
    *folders, name = path.split("/")
    words = re.split(r"[._-]", name.lower().removesuffix(ENDING))
    return bool(re.match(r"U\d[\d._]*__", name)) or not _BACK.isdisjoint([*words, *map(str.lower, folders)])


def order_of(path: str) -> tuple[str, int, tuple[int, ...], str]:
    """Sorts files as migration tools run them: versions by their numbers, repeatable ones last."""
    folder, _, name = path.rpartition("/")
    match = _VERSION.match(name)
    if match is None:
        return folder, 1, (), name
    if match["repeatable"]:
        return folder, 2, (), name
    numbers = re.split(r"[._]", match["version"] or match["number"])
    return folder, 0, tuple(int(one[:_MOST_DIGITS]) for one in numbers if one), name


def foreign_dialect(path: str, text: str) -> str | None:
    """The database that a file is for, told by its folders or by words that only that database has; None where
    nothing tells that it is another than Databricks."""
    head = text[:_MOST_LOOKED_AT]
    if re.search(_DATABRICKS, head, re.IGNORECASE):
        return None
    step = next((one for one in re.split(r"[/_.\-]", path.lower()) if one in _FOREIGN_STEPS), None)
    if step is not None:
        return step
    return next(
        (name for name, words in _FOREIGN if re.search(words, head, re.IGNORECASE | re.MULTILINE)), None
    )


def is_dbt(text: str) -> bool:
    """Whether dbt renders it."""
    return "{" in text and _DBT.search(text) is not None
