"""A rule that raises: the report says which rule failed, on what and why; the others still speak; it is no pass."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.faults.runs import ROOT, run
from tests.gitrepo import GitRepo
from tests.manifests import WEB

RULE = """\
id: check-fails
code: FAL-001
title: It fails
severity: P2
confidence: high
reversibility: reversible
category: platform
match:
  platform: kubernetes
  kind: Deployment
  path: spec.replicas
  change: modified
check: failing.fails
message: never told
why: It is about failing.
fix: Mend it.
references: ["https://example.invalid/failing"]
"""

POLICY = "version: 1\nrules: {packs: [failing]}\n"

RAISES = {
    "raise ValueError('the words of an error')": "ValueError at ",
    "return 1 / 0": "ZeroDivisionError at ",
    "import sys; sys.exit(0)": "SystemExit at ",
    "raise MemoryError": "MemoryError at ",
    "return fails(change, context)": "RecursionError at ",
    "return [None]": "AttributeError at ",
    "yield 7": "AttributeError at ",
    "import no_such_module": "ModuleNotFoundError at ",
    "assert False": "AssertionError at ",
    "raise EOFError": "EOFError at ",
    "raise BrokenPipeError(32, 'gone')": "BrokenPipeError at ",
}
"""What a check does, and what is told of it: what was raised and where, never its words: they may quote a value."""


def installed(folder: Path, body: str) -> None:
    """A rule pack with Python, as a wheel of it would lie in a folder of `sys.path`."""
    package = folder / "failing_pack"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "check-fails.yaml").write_text(RULE, "utf-8")
    (folder / "failing_checks.py").write_text(f"def fails(change, context):\n    {body}\n", "utf-8")
    meta = folder / "failing-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: failing\nVersion: 1.0\n", "utf-8")
    points = "[riskcheck.rules]\nfailing = failing_pack\n\n[riskcheck.checks]\nfailing = failing_checks\n"
    (meta / "entry_points.txt").write_text(points, "utf-8")


@pytest.mark.parametrize("body", RAISES)
def test_a_rule_of_a_pack_that_raises(tmp_path: Path, body: str) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB, "riskcheck.yaml": POLICY})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    installed(tmp_path / "site", body)
    environ = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path / 'site'}"}
    done = run(repo.path, "diff", "--format=json", cache=tmp_path / "cache", environ=environ)
    assert (done.returncode, done.stderr) == (1, ""), done
    report = json.loads(done.stdout)
    (failed,) = (one for one in report["limitations"] if one["kind"] == "rule-failed")
    assert failed["path"] == "clusters/prod/web.yaml" and "rule check-fails failed: " in failed["message"]
    assert RAISES[body] in failed["message"] and "the words" not in done.stdout
    assert {"GOV-010", "K8S-001"} <= {one["code"] for one in report["findings"]}
    assert report["verdict"] == "block"


@pytest.mark.parametrize("module", ["kubernetes", "canary", "merge_scope"])
def test_a_module_of_checks_that_cannot_be_loaded(tmp_path: Path, module: str) -> None:
    """As after a half upgrade, or a disk that filled up: what its rules would say is told to be missing."""
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 0")})
    fault = {"on": ["import"], "at": -1, "error": "EIO", "under": f"riskcheck.rules.checks.{module}"}
    done = run(repo.path, "diff", "--format=json", fault=fault)
    whole = run(repo.path, "diff", "--format=json")
    assert "Traceback" not in done.stderr
    assert done.returncode >= whole.returncode and whole.returncode in (0, 1)
