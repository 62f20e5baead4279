"""Promotion by branch, in real git repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.engine import Options, analyze
from riskcheck.policy.load import load_policy
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from riskcheck.sources import RangeSpec, open_comparison
from tests.gitrepo import EPOCH, GitRepo
from tests.rollout.support import DAY
from tests.rollout.test_landing import at, web

POLICY = """\
version: 1
promotion: branch
environments:
  - {name: staging, stage: staging, soak: 24h}
  - {name: prod, stage: prod, branch: release/prod}
"""
FILES = {"riskcheck.yaml": POLICY, "apps/web.yaml": web(3)}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """Branches staging and release/prod, both with three replicas."""
    repo = GitRepo(tmp_path / "repo")
    repo.commit(FILES, at=at(0))
    repo.git("branch", "release/prod")
    repo.branch("staging")
    return repo


def judged(repo: GitRepo, revision: str = "release/prod...change", **environ: str) -> Report:
    spec = RangeSpec(root=repo.path, environ={**repo.environ, **environ}, clock=repo.clock, revision=revision)
    comparison = open_comparison(spec)
    rules = load_rules(use_cache=False)
    return analyze(comparison, load_policy(comparison.deciding, None), rules.rules, rules.digest, Options())


def promoted(report: Report) -> str:
    finding = next(one for one in report.findings if one.code.startswith("K8S-"))
    (found,) = (one for one in finding.canary if one.kind == "promoted")
    return f"{found.environment} {'found' if found.found else 'missing'}: {found.detail}"


def changed(repo: GitRepo, day: float, replicas: int = 2) -> None:
    """A branch off release/prod that lowers the replicas."""
    repo.branch("change", "release/prod")
    repo.commit({"apps/web.yaml": web(replicas)}, at=at(day))


def test_a_value_that_the_branch_before_has_held_long_enough(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    changed(repo, 9)
    report = judged(repo)
    assert promoted(report) == "prod found: staging has run it for 5d"
    assert not {one.code for one in report.findings if one.code.startswith("CAN-")}


def test_a_value_that_the_branch_before_got_by_a_merge_today(repo: GitRepo) -> None:
    repo.branch("feature")
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    repo.checkout("staging")
    repo.commit({"README.md": "moved on\n"}, at=at(5))
    repo.merge("feature", at=at(8.5))
    changed(repo, 9)
    report = judged(repo)
    assert promoted(report) == "prod missing: staging got it 12h ago; 24h of soak are asked for"
    assert "CAN-001" in {one.code for one in report.findings}


def test_a_value_that_only_production_gets(repo: GitRepo) -> None:
    changed(repo, 9)
    assert promoted(judged(repo)) == "prod missing: staging has never run this value (3 there)"


@pytest.mark.parametrize("known", [True, False])
def test_a_branch_before_production_is_somewhere_to_try_it_first(repo: GitRepo, known: bool) -> None:
    changed(repo, 9)
    if not known:
        repo.git("branch", "-D", "staging")
    report = judged(repo)
    (first,) = [one for one in report.findings if one.code == "CAN-001"]
    assert first.level == "P1"
    assert report.assessment.verdict == "block"


def test_what_no_branch_before_production_holds_lives_there_alone(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": None, "README.md": "empty\n"}, at=at(4))
    changed(repo, 9)
    (first,) = [one for one in judged(repo).findings if one.code == "CAN-001"]
    assert first.level == "P2"


def test_a_branch_that_is_not_here_is_unknown_and_told(repo: GitRepo) -> None:
    changed(repo, 9)
    repo.git("branch", "-D", "staging")
    report = judged(repo)
    assert promoted(report).startswith(
        "prod missing: what staging runs is unknown: branch staging is not here"
    )
    (limit,) = [one for one in report.limitations if one.kind == "unknown-branch"]
    assert limit.line == 4
    assert "`git fetch origin staging:refs/remotes/origin/staging`" in limit.message


def test_what_the_remote_holds_counts_and_not_an_own_branch(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    copy = repo.clone(tmp_path / "copy")
    copy.git("branch", "--no-track", "-f", "release/prod", "origin/release/prod")
    copy.clock = repo.clock
    copy.checkout("staging")
    copy.commit({"apps/web.yaml": web(5)}, at=at(6))
    changed(copy, 9)
    assert promoted(judged(copy, "origin/release/prod...change")) == "prod found: staging has run it for 5d"


def test_the_base_is_known_by_what_is_checked_out(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    repo.checkout("release/prod")
    repo.commit({"apps/web.yaml": web(2)}, at=at(9))
    assert promoted(judged(repo, "HEAD~1..HEAD")) == "prod found: staging has run it for 5d"


def test_the_base_is_known_by_what_the_ci_says(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    changed(repo, 9)
    repo.git("checkout", "-q", "--detach")
    report = judged(repo, "HEAD~1..HEAD", GITHUB_BASE_REF="release/prod")
    assert promoted(report) == "prod found: staging has run it for 5d"


def test_a_base_that_is_no_declared_branch_is_told(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    report = judged(repo, "main...staging")
    assert ["the branch of none of those declared" in one.message for one in report.limitations] == [True]


def test_a_merge_into_staging_is_a_change_of_staging(repo: GitRepo) -> None:
    repo.branch("change")
    repo.commit({"apps/web.yaml": web(2)}, at=at(4))
    report = judged(repo, "staging...change")
    assert {one.name for one in report.environments} == {"staging"}
    assert report.assessment.verdict == "pass"


def test_soak_is_measured_in_days_of_the_branch(repo: GitRepo) -> None:
    repo.commit({"apps/web.yaml": web(2)}, at=EPOCH + 3 * DAY)
    repo.commit({"apps/web.yaml": web(4)}, at=EPOCH + 5 * DAY)
    repo.commit({"apps/web.yaml": web(2)}, at=EPOCH + 7 * DAY)
    changed(repo, 9)
    assert promoted(judged(repo)) == "prod found: staging has run it for 2d"
