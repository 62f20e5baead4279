"""The wheel, built and installed in an environment of its own, works away from the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True, capture_output=True
    )
    (found,) = out.glob("*.whl")
    return found


def test_rules_and_schemas_are_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    rules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*.yaml")}
    schemas = {path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas").rglob("*.json")}
    assert rules
    assert schemas
    assert {f"riskcheck/_data/{name}" for name in rules | schemas} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_the_graph_library_is_inside_with_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        assert b"\nLicense-Expression: Apache-2.0 AND MIT\n" in packed.read(metadata)
        if "riskcheck/_data/vendor/cytoscape.min.js" not in names:
            pytest.skip("no network: the wheel was built without the graph library, as it should be")
        told = json.loads(packed.read("riskcheck/report/html/library.json"))
        for name, one in told["files"].items():
            assert hashlib.sha256(packed.read(f"riskcheck/_data/vendor/{name}")).hexdigest() == one["sha256"]
        assert b"Permission is hereby granted" in packed.read("riskcheck/_data/vendor/cytoscape.LICENSE")
    assert {f"riskcheck/report/html/{name}" for name in ("style.css", "page.js", "graph.js")} <= set(names)


def test_a_source_distribution_builds_without_a_network(wheel: Path, tmp_path: Path) -> None:
    """What it carries comes along; where it carries no library, the wheel has none and is built all the same."""
    (source,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(source) as tar:
        tar.extractall(tmp_path, filter="data")
    (root,) = tmp_path.iterdir()
    assert {"Makefile", "benchmarks", "docs", "examples", "tests", "website"} <= {
        one.name for one in root.iterdir()
    }
    wanted = "riskcheck/_data/vendor/cytoscape.min.js"
    carried = (root / "vendor").is_dir()
    assert carried == (wanted in zipfile.ZipFile(wheel).namelist())
    environ = {**os.environ, "NPM_CONFIG_REGISTRY": "http://127.0.0.1:1/", "no_proxy": "127.0.0.1"}
    for vendored in (carried, False):
        if not vendored and carried:
            shutil.rmtree(root / "vendor")
        out = tmp_path / f"out-{vendored}"
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
        done = subprocess.run(command, cwd=root, env=environ, check=True, capture_output=True, text=True)
        (built,) = out.glob("*.whl")
        assert (wanted in zipfile.ZipFile(built).namelist()) == vendored
        assert ("cytoscape is left out" in done.stdout + done.stderr) == (not vendored)


def test_it_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    (tmp_path / "base" / "clusters" / "prod").mkdir(parents=True)
    (tmp_path / "head" / "clusters" / "prod").mkdir(parents=True)
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"
    (tmp_path / "base" / "clusters" / "prod" / "data.yaml").write_text(claim, encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(environment / "bin" / "riskcheck"), *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    listed = run("rules", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "data-bearing-resource-removed" in listed.stdout
    judged = run("diff", "--from", "base", "--to", "head")
    assert (judged.returncode, judged.stderr) == (1, "")
    assert "K8S-010" in judged.stdout
    assert run("explain", "K8S-010").returncode == 0
    written = run("diff", "--from", "base", "--to", "head", "--output", "html:report.html")
    assert (written.returncode, written.stderr) == (1, "")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "K8S-010" in page
    assert (environment / "share" / "man" / "man1" / "riskcheck.1").exists()
    assert "complete" in run("completion", "bash").stdout
    proposed = run("init", "--dir", "head")
    assert (proposed.returncode, proposed.stderr) == (0, "")
    assert (tmp_path / "head" / ".riskcheck" / "config.schema.json").exists()
