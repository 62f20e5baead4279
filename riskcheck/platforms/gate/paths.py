"""Which files guard merges, told from their path alone."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["Policy", "Hook", "Owners", "Workflow", "Rule", "Baseline"]
System: TypeAlias = Literal["github", "gitlab", "azure", "circleci", "jenkins"]

BASELINE: Final = ".riskcheck-baseline.json"
POLICIES: Final = ("riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml")
HOOKS: Final = (".pre-commit-config.yaml", ".pre-commit-config.yml")
OWNERS: Final = frozenset({"CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"})
"""Where GitHub and GitLab look for code owners."""
_NOT_LIVE: Final = frozenset(
    {"test", "tests", "testdata", "fixtures", "example", "examples", "vendor", "node_modules"}
)
_YAML: Final = (".yml", ".yaml")


def kind_of(path: str) -> Kind | None:
    """What kind of guard `path` is, None where only the policy may tell (`is_rule`)."""
    name = path.rpartition("/")[2]
    if name in POLICIES:
        return "Policy" if name == path or _is_live(path) else None
    if path == BASELINE:
        return "Baseline"
    if path in HOOKS:
        return "Hook"
    if path in OWNERS:
        return "Owners"
    return "Workflow" if system_of(path) is not None else None


def is_rule(path: str) -> bool:
    """Whether `path` may be a rule file, if it lies in a pack that the policy names."""
    return path.endswith(_YAML) and not path.endswith((".test.yaml", ".test.yml"))


def system_of(path: str) -> System | None:
    """The CI system that runs `path`, None where it is no CI definition."""
    directory, _, name = path.rpartition("/")
    if name.endswith(_YAML):
        if directory == ".github/workflows" or (
            path.startswith(".github/actions/") and name in ("action.yml", "action.yaml")
        ):
            return "github"
        if path == ".gitlab-ci.yml" or path.startswith((".gitlab/ci/", ".gitlab-ci/")):
            return "gitlab"
        if path in (".circleci/config.yml", ".circleci/config.yaml"):
            return "circleci"
        if name.startswith("azure-pipelines") or directory.startswith((".azuredevops", ".azure-pipelines")):
            return "azure" if _is_live(path) else None
    if name.startswith("Jenkinsfile"):
        return "jenkins" if _is_live(path) else None
    return None


def _is_live(path: str) -> bool:
    return _NOT_LIVE.isdisjoint(path.split("/"))
