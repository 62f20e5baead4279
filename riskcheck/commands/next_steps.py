"""What to do after `riskcheck init`: which hooks and CI a repository has, and what to add to them. Nothing is
edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.filenames import POLICIES
from riskcheck.opening import state_environ
from riskcheck.platforms.gate.paths import LEFTHOOK
from riskcheck.sources.git import GitError
from riskcheck.sources.ignored import is_ignored
from riskcheck.sources.refs import names_of_refs
from riskcheck.sources.spec import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMIT_HOOK: Final = "riskcheck diff --hook"
"""What a hook runs that is not of pre-commit: silent where nothing is risky, as the hook of pre-commit is."""

IN_CI: Final = "riskcheck diff origin/{branch}"

_CI: Final = (
    (".github/workflows", "GitHub Actions: in a job on pull_request, checked out with fetch-depth: 0"),
    (".gitlab-ci.yml", ".gitlab-ci.yml: in a job of merge requests, with GIT_DEPTH: 0"),
    ("azure-pipelines.yml", "azure-pipelines.yml: in a PR validation, with fetchDepth: 0"),
    ("Jenkinsfile", "Jenkinsfile: in a stage of change requests, with a full clone"),
)


def next_steps(top: Path) -> Iterator[str]:
    """At most five lines. top: the root of the repository."""
    ignored = is_ignored(str(top), POLICIES[0], state_environ())
    by = f" with `git add -f {POLICIES[0]}`, which .gitignore leaves out" if ignored else ""
    yield f"commit it{by}: it decides once it is on the branch that changes are merged into"
    yield "try it: `riskcheck diff HEAD~5`, the last five commits; by this policy: --config and a copy elsewhere"
    yield _hook(top)
    yield _ci(top)
    if (top / "CODEOWNERS").exists() or (top / ".github" / "CODEOWNERS").exists():
        yield "CODEOWNERS: let riskcheck.yaml have an owner, since it decides what may be merged"


def _hook(top: Path) -> str:
    if (top / ".pre-commit-config.yaml").exists():
        return (
            ".pre-commit-config.yaml: add {repo: URL of riskcheck, rev: "
            f"v{__version__}, hooks: [{{id: riskcheck}}]}} under repos"
        )
    if (top / ".husky").is_dir():
        return f".husky/pre-commit: add the line `{COMMIT_HOOK}`"
    lefthook = next((name for name in sorted(LEFTHOOK) if (top / name).exists()), None)
    if lefthook is not None:
        return f"{lefthook}: under pre-commit, a job with run set to `{COMMIT_HOOK}`"
    return f"a hook: `{COMMIT_HOOK}` before each commit, with pre-commit, Husky or lefthook"


def _ci(top: Path) -> str:
    place = next((words for path, words in _CI if (top / path).exists()), "CI: on each pull request")
    return f"{place}, run `{IN_CI.format(branch=_branch(top))}`"


def _branch(top: Path) -> str:
    """The branch that changes are most likely merged into."""
    try:
        names = names_of_refs(str(top), state_environ())
    except (GitError, SourceError):
        names = ()
    return next((name for name in ("main", "master", "trunk") if {name, f"origin/{name}"} & {*names}), "main")
