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

FILE = """\
version: 1
do: [lint, learn, backtest]
repositories:
  - {path: clones/shop}
  - {path: clones/bare.git, after: main~5}
  - {path: clones/lake, revision: main}
  - {path: clones/plain}
  - {path: clones/gone}
  - {path: clones/doomed}
  - {path: clones/struck}
backtest: {follow: 0, changes_per_task: 15}
"""

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
# To lint `struck` costs one process, to lint `doomed` every one: the executor of Spark, else that of the task.
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
case "$PWD $*" in
  */clones/doomed*ls-tree*) strike true ;;
  */clones/struck*ls-tree*) strike "mkdir %(flags)s/struck" 2>/dev/null ;;
esac
exec %(git)s "$@"
"""


def make(folder: Path) -> Path:
    """The repositories under `folder`/clones and their fleet file, whose path it is."""
    clones = folder / "clones"
    shop = _history(GitRepo(clones / "shop"))
    shop.clone(clones / "bare.git", "--bare")
    lake = GitRepo(clones / "lake")
    lake.commit({"databricks.yml": VOLUME, b"caf\\xe9.yaml".decode(): "a: 1\n"})
    (clones / "plain").mkdir()
    (clones / "plain" / "riskcheck.yaml").write_text(POLICY)
    GitRepo(clones / "struck").commit({"riskcheck.yaml": POLICY})
    # Nothing of it is judged but by lint.
    GitRepo(clones / "doomed").commit({"README.md": "Doomed.\n"})
    file = folder / "fleet.yaml"
    file.write_text(FILE)
    return file


def _history(repo: GitRepo) -> GitRepo:
    """Twenty-two changes: two files that move together, others that do not, two changes that are taken back."""

    def files(*names: str, number: int) -> dict[str, str]:
        text = WEB.replace("replicas: 3", f"replicas: {number}")
        return {f"clusters/prod/{name}.yaml": text.replace("name: web", f"name: {name}") for name in names}

    commit = repo.commit({"riskcheck.yaml": POLICY, **files("web", "limits", "other", "more", number=3)})
    clock = repo.clock + 40 * DAY
    for number in range(4, 11):
        commit = repo.commit(files("web", "limits", number=number), message=f"step {number}", at=clock)
        if number in (6, 9):
            repo.git("revert", "--no-edit", commit, environ=repo._dates(clock + DAY))
        else:
            repo.commit(files("other", number=number), message=f"other {number}", at=clock + DAY)
        repo.commit(files("more", number=number), message=f"more {number}", at=clock + 2 * DAY)
        clock += 3 * DAY
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
    """`riskcheck fleet` as a process, in the folder of `file`. told: git, which strikes, knows which one it is."""
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
