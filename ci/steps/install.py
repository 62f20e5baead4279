"""Installs riskcheck, from its own files, into an environment of its own outside of the checkout."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from steps.places import clean, folder, given, outside, python_of, source, workspace
from steps.problem import StepError


def run(environ: Mapping[str, str], _: Sequence[str]) -> int:
    """Nothing is done where an earlier step of the job has installed the same."""
    home = folder(environ)
    extras = given(environ, "extras")
    if not re.fullmatch(r"[a-z]*(,[a-z]+)*", extras):
        raise StepError(f"the input extras is {extras!r}: write names with commas between, as sql,terraform")
    wanted = f"{source(environ)}[{extras}]" if extras else str(source(environ))
    stamp = home / "installed"
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return 0
    child, from_where = _environment(environ), _wheelhouse(environ)
    stamp.unlink(missing_ok=True)
    _called([sys.executable, "-I", "-m", "venv", "--clear", str(home / "venv")], home, child)
    pip = [str(python_of(environ)), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _called([*pip, "--no-input", *from_where, wanted], home, child)
    stamp.write_text(wanted, "utf-8")
    return 0


def _wheelhouse(environ: Mapping[str, str]) -> list[str]:
    """The options of pip that install without a network. Raises `StepError`."""
    named = given(environ, "wheelhouse")
    if not named:
        return []
    house = workspace(environ) / named
    if not outside(house, workspace(environ)):
        raise StepError(
            f"the input wheelhouse is {named}, a folder of the checkout: what is installed from there is code of "
            "the change that is judged; keep it outside"
        )
    if not house.is_dir():
        raise StepError(f"the input wheelhouse is {named}, which is no folder")
    return ["--no-index", "--find-links", str(house)]


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What pip is told by the machine holds, as a mirror; what is told by a file of the checkout does not."""
    kept = clean(environ)
    configured = kept.get("PIP_CONFIG_FILE", "")
    if configured and not outside(Path(configured), workspace(environ)):
        del kept["PIP_CONFIG_FILE"]
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_EDITABLE"):
        kept.pop(name, None)
    return kept


def _called(command: Sequence[str], directory: Path, environ: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=directory, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise StepError(f"riskcheck could not be installed: {words}")
