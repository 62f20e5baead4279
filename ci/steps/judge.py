"""Runs riskcheck and hands on what it found: log, annotations, job summary, outputs of the step.

The verdict is handed on, too, instead of failing here: the comment is written first, then `verdict` fails the job.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from steps.event import base_of
from steps.places import checkout, clean, folder, given, outside, python_of, switched, workspace
from steps.problem import StepError
from steps.upsert import not_judged

FILES: Final = {
    "json": "report.json",
    "markdown": "report.md",
    "sarif": "report.sarif",
    "html": "report.html",
    "junit": "report.xml",
    "github": "annotations.txt",
}
"""Format to the file that it is written to. All are written on every run: they cost milliseconds."""
EVIDENCE: Final = "evidence.json"
LARGEST_SUMMARY: Final = 1024 * 1024
"""https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""


def run(environ: Mapping[str, str], _: Sequence[str]) -> int:
    """Exits 0 once everything is handed on, whatever the verdict. Raises `StepError` where nothing was judged."""
    home = folder(environ)
    # What an earlier run left is not about this change, whatever becomes of this one.
    for name in (*FILES.values(), EVIDENCE):
        (home / name).unlink(missing_ok=True)
    formats = _formats(environ)
    done = subprocess.run(
        [str(python_of(environ)), "-I", "-m", "riskcheck", "diff", *_arguments(environ, home, formats)],
        cwd=checkout(environ),
        env=clean(environ),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    _log(done.stdout + done.stderr)
    if done.returncode not in (0, 1):
        words = done.stderr.strip() or f"exit code {done.returncode}"
        said = not_judged(words)
        _summary(environ, said.splitlines()[1] + "\n")
        # The comment takes it from there.
        (home / FILES["markdown"]).write_text(said, "utf-8")
        raise StepError(f"nothing was judged: {words}", done.returncode)
    annotations = home / FILES["github"]
    if annotations.is_file():
        print(annotations.read_text("utf-8"), flush=True)
    _summary(environ, (home / FILES["markdown"]).read_text("utf-8").partition("\n")[2])
    _outputs(environ, home, done.returncode)
    return 0


def _formats(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The formats of `FILES` that the installed riskcheck can write."""
    listing = "from riskcheck.commands import FORMATS; print(*FORMATS)"
    done = subprocess.run(
        [str(python_of(environ)), "-I", "-c", listing],
        cwd=folder(environ),
        env=clean(environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepError(f"riskcheck is not installed: {done.stderr.strip()[-500:]}")
    return tuple(name for name in done.stdout.split() if name in FILES)


def _arguments(environ: Mapping[str, str], home: Path, formats: Sequence[str]) -> list[str]:
    """The command line. Values stand behind ``=``, so that none is taken for an option. Raises `StepError`."""
    found = [f"--base={base_of(environ)}"]
    if given(environ, "head"):
        found.append(f"--head={given(environ, 'head')}")
    found += [f"--output={name}:{home / FILES[name]}" for name in formats]
    for name in ("fail-on", "config"):
        if given(environ, name):
            found.append(f"--{name}={given(environ, name)}")
    if given(environ, "approvals"):
        found.append(f"--approvals={_outside(environ, 'approvals')}")
    for name in ("terraform-plan", "databricks-plan"):
        found += [f"--{name}={line.strip()}" for line in given(environ, name).splitlines() if line.strip()]
    if switched(environ, "evidence"):
        found.append(f"--evidence={home / EVIDENCE}")
    return found


def _outside(environ: Mapping[str, str], name: str) -> Path:
    """A file that the change must not be able to write. Raises `StepError`."""
    path = workspace(environ) / given(environ, name)
    if not outside(path, workspace(environ)):
        raise StepError(
            f"the input {name} is {given(environ, name)}, a file of the checkout, which the change itself could "
            "have written: write it to a folder below RUNNER_TEMP"
        )
    return path


def _log(text: str) -> None:
    """`text` as it is: what looks like a workflow command in it, as a line of the checkout may, is none."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}\n{text}\n::{token}::", flush=True)


def _summary(environ: Mapping[str, str], text: str) -> None:
    path = environ.get("GITHUB_STEP_SUMMARY", "")
    if path and len(text.encode()) < LARGEST_SUMMARY:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _outputs(environ: Mapping[str, str], home: Path, code: int) -> None:
    """What later steps and jobs read. Raises `StepError` where the report is not what it should be."""
    report = json.loads((home / FILES["json"]).read_text("utf-8"))
    level = report["level"] or ""
    said = {
        "verdict": report["verdict"],
        "level": level,
        "score": f"{float(report['score']):.1f}",
        "exit-code": str(code),
        "folder": str(home),
    }
    said |= {name: str(home / file) for name, file in FILES.items() if (home / file).is_file()}
    if (home / EVIDENCE).is_file():
        said["evidence"] = str(home / EVIDENCE)
    if any("\n" in value for value in said.values()):
        raise StepError("an output holds a line break", 3)
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in said.items())
