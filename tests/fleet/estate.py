"""A small fleet of real repositories, and a git that strikes down who runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

ROOT = Path(__file__).parents[2]

REPOSITORIES = """\
version: 1
do: [{jobs}]
repositories:
  - {{path: clones/shop}}
  - {{path: clones/bare.git}}
  - {{path: clones/lake, revision: main}}
  - {{path: clones/plain}}
  - {{path: clones/gone}}
"""
STRUCK = "  - {path: clones/doomed}\n  - {path: clones/struck}\n"
RANGES = "backtest: {follow: 0, changes_per_task: 10}\n"

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
services:
  - {name: web, criticality: tier-1, paths: ["clusters/prod/**"]}
"""

DAY = 24 * 3600

_STRIKES = """\
#!/bin/sh
# Work on `struck` costs one process, work on `doomed` every one: of Spark the executor, else the one that does a task.
worker() {
  if [ -f "%(flags)s/main" ]; then
    [ "$PPID" = "$(cat "%(flags)s/main")" ] || echo $PPID
    return
  fi
  pid=$PPID
  while [ "${pid:-1}" -gt 1 ]; do
    if tr '\\0' ' ' < /proc/$pid/cmdline | grep -q CoarseGrainedExecutorBackend; then echo $pid; return; fi
    pid=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$pid/status)
  done
}
strike() {
  pid=$(worker)
  [ -n "$pid" ] && $1 && { echo $pid >> "%(flags)s/killed"; kill -9 $pid; sleep 30; }
}
case "$PWD" in
  */clones/doomed) strike true ;;
  */clones/struck) strike "mkdir %(flags)s/struck" 2>/dev/null ;;
esac
exec %(git)s "$@"
"""


def make(folder: Path) -> Path:
    """The repositories under `folder`/clones and two fleet files: lint.yaml, with those where git strikes, and
    landed.yaml, about what landed. The path of the first."""
    clones = folder / "clones"
    shop = _history(GitRepo(clones / "shop"))
    shop.clone(clones / "bare.git", "--bare")
    lake = GitRepo(clones / "lake")
    lake.commit({"databricks.yml": VOLUME, b"caf\\xe9.yaml".decode(): "a: 1\n"})
    (clones / "plain").mkdir()
    (clones / "plain" / "riskcheck.yaml").write_text(POLICY)
    for name in ("doomed", "struck"):
        GitRepo(clones / name).commit({"riskcheck.yaml": POLICY})
    (folder / "landed.yaml").write_text(REPOSITORIES.format(jobs="learn, backtest") + RANGES)
    file = folder / "lint.yaml"
    file.write_text(REPOSITORIES.format(jobs="lint") + STRUCK)
    return file


def _history(repo: GitRepo) -> GitRepo:
    """Thirty changes a day apart, some of which are taken back."""
    clock = repo.clock
    repo.commit({"riskcheck.yaml": POLICY})
    for number in range(15):
        clock += DAY
        files = {
            "clusters/prod/web.yaml": WEB.replace("replicas: 3", f"replicas: {number + 4}"),
            "clusters/prod/limits.yaml": f"kind: ConfigMap\nmetadata: {{name: limits}}\ndata: {{most: '{number}'}}\n",
        }
        commit = repo.commit(files, message=f"more of it, step {number}", at=clock)
        clock += DAY
        if number % 5 == 2:
            repo.git("revert", "--no-edit", commit, environ=repo._dates(clock))
        else:
            repo.commit({"README.md": f"{number}\n"}, message=f"say so {number}", at=clock)
    return repo


def strikes(folder: Path) -> dict[str, str]:
    """The environment in which git strikes."""
    flags, programs = folder / "flags", folder / "programs"
    flags.mkdir()
    programs.mkdir()
    git = programs / "git"
    git.write_text(_STRIKES % {"flags": flags, "git": shutil.which("git")})
    git.chmod(0o755)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def fleet(
    file: Path, *arguments: str, told: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`riskcheck fleet` as a process, in the folder of `file`. told: git, which strikes, is told which one it is."""
    command = [sys.executable, "-m", "riskcheck", "fleet", str(file), *arguments]
    return subprocess.run(
        ["sh", "-c", 'echo $$ > flags/main; exec "$@"', "sh", *command] if told else command,
        cwd=file.parent,
        env=environ(file.parent, **environment),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def environ(folder: Path, **more: str) -> dict[str, str]:
    """An environment without a CI, with a cache in `folder`."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RISKCHECK_", "CI", "GITHUB_"))
    }
    return {**clean, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache"), **more}


def table(folder: Path) -> Any:
    """What the Parquet files in `folder` hold, in the order of their names, without what their writers add."""
    files = sorted(folder.glob("part-*.parquet"))
    return arrow.concat_tables([parquet.read_table(one).replace_schema_metadata(None) for one in files])
