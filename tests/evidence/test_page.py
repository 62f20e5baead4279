"""The page shows what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.test_diff import ROOT, riskcheck


def test_the_example_is_what_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    sides = ("--from", "examples/jobs-control-plane/base", "--to", "examples/jobs-control-plane/risky")
    assert riskcheck(ROOT, "diff", *sides, "--evidence", str(file)).returncode == 1
    printed = riskcheck(ROOT, "evidence", "verify", str(file), *sides).stdout
    page = (ROOT / "docs/evidence.md").read_text("utf-8")
    shown = page.partition("<!-- example -->\n\n")[2].partition("\n<!-- /example -->")[0]
    shown = "".join(f"{line.removeprefix('    ')}\n" for line in shown.splitlines())
    moment = r"\d{4}-\d\d-\d\dT[\d:]+Z"
    assert re.sub(moment, "MOMENT", shown) == re.sub(moment, "MOMENT", printed)
