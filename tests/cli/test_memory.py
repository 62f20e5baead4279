"""What is kept of a tree between runs: it speeds them up and changes no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck import cache
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

OVERLAY = "resources: [../base]\n"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec: {path: ./shop/prod, sourceRef: {kind: GitRepository, name: this}}
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    files: dict[str, str | bytes | None] = {
        "shop/base/web.yaml": WEB,
        "shop/base/kustomization.yaml": "resources: [web.yaml]\n",
        "shop/staging/kustomization.yaml": OVERLAY,
        "shop/prod/kustomization.yaml": OVERLAY,
        "clusters/prod/shop.yaml": FLUX,
    }
    made.commit(files, message="base")
    made.commit({"shop/base/web.yaml": WEB.replace("replicas: 3", "replicas: 2")}, message="fewer")
    made.commit(
        {"shop/prod/kustomization.yaml": f"{OVERLAY}replicas: [{{name: web, count: 1}}]\n"}, message="one"
    )
    return made


def kept(repo: GitRepo) -> list[Path]:
    return sorted((repo.path.parent / "cache" / "riskcheck").glob("tree-kubernetes-*.json"))


def told(repo: GitRepo, *arguments: str) -> tuple[int, str, str]:
    result = riskcheck(repo.path, "diff", *arguments, "--format", "json")
    return result.returncode, result.stdout, result.stderr


def test_what_is_remembered_changes_no_answer(repo: GitRepo) -> None:
    for revisions in ("HEAD~1..HEAD", "HEAD~2..HEAD~1", "HEAD~2..HEAD", "HEAD~1..HEAD"):
        assert told(repo, revisions) == told(repo, revisions, "--no-cache")
    (entry,) = kept(repo)
    assert cache.unsealed(str(repo.path.resolve()), entry.read_bytes()) is not None


def test_without_the_cache_nothing_is_kept(repo: GitRepo) -> None:
    told(repo, "HEAD~1..HEAD", "--no-cache")
    assert kept(repo) == []


def test_it_is_kept_again_only_when_much_is_new(repo: GitRepo) -> None:
    told(repo, "HEAD~1..HEAD")
    (entry,) = kept(repo)
    first = entry.stat().st_mtime_ns
    told(repo, "HEAD~1..HEAD")
    assert entry.stat().st_mtime_ns == first
    repo.commit({f"new/{number}/kustomization.yaml": "resources: []\n" for number in range(9)})
    repo.commit({"shop/base/web.yaml": WEB})
    told(repo, "HEAD~1..HEAD")
    assert entry.stat().st_mtime_ns != first


@pytest.mark.parametrize(
    "value",
    [
        "no JSON",
        "null",
        '{"blobs": 1, "candidates": [], "marks": "x"}',
        '{"blobs": {"shop/prod": 7}, "candidates": {"shop/base": "shop/prod"}, "marks": {"": [3]}}',
        '{"blobs": {}, "candidates": {"shop/base/web.yaml": ["elsewhere", "shop"]}, "marks": {}}',
    ],
)
def test_an_entry_that_is_not_ours_does_no_harm(repo: GitRepo, value: str) -> None:
    expected = told(repo, "HEAD~1..HEAD")
    (entry,) = kept(repo)
    sealed = cache.sealed(str(repo.path.resolve()), json.loads(value) if value != "no JSON" else None)
    entry.write_bytes(b"no JSON" if value == "no JSON" else sealed)
    assert told(repo, "HEAD~1..HEAD") == expected
