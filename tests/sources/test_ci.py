"""pre-commit and CI systems say in the environment what they are checking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.sources.support import compare, differing, refusal

ZERO = "0" * 40


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """main: A - B; feature leaves at A and has C. feature is checked out."""
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n"})
    repo.branch("feature")
    repo.commit({"f.yaml": "f: 1\n"})
    repo.checkout("main")
    repo.commit({"late.yaml": "l: 1\n"})
    repo.checkout("feature")
    return repo


def within(repo: GitRepo, **variables: str) -> dict[str, str]:
    return {**repo.environ, **variables}


@pytest.mark.parametrize("staged", [True, False])
def test_pre_commits_refs_are_honoured(repo: GitRepo, staged: bool) -> None:
    environ = within(repo, PRE_COMMIT_FROM_REF=repo.id("main"), PRE_COMMIT_TO_REF=repo.id("feature"))
    comparison = compare(repo, staged=staged, environ=environ)
    assert differing(comparison) == ["added f.yaml"]
    assert comparison.base.label == repo.id("main~1")
    assert comparison.deciding.label == repo.id("main")


def test_what_is_asked_for_outranks_pre_commits_refs(repo: GitRepo) -> None:
    environ = within(repo, PRE_COMMIT_FROM_REF="nowhere", PRE_COMMIT_TO_REF="nowhere")
    assert differing(compare(repo, "main", environ=environ)) == ["added f.yaml"]
    assert differing(compare(repo, base="main", environ=environ)) == ["added f.yaml"]


def test_pushing_a_new_branch_is_compared_with_the_default_branch(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--branch=feature")
    copy.commit({"g.yaml": "g: 1\n"})
    environ = within(copy, PRE_COMMIT_FROM_REF=ZERO, PRE_COMMIT_TO_REF=copy.id("HEAD"))
    copy.git("remote", "set-head", "origin", "main")
    comparison = compare(copy, environ=environ)
    assert differing(comparison) == ["added f.yaml", "added g.yaml"]
    assert comparison.deciding.label == repo.id("main")


def test_pushing_a_new_branch_with_nothing_to_compare_with_makes_all_new(repo: GitRepo) -> None:
    environ = within(repo, PRE_COMMIT_FROM_REF=ZERO, PRE_COMMIT_TO_REF="HEAD")
    comparison = compare(repo, environ=environ)
    assert differing(comparison) == ["added a.yaml", "added f.yaml"]
    assert comparison.base.label == "EMPTY"
    assert tuple(comparison.notes) == (
        "a new branch, and the default branch of origin is not here: all is new",
    )


def test_pushing_a_deletion_checks_nothing_and_says_so(repo: GitRepo) -> None:
    environ = within(repo, PRE_COMMIT_FROM_REF=repo.id("main"), PRE_COMMIT_TO_REF=ZERO)
    comparison = compare(repo, environ=environ)
    assert comparison.changes == ()
    assert tuple(comparison.notes) == ("a branch is deleted: nothing was checked",)


CI_VARIABLES = (
    {"GITHUB_BASE_REF": "main"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
    {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"},
    {"CHANGE_TARGET": "main"},
    {"BITBUCKET_PR_DESTINATION_BRANCH": "main"},
)


@pytest.mark.parametrize("staged", [True, False])
@pytest.mark.parametrize("variables", CI_VARIABLES, ids=lambda variables: next(iter(variables)))
def test_nothing_staged_in_a_ci_means_the_branch_it_is_merged_into(
    repo: GitRepo, variables: dict[str, str], staged: bool
) -> None:
    comparison = compare(repo, staged=staged, environ=within(repo, CI="true", **variables))
    assert differing(comparison) == ["added f.yaml"]
    assert comparison.deciding.label == repo.id("main")
    assert not comparison.nothing_to_check
    (note,) = comparison.notes
    assert next(iter(variables)) in note


def test_the_remote_branch_is_preferred_to_a_stale_local_one(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--branch=feature")
    copy.git("branch", "main", "origin/main~1")
    comparison = compare(copy, staged=True, environ=within(copy, CI="true", GITHUB_BASE_REF="main"))
    assert comparison.deciding.label == repo.id("main")


def test_gitlabs_base_commit_serves_where_the_branch_is_not_here(repo: GitRepo) -> None:
    environ = within(
        repo,
        CI="true",
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="not-fetched",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=repo.id("main~1"),
    )
    assert differing(compare(repo, staged=True, environ=environ)) == ["added f.yaml"]


def test_a_push_to_github_is_compared_with_what_was_there_before(repo: GitRepo, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    push = within(repo, CI="true", GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH=str(event))
    event.write_text(json.dumps({"before": repo.id("HEAD~1")}))
    assert differing(compare(repo, staged=True, environ=push)) == ["added f.yaml"]
    for text in (json.dumps({"before": ZERO}), "[]", '{"before": 1}', "rubbish", "[" * 100_000):
        event.write_text(text)
        assert compare(repo, staged=True, environ=push).nothing_to_check
    event.unlink()
    assert compare(repo, staged=True, environ=push).nothing_to_check


def test_what_is_staged_in_a_ci_is_compared_as_asked(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 2\n"})
    repo.add()
    environ = within(repo, CI="true", GITHUB_BASE_REF="main")
    assert differing(compare(repo, staged=True, environ=environ)) == ["modified a.yaml"]


@pytest.mark.parametrize("staged", [True, False])
@pytest.mark.parametrize(
    "marker", [{"CI": "true"}, {"CI": "1"}, {"TF_BUILD": "True"}, {"JENKINS_URL": "http://x"}]
)
def test_nothing_and_no_base_in_a_ci_is_never_a_silent_green(
    repo: GitRepo, marker: dict[str, str], staged: bool
) -> None:
    comparison = compare(repo, staged=staged, environ=within(repo, **marker))
    assert comparison.nothing_to_check
    assert "nothing was checked" in comparison.notes[-1]


def test_a_base_branch_that_is_not_here_names_the_fetch(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--depth=1", "--branch=feature")
    comparison = compare(copy, staged=True, environ=within(copy, CI="true", GITHUB_BASE_REF="main"))
    assert comparison.nothing_to_check
    assert "`git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main`" in comparison.notes[0]


def test_a_base_branch_too_far_back_is_refused(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--depth=1", "--branch=feature", "--no-single-branch")
    message = refusal(copy, staged=True, environ=within(copy, CI="true", GITHUB_BASE_REF="main"))
    assert "git fetch --unshallow origin" in message


def test_ci_false_is_no_ci(repo: GitRepo) -> None:
    comparison = compare(repo, staged=True, environ=within(repo, CI="false", GITHUB_BASE_REF="main"))
    assert comparison.changes == ()
    assert not comparison.nothing_to_check
