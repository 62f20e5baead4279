"""Plans that the real Terraform makes of resources that are built into it: no provider, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

TERRAFORM: Final = shutil.which("terraform") or shutil.which("tofu")
WHY_NOT: Final = "terraform (or tofu) is not installed"


def applied(folder: Path, text: str, *arguments: str) -> None:
    """Applies `text` as main.tf of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    _run(folder, "init", "-input=false")
    _run(folder, "apply", "-auto-approve", "-input=false", *arguments)


def planned(folder: Path, text: str, *arguments: str) -> bytes:
    """What ``show -json`` says of the plan from what was applied to `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    _run(folder, "init", "-input=false")
    _run(folder, "plan", "-input=false", "-out=plan.out", *arguments)
    return _run(folder, "show", "-json", "plan.out")


def run(folder: Path, *arguments: str) -> bytes:
    """What one command of Terraform prints."""
    return _run(folder, *arguments)


def _run(folder: Path, *arguments: str) -> bytes:
    assert TERRAFORM is not None
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [TERRAFORM, *arguments, *(("-no-color",) if arguments[0] != "show" else ())],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
