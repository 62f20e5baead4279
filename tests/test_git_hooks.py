"""riskcheck as git's own hooks, in the states that a working copy is found in. Every commit and push here is a real
one, and what it is blocked by is a claim that goes from production."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

ROOT = Path(__file__).parents[1]
CALL = f"PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)} -m riskcheck"
DATA = "prod/data.yaml"


def install(repo: GitRepo, folder: Path) -> None:
    """Hooks as docs/hook.md says."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, call in (
        ("pre-commit", "diff --hook"),
        ("pre-merge-commit", "diff --hook"),
        ("pre-push", "diff --pushed"),
    ):
        script = folder / name
        script.write_text(f"#!/bin/sh\n{CALL} {call}\n")
        script.chmod(0o755)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({DATA: CLAIM, "prod/web.yaml": WEB, "docs/a.md": "a\n"}, message="base")
    install(made, made.path / ".git/hooks")
    made.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    return made


def git(repo: GitRepo, *arguments: str, cwd: Path | None = None) -> tuple[int, str]:
    """Exit code and words of a git command that runs hooks."""
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=cwd or repo.path,
        env=repo.environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def blocked(said: tuple[int, str]) -> bool:
    code, words = said
    assert "Traceback" not in words, words
    assert (code == 0) or "K8S-010" in words, words
    return code != 0


def web(repo: GitRepo, replicas: int) -> None:
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", f"replicas: {replicas}")})


# Commits.


def test_a_commit_without_a_risk_says_nothing(repo: GitRepo) -> None:
    web(repo, 4)
    code, words = git(repo, "commit", "-qam", "more")
    assert (code, words) == (0, "")


def test_a_risk_is_blocked_with_the_next_steps_in_a_few_lines(repo: GitRepo) -> None:
    repo.git("rm", "-q", DATA)
    code, words = git(repo, "commit", "-qm", "gone")
    assert code == 1
    steps = words.rstrip("\n").split("\n")[-4:]
    assert [line.split("  ")[1] for line in steps] == ["fix it", "or waive", "", "see why"]
    assert steps[2].split() == [
        "riskcheck",
        "acknowledge",
        "--staged",
        "--owner",
        "TEAM",
        "--reason",
        "WHY",
        "--until",
        "DATE",
    ]
    assert "riskcheck diff --staged --explain" in steps[3]
    assert all(len(line) <= 80 for line in steps)
    assert "no-verify" not in words


def test_what_ci_may_block_passes_and_says_so(repo: GitRepo) -> None:
    web(repo, 0)
    code, words = git(repo, "commit", "-qam", "none left")
    assert code == 0
    assert "WARN P1" in words
    last = next(line for line in words.splitlines() if line.startswith("  in CI"))
    assert last == "  in CI     it may be blocked: the hook stops P0 only, CI goes by the policy"


def test_the_index_is_judged_and_not_the_working_tree(repo: GitRepo) -> None:
    web(repo, 4)
    repo.add()
    (repo.path / DATA).unlink()
    assert not blocked(git(repo, "commit", "-qm", "only what is staged"))
    repo.git("rm", "-q", "--cached", DATA)
    repo.write({DATA: CLAIM})
    assert blocked(git(repo, "commit", "-qm", "still there on disk"))


def test_part_of_a_file_is_staged(repo: GitRepo) -> None:
    """The index holds one hunk of the two that are on disk, as `git add -p` leaves it."""
    repo.write({"prod/all.yaml": f"{CLAIM}---\n{WEB}", DATA: None, "prod/web.yaml": None})
    repo.add()
    assert not blocked(git(repo, "commit", "-qm", "one file of both"))
    repo.write({"prod/all.yaml": WEB.replace("replicas: 3", "replicas: 4")})
    repo.git("apply", "--cached", "--unidiff-zero", stdin=_hunk(repo, "replicas"))
    assert not blocked(git(repo, "commit", "-qm", "the harmless half"))
    repo.add()
    assert blocked(git(repo, "commit", "-qm", "the other half"))


def _hunk(repo: GitRepo, word: str) -> bytes:
    """The hunk of the uncommitted edits in which `word` stands, as a patch."""
    head, *hunks = repo.git("diff", "--unified=0").split("\n@@ ")
    hunk = next(one for one in hunks if word in one)
    return f"{head}\n@@ {hunk}\n".encode()


@pytest.mark.parametrize("how", [["-a"], ["--", DATA], ["--include", DATA], ["--only", DATA]])
def test_what_git_stages_by_itself_for_one_commit_is_judged(repo: GitRepo, how: list[str]) -> None:
    """`git commit PATH` hands its hooks another index, by GIT_INDEX_FILE."""
    (repo.path / DATA).unlink()
    options, paths = ([*how], []) if how[0] == "-a" else ([how[0]] if how[0] != "--" else [], ["--", DATA])
    assert blocked(git(repo, "commit", "-qm", "gone", *options, *paths))


def test_a_commit_of_one_path_leaves_out_what_else_is_staged(repo: GitRepo) -> None:
    repo.git("rm", "-q", "--cached", DATA)
    web(repo, 4)
    assert not blocked(git(repo, "commit", "-qm", "only this", "prod/web.yaml"))
    assert blocked(git(repo, "commit", "-qm", "the rest"))


def test_a_file_that_is_only_announced_is_no_part_of_it(repo: GitRepo) -> None:
    repo.write({"prod/new.yaml": WEB.replace("name: web", "name: new")})
    repo.git("add", "--intent-to-add", "prod/new.yaml")
    web(repo, 4)
    repo.git("add", "prod/web.yaml")
    assert git(repo, "commit", "-qm", "more") == (0, "")


def test_an_amended_commit_is_judged_by_what_is_added_to_it(repo: GitRepo) -> None:
    web(repo, 4)
    git(repo, "commit", "-qam", "more")
    repo.git("rm", "-q", DATA)
    assert blocked(git(repo, "commit", "-q", "--amend", "--no-edit"))
    repo.git("reset", "-q", "--hard")
    code, words = git(repo, "commit", "-q", "--amend", "-m", "better words")
    assert code == 0
    assert "nothing is staged, so nothing was checked" in words


def test_the_first_commit_of_all(tmp_path: Path, repo: GitRepo) -> None:
    made = GitRepo(tmp_path / "first" / "repo", environ=repo.environ)
    install(made, made.path / ".git/hooks")
    made.write({DATA: CLAIM})
    made.add()
    assert not blocked(git(made, "commit", "-qm", "first"))


# Where it is run.


def test_from_a_subfolder(repo: GitRepo) -> None:
    repo.git("rm", "-q", DATA)
    assert blocked(git(repo, "commit", "-qm", "gone", cwd=repo.path / "docs"))


def test_hooks_of_another_folder(repo: GitRepo, tmp_path: Path) -> None:
    for name in ("pre-commit", "pre-push", "pre-merge-commit"):
        (repo.path / ".git/hooks" / name).unlink()
    install(repo, repo.path / ".githooks")
    repo.config("core.hooksPath", ".githooks")
    repo.git("rm", "-q", DATA)
    assert blocked(git(repo, "commit", "-qm", "gone"))


def test_in_a_linked_working_tree(repo: GitRepo, tmp_path: Path) -> None:
    other = repo.worktree(tmp_path / "other")
    other.git("rm", "-q", DATA)
    assert blocked(git(other, "commit", "-qm", "gone"))
    web(other, 4)
    assert not blocked(git(other, "commit", "-qm", "more", "prod/web.yaml"))


def test_in_a_submodule(repo: GitRepo, tmp_path: Path) -> None:
    outer = GitRepo(tmp_path / "outer", environ=repo.environ)
    outer.git("submodule", "add", "-q", str(repo.path), "inner")
    outer.commit(message="with a submodule")
    install(outer, outer.path / ".git/modules/inner/hooks")
    inner = GitRepo(outer.path / "inner", init=False, environ=repo.environ)
    inner.git("rm", "-q", DATA)
    assert blocked(git(inner, "commit", "-qm", "gone"))


def test_with_the_git_folder_elsewhere(repo: GitRepo, tmp_path: Path) -> None:
    (repo.path / ".git").rename(tmp_path / "elsewhere.git")
    there = ["--git-dir", str(tmp_path / "elsewhere.git"), "--work-tree", str(repo.path)]
    repo.git(*there, "rm", "-q", DATA)
    assert blocked(git(repo, *there, "commit", "-qm", "gone"))


# States of a repository.


def test_windows_line_ends(repo: GitRepo) -> None:
    repo.config("core.autocrlf", "true")
    repo.write({"prod/web.yaml": WEB.replace("\n", "\r\n")})
    repo.git("add", "prod/web.yaml")
    assert git(repo, "commit", "-q", "--allow-empty", "-m", "line ends")[0] == 0
    repo.git("rm", "-q", DATA)
    assert blocked(git(repo, "commit", "-qm", "gone"))


def test_a_sparse_checkout(repo: GitRepo) -> None:
    repo.git("sparse-checkout", "set", "docs")
    assert not (repo.path / DATA).exists()
    repo.write({"docs/a.md": "b\n"})
    assert not blocked(git(repo, "commit", "-qam", "words"))
    repo.git("rm", "-q", "--sparse", "--cached", DATA)
    assert blocked(git(repo, "commit", "-qm", "gone"))


def test_a_sparse_index(repo: GitRepo) -> None:
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    repo.write({"docs/a.md": "b\n"})
    assert not blocked(git(repo, "commit", "-qam", "words"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.splitIndex", "true"),
        ("core.untrackedCache", "true"),
        ("index.version", "4"),
        ("core.fsmonitor", "true"),
    ],
)
def test_other_kinds_of_index(repo: GitRepo, key: str, value: str) -> None:
    repo.config(key, value)
    repo.git("update-index", "--force-write-index", "--refresh")
    try:
        web(repo, 4)
        assert not blocked(git(repo, "commit", "-qam", "more"))
        repo.git("rm", "-q", DATA)
        assert blocked(git(repo, "commit", "-qm", "gone"))
    finally:
        if key == "core.fsmonitor":
            git(repo, "fsmonitor--daemon", "stop")


# Merges and rebases.


@pytest.fixture
def diverged(repo: GitRepo) -> GitRepo:
    """main and work differ in the same line; the claim is gone from work."""
    repo.git("checkout", "-q", "-b", "work")
    web(repo, 5)
    repo.git("rm", "-q", DATA)
    repo.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "work")
    repo.git("checkout", "-q", "main")
    return repo


def test_a_merge_is_judged_before_its_commit(diverged: GitRepo) -> None:
    diverged.write({"docs/a.md": "b\n"})
    diverged.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "main goes on")
    assert blocked(git(diverged, "merge", "-q", "--no-edit", "work"))


def test_a_merge_with_conflicts_is_judged_once_they_are_resolved(diverged: GitRepo) -> None:
    web(diverged, 6)
    diverged.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "main goes on")
    assert git(diverged, "merge", "-q", "work")[0] != 0
    hook = subprocess.run(
        ["sh", "-c", f"{CALL} diff --hook"],
        cwd=diverged.path,
        env=diverged.environ,
        capture_output=True,
        text=True,
    )
    assert hook.returncode == 2
    assert "a merge is not finished" in hook.stderr
    web(diverged, 6)
    diverged.git("add", "prod/web.yaml")
    assert blocked(git(diverged, "commit", "-q", "--no-edit"))


def test_a_commit_in_the_middle_of_a_rebase(diverged: GitRepo) -> None:
    web(diverged, 6)
    diverged.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "main goes on")
    diverged.git("checkout", "-q", "work")
    assert git(diverged, "rebase", "-q", "main")[0] != 0
    web(diverged, 6)
    diverged.git("add", "prod/web.yaml")
    assert blocked(git(diverged, "commit", "-qm", "resolved"))


# Pushes.


@pytest.fixture
def clone(repo: GitRepo, tmp_path: Path) -> GitRepo:
    """A clone of what others push to."""
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "server.git"))
    repo.git("clone", "-q", str(tmp_path / "server.git"), str(tmp_path / "clone"))
    made = GitRepo(tmp_path / "clone", init=False, environ=repo.environ)
    install(made, made.path / ".git/hooks")
    return made


def quick_commit(repo: GitRepo, path: str, content: str | None) -> None:
    repo.write({path: content})
    repo.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", f"edit {path}")


def test_a_push_is_judged_as_a_whole(clone: GitRepo) -> None:
    quick_commit(clone, "docs/a.md", "b\n")
    assert git(clone, "push", "-q") == (0, "")
    quick_commit(clone, DATA, None)
    quick_commit(clone, "docs/a.md", "c\n")
    said = git(clone, "push", "-q")
    assert blocked(said)
    assert "fix it    as `fix` says, then commit and push again" in said[1]
    assert "see why   riskcheck diff " in said[1]


def test_a_new_branch_is_compared_with_the_default_branch(clone: GitRepo) -> None:
    clone.git("checkout", "-q", "-b", "work")
    quick_commit(clone, "docs/a.md", "b\n")
    assert not blocked(git(clone, "push", "-q", "-u", "origin", "work"))
    clone.git("checkout", "-q", "-b", "other")
    quick_commit(clone, DATA, None)
    assert blocked(git(clone, "push", "-q", "-u", "origin", "other"))


def test_a_weaker_policy_that_was_pushed_before_does_not_decide(clone: GitRepo) -> None:
    clone.git("checkout", "-q", "-b", "work")
    clone.write({"riskcheck.yaml": "version: 1\nrules: {ignore: [K8S-010]}\n"})
    clone.add()
    clone.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "lax")
    clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "-u", "origin", "work")
    quick_commit(clone, DATA, None)
    assert blocked(git(clone, "push", "-q"))


def test_a_branch_that_is_deleted_brings_nothing(clone: GitRepo) -> None:
    clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", "HEAD:refs/heads/old")
    code, words = git(clone, "push", "-q", "origin", ":old")
    assert code == 0
    assert "nothing was checked" in words


def test_of_several_branches_each_is_judged(clone: GitRepo) -> None:
    clone.git("checkout", "-q", "-b", "fine")
    quick_commit(clone, "docs/a.md", "b\n")
    clone.git("checkout", "-q", "-b", "risky", "main")
    quick_commit(clone, DATA, None)
    assert not blocked(git(clone, "push", "-q", "origin", "fine"))
    assert blocked(git(clone, "push", "-q", "origin", "fine", "risky", "main"))


def test_a_forced_push_is_judged_by_what_it_has_over_where_it_left(clone: GitRepo) -> None:
    clone.git("checkout", "-q", "-b", "work")
    quick_commit(clone, "docs/a.md", "b\n")
    clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "-u", "origin", "work")
    clone.git("reset", "-q", "--hard", "main")
    quick_commit(clone, DATA, None)
    assert blocked(git(clone, "push", "-q", "--force"))


def test_over_commits_that_are_not_here_the_default_branch_is_compared_with(
    clone: GitRepo, tmp_path: Path
) -> None:
    clone.git("clone", "-q", str(tmp_path / "server.git"), str(tmp_path / "colleague"))
    colleague = GitRepo(tmp_path / "colleague", init=False, environ=clone.environ)
    colleague.git("checkout", "-q", "-b", "work")
    quick_commit(colleague, "docs/a.md", "c\n")
    colleague.git("push", "-q", "-u", "origin", "work")
    clone.git("checkout", "-q", "-b", "work")
    quick_commit(clone, DATA, None)
    assert blocked(git(clone, "push", "-q", "--force", "origin", "work"))


def test_a_first_push_of_everything(clone: GitRepo, tmp_path: Path) -> None:
    clone.git("init", "-q", "--bare", str(tmp_path / "empty.git"))
    clone.git("remote", "add", "empty", str(tmp_path / "empty.git"))
    assert not blocked(git(clone, "push", "-q", "empty", "main"))


def test_what_is_no_push_is_refused(repo: GitRepo) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{CALL} diff --pushed"],
        cwd=repo.path,
        env=repo.environ,
        input="nonsense\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "line 1 of stdin is not what git hands to a pre-push hook" in done.stderr


# What waits for the merge.

HELD = """\
version: 1
freezes: [{name: long, from: 2020-01-01, to: 2099-12-31}]
rules: {coupled: [policies/coupled]}
"""
SET = """\
id: partner-vpn
title: a tunnel to a partner
anchor: {kinds: [aws_customer_gateway], fields: [ip_address]}
members:
  - id: firewall
    label: firewall of the data centre
    ways: [{kinds: [paloalto_address], changed: true}]
    missing: the data centre refuses the tunnel
"""
GATEWAY = """\
resource "aws_customer_gateway" "partner" {
  ip_address = "203.0.113.20"
}
resource "paloalto_address" "partner" {
  value = "203.0.113.20"
}
"""


def test_freezes_and_partner_files_are_for_the_merge_and_not_for_a_commit(clone: GitRepo) -> None:
    clone.write({"riskcheck.yaml": HELD, "policies/coupled/partner.yaml": SET, "prod/main.tf": GATEWAY})
    clone.add()
    clone.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "policy")
    clone.git("-c", "core.hooksPath=/dev/null", "push", "-q")
    clone.write(
        {"prod/main.tf": GATEWAY.replace('ip_address = "203.0.113.20"', 'ip_address = "203.0.113.21"')}
    )
    clone.add()
    _, words = git(clone, "commit", "-qm", "another address")
    assert "GOV-001" not in words
    assert "NET-004" not in words
    code, words = git(clone, "push", "-q")
    assert code == 0, words
    assert "GOV-001" in words
    assert "NET-004" in words
