"""What hangs off a change in units that it does not touch, from real repositories, with and without the cache."""

from __future__ import annotations

import json
import sqlite3
import stat
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from riskcheck.dependencies import CatalogEntry, Dependency, FileFacts, Stated, Use
from riskcheck.graph.index import FileId, Index, MemoryIndex, describes
from riskcheck.graph.lasting import LastingIndex
from riskcheck.graph.stored import PATIENCE, BrokenIndexError, decoded, open_index
from riskcheck.indexing import Indexer
from riskcheck.models import Limitation, Location, Service
from riskcheck.policy.load import load_policy
from riskcheck.trees import Comparison, MemoryTree, PathChange
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

LAKE = """\
bundle: {name: lake}
targets: {dev: {mode: development}, prod: {mode: production}}
resources:
  volumes:
    landing: {catalog_name: main, schema_name: raw, name: landing}
"""
ORDERS = """\
bundle: {name: orders}
include: [resources/*.yml]
targets: {dev: {mode: development}, prod: {mode: production}}
"""
GOLD = """\
resources:
  pipelines:
    gold: {name: gold, catalog: main, schema: sales, configuration: {source: /Volumes/main/raw/landing/in}}
"""
REPORTS = """\
bundle: {name: reports}
targets: {prod: {mode: production}}
resources:
  quality_monitors:
    daily: {table_name: "${var.catalog}.sales.orders", output_schema_name: main.mon, assets_dir: /x}
"""
SHOP = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop, labels: {tier: tier-1}}
spec: {type: service, owner: team-shop, lifecycle: production, dependsOn: ["component:orders"]}
"""
FILES = {
    "lake/databricks.yml": LAKE,
    "orders/databricks.yml": ORDERS,
    "orders/resources/gold.yml": GOLD,
    "reports/databricks.yml": REPORTS,
    "shop/catalog-info.yaml": SHOP,
}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(FILES)
    return made


def services(repo: GitRepo, *arguments: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Service to its hops and what it is reached from."""
    done = riskcheck(repo.path, "diff", *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    return {one["name"]: (one["hops"], tuple(one["reached_from"])) for one in report["services"]}


def stored(repo: GitRepo) -> Path:
    (found,) = (repo.path.parent / "cache" / "riskcheck").glob("estate.sqlite-*")
    return found


HANGING = {
    "lake": (0, ()),
    "orders": (1, ("lake",)),
    "reports": (2, ("lake", "orders")),
    "shop": (2, ("lake", "orders")),
}


def touch_lake(repo: GitRepo) -> None:
    repo.commit({"lake/databricks.yml": LAKE.replace("name: landing}", "name: landing, comment: x}")})


def test_other_bundles_and_catalogs_hang_off_a_change_by_the_names_they_use(repo: GitRepo) -> None:
    touch_lake(repo)
    # A table whose catalog the deployment fills in counts: 0.3 x 0.3 is still above what is followed.
    assert services(repo, "HEAD~1..HEAD") == HANGING


def test_without_the_cache_the_same_is_said_and_nothing_is_written(repo: GitRepo) -> None:
    touch_lake(repo)
    assert services(repo, "HEAD~1..HEAD", "--no-cache") == HANGING
    assert not (repo.path.parent / "cache").exists()


def test_a_warm_run_reads_only_what_changed(repo: GitRepo) -> None:
    touch_lake(repo)
    assert services(repo, "HEAD~1..HEAD") == HANGING
    repo.commit({"shop/catalog-info.yaml": SHOP.replace("component:orders", "component:other")})
    touch = LAKE.replace("name: landing}", "name: landing, comment: y}")
    repo.commit({"lake/databricks.yml": touch})
    warm = services(repo, "HEAD~1..HEAD")
    assert warm == {name: found for name, found in HANGING.items() if name != "shop"}
    assert services(repo, "HEAD~1..HEAD", "--no-cache") == warm


def test_an_edge_of_an_older_state_does_not_count(repo: GitRepo) -> None:
    touch_lake(repo)
    services(repo, "HEAD~1..HEAD")
    repo.commit({"orders/resources/gold.yml": GOLD.replace("landing/in", "elsewhere/in")})
    touch_lake_again = LAKE.replace("name: landing}", "name: landing, comment: z}")
    repo.commit({"lake/databricks.yml": touch_lake_again})
    assert services(repo, "HEAD~1..HEAD") == {"lake": (0, ())}


def test_catalogs_are_those_of_the_branch_that_is_merged_into(repo: GitRepo) -> None:
    repo.commit(
        {
            "lake/databricks.yml": LAKE.replace("name: landing}", "name: landing, comment: x}"),
            "shop/catalog-info.yaml": None,
        }
    )
    assert services(repo, "HEAD~1..HEAD") == HANGING


def test_uncommitted_changes_are_seen(repo: GitRepo) -> None:
    repo.write({"lake/databricks.yml": LAKE.replace("name: landing}", "name: landing, comment: x}")})
    assert services(repo) == HANGING


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_broken_cache_counts_as_empty_and_is_made_anew(repo: GitRepo, content: bytes) -> None:
    touch_lake(repo)
    assert services(repo, "HEAD~1..HEAD") == HANGING
    path = stored(repo)
    path.write_bytes(content)
    assert services(repo, "HEAD~1..HEAD") == HANGING
    assert sqlite3.connect(path).execute("select count(*) from tree").fetchone() != (0,)


def test_a_cache_that_is_cut_in_the_middle_does_not_end_the_run(repo: GitRepo) -> None:
    touch_lake(repo)
    services(repo, "HEAD~1..HEAD")
    path = stored(repo)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert services(repo, "HEAD~1..HEAD") == HANGING


def test_the_cache_is_private_and_no_link_is_followed(repo: GitRepo, tmp_path: Path) -> None:
    touch_lake(repo)
    services(repo, "HEAD~1..HEAD")
    path = stored(repo)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    path.symlink_to(other)
    assert services(repo, "HEAD~1..HEAD") == HANGING
    assert other.read_bytes() == b"mine"


def test_a_cache_that_others_may_write_is_left_alone(repo: GitRepo) -> None:
    touch_lake(repo)
    services(repo, "HEAD~1..HEAD")
    path = stored(repo)
    before = path.read_bytes()
    path.chmod(0o666)
    assert services(repo, "HEAD~1..HEAD") == HANGING
    assert path.read_bytes() == before


def test_a_catalog_that_cannot_be_parsed_is_told(repo: GitRepo) -> None:
    repo.commit({"shop/catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: [\n"})
    touch_lake(repo)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json")
    (limit,) = json.loads(done.stdout)["limitations"]
    assert (limit["path"], limit["kind"]) == ("shop/catalog-info.yaml", "parse-error")
    assert json.loads(done.stdout)["verdict"] == "pass"


def test_flux_definitions_that_wait_for_what_changes_hang_off_it(repo: GitRepo) -> None:
    flux = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: infra, namespace: flux-system}
spec: {path: ./infra/prod}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps/prod, dependsOn: [{name: infra}]}
"""
    metadata = "{name: a, namespace: x, labels: {app: dns}}"
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{a: b}}\n"
    repo.commit({"clusters/prod/all.yaml": flux, "infra/prod/config.yaml": config})
    repo.commit({"infra/prod/config.yaml": config.replace("a: b", "a: c")})
    assert services(repo, "HEAD~1..HEAD") == {"dns": (0, ()), "apps": (1, ("dns",))}


def test_a_service_that_the_policy_names_and_nothing_declares_is_told_with_the_nearest_name(
    repo: GitRepo,
) -> None:
    policy = (
        "version: 1\nservices:\n  - {name: ledger}\n  - {name: mail, depends_on: [ledgr, shop, reports]}\n"
    )
    repo.commit({"riskcheck.yaml": policy})
    touch_lake(repo)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD")
    assert "riskcheck.yaml:4: mail depends on ledgr, which is not declared; did you mean ledger?" in " ".join(
        done.stdout.split()
    )
    for known in ("shop", "reports"):
        assert f"mail depends on {known}" not in " ".join(done.stdout.split())


def test_code_owners_own_what_no_catalog_gives_an_owner(repo: GitRepo) -> None:
    repo.commit({"CODEOWNERS": "* @acme/team-all\n/lake/ @acme/team-lake\n"})
    touch_lake(repo)
    report = json.loads(riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json").stdout)
    owners = {one["name"]: one["owner"] for one in report["services"]}
    assert owners["lake"] == "team-lake"
    assert owners["shop"] == "team-shop"


def test_hostile_catalogs_and_names_are_lived_with(repo: GitRepo) -> None:
    odd = "a/b: c\u202e${x}\u0000"
    repo.commit(
        {
            "a/catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\n"
            'spec: {dependsOn: ["component:b", "component:a"]}\n',
            "b/catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: b}\n"
            'spec: {dependsOn: ["component:a", "component:lake", "component:"], owner: [x]}\n',
            "c/service.datadog.yaml": "apiVersion: v3\nkind: service\nmetadata: {name: lake, owner: team-x}\n"
            f"spec: {{tier: gold, dependsOn: ['service:lake', {json.dumps(odd)}]}}\n",
            "d/service.datadog.yaml": "apiVersion: v3\nkind: service\nmetadata: {name: lake, owner: team-y}\n",
        }
    )
    touch_lake(repo)
    found = services(repo, "HEAD~1..HEAD")
    assert found["b"] == (1, ("lake",))
    assert found["a"] == (2, ("lake", "b"))
    assert services(repo, "HEAD~1..HEAD", "--no-cache") == found


def place(line: int) -> Location:
    return Location("a.yaml", "base", line, 1, line, 5)


FACTS = FileFacts(
    (
        CatalogEntry(
            "backstage",
            Service("orders", owner="team-a", scopes=("pii",), paths=("a/**",), rto=5),
            place(1),
            (("owner", place(2)),),
            (
                Dependency("ledger", "soft", "dependsOn", place(3)),
                Dependency("shop", "hard", "dependencyOf", place(4), inverse=True),
            ),
            ("order-service",),
            "production",
            0.999,
        ),
    ),
    (Stated("databricks", "jobs", "a", 3, None, ("x",), (Use("uc:a.b.c", "soft", "reads", 9, "dev"),)),),
    (Limitation("a.yaml", "parse-error", "no", 3),),
)
FILE = FileId("a.yaml", "1" * 40)


@pytest.fixture(params=["memory", "file"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    if request.param == "memory":
        return MemoryIndex()
    path = tmp_path / "index"
    path.touch(0o600)
    made = open_index(str(path))
    assert made is not None
    return made


def test_what_was_put_into_an_index_comes_out_as_it_was(index: Index) -> None:
    index.add([(FILE, FACTS)])
    assert index.facts(FILE) == FACTS
    assert index.missing([FILE, FILE._replace(blob="2" * 40)]) == [FILE._replace(blob="2" * 40)]
    for name in (describes("orders"), describes("order-service"), "service:ledger", "uc:a.b.c", "uc:a.b"):
        assert index.naming(name) == [FILE]
    # Who says that another needs it is found by its own name.
    assert index.naming("service:orders") == [FILE]
    assert index.naming("service:shop") == []


def test_an_index_knows_which_trees_are_complete(index: Index) -> None:
    assert not index.is_complete("abc")
    index.set_complete("abc")
    assert index.is_complete("abc")


def test_an_index_on_disk_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.touch(0o600)
    index = open_index(str(path))
    assert index is not None
    old = [FileId(f"{number}.yaml", "1" * 40) for number in range(4_001)]
    index.add((file, FACTS) for file in old)
    index.set_complete("old")
    index.prune(old[:5])
    assert [file for file in old if file not in set(index.missing(old))] == old[:5]
    assert index.naming(describes("orders")) == old[:5]
    assert not index.is_complete("old")


@pytest.mark.parametrize(
    "text", ["{}", "[1, 2, 3]", "[[[]], [], []]", "[[[1,2]], [], []]", "[" * 5_000, "null"]
)
def test_facts_that_cannot_be_read_are_told(text: str) -> None:
    assert decoded(text) is None
    assert decoded("") == FileFacts()


def test_two_runs_at_once_do_not_hinder_each_other(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.touch(0o600)
    one = open_index(str(path))
    assert one is not None
    one.add([(FILE, FACTS)])
    busy = sqlite3.connect(path, isolation_level=None)
    busy.execute("begin exclusive")
    started = time.monotonic()
    assert open_index(str(path)) is None
    with pytest.raises(BrokenIndexError):
        one.naming("x")
    assert time.monotonic() - started < 4 * PATIENCE + 2
    busy.execute("rollback")
    # It was not ours to empty.
    assert one.facts(FILE) == FACTS


def damage(path: Path, query: str) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(query)
    other.close()


@pytest.mark.parametrize(
    "query",
    [
        "update file set facts = replace(facts, 'orders', 'others')",
        "update file set facts = '[]'",
        "update file set facts = null",
        "update file set sum = 1",
        "update file set path = 'a.yaml', facts = ''",
        "drop table file",
        "drop table name",
    ],
)
def test_damage_is_told_and_the_next_run_starts_anew(tmp_path: Path, query: str) -> None:
    path = tmp_path / "index"
    path.touch(0o600)
    one = open_index(str(path))
    assert one is not None
    one.add([(FILE, FACTS)])
    damage(path, query)
    with pytest.raises(BrokenIndexError):
        assert [one.facts(file) for file in one.naming("uc:a.b.c")] == [FACTS]
    again = open_index(str(path))
    assert again is not None
    assert again.missing([FILE]) == [FILE]


@pytest.mark.parametrize("query", ["update meta set format = 'other'", "delete from meta", "drop table meta"])
def test_the_file_of_another_version_is_made_anew(tmp_path: Path, query: str) -> None:
    path = tmp_path / "index"
    path.touch(0o600)
    one = open_index(str(path))
    assert one is not None
    one.add([(FILE, FACTS)])
    damage(path, query)
    again = open_index(str(path))
    assert again is not None
    assert again.missing([FILE]) == [FILE]


def test_paths_and_names_that_are_no_text_come_out_as_they_were(index: Index) -> None:
    odd = FileId("b\udcff/\ud800.yaml", "3" * 40)
    stated = FACTS.stated[0]._replace(uses=(Use("uc:a.b.\udcfe", "soft", "reads", 1, ""),))
    index.add([(FILE, FACTS), (odd, FileFacts((), (stated,)))])
    assert index.naming("uc:a.b") == [FILE, odd]
    assert index.naming("uc:a.b.\udcfe") == [odd]
    assert index.missing([odd]) == []
    assert index.facts(odd).stated == (stated,)


class Failing(MemoryIndex):
    """Fails from a certain question on, and counts what it is asked."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self.left = good

    def _asked(self) -> None:
        if not self.left:
            raise BrokenIndexError("damaged")
        self.left -= 1

    def naming(self, name: str) -> list[FileId]:
        self._asked()
        return super().naming(name)

    def facts(self, file: FileId) -> FileFacts:
        self._asked()
        return super().facts(file)

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        self._asked()
        return super().missing(files)

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        self._asked()
        super().add(found)


@pytest.mark.parametrize("good", range(30))
def test_an_index_that_fails_at_any_moment_changes_no_answer(tmp_path: Path, good: int) -> None:
    # In this process, so that the moment can be chosen.
    files = {path: text.encode() for path, text in FILES.items()}
    changed = LAKE.replace("name: landing}", "name: landing, comment: x}").encode()
    base = MemoryTree(files, "base", "1" * 40)
    head = MemoryTree({**files, "lake/databricks.yml": changed}, "head", "2" * 40)
    path = "lake/databricks.yml"
    changes = (PathChange(path, "modified", path, base.entry(path), head.entry(path)),)
    comparison = Comparison(base, head, base, changes, 1_790_000_000)
    policy = load_policy(base, None)

    def reached(index: Index | None) -> list[tuple[str, FileFacts]]:
        indexer = Indexer(policy, None)
        if index is not None:
            indexer.index = LastingIndex(index, indexer._afresh)
        indexer.update(comparison)
        return [
            (name, indexer.index.facts(file))
            for name in ("uc:main.raw.landing", "uc:main.raw", describes("shop"), "service:orders")
            for file in indexer.index.naming(name)
        ]

    assert reached(Failing(good)) == reached(None) != []
