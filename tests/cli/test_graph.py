"""`riskcheck graph` on real repositories."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders, tags: [tier-1]}
spec:
  owner: group:default/team-orders
  dependsOn: [component:ledger]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec:
  owner: user:jane.doe
  dependsOn: [component:orders, resource:ledger-db]
"""
BUNDLE = """\
bundle: {name: lake}
targets:
  prod: {mode: production}
resources:
  pipelines:
    gold: {name: gold}
  jobs:
    nightly:
      name: nightly
      tasks:
        - task_key: gold
          pipeline_task: {pipeline_id: "${resources.pipelines.gold.id}"}
"""
POLICY = """\
version: 1
services:
  - {name: orders, owner: team-sales, depends_on: [lake]}
"""
FILES = {
    "catalog-info.yaml": CATALOG,
    "databricks.yml": BUNDLE,
    "riskcheck.yaml": POLICY,
    "web/docker-compose.yml": "services:\n  web: {depends_on: [db]}\n  db: {image: postgres}\n",
    "CODEOWNERS": "/web/ @acme/web @jane\n",
    "broken/catalog-info.yaml": "a: [\n",
}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(FILES)
    monkeypatch.chdir(made.path)
    return made


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return riskcheck(Path.cwd(), "graph", *arguments)


def shown(*arguments: str) -> dict[str, list[dict[str, object]]]:
    result = run("--format", "json", *arguments)
    assert result.returncode == 0, result.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    return found


def test_the_whole_graph_comes_from_catalogs_policy_and_references(repo: GitRepo) -> None:
    graph = shown()
    owners = {one["name"]: one["owner"] for one in graph["services"]}
    assert owners["orders"] == "team-sales"
    assert owners["ledger"] == "an individual"
    assert owners["web"] == "web"
    assert {"web/db", "lake", "resource:ledger-db"} <= set(owners)
    links = {(one["dependant"], one["dependency"]) for one in graph["links"]}
    assert {("orders", "ledger"), ("ledger", "orders"), ("orders", "lake"), ("web", "web/db")} <= links


def test_contradictions_circles_dangling_references_and_broken_files_are_told(repo: GitRepo) -> None:
    result = run()
    assert result.returncode == 0
    assert "jane" not in result.stdout
    squashed = " ".join(result.stdout.split())
    for told in (
        "cycle ledger → orders → ledger",
        "ledger dependsOn orders: catalog-info.yaml:13",
        "owner of orders: team-sales (riskcheck.yaml:3) holds;",
        "catalog-info.yaml:5 says team-orders",
        "nothing declares resource:ledger-db, which catalog-info.yaml:13 needs",
        "limit broken/catalog-info.yaml:2:",
    ):
        assert told in squashed, told


def test_around_a_service(repo: GitRepo) -> None:
    graph = shown("--service", "lake")
    names = {one["name"]: one["reached"] for one in graph["services"]}
    assert set(names) == {"lake", "orders", "ledger"}
    assert [one["name"] for one in graph["services"] if one["changed"]] == ["lake"]
    assert names["ledger"]["services"] == ["lake", "orders", "ledger"]  # type: ignore[index]


def test_a_service_that_is_not_known_is_an_error_with_what_comes_near(repo: GitRepo) -> None:
    result = run("--service", "order")
    assert result.returncode == 2
    assert result.stderr == "riskcheck: no service called order: did you mean orders?\n"


def test_a_change_reaches_what_hangs_off_it_by_a_path(repo: GitRepo) -> None:
    repo.commit({"databricks.yml": BUNDLE.replace("{name: gold}", "{name: gold, continuous: true}")})
    graph = shown("--changed", "HEAD~1..HEAD")
    names = {one["name"]: one for one in graph["services"]}
    assert set(names) == {"lake", "orders", "ledger"}
    assert [part["label"] for part in names["lake"]["parts"]] == ["pipeline gold"]  # type: ignore[attr-defined]
    way = names["orders"]["reached"]["path"]  # type: ignore[index]
    assert (way[0], way[-2:]) == ("pipeline gold", ["lake", "orders"])
    result = run("--changed", "HEAD~1..HEAD")
    assert "1 service changed, 2 more reached" in result.stdout
    assert "orders ← lake ←" in result.stdout


def test_a_removed_resource_is_a_change_of_its_service(repo: GitRepo) -> None:
    (repo.path / "databricks.yml").unlink()
    graph = shown("--changed")
    assert [one["name"] for one in graph["services"] if one["changed"]] == ["lake"]
    assert "orders" in {one["name"] for one in graph["services"]}


def test_a_change_of_a_catalog_changes_no_service(repo: GitRepo) -> None:
    repo.write({"catalog-info.yaml": CATALOG.replace("tier-1", "tier-2")})
    assert "0 services changed, 0 more reached" in run("--changed").stdout


def test_a_directory_and_a_revision_are_looked_at_as_they_are(repo: GitRepo) -> None:
    repo.commit({"catalog-info.yaml": None, "riskcheck.yaml": None})
    assert "ledger" not in {one["name"] for one in shown()["services"]}
    assert "ledger" in {one["name"] for one in shown("HEAD~1")["services"]}
    assert {one["name"] for one in shown("--to", ".")["services"]} == {
        one["name"] for one in shown()["services"]
    }


@pytest.mark.parametrize("format_", ["text", "dot", "mermaid", "json", "html"])
def test_every_format_goes_to_a_file(repo: GitRepo, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "out"
    result = run("--format", format_, "--output", str(target))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert target.read_text("utf-8") == run("--format", format_).stdout
    assert "orders" in target.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--changed", "--service", "orders"], "choose --changed or --service"),
        (["HEAD~1..HEAD"], "goes with --changed"),
        (["--staged"], "goes with --changed"),
        (["--service", "orders", "--from", "a", "--to", "b"], "goes with --changed"),
        (["HEAD", "web"], "goes with --changed"),
    ],
)
def test_what_makes_no_sense_is_refused(repo: GitRepo, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_an_empty_repository_has_an_empty_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    result = run("--to", str(tmp_path / "empty"))
    assert (result.returncode, result.stdout) == (0, "0 services, 0 dependencies\n")
