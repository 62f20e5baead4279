from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.sources import history as module
from riskcheck.sources.raw import Record
from riskcheck.trees import CutOffError, Footprint, History, UnreadableError
from tests.gitrepo import EPOCH, GitRepo
from tests.sources.support import compare, landings


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


def behind(repo: GitRepo, revision: str = "HEAD") -> History:
    """The history behind a base."""
    history = compare(repo, f"{revision}..{revision}").history
    assert history is not None
    return history


def commits(history: History, path: str) -> list[str]:
    return [landing.commit for landing in landings(history, path)]


def test_landings_are_the_commits_that_changed_a_path_newest_first(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repo.commit({"b.yaml": "b: 2\n"})
    third = repo.commit({"a.yaml": "a: 2\n"})
    repo.commit({"b.yaml": "b: 3\n"})
    assert landings(behind(repo), "a.yaml") == [(third, EPOCH + 120, 1), (first, EPOCH, 3)]


def test_nothing_is_told_beyond_the_oldest_time_asked_for(repo: GitRepo) -> None:
    for number in range(5):
        repo.commit({"a.yaml": f"a: {number}\n"})
    assert len(landings(behind(repo), "a.yaml", oldest=EPOCH + 120)) == 3


def test_what_commits_changed_that_are_too_old_is_not_asked(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        repo.commit({"a.yaml": f"a: {number}\n", "b.yaml": "b: 1\n"})
    asked: list[int] = []
    note = module.GitHistory._note

    def noted(self: module.GitHistory, number: int, record: Record) -> None:
        asked.append(number)
        note(self, number, record)

    monkeypatch.setattr(module.GitHistory, "_note", noted)
    history = behind(repo)
    assert landings(history, "b.yaml", oldest=EPOCH + 1000) == []
    assert asked == []
    assert landings(history, "b.yaml", oldest=EPOCH + 120) == []
    assert asked == [0, 1, 2]
    assert landings(history, "b.yaml") == [
        (repo.git("rev-list", "--max-parents=0", "HEAD").strip(), EPOCH, 4)
    ]
    assert sorted(set(asked)) == [0, 1, 2, 3, 4]


def test_a_commit_that_was_made_before_an_older_looking_one_is_still_found(repo: GitRepo) -> None:
    young = repo.commit({"a.yaml": "a: 1\n"}, at=EPOCH + 10_000)
    middle = repo.commit({"a.yaml": "a: 2\n"}, at=EPOCH)
    newest = repo.commit({"b.yaml": "b: 1\n"}, at=EPOCH)
    assert commits(behind(repo), "a.yaml") == [middle, young]
    found = landings(behind(repo), "a.yaml", oldest=EPOCH + 10_000)
    assert [one.commit for one in found] == [middle, young]
    assert landings(behind(repo), "b.yaml", oldest=EPOCH + 10_000)[0].commit == newest


def test_a_path_that_never_was_has_no_landing(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    assert landings(behind(repo), "nowhere.yaml") == []


def test_only_commits_behind_base_count(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n"})
    repo.commit({"a.yaml": "a: 2\n"})
    history = compare(repo, "HEAD~1..HEAD").history
    assert history is not None
    assert commits(history, "a.yaml") == [first]


def test_a_branch_lands_when_it_is_merged(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"}, at=EPOCH)
    repo.branch("feature")
    repo.commit({"a.yaml": "a: 2\n"}, at=EPOCH + 100)
    repo.checkout("main")
    repo.commit({"b.yaml": "b: 1\n"}, at=EPOCH + 200)
    merge = repo.merge("feature", at=EPOCH + 5000)
    landing = landings(behind(repo), "a.yaml")[0]
    assert (landing.commit, landing.time) == (merge, EPOCH + 5000)


def test_a_backdated_commit_landed_no_earlier_than_the_one_before_it(repo: GitRepo) -> None:
    repo.commit({"b.yaml": "b: 1\n"}, at=EPOCH + 10_000)
    repo.commit({"a.yaml": "a: 1\n"}, at=EPOCH)
    assert landings(behind(repo), "a.yaml")[0].time == EPOCH + 10_000


def test_one_clock_that_ran_ahead_is_forgotten_in_time(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WINDOW", 3)
    repo.commit({"future.yaml": "f: 1\n"}, at=EPOCH + 10**9)
    for number in range(6):
        repo.commit({"a.yaml": f"a: {number}\n"}, at=EPOCH + number)
    times = [landing.time for landing in landings(behind(repo), "a.yaml")]
    assert times == [EPOCH + 5, EPOCH + 4, EPOCH + 3, *[EPOCH + 10**9] * 3]


def test_a_commit_tells_what_it_renamed(repo: GitRepo) -> None:
    long = "".join(f"n{number}: {number}\n" for number in range(30))
    repo.commit({"one.yaml": long})
    repo.commit({"one.yaml": None, "dir/two.yaml": long + "more: 1\n", "new.yaml": "n: 1\n"})
    history = behind(repo)
    assert len(landings(history, "one.yaml")) == 2
    assert history.old_names(0) == {"dir/two.yaml": "one.yaml"}
    assert history.old_names(1) == {}


def test_trees_of_older_commits_are_as_they_were(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n", "dir/b.yaml": "b: 1\n"})
    repo.commit({"a.yaml": "a: 2\n", "dir/b.yaml": None})
    repo.commit({"a.yaml": None, "c.yaml": "c: 1\n"})
    history = behind(repo)
    landings(history, "a.yaml")
    states = [
        {path: history.tree(number).read(path) for path in history.tree(number).entries()}
        for number in (1, 2, 0, 3)
    ]
    assert states == [
        {"a.yaml": b"a: 2\n"},
        {"a.yaml": b"a: 1\n", "dir/b.yaml": b"b: 1\n"},
        {"c.yaml": b"c: 1\n"},
        {},
    ]


def test_what_appears_or_vanishes_in_a_folder_touches_it(repo: GitRepo) -> None:
    first = repo.commit({"dir/a.yaml": "a: 1\n"})
    repo.commit({"dir/a.yaml": "a: 2\n"})
    third = repo.commit({"dir/deep/b.yaml": "b: 1\n", "other/c.yaml": "c: 1\n"})
    repo.commit({"dir/picture.png": "no configuration"})
    fifth = repo.commit({"dir/deep/b.yaml": None})
    history, folder = behind(repo), Footprint(frozenset(), frozenset({"dir"}))
    found, start = [], 0
    while (landing := history.latest(folder, start, 0)) is not None:
        found.append(landing.commit)
        start = landing.number + 1
    assert found == [fifth, third, first]


def test_a_deletion_is_a_landing_and_what_came_before_is_found(repo: GitRepo) -> None:
    first = repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    second = repo.commit({"a.yaml": None})
    third = repo.commit({"a.yaml": "a: 1\n"})
    assert commits(behind(repo), "a.yaml") == [third, second, first]


def test_what_cannot_be_read_is_not_called_absent(repo: GitRepo) -> None:
    repo.commit({"a.yaml": "a: 1\n"})
    repo.symlink("link.yaml", "/etc/hostname")
    repo.commit()
    repo.commit({"a.yaml": "a: 2\n"})
    history = behind(repo)
    landings(history, "a.yaml")
    assert history.tree(2).entry("link.yaml") is None
    with pytest.raises(UnreadableError):
        history.tree(1).read("link.yaml")


def test_histories_longer_than_one_batch_are_walked_to_the_end(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", (2, 5))
    monkeypatch.setattr(module, "_WINDOW", 1)
    first = repo.commit({"rare.yaml": "r: 1\n"})
    for number in range(23):
        repo.commit({"often.yaml": f"o: {number}\n"})
    history = behind(repo)
    assert commits(history, "rare.yaml") == [first]
    assert len(landings(history, "often.yaml")) == 23
    assert landings(history, "nowhere.yaml") == []


def test_a_walk_that_is_given_up_cuts_history_off(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", (2, 2))
    monkeypatch.setattr(module, "_MOST", 4)
    repo.commit({"rare.yaml": "r: 1\n"})
    for number in range(8):
        repo.commit({"often.yaml": f"o: {number}\n"})
    with pytest.raises(CutOffError):
        landings(behind(repo), "rare.yaml")


def test_commits_without_a_change_and_odd_names_do_not_confuse_the_walk(repo: GitRepo) -> None:
    first = repo.commit({":odd\nname": "1\n"})
    repo.commit()
    third = repo.commit({":odd\nname": "2\n"})
    assert commits(behind(repo), ":odd\nname") == [third, first]
