"""`riskcheck diff` as a process: secrets that reach a bundle through its variables are in no output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from riskcheck.commands import FORMATS

ROOT = Path(__file__).parents[2]

BUNDLE = """\
bundle: {name: orders}
variables:
  db_password: {default: hunter-flow-1}
  api_token:
    default: hunter-block-1
  address:
    default: db://${var.db_password}.example
resources:
  jobs:
    nightly:
      name: nightly
      timeout_seconds: 600
      tasks:
        - task_key: run
          notebook_task:
            notebook_path: /run
            base_parameters:
              plain: ${var.db_password}
              inside: x-${var.api_token}-y
              twice: "${var.address}/z"
  pipelines:
    raw:
      name: raw
      catalog: main
      configuration: {first: "x-${var.api_token}"}
targets:
  dev: {}
  prod:
    mode: production
    variables: {api_token: hunter-target-1}
"""


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("drop", ["", "  pipelines:"])
def test_no_value_of_a_secret_variable_is_shown(tmp_path: Path, output: str, drop: str) -> None:
    base, head = tmp_path / "base", tmp_path / "head"
    changed = BUNDLE.replace("-1", "-2")
    if drop:
        changed = changed[: changed.index(drop)] + changed[changed.index("targets:") :]
    for folder, text in ((base, BUNDLE), (head, changed)):
        folder.mkdir()
        (folder / "databricks.yml").write_text(text, encoding="utf-8")
    written = tmp_path / "report"
    result = subprocess.run(
        [
            *(sys.executable, "-m", "riskcheck", "diff", "--from", str(base), "--to", str(head)),
            *("--explain", "--output", f"{output}:{written}"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    report = written.read_text(encoding="utf-8")
    assert "DAB-035" in report or "variable-default-fans-out" in report, result.stderr
    assert "hunter" not in result.stdout + result.stderr + report
