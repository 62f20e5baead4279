"""Our own modules are found by their place, and in Python's way where anything is not as expected."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

ROOT = Path(__file__).parents[1]

_SHOWN = """
import sys
sys.path.insert(0, {folder!r})
from riskcheck.importing import find_own_modules_directly
find_own_modules_directly()
import riskcheck.trees, riskcheck.documents
for module in (riskcheck.trees, riskcheck.documents):
    code = module.__loader__.get_code(module.__name__)
    print(type(module.__loader__).__name__, code.co_filename)
    print(module.__file__, module.__cached__, module.__package__)
print(riskcheck.documents.__path__, riskcheck.trees.MemoryTree.__init__.__code__.co_filename)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "riskcheck", tmp_path / "here" / "riskcheck", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path / "here"


def told(folder: Path, *options: str) -> str:
    """How two modules in `folder` were found, by whom, and what they know of themselves."""
    done = subprocess.run(
        [sys.executable, *options, "-c", _SHOWN.format(folder=str(folder))],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_are_the_same_whoever_finds_them(folder: Path) -> None:
    assert "_Loader" not in told(folder, "-B")
    compileall.compile_dir(folder, quiet=1)
    assert "SourceFileLoader" in told(folder, "-X", f"pycache_prefix={folder}/elsewhere")
    directly = told(folder)
    assert directly.count("_Loader") == 2
    assert str(folder) in directly
    compileall.compile_dir(folder, quiet=1, force=True, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    assert told(folder) == directly.replace("_Loader", "SourceFileLoader")


def test_what_was_compiled_of_another_source_is_not_run(folder: Path) -> None:
    compileall.compile_dir(folder, quiet=1)
    trees = folder / "riskcheck/trees.py"
    trees.write_text(trees.read_text() + "raise SystemExit('the new one')\n")
    done = subprocess.run(
        [sys.executable, "-B", "-c", _SHOWN.format(folder=str(folder))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "the new one\n"


def test_a_compiled_file_that_is_cut_off_is_made_again(folder: Path) -> None:
    compileall.compile_dir(folder, quiet=1)
    directly = told(folder)
    (compiled,) = (folder / "riskcheck/__pycache__").glob("trees.*")
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:10])
    assert "_Loader" in told(folder)
    assert told(folder) == directly


def test_names_are_those_of_now_after_a_move(folder: Path) -> None:
    compileall.compile_dir(folder, quiet=1)
    before = told(folder)
    moved = folder.rename(folder.parent / "there")
    assert told(moved) == before.replace(str(folder), str(moved)).replace("_Loader", "SourceFileLoader")
