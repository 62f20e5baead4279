"""Tags of YAML that would construct objects are tags: nothing is constructed, and what is beside them is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import riskcheck
from tests.manifests import WEB

RISKY = WEB.replace("replicas: 3", "replicas: 1")
TAGS = (
    "!!python/object/apply:os.system ['touch sprung']",
    "!!python/object/new:subprocess.Popen [['touch', 'sprung']]",
    "!!python/name:os.system ''",
    "!!python/module:antigravity ''",
    "!<tag:yaml.org,2002:python/object/apply:os.system> [touch sprung]",
    "!!binary 'not base64 at all!'",
    "!!binary aGk=",
    "!!timestamp 0000-99-99",
    "!!int 'x'",
    "!!float [1]",
    "!!set {a, b}",
    "!!omap [a: 1, a: 2]",
    "!!merge {a: 1}",
    "!!null [a]",
    "!own {a: 1}",
    "!include /etc/passwd",
    "!ENV ${HOME}",
    "!vault |\n    $ANSIBLE_VAULT;1.1\n",
)


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_in_a_manifest(tmp_path: Path, tag: str) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB})
    extra = (
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: shop}}\ndata:\n  k: {tag}\n"
    )
    repo.commit({"clusters/prod/web.yaml": RISKY + extra})
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD")
    assert "K8S-001" in done.out
    assert not list(tmp_path.rglob("sprung")) and "root:" not in done.said


@pytest.mark.parametrize("tag", TAGS[:4])
@pytest.mark.parametrize("file", ["riskcheck.yaml", "databricks.yml", "kustomization.yaml", "values.yaml"])
def test_a_tag_in_what_else_is_read(tmp_path: Path, tag: str, file: str) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB, file: f"version: 1\nbundle: {tag}\nresources: {tag}\n"})
    repo.write({"clusters/prod/web.yaml": RISKY, file: f"version: 1\nbundle: {tag}\nresources: [{tag}]\n"})
    done = riskcheck(repo.path, "diff")
    assert done.code == 2 if file == "riskcheck.yaml" else done.code in (0, 1)
    assert not list(tmp_path.rglob("sprung"))
