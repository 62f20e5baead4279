"""`riskcheck plan` as a process, on real repositories: what it says, and how it exits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from riskcheck.data import data_dir
from tests.cli.test_diff import ROOT, riskcheck
from tests.gitrepo import EPOCH, GitRepo
from tests.manifests import VOLUME, WEB
from tests.report.rendering import offences

SCHEMA = Draft202012Validator(json.loads((data_dir("schemas") / "plan.schema.json").read_text("utf-8")))
EXAMPLES = ROOT / "examples"
DAY = 86_400

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h, paths: ["clusters/staging/**"]}
  - {name: prod-eu, stage: prod, region: eu, paths: ["clusters/prod-eu/**"]}
  - {name: prod-us, stage: prod, region: us, paths: ["clusters/prod-us/**"]}
services:
  - {name: web, owner: team-shop, criticality: tier-2, scopes: [pii],
     runbook: {url: docs/web.md, exercised: 2023-10-20, duration: 5m}, paths: ["**/web.yaml"], depends_on: [api]}
  - {name: api, owner: team-shop, criticality: tier-1, paths: ["**/api.yaml"]}
"""
API = WEB.replace("name: web", "name: api")


def fewer(text: str) -> str:
    return text.replace("replicas: 3", "replicas: 1")


def files(*environments: str) -> dict[str, str]:
    return {
        f"clusters/{name}/{file}": text
        for name in environments
        for file, text in (("web.yaml", WEB), ("api.yaml", API))
    }


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {"riskcheck.yaml": POLICY, "docs/web.md": "Revert.\n", **files("staging", "prod-eu", "prod-us")},
        at=EPOCH,
    )
    return made


def plan(where: Path, *arguments: str) -> dict[str, Any]:
    done = riskcheck(where, "plan", "--format", "json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    SCHEMA.validate(found)
    return found


def waves(found: dict[str, Any]) -> list[list[str]]:
    return [[one["name"] for one in wave["environments"]] for wave in found["waves"]]


def text(where: Path, *arguments: str) -> str:
    done = riskcheck(where, "plan", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def words(where: Path, *arguments: str) -> str:
    return " ".join(text(where, *arguments).split())


def everywhere(repo: GitRepo, *names: str, at: int | None = None) -> None:
    wanted = files(*names) if names else files("staging", "prod-eu", "prod-us")
    repo.commit({path: fewer(text) for path, text in wanted.items()}, at=at)


def test_a_change_goes_stage_by_stage_region_by_region_dependency_first(repo: GitRepo) -> None:
    everywhere(repo)
    found = plan(repo.path, "HEAD~1..HEAD")
    assert waves(found) == [["staging"], ["prod-eu"], ["prod-us"]]
    assert [wave["paths"] for wave in found["waves"]][1] == [
        "clusters/prod-eu/api.yaml",
        "clusters/prod-eu/web.yaml",
    ]
    steps = [[one["name"] for one in step["services"]] for step in found["waves"][0]["steps"]]
    assert steps == [["api"], ["web"]]
    assert found["waves"][0]["steps"][1]["needs"][0]["dependency"] == "api"
    assert [wave["starts_after_seconds"] for wave in found["waves"]] == [0, DAY, DAY + 3600]
    back = found["rollback"]
    assert [one["wave"] for one in back] == [3, 2, 1]
    assert [one["name"] for one in back[0]["services"]] == ["web", "api"]
    assert back[0]["ordered"]
    assert found["waves"][1]["proofs"] == [
        {
            "found": True,
            "environment": "prod-eu",
            "service": None,
            "detail": "staging (wave 1) gets it first and soaks 24h",
        }
    ]


def test_more_regions_at_once_where_the_policy_allows_them(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": POLICY + "rules: {options: {CAN-003: {max_regions_per_wave: 2}}}\n"})
    everywhere(repo)
    assert waves(plan(repo.path, "HEAD~1..HEAD")) == [["staging"], ["prod-eu", "prod-us"]]


def test_what_runs_it_already_is_no_wave_and_counts_as_proof(repo: GitRepo) -> None:
    everywhere(repo, "staging", at=EPOCH + DAY)
    everywhere(repo, "prod-eu", at=EPOCH + 4 * DAY)
    found = plan(repo.path, "HEAD~1..HEAD")
    assert waves(found) == [["prod-eu"]]
    assert {(one["service"], one["environment"]) for one in found["already"]} == {
        ("api", "staging"),
        ("web", "staging"),
    }
    assert found["waves"][0]["proofs"][0]["found"]
    assert "staging has run it for 3d" in found["waves"][0]["proofs"][0]["detail"]


def test_production_first_is_told_what_it_skips(repo: GitRepo) -> None:
    everywhere(repo, "prod-eu")
    found = plan(repo.path, "HEAD~1..HEAD")
    (proof,) = found["waves"][0]["proofs"]
    assert not proof["found"]
    assert "staging stands for prod:/eu" in proof["detail"] or "staging stands for prod/eu" in proof["detail"]


SHARES = """\
version: 1
promotion: git
environments:
  - {name: prod-eu, stage: prod, region: eu, share: 0.05, soak: 24h, paths: ["clusters/prod-eu/**"]}
  - {name: prod-us, stage: prod, region: us, share: 0.95, paths: ["clusters/prod-us/**"]}
"""


@pytest.mark.parametrize(
    ("share", "first", "then"),
    [
        ("0.05", "it is the first part of its tier itself: 5 % of the users", True),
        ("0.4", "no environment that stands for prod/eu runs", True),
        ("1.0", "no environment that stands for prod/eu runs", False),
    ],
)
def test_a_part_of_the_users_proves_it_for_the_rest(
    tmp_path: Path, share: str, first: str, then: bool
) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"riskcheck.yaml": SHARES.replace("0.05", share), **files("prod-eu", "prod-us")})
    everywhere(repo, "prod-eu", "prod-us")
    found = plan(repo.path, "HEAD~1..HEAD")
    assert waves(found) == [["prod-eu"], ["prod-us"]]
    (one,) = found["waves"][0]["proofs"]
    assert one["detail"].startswith(first)
    (other,) = found["waves"][1]["proofs"]
    assert other["found"] is then
    assert ("prod-eu (wave 1), with" in other["detail"]) is then


def test_where_a_pipeline_promotes_no_part_of_the_users_proves_anything(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    policy = SHARES.replace("promotion: git", "promotion: pipeline")
    repo.commit({"riskcheck.yaml": policy, **files("prod-eu", "prod-us")})
    everywhere(repo, "prod-eu", "prod-us")
    assert not any(
        proof["found"] for wave in plan(repo.path, "HEAD~1..HEAD")["waves"] for proof in wave["proofs"]
    )


def test_a_shared_line_is_named_with_the_ways_to_split_it(repo: GitRepo) -> None:
    overlay = "resources: [../../base]\n"
    repo.commit(
        {
            "base/kustomization.yaml": "resources: [cart.yaml]\n",
            "base/cart.yaml": WEB.replace("name: web", "name: cart"),
            "clusters/staging/cart/kustomization.yaml": overlay.replace("../../", "../../../"),
            "clusters/prod-eu/cart/kustomization.yaml": overlay.replace("../../", "../../../"),
        }
    )
    repo.commit({"base/cart.yaml": fewer(WEB.replace("name: web", "name: cart"))})
    found = plan(repo.path, "HEAD~1..HEAD")
    assert waves(found) == [["staging"], ["prod-eu"]]
    (file,) = found["shared"]
    assert (file["path"], file["waves"], file["separable"]) == ("base/cart.yaml", [1, 2], False)
    assert file["lines"] == [
        {
            "place": "base/cart.yaml:5",
            "key": "spec.replicas",
            "text": "replicas: 1",
            "environments": ["staging", "prod-eu"],
        }
    ]
    assert "as a patch in clusters/staging/cart first" in file["advice"][0]
    assert [wave["paths"] for wave in found["waves"]] == [[], []]
    assert "takes waves 1 and 2 back at once" in words(repo.path, "HEAD~1..HEAD")


def test_one_file_with_a_line_for_each_target_can_be_merged_in_parts(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "bundle")
    cluster = "{num_workers: 8, spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge}"
    bundle = (
        "bundle: {name: lake}\nresources:\n  pipelines:\n    gold: {name: gold}\n"
        "targets:\n  staging:\n    resources: {pipelines: {gold: {clusters: [CLUSTER]}}}\n"
        "  prod:\n    mode: production\n    resources: {pipelines: {gold: {clusters: [CLUSTER]}}}\n"
    ).replace("CLUSTER", cluster)
    repo.commit({"databricks.yml": bundle})
    repo.commit({"databricks.yml": bundle.replace("num_workers: 8", "num_workers: 80")})
    found = plan(repo.path, "HEAD~1..HEAD")
    (file,) = found["shared"]
    assert (file["separable"], file["lines"]) == (True, [])
    assert "databricks.yml:7 for staging; databricks.yml:10 for prod" in file["advice"][0]
    assert "its part of databricks.yml" in text(repo.path, "HEAD~1..HEAD")


def test_two_bundles_share_the_wave_of_a_target_and_each_is_proven(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "bundles")
    bundle = (
        "bundle: {name: NAME}\nresources:\n  pipelines:\n    gold: {name: gold, clusters: [{num_workers: 8}]}\n"
        "targets:\n  staging: {}\n  prod: {mode: production}\n"
    )
    names = {f"{name}/databricks.yml": bundle.replace("NAME", name) for name in ("lake", "pond")}
    repo.commit(names)
    repo.commit({path: text.replace("s: 8", "s: 80") for path, text in names.items()})
    found = plan(repo.path, "HEAD~1..HEAD")
    assert waves(found) == [["staging"], ["prod"]]
    (proof,) = found["waves"][1]["proofs"]
    assert (proof["found"], proof["service"]) == (True, None)
    assert [one["name"] for one in found["waves"][1]["steps"][0]["services"]] == ["lake", "pond"]


def test_a_freeze_moves_the_waves_that_it_holds_and_those_behind(repo: GitRepo) -> None:
    today = datetime.now(UTC).date()
    begin, last = today + timedelta(days=1), today + timedelta(days=5)
    held = f"freezes: [{{name: sale, from: {begin}, to: {last}, environments: [prod-eu]}}]\n"
    repo.commit({"riskcheck.yaml": POLICY.replace("24h", "48h") + held})
    everywhere(repo)
    found = plan(repo.path, "HEAD~1..HEAD")
    end = f"{last + timedelta(days=1)}T00:00:00Z"
    (freeze,) = found["freezes"]
    assert (freeze["waves"], freeze["holds_now"], freeze["end"]) == ([2], False, end)
    assert [wave["not_before"] for wave in found["waves"]] == [None, end, None]
    assert found["waves"][2]["starts_after_seconds"] == found["waves"][1]["starts_after_seconds"] + 3600


def test_a_wave_waits_for_its_deploy_window(repo: GitRepo) -> None:
    # A minute a week, and not the one that this test runs in.
    past = datetime.now(UTC) - timedelta(minutes=5)
    minute = f"{past:%H:%M}, to: {past + timedelta(minutes=1):%H:%M}"
    window = f"windows: [{{name: rare, days: [{past:%a}], from: {minute}, environments: [prod-us]}}]\n"
    repo.commit({"riskcheck.yaml": POLICY + window.replace(f"{past:%a}", f"{past:%a}".lower())})
    everywhere(repo)
    found = plan(repo.path, "HEAD~1..HEAD")
    assert [(one["name"], one["waves"]) for one in found["windows"]] == [("rare", [3])]
    assert found["waves"][2]["not_before"].endswith(f"{past:%H:%M}:00Z")
    assert 6 * DAY < found["waves"][2]["starts_after_seconds"] <= 7 * DAY


def test_who_responds_is_told_by_role(repo: GitRepo) -> None:
    everywhere(repo)
    found = plan(repo.path, "HEAD~1..HEAD")
    assert found["response"]["level"] == found["level"]
    assert "respond" in text(repo.path, "HEAD~1..HEAD")


def test_approvals_are_asked_of_teams_and_taken_when_given(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": POLICY + "approvals: [{scope: pii, teams: [team-privacy]}]\n"})
    everywhere(repo)
    (need,) = plan(repo.path, "HEAD~1..HEAD")["approvals"]
    assert (need["teams"], need["services"], need["waves"], need["given"]) == (
        ["team-privacy"],
        ["web"],
        [2, 3],
        False,
    )
    given = repo.path.parent / "given.json"
    given.write_text(
        '[{"team": "team-privacy", "scope": "pii", "at": "2023-11-01T00:00:00Z", "by": "Nobody Known"}]'
    )
    found = riskcheck(repo.path, "plan", "HEAD~1..HEAD", "--approvals", str(given)).stdout
    assert "✓ pii: team-privacy, for web: given" in found
    assert "Nobody" not in found


def test_what_a_revert_does_not_bring_back_is_said(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"databricks.yml": VOLUME})
    repo.commit({"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]})
    found = plan(repo.path, "HEAD~1..HEAD")
    assert found["verdict"] == "block"
    (back,) = found["rollback"]
    assert len(back["losses"]) == 1
    assert "a revert re-creates volume landing empty" in back["losses"][0]
    assert back["without_runbook"]


def test_readers_go_back_before_what_they_read(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    bundle = (
        "bundle: {name: lake}\nresources:\n  schemas:\n    raw: {name: raw, catalog_name: main, comment: old}\n"
        "  pipelines:\n    gold: {name: gold, schema: '${resources.schemas.raw.name}',"
        " clusters: [{num_workers: 3}]}\ntargets:\n  prod: {mode: production}\n"
    )
    repo.commit({"databricks.yml": bundle})
    repo.commit({"databricks.yml": bundle.replace("comment: old", "comment: new").replace("s: 3", "s: 90")})
    (back,) = plan(repo.path, "HEAD~1..HEAD")["rollback"]
    (service,) = back["services"]
    assert service["order"] == [["databricks:pipelines.gold"], ["databricks:schemas.raw"]]
    assert "lake (databricks:pipelines.gold, then databricks:schemas.raw)" in words(repo.path, "HEAD~1..HEAD")


def test_runbooks_are_those_that_are_linked_and_the_rest_is_said(repo: GitRepo) -> None:
    everywhere(repo)
    found = words(repo.path, "HEAD~1..HEAD")
    assert "docs/web.md" in found
    assert "2023-10-20" in found
    assert "no runbook is linked for api" in found


def test_only_what_the_repository_names_is_to_be_watched(repo: GitRepo) -> None:
    everywhere(repo)
    assert "the repository names nothing to watch for api, web" in words(repo.path, "HEAD~1..HEAD")
    rule = (
        "kind: PrometheusRule\nmetadata: {name: web}\n"
        "spec: {groups: [{name: web, rules: [{alert: WebDown, expr: 'up{job=\"web\"} == 0'}]}]}\n"
    )
    repo.commit({"monitoring/web.yaml": rule})
    found = plan(repo.path, "HEAD~2..HEAD")
    (signal,) = found["waves"][0]["watch"]
    assert (signal["kind"], signal["name"], signal["place"]) == ("alert", "WebDown", "monitoring/web.yaml:3")
    assert found["waves"][0]["unwatched"] == ["api"]


def test_a_change_that_is_not_risky_is_one_wave(repo: GitRepo) -> None:
    repo.commit(
        {"clusters/prod-eu/web.yaml": WEB.replace("replicas: 3", "replicas: 4"), "README.md": "Shop.\n"}
    )
    found = plan(repo.path, "HEAD~1..HEAD")
    assert (found["staged"], waves(found), found["verdict"]) == (False, [["prod-eu"]], "pass")
    assert [one["path"] for one in found["unstaged"]] == ["README.md"]
    shown = text(repo.path, "HEAD~1..HEAD")
    assert shown.startswith("PLAN  one wave, nothing to stage: prod-eu\n")
    assert len(shown.splitlines()) < 6


@pytest.mark.parametrize("broken", ["resources: {jobs: {a: ${x}}}\n", "resources:\n\t- x\n"])
def test_what_was_not_read_may_not_be_merged_any_time(tmp_path: Path, broken: str) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"databricks.yml": f"bundle: {{name: a}}\n{broken}"})
    repo.commit({"databricks.yml": f"bundle: {{name: b}}\n{broken}"})
    (left,) = plan(repo.path, "HEAD~1..HEAD")["unstaged"]
    assert left == {"path": "databricks.yml", "reason": "not read in full: what it deploys is not known"}
    shown = words(repo.path, "HEAD~1..HEAD")
    assert "what changes is not known" in shown
    assert "nothing risky in what was read" in shown
    assert "merge it as it is" not in shown


def test_what_is_taken_out_of_a_shared_file_is_kept_for_later_waves(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    both = VOLUME.replace("targets:\n", "targets:\n  staging: {}\n")
    repo.commit({"databricks.yml": both})
    repo.commit({"databricks.yml": both.partition("resources:")[0] + both[both.index("targets:") :]})
    (file,) = plan(repo.path, "HEAD~1..HEAD")["shared"]
    assert file["advice"][0].startswith("state what databricks.yml:")
    assert "all but staging (wave 1)" in file["advice"][0]
    shown = words(repo.path, "HEAD~1..HEAD")
    assert "set the new value" not in shown
    assert ", now `" not in shown


def test_what_was_broken_is_held_and_no_waves_are_promised(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"databricks.yml": VOLUME})
    repo.commit({"databricks.yml": VOLUME + "\tx\n"})
    shown = words(repo.path, "HEAD~1..HEAD")
    assert "BLOCK P1: it is held" in shown
    assert "the waves say" not in shown


def test_a_pipeline_that_waits_before_some_waves_is_named(tmp_path: Path) -> None:
    workflow = """\
on: {push: {branches: [main]}}
jobs:
  staging: {runs-on: x, steps: [{run: databricks bundle deploy -t staging}]}
  prod: {needs: staging, runs-on: x, environment: prod, steps: [{run: databricks bundle deploy -t prod}]}
"""
    repo = GitRepo(tmp_path / "repo")
    both = VOLUME.replace("targets:\n", "targets:\n  dev: {mode: development}\n  staging: {}\n")
    repo.commit({"databricks.yml": both, ".github/workflows/deploy.yml": workflow})
    repo.commit({"databricks.yml": both.partition("resources:")[0] + both[both.index("targets:") :]})
    (file,) = plan(repo.path, "HEAD~1..HEAD")["shared"]
    assert "waits before prod, and not before staging" in file["advice"][1]


def test_nothing_changed_is_said(repo: GitRepo) -> None:
    assert text(repo.path) == "PLAN  nothing changed, nothing to roll out\n"
    assert waves(plan(repo.path)) == []


def test_what_guards_the_merge_goes_on_its_own_before(repo: GitRepo) -> None:
    everywhere(repo)
    repo.commit({"riskcheck.yaml": POLICY.replace("soak: 24h", "soak: 1h")})
    found = plan(repo.path, "HEAD~2..HEAD")
    assert [one["path"] for one in found["unstaged"]] == ["riskcheck.yaml"]
    assert "on its own" in found["unstaged"][0]["reason"]


def test_a_catalog_describes_and_belongs_to_no_wave(repo: GitRepo) -> None:
    entry = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\nspec: {owner: OWNER}\n"
    )
    repo.commit({"catalog-info.yaml": entry.replace("OWNER", "team-a")})
    everywhere(repo)
    repo.commit({"catalog-info.yaml": entry.replace("OWNER", "team-b")})
    found = plan(repo.path, "HEAD~2..HEAD")
    assert [one["path"] for one in found["unstaged"]] == ["catalog-info.yaml"]
    assert "deploys nothing" in found["unstaged"][0]["reason"]


def test_a_run_that_cannot_be_made_exits_two(repo: GitRepo) -> None:
    assert riskcheck(repo.path, "plan", "no-such-revision").returncode == 2
    assert riskcheck(repo.path, "plan", "--output", "sarif:x").returncode == 2
    assert riskcheck(repo.path.parent, "plan").returncode == 2


def test_every_format_can_be_written_at_once(repo: GitRepo) -> None:
    everywhere(repo)
    arguments = ["plan", "HEAD~1..HEAD", "--output", "json:p.json", "--output", "markdown:p.md"]
    assert riskcheck(repo.path, *arguments).stdout.startswith("PLAN  3 waves")
    SCHEMA.validate(json.loads((repo.path / "p.json").read_text("utf-8")))
    markdown = (repo.path / "p.md").read_text("utf-8")
    assert markdown.startswith("## Plan: 3 waves")
    assert "### Wave 1: staging" in markdown


def test_markdown_takes_no_orders_from_the_repository(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    name = "clusters/prod/<img src=x>@team|`a`.yaml"
    repo.commit({name: WEB})
    repo.commit({name: fewer(WEB)})
    shown = riskcheck(repo.path, "plan", "HEAD~1..HEAD", "--format", "markdown").stdout
    assert "Wave 1" in shown
    assert "<img" not in shown and "@team" not in shown
    assert offences(shown) == []


def test_a_secret_on_a_shared_line_is_not_shown(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    base = {
        "base/kustomization.yaml": "resources: [secret.yaml, web.yaml]\n",
        "base/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pin: hunter2old}\n",
        "base/web.yaml": WEB,
        "clusters/staging/kustomization.yaml": "resources: [../../base]\n",
        "clusters/prod/kustomization.yaml": "resources: [../../base]\n",
    }
    repo.commit(base)
    repo.commit(
        {"base/secret.yaml": base["base/secret.yaml"].replace("old", "new"), "base/web.yaml": fewer(WEB)}
    )
    for format_ in ("text", "markdown", "json"):
        done = riskcheck(repo.path, "plan", "HEAD~1..HEAD", "--format", format_)
        assert done.returncode == 0
        assert "base/secret.yaml" in done.stdout.replace("&#95;", "_")
        assert "hunter2" not in done.stdout


@pytest.mark.parametrize(
    "scenario", sorted(path.name for path in EXAMPLES.iterdir() if (path / "base").is_dir())
)
def test_the_examples_read_well_in_eighty_columns(scenario: str) -> None:
    folder = EXAMPLES / scenario
    risky = text(ROOT, "--from", str(folder / "base"), "--to", str(folder / "risky"))
    assert risky.startswith("PLAN  ")
    assert "Way back, the last wave first" in risky
    assert not [line for line in risky.splitlines() if len(line) > 80]
    safe = text(ROOT, "--from", str(folder / "base"), "--to", str(folder / "safe"))
    assert "one wave, nothing to stage" in safe
    same = text(ROOT, "--from", str(folder / "base"), "--to", str(folder / "base"))
    assert same == "PLAN  nothing changed, nothing to roll out\n"


def test_a_terminal_that_knows_only_ascii_gets_only_ascii() -> None:
    folder = EXAMPLES / "served-model"
    arguments = ("plan", "--from", str(folder / "base"), "--to", str(folder / "risky"))
    done = riskcheck(ROOT, *arguments, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "\\u" not in done.stdout
    assert "(...churn.config" in done.stdout


def test_the_cell_that_the_first_example_forgot_is_named() -> None:
    folder = EXAMPLES / "jobs-control-plane"
    found = plan(ROOT, "--from", str(folder / "base"), "--to", str(folder / "risky"))
    assert waves(found) == [["canary-standard"], ["prod-standard"], ["prod-premium"]]
    assert [wave["proofs"][0]["found"] for wave in found["waves"][1:]] == [True, False]
    assert "canary-premium" in found["waves"][2]["proofs"][0]["detail"]
    assert found["held_paths"] == ["clusters/prod-premium/scheduler.yaml"]
