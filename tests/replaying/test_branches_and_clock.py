"""What only today's repository knows is not asked about a change that landed before."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.replaying.judge import Judge
from riskcheck.replaying.model import Asked
from tests.gitrepo import GitRepo
from tests.replaying.repositories import DAY, web

BY_BRANCH = """\
version: 1
promotion: branch
environments:
  - {name: staging, stage: staging, soak: 24h}
  - {name: prod, stage: prod, branch: main}
"""
FROZEN = """\
version: 1
freezes:
  - {name: year-end, from: 2023-11-20, to: 2023-11-25}
"""


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def said(repo: GitRepo, commit: str) -> tuple[object, ...]:
    folder = repo.path.parent / f"memory-{len(list(repo.path.parent.iterdir()))}"
    folder.mkdir()
    return Judge(str(repo.path), "main", None, str(folder), cache=False).judged(Asked(commit, f"{commit}^1"))


def test_where_another_branch_is_today_changes_nothing(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"riskcheck.yaml": BY_BRANCH, "apps/web.yaml": web(3)})
    repo.branch("staging")
    repo.checkout("main")
    repo.clock += 40 * DAY
    change = repo.commit({"apps/web.yaml": web(1)}, at=repo.clock)
    before = said(repo, change)
    # Staging ran it long before, says whoever moves it there today.
    repo.checkout("staging")
    repo.commit({"apps/web.yaml": web(1)}, at=repo.clock - 30 * DAY)
    repo.checkout("main")
    assert said(repo, change) == before


def test_freezes_are_those_of_the_day_that_it_landed(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"riskcheck.yaml": FROZEN, "prod/web.yaml": web(3)})
    inside = repo.commit({"prod/web.yaml": web(4)}, at=repo.clock + 8 * DAY)
    after = repo.commit({"prod/web.yaml": web(5)}, at=repo.clock + 30 * DAY)
    assert [said(repo, commit)[2] for commit in (inside, after)] == ["block", "pass"]


def test_a_waiver_counts_until_the_day_that_it_lapses(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    waived = (
        "version: 1\nwaivers:\n"
        "  - {rule: K8S-001, where: prod/web.yaml, owner: team-a, reason: drained, until: 2023-12-01}\n"
    )
    repo.commit({"riskcheck.yaml": waived, "prod/web.yaml": web(9)})
    early = repo.commit({"prod/web.yaml": web(6)}, at=repo.clock + DAY)
    late = repo.commit({"prod/web.yaml": web(4)}, at=repo.clock + 60 * DAY)
    fired = [[rule.code for rule in said(repo, commit)[5]] for commit in (early, late)]  # type: ignore[attr-defined]
    assert ["K8S-001" in codes for codes in fired] == [False, True]
