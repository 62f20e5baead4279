"""Names of tables, and of the catalogs and schemas around them: ``catalog.schema.table``, as far as it is told."""

from __future__ import annotations

from typing import Final

ANY: Final = "*"
"""Stands for a part of a name that is not told, or that only a deployment fills in."""

_OPEN: Final = ("${", "{{", "<%", "$(", "%(")


def reference(name: str, levels: int = 3) -> str | None:
    """``uc:catalog.schema.table``, the notation of `Resource.provides` and `Reference.target`; None where the name
    itself is not told. levels: 3 for tables, views, volumes, functions and models, 2 for schemas, 1 for catalogs.

    Parts that are missing in front, and parts that hold a placeholder, read ``*``; names are in lower case.
    """
    parts = [part.strip().strip("`") for part in name.split(".")]
    if len(parts) > levels or not all(parts) or _is_open(parts[-1]):
        return None
    known = [ANY if _is_open(part) else part.lower() for part in parts]
    return "uc:" + ".".join([ANY] * (levels - len(known)) + known)


def table_reference(full: str) -> str | None:
    """``uc:catalog.schema.table``; None where the schema is not told, since a bare name may be of any."""
    found = reference(full)
    return None if found is None or found.split(".")[1] == ANY else found


def column_reference(table: str, column: str) -> str:
    """``uc:catalog.schema.table#column``: one column of what `reference` notates."""
    return f"{table}#{column.lower()}"


def _is_open(part: str) -> bool:
    return any(mark in part for mark in _OPEN) or part.startswith(":")
