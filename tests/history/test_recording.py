"""The history store, made of real repositories: all at once, bit by bit, interrupted, by several processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck import recording
from riskcheck.errors import RunError
from riskcheck.history.model import MOST_PATHS
from riskcheck.history.store import HistoryStore, StoreError
from riskcheck.recording import recorded
from tests.gitrepo import EPOCH, GitRepo
from tests.history.support import content, record, rows, same, taken_back

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


def eventful(repo: GitRepo) -> None:
    """A bit of everything that a log holds."""
    repo.commit({"prod/web.yaml": "replicas: 3\nflag: false\n", "README.md": "x\n"}, "Start")
    first = repo.commit({"prod/web.yaml": "replicas: 30\nflag: false\n"}, "Raise (#1)")
    repo.git("revert", "--no-edit", first, environ=repo._dates(None))
    repo.branch("one")
    inner = repo.commit({"prod/web.yaml": "replicas: 3\nflag: true\n"}, "Flag on")
    repo.commit({"prod/other.json": '{"a": 1}'}, "Other")
    repo.checkout("main")
    repo.commit({"docs/a.md": "x\n"}, "Words", at=EPOCH - 1_000_000)
    repo.merge("one", "Merge pull request #2 from jane/one\n\nFlag")
    repo.branch("two")
    repo.git("revert", "--no-edit", inner, environ=repo._dates(None))
    repo.checkout("main")
    repo.merge("two", "Merge branch 'two'", at=4_000_000_000)
    repo.git("mv", "prod/web.yaml", "prod/site.yaml")
    repo.commit({"prod/site.yaml": "replicas: 4\nflag: false\n"}, "Rename")
    repo.commit({"prod/other.json": None, "prod/x.toml": "a = 1\n"}, "Replace")


def test_what_is_told_of_each_change(repo: GitRepo) -> None:
    eventful(repo)
    history = record(repo)
    assert [one.number for one in history.changes] == list(range(8))
    assert taken_back(history) == [(1, 2, "commit"), (4, 5, "commit")]
    raised, undone, merged = history.changes[1], history.changes[2], history.changes[4]
    assert [(one.key, one.shape) for one in raised.keys] == [("replicas", "tenfold")]
    assert (raised.pull, raised.bot, raised.merge, raised.lines) == (1, False, False, 2)
    assert "revert" in undone.signals
    assert (merged.merge, merged.pull, merged.files) == (True, 2, 2)
    assert [(one.path, one.key, one.shape) for one in merged.keys] == [
        ("prod/other.json", "", ""),
        ("prod/web.yaml", "flag", "on"),
    ]
    renamed = history.changes[6]
    assert [(one.status, one.old_path, one.path) for one in renamed.paths] == [
        ("R", "prod/web.yaml", "prod/site.yaml")
    ]
    assert [one.key for one in renamed.keys] == ["replicas"]
    assert history.changes[3].time == history.changes[2].time, "a clock that went back"


@settings(max_examples=15)
@given(st.lists(st.integers(0, 7), max_size=3))
def test_bit_by_bit_is_the_same_as_all_at_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    repo = _shared(tmp_path_factory)
    folder = tmp_path_factory.mktemp("stores")
    whole = record(repo, file=folder / "whole")
    for back in cuts:
        record(repo, f"HEAD~{back}", file=folder / "bits")
    assert same(record(repo, file=folder / "bits"), whole)
    for back in cuts:
        assert same(
            record(repo, f"HEAD~{back}", file=folder / "bits"),
            record(repo, f"HEAD~{back}", file=folder / "one"),
        )


_made: list[GitRepo] = []


def _shared(factory: pytest.TempPathFactory) -> GitRepo:
    if not _made:
        _made.append(GitRepo(factory.mktemp("eventful") / "repo"))
        eventful(_made[0])
    return _made[0]


def test_several_processes_read_the_same(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    eventful(repo)
    monkeypatch.setattr(recording, "PAYS", 1)
    one = record(repo, file=repo.path.parent / "one", jobs=1)
    assert same(one, record(repo, file=repo.path.parent / "two", jobs=2))


def test_interrupted_and_gone_on_with(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    eventful(repo)
    whole = record(repo, file=repo.path.parent / "whole")
    monkeypatch.setattr(recording, "BATCH", 2)
    put, left = HistoryStore._put, [5]

    def interrupted(self: HistoryStore, noted: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        put(self, noted)  # type: ignore[arg-type]

    monkeypatch.setattr(HistoryStore, "_put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record(repo)
    monkeypatch.setattr(HistoryStore, "_put", put)
    file = repo.path.parent / "repo.history"
    assert rows(file, "select max(number) from landed") == [(3,)]
    assert same(record(repo), whole)


def test_interrupted_before_reverts_were_told(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    eventful(repo)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(HistoryStore, "set_reverts", interrupted)
        record(repo)
    assert len(record(repo).reverts) == 2


def test_killed_anywhere(repo: GitRepo) -> None:
    for number in range(60):
        repo.commit({f"prod/a{number % 7}.yaml": f"a: {number}\n"}, f"Change {number}")
    whole = record(repo, file=repo.path.parent / "whole")
    file = repo.path.parent / "killed"
    script = (
        "from riskcheck import recording; recording.BATCH = 3\n"
        f"recording.recorded({str(repo.path)!r}, file={str(file)!r}, jobs=1)\n"
    )
    for delay in (0.3, 0.6):
        run = subprocess.Popen([sys.executable, "-c", script], env={**repo.environ, "PYTHONPATH": str(ROOT)})
        deadline = time.monotonic() + 30
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert same(record(repo, file=file), whole)


def test_at_the_same_time(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    eventful(repo)
    monkeypatch.setattr(recording, "BATCH", 1)
    monkeypatch.setattr(recording, "_TRIES", 50)
    whole = record(repo, file=repo.path.parent / "whole")
    with ThreadPoolExecutor(3) as pool:
        found = [one.result() for one in [pool.submit(record, repo) for _ in range(3)]]
    assert same(record(repo), whole)
    assert [len(one.changes) for one in found] == [8] * 3


def test_a_branch_that_was_rewritten(repo: GitRepo) -> None:
    eventful(repo)
    before = record(repo)
    repo.git("reset", "-q", "--hard", "HEAD~4")
    repo.commit({"prod/new.yaml": "a: 1\n"}, "Another way")
    fresh = record(repo, file=repo.path.parent / "fresh")
    found = record(repo)
    assert same(found, fresh)
    assert found.changes[:4] == before.changes[:4]
    assert taken_back(found) == [(1, 2, "commit")]
    repo.git("checkout", "-q", "--orphan", "anew")
    repo.commit({"b.yaml": "a: 1\n"}, "All new")
    assert [one.number for one in record(repo).changes] == [0]


def test_a_revert_that_was_rewritten_away_is_forgotten(repo: GitRepo) -> None:
    eventful(repo)
    file = repo.path.parent / "repo.history"
    record(repo)
    store = HistoryStore(str(file))
    store.cut_after(1)
    store.close()
    assert rows(file, "select * from reverted") == []


def test_an_older_tip_and_a_branch(repo: GitRepo) -> None:
    eventful(repo)
    record(repo)
    older = record(repo, "HEAD~4")
    assert (len(older.changes), taken_back(older)) == (4, [(1, 2, "commit")])
    assert rows(repo.path.parent / "repo.history", "select count(*) from landed") == [(8,)]
    assert len(record(repo, "one").changes) == 5


def test_merges_of_all_kinds(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"}, "Start")
    for name in ("x", "y", "z"):
        repo.branch(name, "main")
        repo.commit({f"{name}.yaml": "a: 1\n"}, f"On {name}")
    repo.checkout("main")
    repo.git("merge", "-q", "--no-ff", "-m", "Octopus", "x", "y", "z", environ=repo._dates(None))
    repo.branch("p", "main")
    repo.commit({"p.yaml": "a: 1\n"}, "P")
    repo.branch("q", "main")
    repo.commit({"q.yaml": "a: 1\n"}, "Q")
    repo.git("checkout", "-q", "p")
    left, right = repo.id("p"), repo.id("q")
    repo.merge(right, "Cross one")
    repo.checkout("q")
    repo.merge(left, "Cross two")
    repo.checkout("main")
    repo.merge("p", "First")
    repo.merge("q", "Second")
    history = record(repo)
    assert [one.files for one in history.changes] == [1, 3, 2, 0]
    brought = rows(repo.path.parent / "repo.history", "select number, count(*) from brought group by number")
    assert brought == [(1, 3), (2, 3), (3, 1)]


def test_two_roots(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-rfq", ".")
    repo.commit({"b.yaml": "a: 1\n"}, "Another root")
    repo.checkout("main")
    repo.git("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "Join", "other")
    assert [[one.path for one in change.paths] for change in record(repo).changes] == [["a.yaml"], ["b.yaml"]]


def test_a_merge_that_is_reverted_and_its_parent_that_is_not(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"}, "Start")
    repo.commit({"b.yaml": "a: 1\n"}, "Innocent")
    repo.branch("x")
    repo.commit({"a.yaml": "a: 2\n"}, "Guilty")
    repo.checkout("main")
    merged = repo.merge("x", "Merge branch 'x'")
    repo.git("revert", "--no-edit", "-m", "1", merged, environ=repo._dates(None))
    assert "changes made to" in repo.git("log", "-1", "--format=%B")
    assert taken_back(record(repo)) == [(2, 3, "commit")]


def test_a_revert_of_a_revert(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"}, "Start")
    second = repo.commit({"a.yaml": "a: 2\n"}, "Raise")
    repo.git("revert", "--no-edit", second, environ=repo._dates(None))
    repo.git("revert", "--no-edit", "HEAD", environ=repo._dates(None))
    assert taken_back(record(repo)) == [(1, 2, "commit"), (2, 3, "commit")]


def test_ten_thousand_files_at_once(repo: GitRepo) -> None:
    repo.commit({f"prod/d{number % 100}/a{number}.yaml": f"a: {number}\n" for number in range(10_000)})
    started = time.monotonic()
    change = record(repo).changes[0]
    assert time.monotonic() - started < 60
    assert (change.files, len(change.paths), change.keys) == (10_000, MOST_PATHS, ())
    assert rows(repo.path.parent / "repo.history", "select count(*) from touched") == [(MOST_PATHS,)]


def test_what_is_no_ordinary_file(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n", os.fsdecode(b"caf\xe9.yaml"): "a: 1\n", "tab\tx.yaml": "a: 1\n"})
    (repo.path / "a.yaml").chmod(0o755)
    repo.commit(message="Mode")
    repo.symlink("link.yaml", "a.yaml")
    other = GitRepo(repo.path.parent / "other")
    other.commit({"x.yaml": "a: 1\n"})
    repo.git("submodule", "--quiet", "add", other.path.as_uri(), "sub.yaml")
    repo.commit({os.fsdecode(b"caf\xe9.yaml"): "a: 2\n", ":x.yaml": "a: 1\n"}, "Rest")
    history = record(repo)
    assert [one.files for one in history.changes] == [3, 1, 5]
    assert history.changes[1].keys == ()
    assert [one.key for one in history.changes[2].keys if "caf" in one.path] == ["a"]
    assert same(record(repo), history)


def test_other_places(repo: GitRepo) -> None:
    eventful(repo)
    whole = record(repo)
    for place in (repo.worktree(repo.path.parent / "tree").path, repo.path / "prod"):
        file = repo.path.parent / f"{place.name}.store"
        assert same(recorded(str(place), file=str(file), environ=repo.environ), whole)
    bare = repo.clone(repo.path.parent / "bare.git", "--bare")
    assert same(record(bare), whole)


def test_longer_ids(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo", object_format="sha256")
    eventful(repo)
    assert taken_back(record(repo)) == [(1, 2, "commit"), (4, 5, "commit")]


def test_a_shallow_clone_and_the_whole_of_it_later(repo: GitRepo) -> None:
    eventful(repo)
    clone = repo.clone(repo.path.parent / "clone", "--depth=3")
    part = record(clone)
    assert (part.cut, len(part.changes), part.changes[0].number) == (True, 2, 0)
    clone.git("fetch", "-q", "--unshallow")
    assert same(record(clone), record(repo))


def test_blobs_that_are_not_there_are_counted_and_not_fetched(repo: GitRepo) -> None:
    eventful(repo)
    whole = record(repo)
    clone = repo.clone(repo.path.parent / "clone", "--filter=blob:none", "--no-checkout")
    before = clone.git("count-objects", "-v")
    found = record(clone)
    assert clone.git("count-objects", "-v") == before
    assert found.reverts == whole.reverts
    assert [one.unread for one in found.changes][:2] == [1, 1]
    assert [one.files for one in found.changes][:6] == [one.files for one in whole.changes][:6]


def test_a_damaged_blob_is_counted(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    repo.commit({"a.yaml": "a: 2\n"})
    name = repo.id("HEAD:a.yaml")
    blob = repo.path / ".git/objects" / name[:2] / name[2:]
    blob.chmod(0o644)
    blob.write_bytes(b"damaged")
    assert [one.unread for one in record(repo).changes] == [0, 1]


def test_nothing_to_be_read(repo: GitRepo, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no commit"):
        record(repo)
    repo.commit()
    assert [one.files for one in record(repo).changes] == [0]


def test_a_clock_beyond_all_time(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    tree, parent = repo.id("HEAD^{tree}"), repo.id("HEAD")
    text = (
        f"tree {tree}\nparent {parent}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> {2**64 - 2} +0000\n\nFar\n"
    )
    commit = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())
    assert len(record(repo, commit).changes) == 2


@pytest.mark.parametrize(
    ("name", "mail", "message", "bot"),
    [
        ("dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com", "Bump", True),
        ("renovate", "bot@renovateapp.com", "x", True),
        ("fluxcdbot", "fluxcdbot@users.noreply.github.com", "x", True),
        ("Flux Bot", "flux@example.com", "x", True),
        ("argocd-image-updater", "noreply@argoproj.io", "x", True),
        ("jenkins", "jenkins@example.com", "x", True),
        ("CI", "ci@example.com", "x", True),
        ("svc-deploy", "svc-deploy@example.com", "x", True),
        ("Jane", "jane@example.com", "chore(deps): bump x", True),
        ("Jane", "jane@example.com", "Bump x from 1 to 2", True),
        ("Jane Talbot", "talbot@example.com", "x", False),
        ("Barry Jenkins", "barry.jenkins@example.com", "x", False),
        ("Nathan Robotham", "nathan@example.com", "x", False),
        ("Bottas", "bottas@example.com", "x", False),
        ("Cicero", "cicero@example.com", "x", False),
        ("Jane", "jane@example.com", "Raise", False),
    ],
)
def test_programs_are_told_from_people(repo: GitRepo, name: str, mail: str, message: str, bot: bool) -> None:
    repo.environ |= {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail}
    repo.commit({"a.yaml": "a: 1\n"}, message)
    assert record(repo).changes[0].bot is bot


@pytest.mark.parametrize(("writes", "merges"), [("Jane", "merge-bot"), ("merge-bot", "Jane")])
def test_a_merge_is_by_whoever_wrote_what_it_brings(repo: GitRepo, writes: str, merges: str) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    repo.branch("x")
    repo.environ["GIT_AUTHOR_NAME"] = writes
    repo.commit({"a.yaml": "a: 2\n"})
    repo.checkout("main")
    repo.environ["GIT_AUTHOR_NAME"] = merges
    repo.merge("x")
    assert record(repo).changes[1].bot is (writes == "merge-bot")


def test_nobody_and_no_value_is_in_the_store(repo: GitRepo) -> None:
    repo.environ |= {
        "GIT_AUTHOR_NAME": "Hildegard",
        "GIT_AUTHOR_EMAIL": "hilde@secret.example",
        "GIT_COMMITTER_NAME": "Kunigunde",
        "GIT_COMMITTER_EMAIL": "kuni@secret.example",
    }
    repo.commit(
        {"a.yaml": "token: hunter2\nargs: [x]\nwho:\n- {user_name: otto@secret.example, level: x1y2}\n"}
    )
    repo.branch("x")
    repo.commit(
        {
            "a.yaml": "token: hunter3\nargs: [x, opensesame]\nwho:\n- {user_name: otto@secret.example, level: z1}\n"
        },
        "Zweifelhaft",
    )
    repo.checkout("main")
    repo.merge("x", "Merge pull request #2 from eberhard/zweig\n\nZweifelhaft")
    repo.commit({"a.yaml": "token: hunter2\n"}, 'Revert "Zweifelhaft"\n\nReverts eberhard/repo#2')
    assert taken_back(record(repo)) == [(1, 2, "pull")]
    held = content(repo.path.parent / "repo.history").lower()
    assert b"token" in held
    words = "hildegard hilde@ kunigunde kuni@ secret.example hunter opensesame otto x1y2 zweif eberhard zweig"
    assert [word for word in words.split() if word.encode() in held] == []


class TestFiles:
    """Files that are no store, or no store of this repository."""

    def test_of_another_repository(self, repo: GitRepo, tmp_path: Path) -> None:
        other = GitRepo(tmp_path / "other")
        other.commit({"o.yaml": "a: 1\n"})
        eventful(repo)
        file = tmp_path / "store"
        record(other, file=file)
        assert same(record(repo, file=file), record(repo))

    def test_of_another_version_and_half_written(self, repo: GitRepo, tmp_path: Path) -> None:
        eventful(repo)
        file = tmp_path / "store"
        whole = record(repo, file=file)
        connection = sqlite3.connect(file)
        connection.execute("update meta set value = '1 0.0' where name = 'format'")
        connection.commit()
        connection.close()
        assert same(record(repo, file=file), whole)
        for length in (100, 4_096, file.stat().st_size // 2):
            os.truncate(file, length)
            assert same(record(repo, file=file), whole), length
        data = bytearray(file.read_bytes())
        data[4_096 * 3 : 4_096 * 5] = b"\xaa" * 4_096 * 2
        file.write_bytes(data)
        assert same(record(repo, file=file), whole)

    @pytest.mark.parametrize("kind", ["text", "database", "folder"])
    def test_what_is_not_ours_stays(self, repo: GitRepo, tmp_path: Path, kind: str) -> None:
        repo.commit({"a.yaml": "a: 1\n"})
        file = tmp_path / "precious"
        if kind == "text":
            file.write_text("dear diary\n")
        elif kind == "database":
            connection = sqlite3.connect(file)
            connection.execute("create table meta(name text, value text)")
            connection.commit()
            connection.close()
        else:
            file.mkdir()
        before = file.read_bytes() if file.is_file() else b""
        with pytest.raises(RunError, match="the history store cannot be used"):
            record(repo, file=file)
        assert before == (file.read_bytes() if file.is_file() else b"")

    def test_locked(self, repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.commit({"a.yaml": "a: 1\n"})
        file = tmp_path / "store"
        record(repo, file=file)
        repo.commit({"a.yaml": "a: 2\n"})
        monkeypatch.setattr(
            "riskcheck.history.store.HistoryStore.__init__.__kwdefaults__",
            {"private": False, "fresh": True, "patience": 0.1},
        )
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("begin exclusive")
        with pytest.raises(RunError, match="database is locked"):
            record(repo, file=file)
        connection.close()
        assert len(record(repo, file=file).changes) == 2

    def test_nothing_is_made_where_it_has_to_be_there(self, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        for name in ("absent", "empty"):
            with pytest.raises(StoreError):
                HistoryStore(str(tmp_path / name), fresh=False)
        assert not (tmp_path / "absent").exists()
        assert (tmp_path / "empty").stat().st_size == 0

    def test_where_none_can_be_made(self, repo: GitRepo, tmp_path: Path) -> None:
        repo.commit({"a.yaml": "a: 1\n"})
        with pytest.raises(RunError, match="cannot be used"):
            record(repo, file=tmp_path / "no" / "such" / "store")
