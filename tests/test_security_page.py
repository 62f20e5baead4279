"""Every promise of docs/security.md names a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_is_held_by_a_test() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    rows = [line for line in page.split("\n") if re.match(r"\| (?!Promise)\S", line)]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", row.rpartition(" | ")[2])
        assert named, row
        assert [one for one in named if "def test_" not in (ROOT / one).read_text("utf-8")] == []
