"""The graph of a tree, kept between runs: it speeds them up and changes no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck import cache
from riskcheck.dependencies import Dangling, Edge
from riskcheck.graph.kept import read, written
from riskcheck.graph.model import ServiceGraph
from riskcheck.program import stamp
from tests.cli.test_diff import riskcheck
from tests.cli.test_graph import FILES, POLICY
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(FILES)
    return made


def shown(repo: GitRepo, *arguments: str) -> str:
    done = riskcheck(repo.path, "graph", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kept(repo: GitRepo, name: str = "graph") -> list[Path]:
    return sorted((repo.path.parent / "cache" / "riskcheck").glob(f"tree-{name}-????????.json"))


def alter(repo: GitRepo, old: str, new: str, name: str = "graph") -> None:
    """Puts a word into what was kept, so that whoever shows it has read it there."""
    (entry,) = kept(repo, name)
    key = str(repo.path.resolve())
    value = cache.unsealed(key, entry.read_bytes())
    entry.write_bytes(cache.sealed(key, json.loads(json.dumps(value).replace(old, new))))


def services(text: str) -> set[str]:
    return {one["name"] for one in json.loads(text)["services"]}


@pytest.mark.parametrize("arguments", [(), ("--service", "orders"), ("--changed", "HEAD~1..HEAD")])
def test_the_second_run_says_the_same(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    repo.commit({"databricks.yml": str(FILES["databricks.yml"]).replace("name: gold}", "name: silver}")})
    fresh = shown(repo, "--no-cache", *arguments)
    assert kept(repo) == []
    assert shown(repo, *arguments) == fresh
    assert shown(repo, *arguments) == fresh


def test_what_was_kept_is_read(repo: GitRepo) -> None:
    shown(repo)
    alter(repo, '"ledger"', '"journal"')
    assert "journal" in services(shown(repo))
    assert "journal" not in services(shown(repo, "--no-cache"))


@pytest.mark.parametrize(
    "edit",
    [
        {"web/docker-compose.yml": "services:\n  shop: {depends_on: [db]}\n  db: {image: postgres}\n"},
        {"riskcheck.yaml": POLICY.replace("[lake]", "[]")},
        {"new/readme.txt": "hello\n"},
        {"CODEOWNERS": None},
    ],
)
@pytest.mark.parametrize("commit", [True, False])
def test_any_other_file_makes_it_anew(
    repo: GitRepo, edit: dict[str, str | bytes | None], commit: bool
) -> None:
    shown(repo)
    alter(repo, '"ledger"', '"journal"')
    if commit:
        repo.commit(edit)
    else:
        repo.write(edit)
    text = shown(repo)
    assert "journal" not in services(text)
    assert text == shown(repo, "--no-cache")


def test_a_file_that_git_does_not_know_is_told_by_its_content(repo: GitRepo) -> None:
    repo.write({"shop/docker-compose.yml": "services:\n  shop: {depends_on: [lake]}\n"})
    shown(repo)
    alter(repo, '"ledger"', '"journal"')
    assert "journal" in services(shown(repo))
    repo.write({"shop/docker-compose.yml": "services:\n  mail: {depends_on: [lake]}\n"})
    assert "shop/mail" in services(shown(repo))


@pytest.mark.parametrize(
    "content", ["", "{}", '{"key": 1}', '{"key":"k"}\n{"key":"x","graph":[1]}', "\n", "1\n2"]
)
def test_what_cannot_be_read_counts_as_nothing(repo: GitRepo, content: str) -> None:
    fresh = shown(repo)
    (entry,) = kept(repo)
    entry.write_text(content)
    assert shown(repo) == fresh


@pytest.mark.parametrize("value", [None, [], {}, {"key": "x", "graph": [1]}])
def test_an_entry_of_another_shape_counts_as_nothing(repo: GitRepo, value: object) -> None:
    fresh = shown(repo)
    (entry,) = kept(repo)
    entry.write_bytes(cache.sealed(str(repo.path.resolve()), value))
    assert shown(repo) == fresh


@pytest.mark.parametrize("part", ["services", "vertices", "edges", "dangling", "limitations", "environments"])
@pytest.mark.parametrize("value", [None, 1, [1], [[]]])
def test_parts_of_another_shape_make_no_graph(part: str, value: object) -> None:
    edge = Edge("service:a", "service:b", "hard", "needs", None, frozenset({"prod"}))
    whole = written(ServiceGraph({}, (), (edge,), dangling=[Dangling(edge, "x")]))
    assert isinstance(whole, dict)
    assert read(whole) is not None
    assert read({**whole, part: value}) is None
    assert read({key: kind for key, kind in whole.items() if key != part}) is None


def test_the_program_is_the_same_until_it_changes() -> None:
    assert stamp() == stamp()
