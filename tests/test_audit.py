"""The audit of what is locked: advisories are held against pins, and what could not be asked is no pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from supplychain.audit import Advisory, Range, affected, outcome
from supplychain.lock import Pin

ROOT = Path(__file__).parents[1]
ADVISORY = """
id: PYSEC-2021-1
details: Something
  bad.
affected:
- package: {name: Some.Package, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: '0'}]
  - type: ECOSYSTEM
    events: [{introduced: '0'}, {fixed: '2.11.3'}, {introduced: '3.0'}, {last_affected: '3.1'}]
  versions: ['2.0', 2.0rc1, '9.9', odd-one]
"""


def told(version: str, folder: Path, text: str = ADVISORY) -> list[str]:
    file = folder / "vulns" / "some-package" / "PYSEC-2021-1.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return list(affected([Pin(Requirement(f"some_package=={version}"), ())], folder))


def test_versions_within_a_range_or_named_are_told(tmp_path: Path) -> None:
    for version in ("1.0", "2.11.2", "3.0", "3.1", "9.9.0"):
        assert told(version, tmp_path) == [f"some-package {version}: PYSEC-2021-1 Something bad."]
    for version in ("2.11.3", "2.99", "3.1.1", "10"):
        assert told(version, tmp_path) == []


def test_a_withdrawn_advisory_is_none(tmp_path: Path) -> None:
    assert told("1.0", tmp_path, ADVISORY + "withdrawn: '2022-01-01T00:00:00Z'\n") == []


def test_a_range_without_an_end_has_all_later_versions() -> None:
    one = Advisory("X", "p", "", (Range(Version("2")),), frozenset())
    assert one.affects(Version("99")) and not one.affects(Version("1.9"))


def test_what_the_service_left_out_is_no_pass() -> None:
    known = {"name": "a", "version": "1", "vulns": [{"id": "X-1", "description": "bad\nthing"}]}
    sound = {"name": "b", "version": "1", "vulns": []}
    left = {"name": "c", "skip_reason": "not found on PyPI"}
    assert outcome([sound]) == (0, ["1 packages asked for: 0 known vulnerabilities"])
    code, lines = outcome([sound, known])
    assert (code, lines[0]) == (1, "a 1: X-1 bad thing")
    code, lines = outcome([sound, left])
    assert code == 2 and "1 more, as c: not found on PyPI" in lines[1]


def test_a_folder_that_is_no_database_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "supplychain.audit", "--advisories", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no clone of the advisory database" in done.stderr
