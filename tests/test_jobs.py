"""`--jobs`: however many processes read an estate, the answer is the same."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from riskcheck import indexing
from riskcheck.environments import EnvironmentModel
from riskcheck.estate import resolve_whole
from riskcheck.graph.index import MemoryIndex
from riskcheck.policy.load import load_policy
from riskcheck.sources import open_comparison
from riskcheck.sources.spec import RangeSpec
from riskcheck.trees import MemoryTree
from riskcheck.workers import spread
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB


def catalog(number: int) -> str:
    """A component that needs the one before it, among words enough to be worth sharing out."""
    return (
        "apiVersion: backstage.io/v1alpha1\n"
        "kind: Component\n"
        f"metadata: {{name: s{number}, description: {'words ' * 300}}}\n"
        "spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n"
        f"  dependsOn: [component:s{number - 1}]\n"
    )


def files(count: int) -> dict[str, str]:
    found = {f"services/s{number}/catalog-info.yaml": catalog(number) for number in range(1, count)}
    return {**found, "services/s9999/catalog-info.yaml": "a: [", "services/s0/catalog-info.yaml": catalog(0)}


@pytest.mark.parametrize("at_once", [20_000, indexing.AT_ONCE])
def test_the_index_is_the_same_for_any_number(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", at_once)
    monkeypatch.setattr(indexing, "PAYS", 1)
    tree = MemoryTree({path: text.encode() for path, text in files(40).items()}, "head", "tree")
    policy = load_policy(tree, None)
    seen = []
    for jobs in (1, 2, 5):
        indexer = indexing.Indexer(policy, None, jobs)
        read = indexer._read(tree, tree.entries())
        assert isinstance(indexer.index, MemoryIndex)
        seen.append([(file, indexer.index.facts(file)) for file in read])
        assert indexer.index.naming("s3") == sorted(indexer.index.naming("s3"))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 41
    assert next(facts.limitations for file, facts in seen[0] if "9999" in file.path), "what is broken is told"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="processes are not forked here")
def test_processes_are_really_used(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests may have left threads behind.
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    forked = []
    fork = os.fork

    def counted() -> int:
        forked.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    tree = MemoryTree({path: text.encode() for path, text in files(400).items()}, "head", "tree")
    policy = load_policy(tree, None)
    for jobs, expected in ((1, 0), (3, 2)):
        forked.clear()
        index = indexing.Indexer(policy, None, jobs)
        index._read(tree, tree.entries())
        assert len(forked) == expected


def test_a_diff_says_the_same_for_any_number(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    web = "services/s0/prod/web.yaml"
    repo.commit({**files(400), web: WEB.replace("name: web,", "name: s0,")}, at=1_790_000_000)
    repo.commit({web: WEB.replace("name: web,", "name: s0,").replace("replicas: 3", "replicas: 1")})
    results = [
        riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--no-cache", "--format", "json", *jobs)
        for jobs in ((), ("--jobs", "1"), ("--jobs", "2"), ("--jobs", "7"))
    ]
    bodies = {"\n".join(line for line in one.stdout.splitlines() if "as_of" not in line) for one in results}
    assert len(bodies) == 1
    assert {(one.returncode, one.stderr) for one in results} == {(0, "")}
    assert '"K8S-001"' in results[0].stdout and '"s1"' in results[0].stdout


def overlays(count: int) -> dict[str, str]:
    """Components of a base and an overlay each; the file of every seventh is broken."""
    found = {}
    for number in range(count):
        folder = f"components/c{number:02}"
        found[f"{folder}/base/web.yaml"] = WEB.replace("web", f"web{number}") if number % 7 else "a: [\n"
        found[f"{folder}/base/kustomization.yaml"] = "resources: [web.yaml]\n"
        found[f"{folder}/production/kustomization.yaml"] = "resources: [../base]\nnamespace: shop\n"
    return found


@pytest.fixture(scope="module")
def components(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    repo = GitRepo(tmp_path_factory.mktemp("jobs") / "repo")
    repo.commit(overlays(60))
    return repo


@pytest.mark.parametrize("revision", ["HEAD", None])
def test_a_graph_is_the_same_for_any_number(components: GitRepo, revision: str | None) -> None:
    arguments = ("graph", *([revision] if revision else []), "--no-cache", "--format", "json")
    results = [
        riskcheck(components.path, *arguments, *jobs)
        for jobs in ((), ("--jobs", "1"), ("--jobs", "2"), ("--jobs", "5"))
    ]
    assert {(one.returncode, one.stderr) for one in results} == {(0, "")}
    assert len({one.stdout for one in results}) == 1
    told = json.loads(results[0].stdout)
    assert len(told["services"]) > 40
    assert {one["kind"] for one in told["limitations"]} >= {"parse-error"}


def test_a_graph_is_made_by_as_many_processes(components: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    tree = MemoryTree({path: text.encode() for path, text in overlays(60).items()}, "head", "tree")
    policy = load_policy(tree, None)
    environments = EnvironmentModel(policy.environments, policy.promotion, paths=tree.entries)
    bodies = []
    for jobs in (1, 2):
        resources, _ = resolve_whole(tree, policy, environments, jobs=jobs)
        bodies.append(sum(not one.body.entries for one in resources))
        assert [one.unit for one in resources] == sorted(one.unit for one in resources)
    assert bodies[0] == 0
    assert 0 < bodies[1] < 60 or sys.platform in ("win32", "darwin"), (
        "what comes from another one has no values"
    )


def test_a_copy_reads_from_git_by_itself(components: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    comparison = open_comparison(
        RangeSpec(root=str(components.path), revision="HEAD..HEAD", environ=components.environ)
    )
    tree = comparison.head
    paths = sorted(tree.entries())
    # Answers are on their way when the copies are made.
    tree.prefetch(paths)
    tree.read(paths[0])
    expected = {path: text.encode() for path, text in overlays(60).items()}
    for _ in range(2):
        assert dict(zip(paths, spread(tree.read, paths, 3), strict=True)) == expected
        tree.prefetch(paths)
    assert {path: tree.read(path) for path in paths} == expected
