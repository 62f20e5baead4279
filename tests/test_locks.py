"""The locked versions: they answer what pyproject.toml asks for, for all Pythons, each with digests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from supplychain.lock import FOLDER, asked, lacking, project, read

ROOT = Path(__file__).parents[1]
ASKED = asked(project())


def test_there_is_a_lock_for_the_run_each_extra_the_build_and_development() -> None:
    extras = project()["project"]["optional-dependencies"]
    assert set(ASKED) == {"run", "build", "dev", *extras}
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_answers_all_that_is_asked_for(name: str) -> None:
    assert lacking(ASKED[name], read(name)) == [], "make lock writes it anew"


@pytest.mark.parametrize("name", ASKED)
def test_every_pin_is_exact_has_digests_and_names_no_place(name: str) -> None:
    for pin in read(name):
        (one,) = pin.requirement.specifier
        assert one.operator == "==" and "*" not in one.version, pin
        assert pin.digests and all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.digests), pin
        assert pin.requirement.url is None
    text = (FOLDER / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"https?:|file:|--index|--find-links|/opt|/home|/root", text)


def test_all_locks_have_the_same_versions() -> None:
    known = {(one.requirement.name, str(one.requirement.specifier)): one.digests for one in read("dev")}
    for name in ASKED:
        for pin in read(name):
            assert known[pin.requirement.name, str(pin.requirement.specifier)] == pin.digests, name


def test_what_no_pin_answers_is_told() -> None:
    pins = read("run")
    assert lacking(["click>=8.1.7", "Ruamel_YAML"], pins) == []
    (absent, old) = lacking(["no-such-package>=1", "click>=999"], pins)
    assert absent == "no-such-package>=1: absent"
    assert old.startswith("click>=999: ")


def test_pip_alone_can_install_from_each() -> None:
    """Nothing is installed: pip finds a file for each pin of this system and checks its digest."""
    for name in ("run", "build"):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--require-hashes", "--no-deps", "--requirement", f"requirements/{name}.txt"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_ci_installs_from_the_lock() -> None:
    text = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "make check LOCKED=1" in text and "make test LOCKED=1" in text
    for name in ("check", "test"):
        command = ["make", "--dry-run", name, "LOCKED=1", "VENV=.venv-none"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "--require-hashes -r requirements/dev.txt" in done.stdout
        assert "--no-build-isolation" in done.stdout and "--group" not in done.stdout
