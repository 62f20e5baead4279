"""What is said of a landed change depends on nothing that came later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.backtesting import BacktestRequest, backtested
from riskcheck.history.model import ReplayedChange
from tests.gitrepo import GitRepo
from tests.replaying.repositories import DAY, POLICY, web

PATHS = ("clusters/staging/web.yaml", "clusters/prod/web.yaml", "overlays/prod/kustomization.yaml")
POLICIES = (
    None,
    POLICY,
    f"{POLICY}promotion: git\n",
    f"{POLICY}promotion: branch\n",
    "version: 1\nfiles: {exclude: ['clusters/prod/**']}\n",
    "version: 1\nbroken\n",
)

edits = st.one_of(
    st.tuples(st.just("replicas"), st.sampled_from(PATHS[:2]), st.integers(0, 5)),
    st.tuples(st.just("remove"), st.sampled_from(PATHS[:2]), st.just(0)),
    st.tuples(st.just("overlay"), st.just(PATHS[2]), st.integers(1, 3)),
    st.tuples(st.just("policy"), st.just("riskcheck.yaml"), st.integers(0, len(POLICIES) - 1)),
    st.tuples(st.just("revert"), st.just(""), st.integers(1, 3)),
    st.tuples(st.just("branch"), st.just("staging"), st.integers(0, 5)),
    st.tuples(st.just("tag"), st.just("v"), st.integers(0, 9)),
)
steps = st.lists(st.tuples(edits, st.sampled_from((60, DAY, 40 * DAY, -DAY))), min_size=3, max_size=7)


def apply(repo: GitRepo, step: tuple[tuple[str, str, int], int], number: int) -> None:
    """One landed change, and what else may happen in a repository."""
    (what, where, how), later = step
    repo.clock += later
    if what == "tag":
        repo.git("tag", "-f", f"{where}{number}")
    if what == "branch":
        # Another branch moves on, as one that environments are promoted by may.
        repo.git("checkout", "-q", "-B", where)
        repo.commit({PATHS[0]: web(how)}, "elsewhere", at=repo.clock)
        repo.checkout("main")
    files: Mapping[str, str | None] = {"log.txt": f"{number}\n"}
    message = f"change {number}"
    match what:
        case "replicas":
            files = {where: web(how)}
        case "remove" if (repo.path / where).exists():
            files = {where: None}
        case "overlay":
            files = {
                where: f"resources: [../../clusters/prod/web.yaml]\nreplicas: [{{name: web, count: {how}}}]\n"
            }
        case "policy":
            text = POLICIES[how]
            if text is not None or (repo.path / where).exists():
                files = {where: text}
        case "revert" if number > how:
            commit = repo.id(f"HEAD~{how - 1}")
            message = f'Revert "change"\n\nThis reverts commit {commit}.'
            files = {PATHS[1]: web(3)}
    repo.commit(files, message, at=repo.clock)


def replayed(repo: GitRepo, tip: str, **other: object) -> dict[str, ReplayedChange]:
    request = BacktestRequest(str(repo.path), repo.environ, tip, follow_days=0, jobs=1, **other)  # type: ignore[arg-type]
    return {row.commit: row for row in backtested(request).rows}


def as_known_then(row: ReplayedChange) -> ReplayedChange:
    """Without what only later commits can tell: how it ended, and for how long it was followed. Whether it was
    taken back as planned also says whether it is judged at all."""
    return row._replace(label="ordinary", lag=None, followed=0.0, repository="")


@settings(max_examples=12)
@given(steps)
def test_later_history_changes_nothing(made: list[tuple[tuple[tuple[str, str, int]], int]]) -> None:
    with TemporaryDirectory() as folder:
        repo = GitRepo(Path(folder) / "whole")
        environ = {**repo.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        with patch.dict(os.environ, environ):
            repo.commit({path: web(3) for path in PATHS[:2]}, at=repo.clock)
            middle = len(made) // 2
            for number, step in enumerate(made[:middle], 1):
                apply(repo, step, number)  # type: ignore[arg-type]
            # A clone that ends there, with nothing of what comes next.
            ended = repo.clone(Path(folder) / "ended")
            early = replayed(repo, "main")
            for number, step in enumerate(made[middle:], middle + 1):
                apply(repo, step, number)  # type: ignore[arg-type]
            late = replayed(repo, "main")
            cut = replayed(ended, "main")
            anew = replayed(repo, "main", cache=False)
        assert set(early) == set(cut) < set(late)
        for commit, row in cut.items():
            assert as_known_then(row) == as_known_then(early[commit])
            assert as_known_then(row) == as_known_then(late[commit])
        assert anew == late
