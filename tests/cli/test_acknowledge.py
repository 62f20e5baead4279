"""`riskcheck acknowledge` as a process: one intended change passes, nothing else does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_baseline import POLICY, in_days
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

GONE = WEB.replace("replicas: 3", "replicas: 0")
API = WEB.replace("name: web, namespace", "name: api, namespace")
SAID = ("--owner", "team-shop", "--reason", 'it is "retired": really', "--until")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """A branch that stops a workload in production."""
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {
            "clusters/prod/web.yaml": WEB,
            "clusters/prod/api.yaml": API,
            "databricks.yml": VOLUME,
            "riskcheck.yaml": POLICY,
        }
    )
    made.git("checkout", "-q", "-b", "change")
    made.commit({"clusters/prod/web.yaml": GONE})
    return made


def acknowledge(repo: GitRepo, *more: str, until: str | None = None) -> Any:
    return riskcheck(repo.path, "acknowledge", "main", *SAID, until or in_days(30), *more)


def diff(repo: GitRepo) -> dict[str, Any]:
    done = riskcheck(repo.path, "diff", "main", "--format", "json")
    assert done.stderr == ""
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def merged_first(repo: GitRepo) -> None:
    """What was written on the branch is merged before the branch is, and not part of it."""
    text = (repo.path / "riskcheck.yaml").read_text()
    repo.git("checkout", "-q", "--", "riskcheck.yaml")
    repo.git("checkout", "-q", "main")
    repo.commit({"riskcheck.yaml": text})
    repo.git("checkout", "-q", "change")


def test_merged_first_it_lets_just_this_change_pass(repo: GitRepo) -> None:
    assert diff(repo)["verdict"] == "block"
    done = acknowledge(repo, "--write")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "riskcheck.yaml: 1 waiver added; merge them first, then the change\n"
    merged_first(repo)
    report = diff(repo)
    assert report["verdict"] != "block"
    (waived,) = (one for one in report["findings"] if one["waiver"])
    assert (waived["code"], waived["waiver"]["owner"]) == ("K8S-001", "team-shop")
    assert waived["waiver"]["reason"] == 'it is "retired": really'


def test_another_value_is_another_change(repo: GitRepo) -> None:
    acknowledge(repo, "--write")
    merged_first(repo)
    repo.commit({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert "the waiver of K8S-001 acknowledges another change than this one" in told


def test_more_of_the_same_is_not_covered_and_less_still_is(repo: GitRepo) -> None:
    both = {"clusters/prod/api.yaml": API.replace("replicas: 3", "replicas: 0")}
    repo.commit(both)
    acknowledge(repo, "--write")
    merged_first(repo)
    assert diff(repo)["verdict"] != "block"
    repo.commit({"clusters/prod/web.yaml": WEB})
    assert diff(repo)["verdict"] != "block", "a subset keeps it"
    repo.commit({"clusters/prod/web.yaml": GONE, "databricks.yml": VOLUME.partition("resources:")[0]})
    report = diff(repo)
    assert report["verdict"] == "block", "anything more is not covered"
    assert {one["code"] for one in report["findings"] if one["waiver"]} == {"K8S-001"}


def test_a_p0_is_acknowledged_too(repo: GitRepo) -> None:
    text = VOLUME.replace("  volumes:\n    landing:", "  volumes:\n    other:")
    repo.commit({"clusters/prod/web.yaml": WEB, "databricks.yml": text})
    report = diff(repo)
    assert report["level"] == "P0"
    assert acknowledge(repo, "--write").returncode == 0
    merged_first(repo)
    assert diff(repo)["verdict"] != "block"


def test_the_file_keeps_its_words_and_its_form(repo: GitRepo) -> None:
    before = f"# ours\n{POLICY}waivers:   # with care\n    # the oldest\n    - rule: K8S-002\n"
    before += "      where: clusters\n"
    before += (
        f"      owner: team-a\n      reason: b\n      until: {in_days(9)}\nfiles: {{exclude: [x]}}  # last\n"
    )
    repo.write({"riskcheck.yaml": before})
    assert acknowledge(repo, "--write").returncode == 0
    after = (repo.path / "riskcheck.yaml").read_text()
    added = [line for line in after.split("\n") if line not in before.split("\n")]
    assert [line for line in after.split("\n") if line not in added] == before.split("\n")
    assert added[0] == "    - rule: K8S-001"
    assert after.index("K8S-001") < after.index("# the oldest")


@pytest.mark.parametrize("tail", ["", "\n\n", "\nwaivers:\n", "\nwaivers:   # none\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_finds_its_place(repo: GitRepo, tail: str, end: str) -> None:
    text = (POLICY.rstrip("\n") + tail).replace("\n", end)
    repo.write({"riskcheck.yaml": text.encode()})
    done = acknowledge(repo, "--write")
    assert done.returncode == 0, done.stderr
    written = (repo.path / "riskcheck.yaml").read_bytes().decode()
    assert written.count("\n") == written.count(end)
    assert written.startswith(text.rstrip())
    merged_first(repo)
    assert diff(repo)["verdict"] != "block"


@pytest.mark.parametrize("waivers", ["[]", "[{rule: K8S-002, where: clusters}]"])
def test_where_there_is_no_place_nothing_is_written(repo: GitRepo, waivers: str) -> None:
    text = f"{POLICY}waivers: {waivers}\n"
    repo.write({"riskcheck.yaml": text})
    done = acknowledge(repo, "--write")
    assert done.returncode == 2
    assert "line 5 holds the waivers in one line" in done.stderr
    assert (repo.path / "riskcheck.yaml").read_text() == text


def test_without_a_policy_one_is_begun(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"databricks.yml": VOLUME})
    repo.git("checkout", "-q", "-b", "change")
    repo.commit({"databricks.yml": VOLUME.replace("    landing:", "    other:")})
    assert acknowledge(repo, "--write").returncode == 0
    text = (repo.path / "riskcheck.yaml").read_text()
    assert text.startswith("version: 1\nwaivers:\n  - rule: ")
    (repo.path / "riskcheck.yaml").unlink()
    repo.git("checkout", "-q", "main")
    repo.commit({"riskcheck.yaml": text})
    repo.git("checkout", "-q", "change")
    assert diff(repo)["verdict"] != "block"


def test_printed_it_can_be_pasted(repo: GitRepo) -> None:
    done = acknowledge(repo)
    assert done.returncode == 0
    assert "merge these into the policy first" in done.stderr
    repo.git("checkout", "-q", "main")
    repo.commit({"riskcheck.yaml": POLICY + done.stdout})
    repo.git("checkout", "-q", "change")
    assert diff(repo)["verdict"] != "block"


@pytest.mark.parametrize("folder", [False, True])
def test_nothing_is_written_through_a_link(repo: GitRepo, tmp_path: Path, folder: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "policy.yaml").write_text(POLICY, "utf-8")
    name = "config/policy.yaml" if folder else "policy.yaml"
    repo.git("checkout", "-q", "main")
    repo.commit({"riskcheck.yaml": None, name: POLICY})
    repo.git("checkout", "-q", "change")
    repo.git("merge", "-q", "main")
    repo.write({name: None})
    if folder:
        (repo.path / "config").rmdir() if (repo.path / "config").exists() else None
    repo.symlink("config" if folder else name, str(elsewhere if folder else elsewhere / "policy.yaml"))
    done = acknowledge(repo, "--config", name, "--write")
    assert done.returncode == 2
    assert "is a symbolic link" in done.stderr
    assert (elsewhere / "policy.yaml").read_text("utf-8") == POLICY


def test_a_policy_that_is_no_file_is_not_waited_for(repo: GitRepo) -> None:
    import os

    repo.write({"riskcheck.yaml": None})
    os.mkfifo(repo.path / "riskcheck.yaml")
    done = acknowledge(repo, "--write")
    assert done.returncode == 2
    assert "is not a regular file" in done.stderr


def test_where_nothing_blocks_there_is_nothing_to_acknowledge(repo: GitRepo) -> None:
    repo.commit({"clusters/prod/web.yaml": WEB})
    done = acknowledge(repo)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing to acknowledge" in done.stderr


def test_the_gate_itself_and_freezes_are_not_acknowledged(repo: GitRepo) -> None:
    freeze = f"freezes: [{{name: year-end, from: {in_days(-1)}, to: {in_days(1)}}}]\n"
    repo.git("checkout", "-q", "main")
    repo.commit({"riskcheck.yaml": POLICY + freeze})
    repo.git("checkout", "-q", "change")
    repo.commit({"riskcheck.yaml": "version: 1\n"})
    done = acknowledge(repo)
    assert done.returncode == 1
    assert "GOV-006" not in done.stdout
    assert "riskcheck.yaml" in done.stderr
    assert "no waiver covers this" in done.stderr
    assert "the change still has to wait: freeze year-end" in done.stderr


@pytest.mark.parametrize(
    ("owner", "until", "told"),
    [
        ("somebody@example.com", "", "names a person as its owner"),
        (" ", "", "has no owner"),
        ("team-a", "2020-01-01", "lapsed after 2020-01-01"),
        ("team-a", "2027-2-1", "has no readable date (--until 2027-01-31)"),
        ("team-\u202ea", "", "--owner holds characters that cannot be shown"),
    ],
)
def test_one_that_would_waive_nothing_is_not_written(
    repo: GitRepo, owner: str, until: str, told: str
) -> None:
    arguments = ("--owner", owner, "--reason", "b", "--until", until or in_days(30), "--write")
    done = riskcheck(repo.path, "acknowledge", "main", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert (repo.path / "riskcheck.yaml").read_text() == POLICY


def test_merged_it_is_told_by_lint(repo: GitRepo) -> None:
    acknowledge(repo, "--write")
    done = riskcheck(repo.path, "lint")
    told = " ".join(done.stdout.split())
    assert "1 waiver acknowledges a single change; remove what is merged: riskcheck.yaml:6" in told
    repo.write({"clusters/prod/web.yaml": None})
    done = riskcheck(repo.path, "lint")
    assert "LNT-009" in done.stdout


def waits(report: dict[str, Any]) -> bool:
    """Whether the approval is missing, which then blocks."""
    told = "GOV-002" in {one["code"] for one in report["findings"]}
    assert report["verdict"] == "block" or not told
    return told


class TestApprovalsOfWhatWasFound:
    @pytest.fixture
    def scoped(self, repo: GitRepo) -> GitRepo:
        more = "services: [{name: shop, owner: team-shop, scopes: [sox], paths: ['clusters/**']}]\n"
        more += "approvals: [{scope: sox, teams: [team-controls]}]\n"
        repo.git("checkout", "-q", "main")
        repo.commit({"riskcheck.yaml": POLICY.replace("promotion: git\n", "") + more})
        repo.git("checkout", "-q", "change")
        repo.git("rebase", "-q", "main")
        return repo

    def judged(self, repo: GitRepo, findings: object) -> dict[str, Any]:
        path = repo.path.parent / "approvals.json"
        given = {"team": "team-controls", "scope": "sox", "at": "2024-01-01T00:00:00Z", "findings": findings}
        path.write_text(json.dumps([given]), encoding="utf-8")
        done = riskcheck(repo.path, "diff", "main", "--format", "json", "--approvals", str(path))
        assert done.stderr == ""
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def prints(self, repo: GitRepo) -> list[str]:
        return [one["fingerprint"] for one in diff(repo)["findings"] if one["code"] not in ("GOV-002",)]

    def test_it_holds_for_what_it_lists_and_for_less(self, scoped: GitRepo) -> None:
        listed = self.prints(scoped)
        assert listed
        assert "GOV-002" in {one["code"] for one in diff(scoped)["findings"]}
        assert not waits(self.judged(scoped, listed))
        assert not waits(self.judged(scoped, [*listed, "a" * 16]))

    def test_anything_more_ends_it(self, scoped: GitRepo) -> None:
        listed = self.prints(scoped)
        scoped.commit({"clusters/prod/api.yaml": API.replace("replicas: 3", "replicas: 1")})
        assert waits(self.judged(scoped, listed))
        assert not waits(self.judged(scoped, self.prints(scoped)))

    def test_an_empty_list_approves_what_nothing_is_found_in(self, scoped: GitRepo) -> None:
        assert waits(self.judged(scoped, []))
        scoped.commit(
            {"clusters/prod/web.yaml": WEB.replace("labels: {app: web}", "labels: {app: web, a: b}")}
        )
        assert self.prints(scoped) == []
        report = self.judged(scoped, [])
        assert (report["findings"], report["verdict"]) == ([], "pass")
