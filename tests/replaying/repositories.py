"""Repositories whose landed changes are judged again."""

from __future__ import annotations

from pathlib import Path

from riskcheck.replaying.model import Asked
from tests.gitrepo import GitRepo
from tests.manifests import WEB

POLICY = """\
version: 1
environments:
  - {name: staging, stage: staging, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
"""
DAY = 86_400


def web(replicas: int, image: str = "web:1") -> str:
    """A Deployment of so many pods."""
    return WEB.replace("replicas: 3", f"replicas: {replicas}").replace("web:1", image)


def shop(path: Path) -> tuple[GitRepo, list[str]]:
    """Seven landed changes, one of them reverted, and their ids, oldest first."""
    repo = GitRepo(path)
    commits = [
        repo.commit({"clusters/staging/web.yaml": web(3), "clusters/prod/web.yaml": web(3)}, "start"),
        repo.commit({"clusters/prod/web.yaml": web(1)}, "fewer pods", at=repo.clock + DAY),
    ]
    repo.commit(
        {"clusters/prod/web.yaml": web(3)}, f'Revert "fewer pods"\n\nThis reverts commit {commits[-1]}.'
    )
    commits.append(repo.id("HEAD"))
    commits.append(repo.commit({"riskcheck.yaml": POLICY}, "a policy"))
    commits.append(repo.commit({"clusters/staging/web.yaml": web(2)}, "staging first"))
    commits.append(repo.commit({"clusters/prod/web.yaml": web(2)}, "then production"))
    commits.append(repo.commit({"README.md": "Shop.\n"}, "words only"))
    return repo, commits


def asked_of(commits: list[str]) -> list[Asked]:
    """Each against the one before it."""
    return [Asked(commit, base) for commit, base in zip(commits, ["", *commits], strict=False)]
