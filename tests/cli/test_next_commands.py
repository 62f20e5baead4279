"""The commands that a blocked report names, run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.test_diff import ROOT, riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: ["**/staging/**"]}
  - {name: prod, stage: prod, paths: ["**/prod/**"]}
"""
FEWER = WEB.replace("replicas: 3", "replicas: 1")
FILLED = {"TEAM": "team-shop", "WHY": "it is meant", "DATE": "2099-01-31"}
BLOCKED = ("--fail-on", "P2")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "clusters/staging/web.yaml": WEB, "riskcheck.yaml": POLICY})
    made.git("branch", "base")
    made.commit({"clusters/prod/web.yaml": FEWER}, message="fewer")
    return made


def named(text: str, command: str) -> list[str]:
    """The command line of that name in `text`, over as many lines as it takes."""
    joined = re.sub(r" \\\n +", " ", text)
    (found,) = re.findall(rf"riskcheck {command}\b[^\n]*", joined)
    return [FILLED.get(word, word) for word in shlex.split(found)][1:]


@pytest.mark.parametrize(
    "asked",
    [("base",), ("base..HEAD",), ("--base", "base"), ("base", "--", "clusters")],
    ids=["revision", "range", "base", "paths"],
)
def test_the_commands_judge_the_same_change(repo: GitRepo, asked: tuple[str, ...]) -> None:
    at = asked.index("--") if "--" in asked else len(asked)
    done = riskcheck(repo.path, "diff", *asked[:at], *BLOCKED, *asked[at:])
    assert done.returncode == 1
    words = named(done.stdout, "acknowledge")
    words[words.index("2099-01-31")] = _soon()
    acknowledged = riskcheck(repo.path, *words)
    assert acknowledged.returncode == 0, acknowledged.stderr
    assert "rule: K8S-001" in acknowledged.stdout
    planned = riskcheck(repo.path, *named(done.stdout, "plan"))
    assert planned.returncode == 0, planned.stderr
    assert "clusters/prod/web.yaml" in planned.stdout


def _soon() -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")


def test_the_working_tree_and_the_index_are_named_as_they_were_asked_for(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": FEWER.replace("replicas: 1", "replicas: 0")})
    done = riskcheck(repo.path, "diff", *BLOCKED)
    assert named(done.stdout, "plan") == ["plan", *BLOCKED]
    repo.git("add", "-A")
    done = riskcheck(repo.path, "diff", "--staged", *BLOCKED)
    assert named(done.stdout, "plan") == ["plan", "--staged", *BLOCKED]


def test_folders_with_blanks_and_worse_are_quoted_for_a_shell(repo: GitRepo, tmp_path: Path) -> None:
    old, new = tmp_path / "a  b;$(touch x)", tmp_path / "new"
    for folder, text in ((old, WEB), (new, FEWER)):
        (folder / "clusters/prod").mkdir(parents=True)
        (folder / "clusters/prod/web.yaml").write_text(text)
        (folder / "riskcheck.yaml").write_text(POLICY)
    done = riskcheck(tmp_path, "diff", "--from", str(old), "--to", str(new), *BLOCKED)
    assert named(done.stdout, "plan") == ["plan", "--from", str(old), "--to", str(new), *BLOCKED]


def test_what_no_waiver_covers_is_not_offered_one(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": POLICY.replace("promotion: git\n", "gate: {incomplete: warn}\n")})
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD")
    assert done.returncode == 1
    assert "riskcheck acknowledge" not in done.stdout
    assert named(done.stdout, "plan") == ["plan", "HEAD~1..HEAD"]


def test_they_are_named_where_something_blocks_and_without_waivers_only_the_plan(repo: GitRepo) -> None:
    assert "riskcheck plan" not in riskcheck(repo.path, "diff", "base", "--fail-on", "never").stdout
    done = riskcheck(repo.path, "diff", "base", *BLOCKED, "--no-waivers")
    assert "riskcheck plan" in done.stdout
    assert "riskcheck acknowledge" not in done.stdout


@pytest.mark.parametrize("format_", ["markdown", "html", "github", "junit", "sarif"])
def test_each_format_with_a_place_for_them_names_both_once(repo: GitRepo, format_: str) -> None:
    done = riskcheck(repo.path, "diff", "base", *BLOCKED, "--format", format_)
    assert done.stdout.count("riskcheck acknowledge base") == 1
    assert done.stdout.count("riskcheck plan base") == 1


@pytest.mark.parametrize("format_", ["markdown", "html"])
def test_the_order_names_the_waves_and_what_has_to_be_split(format_: str) -> None:
    folder = ROOT / "examples" / "gitops-fleet"
    asked = ("--from", str(folder / "base"), "--to", str(folder / "risky"), "--format", format_)
    text = re.sub(r"<[^>]+>|[`*]", "", riskcheck(ROOT, "diff", *asked).stdout)
    order = text[text.index("In which order") :]
    places = [order.index(name) for name in ("staging", "prod-eu", "prod-us", "prod-ap")]
    assert places == sorted(places)
    assert "apps/session-store/storage.yaml, which reaches waves 1 to 4 at once" in order
