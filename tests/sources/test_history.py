from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.sources import history as module
from riskcheck.trees import History, UnreadableError
from tests.gitrepo import EPOCH, GitRepo
from tests.sources.support import compare


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


def behind(repo: GitRepo, revision: str = "HEAD") -> History:
    """The history behind a base."""
    history = compare(repo, f"{revision}..{revision}").history
    assert history is not None
    return history


def test_landings_are_the_commits_that_changed_a_path_newest_first(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repo.commit({"b.yaml": "b: 2\n"})
    third = repo.commit({"a.yaml": "a: 2\n"})
    repo.commit({"b.yaml": "b: 3\n"})
    landings = behind(repo).landings("a.yaml", 10)
    assert [(landing.commit, landing.time) for landing in landings] == [(third, EPOCH + 120), (first, EPOCH)]
    assert len(landings) == 2
    assert landings[-1].commit == first
    assert [landing.commit for landing in landings[:1]] == [third]


def test_no_more_are_told_than_asked_for(repo: GitRepo) -> None:
    for number in range(5):
        repo.commit({"a.yaml": f"a: {number}\n"})
    landings = behind(repo).landings("a.yaml", 2)
    assert len(landings) == len(list(landings)) == 2


def test_a_path_that_never_was_has_no_landing(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    assert list(behind(repo).landings("nowhere.yaml", 5)) == []


def test_only_commits_behind_base_count(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n"})
    repo.commit({"a.yaml": "a: 2\n"})
    history = compare(repo, "HEAD~1..HEAD").history
    assert history is not None
    assert [landing.commit for landing in history.landings("a.yaml", 5)] == [first]


def test_a_branch_lands_when_it_is_merged(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"}, at=EPOCH)
    repo.branch("feature")
    repo.commit({"a.yaml": "a: 2\n"}, at=EPOCH + 100)
    repo.checkout("main")
    repo.commit({"b.yaml": "b: 1\n"}, at=EPOCH + 200)
    merge = repo.merge("feature", at=EPOCH + 5000)
    landing = behind(repo).landings("a.yaml", 1)[0]
    assert (landing.commit, landing.time) == (merge, EPOCH + 5000)


def test_a_backdated_commit_landed_no_earlier_than_the_one_before_it(repo: GitRepo) -> None:
    repo.commit({"b.yaml": "b: 1\n"}, at=EPOCH + 10_000)
    repo.commit({"a.yaml": "a: 1\n"}, at=EPOCH)
    assert behind(repo).landings("a.yaml", 1)[0].time == EPOCH + 10_000


def test_one_clock_that_ran_ahead_is_forgotten_in_time(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WINDOW", 3)
    repo.commit({"future.yaml": "f: 1\n"}, at=EPOCH + 10**9)
    for number in range(6):
        repo.commit({"a.yaml": f"a: {number}\n"}, at=EPOCH + number)
    times = [landing.time for landing in behind(repo).landings("a.yaml", 10)]
    assert times == [EPOCH + 5, EPOCH + 4, EPOCH + 3, *[EPOCH + 10**9] * 3]


def test_renames_are_followed_and_read_by_the_name_they_had(repo: GitRepo) -> None:
    long = "".join(f"n{number}: {number}\n" for number in range(30))
    first = repo.commit({"one.yaml": long})
    second = repo.commit({"one.yaml": None, "dir/two.yaml": long + "more: 1\n"})
    third = repo.commit({"dir/two.yaml": None, "three.yaml": long + "more: 1\n"})
    history = behind(repo)
    landings = list(history.landings("three.yaml", 10))
    assert [landing.commit for landing in landings] == [third, second, first]
    assert history.read_at(first, "three.yaml") == long.encode()
    assert history.read_at(second, "three.yaml") == (long + "more: 1\n").encode()


def test_a_deletion_is_a_landing_and_what_came_before_is_found(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    second = repo.commit({"a.yaml": None})
    third = repo.commit({"a.yaml": "a: 1\n"})
    history = behind(repo)
    assert [landing.commit for landing in history.landings("a.yaml", 10)] == [third, second, first]
    assert history.read_at(second, "a.yaml") is None
    assert history.read_at(first, "a.yaml") == b"a: 1\n"


def test_an_unknown_commit_holds_nothing(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    assert behind(repo).read_at("1" * 40, "a.yaml") is None


def test_what_cannot_be_read_is_not_called_absent(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n"})
    repo.symlink("link.yaml", "/etc/hostname")
    second = repo.commit()
    history = behind(repo)
    assert history.read_at(first, "link.yaml") is None
    with pytest.raises(UnreadableError):
        history.read_at(second, "link.yaml")


def test_histories_longer_than_one_batch_are_walked_to_the_end(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", (2, 5))
    monkeypatch.setattr(module, "_WINDOW", 1)
    first = repo.commit({"rare.yaml": "r: 1\n"})
    for number in range(23):
        repo.commit({"often.yaml": f"o: {number}\n"})
    history = behind(repo)
    assert [landing.commit for landing in history.landings("rare.yaml", 3)] == [first]
    assert len(history.landings("often.yaml", 100)) == 23
    assert history.complete


def test_a_walk_that_is_given_up_is_not_complete(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", (2, 2))
    monkeypatch.setattr(module, "_MOST", 4)
    repo.commit({"rare.yaml": "r: 1\n"})
    for number in range(8):
        repo.commit({"often.yaml": f"o: {number}\n"})
    history = behind(repo)
    assert history.complete
    assert list(history.landings("rare.yaml", 3)) == []
    assert not history.complete


def test_commits_without_a_change_and_odd_names_do_not_confuse_the_walk(repo: GitRepo) -> None:
    first = repo.commit({":odd\nname": "1\n"})
    repo.commit()
    third = repo.commit({":odd\nname": "2\n"})
    landings = behind(repo).landings(":odd\nname", 5)
    assert [landing.commit for landing in landings] == [third, first]
