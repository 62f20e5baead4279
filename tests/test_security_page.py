"""Every promise of SECURITY.md names a test that there is, every bound the number that is in the code."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NETWORK = {"socket", "http", "urllib.request", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "ssl"}


def rows(heading: str) -> list[list[str]]:
    """The cells of all tables of which the first heading is this."""
    found: list[list[str]] = []
    table: str | None = None
    for line in PAGE.split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if cells and table == heading and not line.startswith("|---"):
            found.append(cells)
        table = None if not cells else cells[0] if table is None else table
    return found


def test_every_promise_is_held_by_a_test() -> None:
    promises = rows("Promise")
    assert len(promises) > 30
    for *_, held in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)`", held)
        assert named, held
        assert [one for one in named if "def test_" not in (ROOT / one).read_text("utf-8")] == []


def test_every_bound_is_the_one_of_the_code() -> None:
    bounds = rows("Bound")
    assert len(bounds) > 15
    for what, most, place in bounds:
        module, _, name = place.strip("`").rpartition(".")
        assert f"{getattr(importlib.import_module(module), name):,.0f}" == most, what


def test_the_page_of_the_site_and_the_front_page_lead_there() -> None:
    assert "(../SECURITY.md)" in (ROOT / "docs/security.md").read_text("utf-8")
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")


def test_no_module_can_open_a_connection() -> None:
    for file in (ROOT / "riskcheck").rglob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        assert not {one for one in imported if one in NETWORK or one.partition(".")[0] in NETWORK}, file
