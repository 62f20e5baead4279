"""Where things are on the machine that runs a job, and what a child process may know."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from steps.problem import StepError

NAME: Final = "riskcheck"


def folder(environ: Mapping[str, str]) -> Path:
    """The folder for all that the steps write. Outside of the checkout: a link in it could lead a file elsewhere.

    Raises `StepError`.
    """
    made = Path(_named(environ, "RUNNER_TEMP")) / NAME
    if inside(made, workspace(environ)):
        raise StepError("RUNNER_TEMP lies in the checkout, where a change could have put links: move it out")
    made.mkdir(parents=True, exist_ok=True)
    return made


def workspace(environ: Mapping[str, str]) -> Path:
    """Where the job checks repositories out. Raises `StepError`."""
    return Path(_named(environ, "GITHUB_WORKSPACE"))


def checkout(environ: Mapping[str, str]) -> Path:
    """The repository that is judged. Raises `StepError`."""
    found = workspace(environ) / given(environ, "path")
    if not inside(found, workspace(environ)) or not found.is_dir():
        raise StepError(f"the input path is {given(environ, 'path')}, which is no folder of the workspace")
    return found


def source(environ: Mapping[str, str]) -> Path:
    """riskcheck's own files. Raises `StepError`."""
    return Path(_named(environ, "GITHUB_ACTION_PATH"))


def python_of(environ: Mapping[str, str]) -> Path:
    """The Python that riskcheck is installed into."""
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return folder(environ) / "venv" / scripts


def inside(path: Path, outer: Path) -> bool:
    """Whether `path`, its links followed, lies in `outer`."""
    return path.resolve().is_relative_to(outer.resolve())


def outside(path: Path, outer: Path) -> bool:
    """Whether `path` is not in `outer`, neither as it is written nor where its links lead: a link in a checkout is
    of the change, wherever it leads."""
    return not inside(path, outer) and not _written(path).is_relative_to(_written(outer))


def _written(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child: nothing that steers Python or riskcheck, since an earlier step of the job may
    have set it; no program of the checkout; and a git that trusts the checkout, which in a container belongs to
    another user, but no folder in it that looks like a bare repository and would bring its own commands."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("PYTHON", "RISKCHECK_", "INPUT_", "GIT_CONFIG_", "PRE_COMMIT_"))
        and name not in ("GITHUB_TOKEN", "GH_TOKEN", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    }
    trusted = str(checkout(environ).resolve())
    return {
        **kept,
        "PATH": _path(environ),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": trusted,
        "GIT_CONFIG_KEY_1": "safe.bareRepository",
        "GIT_CONFIG_VALUE_1": "explicit",
    }


def _path(environ: Mapping[str, str]) -> str:
    """PATH without folders of the checkout, which an earlier step may have put there, and relative ones."""
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [one for one in folders if Path(one).is_absolute() and outside(Path(one), workspace(environ))]
    return os.pathsep.join(kept)


def given(environ: Mapping[str, str], name: str) -> str:
    """The input `name` of the action, "" where it is not given."""
    return environ.get(f"INPUT_{name.replace('-', '_').upper()}", "").strip()


def switched(environ: Mapping[str, str], name: str) -> bool:
    """The input `name` as true or false. Raises `StepError` for anything else."""
    value = given(environ, name).lower()
    if value not in ("true", "false", ""):
        raise StepError(f"the input {name} is {value!r}: write true or false")
    return value == "true"


def _named(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise StepError(f"{name} is not set: this step runs in a job of GitHub Actions")
    return value
