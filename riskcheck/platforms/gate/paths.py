"""Which files guard merges, told from their path alone."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from riskcheck.filenames import BASELINE, POLICIES

Kind: TypeAlias = Literal[
    "Policy", "Hook", "Owners", "Workflow", "Rule", "Protection", "Baseline", "Prices", "Addresses"
]
System: TypeAlias = Literal["github", "gitlab", "azure", "circleci", "jenkins"]

HOOKS: Final = (".pre-commit-config.yaml", ".pre-commit-config.yml")
LEFTHOOK: Final = frozenset(
    f"{place}.{ending}"
    for place in ("lefthook", ".lefthook", ".config/lefthook")
    for ending in ("yml", "yaml", "toml", "json", "jsonc")
)
"""Where lefthook looks for its configuration. https://lefthook.dev/configuration/"""
LEFTHOOK_LOCAL: Final = frozenset(
    f"{place}.{ending}"
    for place in ("lefthook-local", ".lefthook-local", ".config/lefthook-local")
    for ending in ("yml", "yaml", "toml", "json", "jsonc")
)
"""What lefthook merges over its configuration: meant to stay out of the repository, read where it is in it.
https://lefthook.dev/configuration/#config-file-name"""
SCRIPTS: Final = (".husky", ".githooks")
"""Folders of hooks that git runs itself: Husky's, and the usual one for ``core.hooksPath``."""
GIT_HOOKS: Final = frozenset(
    {"pre-commit", "pre-merge-commit", "pre-push", "commit-msg", "prepare-commit-msg"}
)
"""Hooks of git that can refuse. https://git-scm.com/docs/githooks"""
OWNERS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where code owners are: of these, GitHub reads the first that there is, and so does GitLab of its three.
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-location
https://docs.gitlab.com/user/project/codeowners/#codeowners-file"""
SETTINGS: Final = (".github/settings.yml", ".github/settings.yaml")
"""Settings of the repository that an app applies. https://github.com/repository-settings/app"""
RULESETS: Final = ".github/rulesets/"
"""Where rulesets are kept as GitHub exports them.
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/managing-rulesets-for-a-repository"""
CODE_OWNERS: Final = "CODEOWNERS"
"""The unit of code owners, wherever their file is."""
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
    if path in HOOKS or path in LEFTHOOK or path in LEFTHOOK_LOCAL or is_script(path):
        return "Hook"
    if path in OWNERS:
        return "Owners"
    if path in SETTINGS or (path.startswith(RULESETS) and path.endswith(".json")):
        return "Protection"
    return "Workflow" if system_of(path) is not None else None


def is_script(path: str) -> bool:
    """Whether `path` is a script that git runs as a hook, in a folder that is in the repository."""
    folder, _, name = path.rpartition("/")
    return folder in SCRIPTS and name in GIT_HOOKS


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
