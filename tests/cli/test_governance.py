"""Freezes, deploy windows, approvals, budgets and responses through the command line, in real repositories."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from riskcheck.policy.windows import DAYS
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

WAIVER = """\
waivers:
  - {rule: GOV-001, where: "clusters/**", owner: team-shop, reason: fix of an outage, until: %s}
"""


def day(ahead: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=ahead)


def freeze() -> str:
    return (
        "version: 1\n"
        "services: [{name: shop, owner: team-shop, support: premium, sla: 15m, scopes: [sox],\n"
        "            paths: ['clusters/**']}]\n"
        f"freezes:\n  - {{name: quarter-end, from: {day(-1):%Y-%m-%d}, to: {day(1):%Y-%m-%d}}}\n"
    )


def branch(tmp_path: Path, policy: str, *, old: str = "web:1", new: str = "web:2") -> GitRepo:
    """A branch off main that changes production, with commits of long ago."""
    repo = GitRepo(tmp_path / "repo")
    manifest = WEB.replace("web:1.4.2", "web:1")
    assert old in manifest
    repo.commit({"clusters/prod/web.yaml": manifest, "docs/web.md": "Web.\n", "riskcheck.yaml": policy})
    repo.git("checkout", "-q", "-b", "change")
    repo.commit({"clusters/prod/web.yaml": manifest.replace(old, new), "docs/web.md": "The web.\n"})
    return repo


def report(repo: GitRepo, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = riskcheck(repo.path, "diff", "main", "--format", "json", *arguments)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_change_inside_of_a_freeze_waits_however_old_its_commits_are(tmp_path: Path) -> None:
    repo = branch(tmp_path, freeze())
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 1
    assert done.stdout.count("freeze quarter-end until") == 2, "one finding, one reason"
    assert "P1 GOV-001  freeze quarter-end until" in done.stdout
    assert "clusters/prod/web.yaml:9:44" in done.stdout
    code, found = report(repo)
    (finding,) = found["findings"]
    assert (code, finding["code"], finding["level"], finding["environments"]) == (
        1,
        "GOV-001",
        "P1",
        ["prod"],
    )
    assert finding["related"][0] == {
        "role": "freeze",
        "path": "riskcheck.yaml",
        "side": "base",
        "line": 5,
        "column": 1,
    }
    assert "advice    wait for the day or the approval that is named" in done.stdout
    assert found["recommendation"]["action"] == "delay"
    assert len(found["recommendation"]["reasons"]) == 1
    assert (found["score"], found["response"]) == (0.0, None), "waiting for a day breaks nothing"


@pytest.mark.parametrize(("fail_on", "code"), [("P0", 0), ("P1", 1), ("P2", 1), ("never", 0)])
def test_a_freeze_weighs_as_p1_against_a_threshold(tmp_path: Path, fail_on: str, code: int) -> None:
    repo = branch(tmp_path, freeze())
    returned, found = report(repo, "--fail-on", fail_on)
    assert returned == code
    assert len(found["recommendation"]["reasons"]) == 1


def test_an_emergency_goes_through_where_a_waiver_is_merged_first(tmp_path: Path) -> None:
    repo = branch(tmp_path, freeze() + WAIVER % f"{day(1):%Y-%m-%d}")
    code, found = report(repo)
    assert (code, found["verdict"]) == (0, "pass")
    assert found["findings"][0]["waiver"]["owner"] == "team-shop"
    assert report(repo, "--no-waivers")[0] == 1


def test_a_waiver_that_lapsed_since_the_commit_waives_nothing(tmp_path: Path) -> None:
    repo = branch(tmp_path, freeze() + WAIVER % f"{day(-2):%Y-%m-%d}")
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 1
    assert "lapsed after" in done.stdout


def test_documents_change_inside_of_a_freeze(tmp_path: Path) -> None:
    repo = branch(tmp_path, freeze())
    repo.git("checkout", "-q", "main", "--", "clusters/prod/web.yaml")
    repo.git("commit", "-q", "-m", "back")
    assert report(repo)[0] == 0


def test_a_closed_window_holds_and_an_open_one_does_not(tmp_path: Path) -> None:
    closed, opened = DAYS[day(3).weekday()], DAYS[day(0).weekday()]
    window = "version: 1\nwindows: [{name: office, days: [%s], from: '00:00', to: '24:00'}]\n"
    code, found = report(branch(tmp_path / "closed", window % closed))
    assert code == 1
    assert f"which opens {closed} {day(3):%Y-%m-%d} 00:00 UTC" in found["recommendation"]["reasons"][0]
    # At midnight the day may just have ended.
    assert report(branch(tmp_path / "open", window % f"{opened}, {DAYS[day(1).weekday()]}"))[0] == 0


class TestApprovals:
    POLICY = (
        "version: 1\n"
        "services: [{name: shop, owner: team-shop, scopes: [sox], paths: ['clusters/**']}]\n"
        "approvals: [{scope: sox, teams: [team-controls]}]\n"
    )

    def approved(self, repo: GitRepo, when: float) -> tuple[int, dict[str, Any]]:
        at = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = repo.path.parent / "approvals.json"
        given = [{"team": "team-controls", "scope": "sox", "at": at, "by": "somebody-who-is-not-read"}]
        path.write_text(json.dumps(given), encoding="utf-8")
        return report(repo, "--approvals", str(path))

    def test_a_change_in_scope_needs_its_approval(self, tmp_path: Path) -> None:
        code, found = report(branch(tmp_path, self.POLICY))
        assert code == 1
        (finding,) = found["findings"]
        assert (finding["code"], finding["location"]["path"]) == ("GOV-002", "clusters/prod/web.yaml")
        assert found["recommendation"]["reasons"] == [
            "sox needs the approval of team-controls (riskcheck.yaml:3) for shop (prod)"
        ]

    def test_an_approval_comes_after_the_commit_that_it_approves(self, tmp_path: Path) -> None:
        code, found = self.approved(branch(tmp_path, self.POLICY), time.time() - 60)
        assert (code, found["findings"]) == (0, [])
        assert "somebody" not in json.dumps(found)

    def test_an_approval_from_the_future_is_none(self, tmp_path: Path) -> None:
        assert self.approved(branch(tmp_path, self.POLICY), time.time() + 3_600)[0] == 1


def test_the_response_and_the_service_are_told(tmp_path: Path) -> None:
    policy = (
        "version: 1\n"
        "services: [{name: shop, owner: team-shop, criticality: tier-1, support: premium, sla: 15m, rto: 90s,\n"
        "            paths: ['clusters/**']}]\n"
        "response: {P1: {to: team-shop-on-call, escalate: [{after: 90m, to: head of shop}]}}\n"
    )
    repo = branch(tmp_path, policy, old="replicas: 3", new="replicas: 2")
    code, found = report(repo)
    assert (code, found["level"]) == (0, "P1")
    assert found["response"] == {
        "level": "P1",
        "notice": "page",
        "within_seconds": 900,
        "answer_seconds": 3_600,
        "to": "team-shop-on-call",
        "escalate": [{"after_seconds": 5_400, "to": "head of shop"}],
        "source": "riskcheck.yaml:4",
    }
    quiet = riskcheck(repo.path, "diff", "main").stdout
    assert "  service   shop (tier-1, premium support, RTO 90s, SLA 15m)\n" in quiet
    assert "respond" not in quiet
    told = riskcheck(repo.path, "diff", "main", "--explain").stdout
    line = (
        "respond if P1 comes true: page the team-shop-on-call within 15 min, answer within 1 h; head of shop "
        "after 1 h 30 min"
    )
    assert line in " ".join(told.split())


def test_a_policy_that_names_a_person_ends_the_run(tmp_path: Path) -> None:
    repo = branch(tmp_path, "version: 1\nresponse: {P0: {to: jo@example.com}}\n")
    done = riskcheck(repo.path, "diff", "main")
    assert done.returncode == 2
    assert "riskcheck.yaml:2: response.P0.to: names a person; name the role or the team" in done.stderr
    assert "jo@" not in done.stderr


TOKEN = "glpat-" + "q8Zt4LmXv2Rk9PwBn7Jd"
RANDOM = "q8Zt4LmXv2Rk9PwB" + "n7Jd3HsYc6Ge1FuA"


FLOW = WEB.replace('web:1.4.2"', 'web:1", env: [{name: API_TOKEN, value: %s}]')
BLOCK = WEB.replace(
    '{containers: [{name: web, image: "registry.example/web:1.4.2"}]}',
    """
      containers:
        - name: web
          image: registry.example/web:1
          env:
            - name: API_TOKEN
              value: %s
""",
)


@pytest.mark.parametrize("secret", [TOKEN, RANDOM])
@pytest.mark.parametrize("manifest", [FLOW, BLOCK])
def test_a_credential_is_told_and_in_no_output(tmp_path: Path, secret: str, manifest: str) -> None:
    repo = branch(tmp_path, "version: 1\n")
    repo.commit({"clusters/prod/web.yaml": manifest % secret})
    outputs = [
        riskcheck(repo.path, "diff", "main", *arguments)
        for arguments in ((), ("--explain",), ("--format", "json"), ("--fail-on", "P1"))
    ]
    assert all("GOV-007" in one.stdout for one in outputs)
    assert all(secret not in one.stdout + one.stderr for one in outputs)
    cached = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert cached
    assert not any(secret.encode() in path.read_bytes() for path in cached)


def test_a_file_that_gets_another_name_is_one_file(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"prod/web.yaml": WEB})
    repo.commit({"prod/web.yaml": None, "prod/shop.yaml": WEB})
    summary = json.loads(riskcheck(repo.path, "diff", "HEAD~1", "--format", "json").stdout)["summary"]
    assert (summary["files_changed"], summary["files_read"]) == (1, 1)
