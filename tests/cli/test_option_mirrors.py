"""Each option of `riskcheck diff` can be set in the environment, and comes to the same there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click
import pytest

from riskcheck.commands.diff import diff
from riskcheck.recording import recorded
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

FEWER = WEB.replace("replicas: 3", "replicas: 2")
NO_VOLUME = VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]
POLICY = """version: 1
waivers:
  - {rule: K8S-001, where: "**", owner: team-a, reason: drained, until: 2099-01-31}
"""
TERRAFORM_PLAN = json.dumps({"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": []})
BUNDLE_PLAN = json.dumps({"plan": {}})

MIRRORED = [
    (("--staged",), {"RISKCHECK_STAGED": "1"}),
    (("--base", "main"), {"RISKCHECK_BASE": "main"}),
    (("--base", "main", "--head", "feature"), {"RISKCHECK_BASE": "main", "RISKCHECK_HEAD": "feature"}),
    (("--from", "old", "--to", "new"), {"RISKCHECK_FROM": "old", "RISKCHECK_TO": "new"}),
    (("main", "--format", "json"), {"RISKCHECK_FORMAT": "json"}),
    (
        ("main", "--output", "json:{out}/a.json", "--output", "sarif:{out}/b.sarif"),
        {"RISKCHECK_OUTPUT": "json:{out}/a.json sarif:{out}/b.sarif"},
    ),
    (("main", "--fail-on", "P3"), {"RISKCHECK_FAIL_ON": "P3"}),
    (("main", "--fail-on", "P3", "--exit-zero"), {"RISKCHECK_FAIL_ON": "P3", "RISKCHECK_EXIT_ZERO": "true"}),
    (("main", "--config", "other.yaml"), {"RISKCHECK_CONFIG": "other.yaml"}),
    (("main", "--select", "K8S-001", "--select", "DAB-009"), {"RISKCHECK_SELECT": "K8S-001 DAB-009"}),
    (("main", "--ignore", "K8S-001", "--ignore", "CAN-001"), {"RISKCHECK_IGNORE": "K8S-001 CAN-001"}),
    (("main", "--no-waivers"), {"RISKCHECK_NO_WAIVERS": "1"}),
    (("main", "--no-cache"), {"RISKCHECK_NO_CACHE": "1"}),
    (("main", "--approvals", "{out}/approvals.json"), {"RISKCHECK_APPROVALS": "{out}/approvals.json"}),
    (
        ("main", "--terraform-plan", "prod={out}/tf.json", "--terraform-plan", "dev={out}/tf.json"),
        {"RISKCHECK_TERRAFORM_PLAN": "prod={out}/tf.json dev={out}/tf.json"},
    ),
    (
        ("main", "--databricks-plan", "prod={out}/dab.json"),
        {"RISKCHECK_DATABRICKS_PLAN": "prod={out}/dab.json"},
    ),
    (("main", "--evidence", "{out}/evidence.json"), {"RISKCHECK_EVIDENCE": "{out}/evidence.json"}),
    (("main", "--explain"), {"RISKCHECK_EXPLAIN": "1"}),
    (
        ("main", "--history", "{out}/store", "--format", "json"),
        {"RISKCHECK_HISTORY": "{out}/store", "RISKCHECK_FORMAT": "json"},
    ),
    (("main", "--quiet"), {"RISKCHECK_QUIET": "1"}),
    (("main", "--jobs", "2"), {"RISKCHECK_JOBS": "2"}),
    (("main", "--color", "always"), {"RISKCHECK_COLOR": "always"}),
    (("--hook",), {"RISKCHECK_HOOK": "1"}),
    (("--pushed",), {"RISKCHECK_PUSHED": "1"}),
]

WITHOUT_TRACE = {"no_cache", "jobs", "approvals", "terraform_plans", "databricks_plans"}
"""What changes nothing that is printed of this change; a value that is wrong shows that it was read."""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {
            "clusters/prod/web.yaml": WEB,
            "databricks.yml": VOLUME,
            "riskcheck.yaml": POLICY,
            "other.yaml": "version: 1\nrules: {severity: {K8S-001: P0}}\n",
            "old/prod/web.yaml": WEB,
            "new/prod/web.yaml": FEWER,
        },
        message="base",
    )
    made.git("branch", "-M", "main")
    made.git("checkout", "-q", "-b", "feature")
    made.commit({"clusters/prod/web.yaml": FEWER}, message="fewer")
    made.write({"databricks.yml": NO_VOLUME})
    made.add()
    made.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    out = tmp_path / "out"
    out.mkdir()
    (out / "approvals.json").write_text("[]")
    (out / "tf.json").write_text(TERRAFORM_PLAN)
    (out / "dab.json").write_text(BUNDLE_PLAN)
    recorded(str(made.path), tip="main", file=str(out / "store"), environ=made.environ)
    return made


def outcome(repo: GitRepo, arguments: tuple[str, ...], environment: dict[str, str]) -> tuple[object, ...]:
    """Exit code, what was printed, and what was written, without the clock."""
    out = repo.path.parent / "out"
    before = {path.name for path in out.iterdir()}
    filled = {name: value.replace("{out}", str(out)) for name, value in environment.items()}
    result: subprocess.CompletedProcess[str] = riskcheck(
        repo.path, "diff", *(one.replace("{out}", str(out)) for one in arguments), **filled
    )
    written = {}
    for path in sorted(out.iterdir()):
        if path.name not in before:
            # The one line of evidence holds the clock, too.
            written[path.name] = "" if path.name == "evidence.json" else clockless(path.read_text("utf-8"))
            path.unlink()
    return result.returncode, clockless(result.stdout), result.stderr, written


def clockless(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "as_of" not in line and "TimeUtc" not in line)


@pytest.mark.parametrize(("arguments", "environment"), MIRRORED, ids=lambda value: " ".join(value))
def test_the_environment_says_the_same_as_the_option(
    repo: GitRepo, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    revision = arguments[:1] if arguments[0] == "main" else ()
    asked = outcome(repo, arguments, {})
    assert outcome(repo, revision, environment) == asked
    names = {name.removeprefix("RISKCHECK_").lower() for name in environment}
    if not names & {name.removesuffix("s") for name in WITHOUT_TRACE} | names & WITHOUT_TRACE:
        assert outcome(repo, revision, {}) != asked, "the option does nothing here: this shows nothing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RISKCHECK_JOBS", "-1"),
        ("RISKCHECK_JOBS", "many"),
        ("RISKCHECK_NO_CACHE", "perhaps"),
        ("RISKCHECK_APPROVALS", "missing.json"),
        ("RISKCHECK_HISTORY", "missing"),
        ("RISKCHECK_TERRAFORM_PLAN", "missing.json"),
        ("RISKCHECK_DATABRICKS_PLAN", "missing.json"),
        ("RISKCHECK_FAIL_ON", "P7"),
        ("RISKCHECK_SELECT", "K8S-001 NO-RULE"),
    ],
)
def test_a_wrong_value_is_told(repo: GitRepo, name: str, value: str) -> None:
    result = riskcheck(repo.path, "diff", "main", **{name: value})
    assert result.returncode == 2
    assert "Traceback" not in result.stderr and result.stderr


def test_every_option_is_held_against_its_mirror() -> None:
    tried = {name for _, environment in MIRRORED for name in environment}
    context = click.Context(diff, auto_envvar_prefix="RISKCHECK")
    options = [one for one in diff.params if isinstance(one, click.Option)]
    mirrors = {
        one.envvar
        if isinstance(one.envvar, str)
        else f"{context.auto_envvar_prefix}_{(one.name or '').upper()}"
        for one in options
    }
    assert mirrors == tried
    for one in options:
        longest = max(one.opts, key=len).removeprefix("--").replace("-", "_").upper()
        assert f"RISKCHECK_{longest}" in mirrors, "mirrored under its own name"


def test_a_flag_that_says_no_is_off(repo: GitRepo) -> None:
    plain = riskcheck(repo.path, "diff", "main")
    for value in ("0", "false", "no", ""):
        again = riskcheck(repo.path, "diff", "main", RISKCHECK_NO_WAIVERS=value, RISKCHECK_QUIET=value)
        assert (again.returncode, again.stdout) == (plain.returncode, plain.stdout)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--format", "text"), {"RISKCHECK_FORMAT": "json"}),
        (("--fail-on", "never"), {"RISKCHECK_FAIL_ON": "P3"}),
        (("--select", "K8S-001"), {"RISKCHECK_SELECT": "DAB-009"}),
        ((), {"RISKCHECK_STAGED": "1"}),
        ((), {"RISKCHECK_BASE": "HEAD"}),
        ((), {"RISKCHECK_FROM": "old", "RISKCHECK_TO": "new"}),
    ],
)
def test_what_stands_on_the_command_line_wins(
    repo: GitRepo, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    asked = outcome(repo, ("main", *arguments), {})
    assert outcome(repo, ("main", *arguments), environment) == asked


def test_a_commit_is_judged_whatever_range_the_environment_names(repo: GitRepo) -> None:
    plain = outcome(repo, ("--hook",), {})
    assert plain[0] == 1, "the volume that is staged to go"
    assert outcome(repo, ("--hook",), {"RISKCHECK_BASE": "HEAD"}) == plain
    assert outcome(repo, ("--hook",), {"RISKCHECK_FROM": "old", "RISKCHECK_TO": "old"}) == plain


def test_a_hook_judges_the_range_that_it_is_given(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "diff", "main", "--hook")
    assert (result.returncode, result.stderr) == (0, "")
    assert "K8S-001" in result.stdout and "DAB-009" not in result.stdout


def test_a_ci_that_names_nothing_to_compare_with_is_no_pass(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-f", "main")
    for arguments in ((), ("--staged",), ("--hook",)):
        result = riskcheck(repo.path, "diff", *arguments, CI="true")
        assert (result.returncode, result.stdout) == (2, "")
        assert "nothing was checked" in result.stderr and "--base" in result.stderr
        assert riskcheck(repo.path, "diff", *arguments).returncode == 0
    assert riskcheck(repo.path, "diff", "HEAD..HEAD", CI="true").returncode == 0
