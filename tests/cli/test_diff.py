"""`riskcheck diff` as a process, on real repositories: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from riskcheck.data import data_dir
from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

ROOT = Path(__file__).parents[2]


def riskcheck(where: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RISKCHECK_", "CI", "GITHUB_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "riskcheck", *arguments],
        cwd=where,
        env={**clean, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(where.parent / "cache"), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "databricks.yml": VOLUME}, message="base")
    return made


def test_no_change_passes(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "diff")
    assert (result.returncode, result.stderr) == (0, "")
    assert "nothing changed" in result.stdout


def test_a_warning_exits_zero_and_names_line_values_and_fix(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 0
    for part in ("P2 K8S-001", "clusters/prod/web.yaml:5:13", "3 → 2", "replicas: 2", "fix", "WARN P2"):
        assert part in result.stdout


def test_p0_blocks_with_exit_one_in_every_format(repo: GitRepo) -> None:
    repo.write({"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]})
    for arguments in ((), ("--format", "json"), ("--quiet",), ("--explain",), ("--no-cache",)):
        result = riskcheck(repo.path, "diff", *arguments)
        assert (result.returncode, result.stderr) == (1, ""), arguments
    assert riskcheck(repo.path, "diff", "--exit-zero").returncode == 0


def test_options_are_mirrored_in_the_environment(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = riskcheck(repo.path, "diff", RISKCHECK_FAIL_ON="P2", RISKCHECK_FORMAT="json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["verdict"] == "block"


def test_the_volume_and_its_guard_are_one_cause(repo: GitRepo) -> None:
    repo.write({"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]})
    found = json.loads(riskcheck(repo.path, "diff", "--format", "json").stdout)["findings"]
    assert {"DAB-001", "DAB-009", "GOV-005"} <= {one["code"] for one in found}
    assert len({one["cause"] for one in found if one["level"] != "note"}) == 1
    assert max(one["level"] for one in found if one["code"] == "DAB-009") == "P0"


def test_json_satisfies_its_schema_and_is_the_same_twice(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    repo.commit(message="fewer")
    results = [
        riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json", PYTHONHASHSEED=seed).stdout
        for seed in ("1", "2")
    ]
    schema = json.loads((data_dir("schemas") / "report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(results[0]))
    assert results[0] == results[1]


def test_several_outputs_in_one_run(repo: GitRepo, tmp_path: Path) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    target = tmp_path / "report.json"
    result = riskcheck(repo.path, "diff", "--output", f"json:{target}")
    assert "K8S-001" in result.stdout
    assert json.loads(target.read_text("utf-8"))["verdict"] == "warn"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff", "no-such-branch"), "no-such-branch"),
        (("diff", "--select", "K8S-01"), "K8S-01"),
        (("diff", "--output", "xml:out"), "FORMAT"),
        (("diff", "--config", "missing.yaml"), "missing.yaml"),
        (("difff",), "diff"),
        (("diff", "--from", "nowhere", "--to", "nowhere"), "nowhere"),
    ],
)
def test_a_run_that_cannot_be_made_is_one_clear_line_and_exit_two(
    repo: GitRepo, arguments: tuple[str, ...], said: str
) -> None:
    result = riskcheck(repo.path, *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_paths_behind_dashes_limit_what_is_judged(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    for arguments in (("--", "clusters"), ("HEAD", "--", "clusters/prod/web.yaml")):
        assert riskcheck(repo.path, "diff", *arguments).returncode == 0
    assert "K8S-001" in riskcheck(repo.path, "diff", "--", "clusters").stdout
    assert "nothing changed" in riskcheck(repo.path, "diff", "--", "databricks.yml").stdout


def test_outside_a_repository(tmp_path: Path) -> None:
    result = riskcheck(tmp_path, "diff")
    assert result.returncode == 2
    assert "is not in a git repository" in result.stderr
    assert "--from" in result.stderr


def test_a_policy_with_several_errors_tells_all_of_them_with_lines(repo: GitRepo) -> None:
    repo.write(
        {
            "riskcheck.yaml": "version: 2\nenvironmentss: []\nwaivers: [{rule: DAB-001}]\nservices: [{owner: x}]\n"
        }
    )
    repo.commit(message="policy")
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert {line.split(":")[2] for line in lines} >= {"1", "2", "3", "4"}
    assert "environments" in result.stderr


def test_a_pack_folder_that_does_not_exist_yet_is_told_and_no_error(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": "version: 1\nrules: {packs: [policies/rules]}\n"}, message="policy")
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 0
    assert "policies/rules, which holds no rule files yet" in " ".join(result.stdout.split())
    repo.commit({"riskcheck.yaml": "version: 1\nrules: {packs: [no-such-pack]}\n"}, message="policy")
    repo.write({"clusters/prod/web.yaml": WEB})
    assert riskcheck(repo.path, "diff").returncode == 2


def test_a_policy_that_names_a_rule_that_does_not_exist_is_told_with_its_line(repo: GitRepo) -> None:
    waiver = "{rule: DAB-999, where: 'databricks:volumes.x', owner: team-a, reason: r, until: 2099-01-01}"
    repo.commit({"riskcheck.yaml": f"version: 1\nwaivers:\n  - {waiver}\n"}, message="policy")
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 2
    assert "riskcheck.yaml:3" in result.stderr
    assert "DAB-999" in result.stderr


def test_a_policy_edit_cannot_relax_the_gate_it_goes_through(repo: GitRepo) -> None:
    repo.write({"riskcheck.yaml": "version: 1\n"})
    repo.commit(message="policy")
    repo.write({"riskcheck.yaml": "version: 1\nrules: {ignore: [K8S-001]}\n"})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    found = json.loads(riskcheck(repo.path, "diff", "--format", "json").stdout)
    assert {"K8S-001", "GOV-006"} <= {one["code"] for one in found["findings"]}
    assert found["verdict"] == "block"


def test_a_reader_that_goes_away_does_not_change_the_exit_code(repo: GitRepo) -> None:
    repo.write({"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]})
    command = f"{sys.executable} -m riskcheck diff | true; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (1, "")


def test_an_ascii_terminal_gets_ascii(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = riskcheck(repo.path, "diff", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert "3 -> 2" in result.stdout
    assert result.stdout.isascii()


def test_no_line_is_wider_than_eighty_columns_but_for_what_cannot_be_broken(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    lines = riskcheck(repo.path, "diff", "--explain").stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and " " in line.strip()[12:]] == []


def test_terminal_escapes_of_the_repository_are_spelled_out(repo: GitRepo) -> None:
    hostile = WEB.replace("1.4.2", "latest").replace("name: web, image", 'name: "w\\e[2Jeb", image')
    repo.write({"clusters/prod/web.yaml": hostile.replace("replicas: 3", "replicas: 2 # \x1b[31m\u202e")})
    result = riskcheck(repo.path, "diff")
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_names_of_services_and_teams_cannot_write_to_the_terminal(repo: GitRepo) -> None:
    policy = (
        "version: 1\nservices:\n"
        '  - {name: "w\\u001b[2J\\u009beb\\nP0", owner: "t\\u202eeam", paths: ["clusters/**"]}\n'
        '  - {name: shop, depends_on: ["w\\u001b[2J\\u009beb\\nP0"]}\n'
        'response: {P1: {to: "on\\u001b[2Jcall"}}\n'
    )
    repo.commit({"riskcheck.yaml": policy})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    for command in ("diff", "plan", "graph", "lint"):
        shown = riskcheck(repo.path, command).stdout.replace("\n", "")
        assert shown.isprintable(), (command, {one for one in shown if not one.isprintable()})
    assert "hangs off w\\x1b[2J\\x9beb\\nP0: shop" in riskcheck(repo.path, "diff").stdout
    assert "on\\x1b[2Jcall" in riskcheck(repo.path, "diff", "--explain").stdout


def test_version_and_help_are_quick_answers(tmp_path: Path) -> None:
    assert riskcheck(tmp_path, "--version").stdout.startswith("riskcheck ")
    shown = riskcheck(tmp_path, "--help").stdout
    assert "Exit codes" in shown
    assert "diff" in shown


def test_an_internal_error_is_exit_three_without_a_traceback(repo: GitRepo) -> None:
    broken = (
        "import riskcheck.resolving, riskcheck.cli, sys\n"
        "def fail(*given): raise ZeroDivisionError('boom')\n"
        "riskcheck.resolving.resolve_both = fail\n"
        "import riskcheck.engine\n"
        "riskcheck.engine.resolve_both = fail\n"
        "sys.argv = ['riskcheck', 'diff']\n"
        "sys.exit(riskcheck.cli.run())\n"
    )
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    result = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 3
    assert "internal error" in result.stderr
    assert "Traceback" not in result.stderr
