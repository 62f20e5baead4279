"""Runs of riskcheck under faults: one change that has something of everything, and what is held of every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("driver.py")

RANGE = "HEAD~1..HEAD"


def service(number: int) -> str:
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: s{number}}}\n"
        "spec: {type: service, lifecycle: production, owner: team-a, dependsOn: "
        f"[component:s{number - 1}]}}\n"
    )


def changed_repository(folder: Path) -> GitRepo:
    """A repository whose last commit is blocked: a volume with data is removed, a deployment loses replicas, and
    other services hang off it, so that the index of the estate is asked."""
    repo = GitRepo(folder)
    web = WEB.replace("name: web,", "name: s0,")
    repo.commit(
        {
            "services/s0/prod/web.yaml": web,
            "databricks.yml": VOLUME,
            **{f"services/s{number}/catalog-info.yaml": service(number) for number in range(12)},
        },
        at=1_790_000_000,
    )
    repo.commit(
        {
            "services/s0/prod/web.yaml": web.replace("replicas: 3", "replicas: 1"),
            "databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :],
        }
    )
    return repo


def environment(cache: Path | None, **more: str) -> dict[str, str]:
    """What riskcheck is run with: nothing of a CI or of a user's settings. cache: where the cache is kept."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RISKCHECK_", "CI", "GITHUB_", "PYTHON", "XDG_"))
    }
    place = {} if cache is None else {"XDG_CACHE_HOME": str(cache)}
    return {**clean, "PYTHONPATH": str(ROOT), **place, **more}


def started(
    where: Path,
    *arguments: str,
    cache: Path | None = None,
    fault: Mapping[str, object] | None = None,
    prepare: Callable[[], object] | None = None,
    python: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    unset: Collection[str] = (),
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | None = subprocess.PIPE,
    stderr: int | None = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """riskcheck, started. fault: see `driver`. prepare: done in the new process before it begins. python: options
    of the interpreter. environ, unset: what differs in the environment."""
    environ = {**environment(cache), **(environ or {})}
    if fault is not None or prepare is not None:
        # Python would leave compiled modules of ours cut off.
        environ["PYTHONDONTWRITEBYTECODE"] = "1"
    program = ["-m", "riskcheck"] if fault is None else [str(DRIVER), json.dumps(fault)]
    return subprocess.Popen(
        [sys.executable, *python, *program, *arguments],
        cwd=where,
        env={name: value for name, value in environ.items() if name not in unset},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        preexec_fn=prepare,
    )


def run(where: Path, *arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    """What became of riskcheck. how: as for `started`."""
    process = started(where, *arguments, **how)  # type: ignore[arg-type]
    try:
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def timeless(report: str) -> str:
    """A JSON report without the one value that the clock decides."""
    return "\n".join(line for line in report.splitlines() if '"as_of"' not in line)


def left_in(*folders: Path) -> list[str]:
    """Drafts that lie about, of files that a run writes."""
    return sorted(one.name for folder in folders if folder.is_dir() for one in folder.glob(".*.tmp"))


def in_words(done: subprocess.CompletedProcess[str], code: int, *words: str) -> bool:
    """Whether a run ended with `code` and said why, in lines for people that hold each of `words`."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr, done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    return True
