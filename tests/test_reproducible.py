"""What is built is the same, byte for byte, wherever and whenever it is built; and its bill of materials."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from supplychain import licences, sbom

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "__pycache__", ".*_cache", ".hypothesis", "node_modules"
)


def built(folder: Path, out: Path, mask: int, **environment: str) -> dict[str, bytes]:
    """Both distributions of the checkout in `folder`, made with one umask and in one environment."""
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(folder)]
    done = subprocess.run(
        command, env={**environ, **environment}, umask=mask, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Without git, just copied; and in a repository, with other modes, times, umask, locale and time zone."""
    folder = tmp_path_factory.mktemp("reproducible")
    one, other = folder / "one", folder / "a longer name" / "other"
    shutil.copytree(ROOT, one, ignore=LEFT_OUT)
    shutil.copytree(ROOT, other, ignore=LEFT_OUT)
    for path in other.rglob("*"):
        if path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))
            path.chmod(path.stat().st_mode & stat.S_IXUSR | 0o600)
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    first = built(one, folder / "out1", 0o022, TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")
    later = {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}
    return first, built(other, folder / "out2", 0o077, **later)


def test_two_builds_are_equal(both: tuple[dict[str, bytes], dict[str, bytes]]) -> None:
    first, second = both
    assert set(first) == set(second) and len(first) == 2
    for name, content in first.items():
        assert content == second[name], f"{name} differs"


def test_nothing_in_them_tells_who_built_them_or_when(
    both: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    for name, content in both[0].items():
        (tmp_path / name).write_bytes(content)
    (wheel,) = tmp_path.glob("*.whl")
    entries = zipfile.ZipFile(wheel).infolist()
    assert {one.date_time for one in entries} == {(2020, 2, 2, 0, 0, 0)}
    assert {stat.S_IMODE(one.external_attr >> 16) for one in entries} == {0o644}
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as tar:
        members = tar.getmembers()
    assert {(one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, "", "")}
    assert {int(one.mtime) for one in members} == {1_580_601_600}
    assert {one.mode for one in members} <= {0o644, 0o755}


def test_the_time_that_the_environment_names_is_used(tmp_path: Path) -> None:
    made = built(ROOT, tmp_path, 0o022, SOURCE_DATE_EPOCH="1700000000")
    (wheel,) = (tmp_path / name for name in made if name.endswith(".whl"))
    assert {one.date_time[0] for one in zipfile.ZipFile(wheel).infolist()} == {2023}


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.document()


def test_the_bill_has_the_wheel_what_it_runs_with_and_what_is_built_in(bill: dict[str, Any]) -> None:
    text = sbom.rendered(bill)
    assert json.loads(text) == bill
    assert "serialNumber" not in bill and "timestamp" not in bill["metadata"]
    names = {one["name"] for one in bill["components"]}
    assert {"click", "ruamel.yaml", "sqlglot", "tree-sitter", "pygls"} <= names
    assert "pip" not in names and "pytest" not in names
    for one in (bill["metadata"]["component"], *bill["components"]):
        assert one["name"] == "cytoscape" or len(one["hashes"][0]["content"]) == 64
    assert str(ROOT) not in text and "file://" not in text
    if (ROOT / "vendor").is_dir():
        (library,) = (one for one in bill["components"] if one["name"] == "cytoscape")
        script = next(one for one in library["components"] if one["name"].endswith(".min.js"))
        assert script["hashes"][0]["content"] in (ROOT / sbom.LIBRARY).read_text("utf-8")


def test_a_bill_that_breaks_the_schema_is_refused(bill: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not CycloneDX"):
        sbom.rendered({**bill, "components": [{"type": "nothing", "name": "x"}]})


def test_the_licences_allow_it_and_the_page_shows_them(bill: dict[str, Any]) -> None:
    assert licences.unsuitable(bill) == []
    shown = (ROOT / "docs" / "releasing.md").read_text("utf-8").partition("<!-- licences -->\n")[2]
    assert shown.partition("<!-- /licences -->")[0].strip() == licences.table(bill).strip(), (
        "python -m supplychain.licences build/riskcheck.cdx.json prints it"
    )


def test_another_licence_has_to_be_looked_at() -> None:
    made = {"components": [{"name": "a", "licenses": [{"license": {"id": "GPL-3.0-only"}}]}, {"name": "b"}]}
    assert licences.unsuitable(made) == [
        "a is under GPL-3.0-only, which is not in ALLOWED",
        "b states no licence",
    ]
