"""The wheel, built and installed in an environment of its own, works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
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
