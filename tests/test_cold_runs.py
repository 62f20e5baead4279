"""What a run reads where nothing was kept from earlier ones, as in a container of a pipeline."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.manifests import WEB

ROOT = Path(__file__).parents[1]

_RUN = """
import sys
from riskcheck.cli import run
from riskcheck.sources.objects import Objects

asked, blob = [], Objects.blob
Objects.blob = lambda self, name: (asked.append(name), blob(self, name))[1]
code = run()
print("\\n".join(asked), file=sys.stderr)
sys.exit(code)
"""

OVERLAY = "resources: [../base]\n"
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web}
spec: {type: service, lifecycle: production, owner: shop, dependsOn: [component:stock]}
"""
FILES = {
    "web/base/kustomization.yaml": "resources: [web.yaml]\n",
    "web/base/web.yaml": WEB,
    "web/prod/kustomization.yaml": OVERLAY,
    "stock/base/kustomization.yaml": "resources: [stock.yaml]\n",
    "stock/base/stock.yaml": WEB.replace("web", "stock"),
    "stock/prod/kustomization.yaml": f"{OVERLAY}namespace: stock\n",
    "web/catalog-info.yaml": CATALOG,
    "lake/databricks.yml": "bundle: {name: lake}\ntargets: {prod: {mode: production}}\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(FILES)
    return made


def read_by(repo: GitRepo) -> set[str]:
    """The paths whose contents a run on the last commit reads, with an empty cache."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "diff", "HEAD~1..HEAD"],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent / "empty")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    listed = [repo.git("ls-tree", "-r", revision).splitlines() for revision in ("HEAD~1", "HEAD")]
    paths = {line.split()[2]: line.partition("\t")[2] for lines in listed for line in lines}
    return {paths[name] for name in done.stderr.split()}


def test_a_silent_change_reads_its_own_overlay_and_who_includes_whom(repo: GitRepo) -> None:
    repo.commit({"web/base/web.yaml": f"# the shop\n{WEB}"})
    including = {path for path in FILES if path.endswith(("/kustomization.yaml", "/databricks.yml"))}
    assert read_by(repo) == {"web/base/web.yaml"} | including


def test_what_hangs_off_a_change_is_read_once_something_is_found(repo: GitRepo) -> None:
    repo.commit({"web/base/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    assert {"stock/base/stock.yaml", "web/catalog-info.yaml"} <= read_by(repo)


def test_a_change_of_text_alone_reads_that_text(repo: GitRepo) -> None:
    repo.commit({"README.md": "The shop.\n"})
    assert read_by(repo) <= {"README.md"}
