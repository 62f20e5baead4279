"""Reverts of a short while ago, in real repositories, and keys that are edited again after them (GOV-021)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB
from tests.sources.support import compare

DAY = 86_400
FILE = "clusters/prod/web.yaml"


def web(replicas: int) -> str:
    return WEB.replace("replicas: 3", f"replicas: {replicas}")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({FILE: WEB, "clusters/prod/x.yaml": "a: 1\n"}, "Start")
    made.commit({FILE: web(2)}, "Fewer")
    return made


def undo(repo: GitRepo, *options: str, of: str = "HEAD") -> None:
    repo.git("revert", "--no-edit", *options, of, environ=repo._dates(None))


def again(repo: GitRepo, replicas: int = 2, days: int = 2, path: str = FILE) -> list[str]:
    """The messages of GOV-021 where the key is edited after so many days."""
    repo.commit({path: web(replicas)}, "Fewer", at=repo.clock + days * DAY)
    return told(repo)


def told(repo: GitRepo) -> list[str]:
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--select", "GOV-021", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return [one["message"] for one in json.loads(done.stdout)["findings"]]


def test_within_a_month_and_after(repo: GitRepo) -> None:
    undo(repo)
    (message,) = again(repo)
    assert message.startswith(
        "Deployment/shop/web spec.replicas gets the very value that was reverted 2d after"
    )
    assert repo.id("HEAD~1")[:12] in message
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.clock -= 2 * DAY
    assert again(repo, days=31) == []


def test_another_value_and_another_key(repo: GitRepo) -> None:
    undo(repo)
    (message,) = again(repo, 1)
    assert "changes again" in message
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit({FILE: WEB.replace("image:", "imagePullPolicy: Always, image:")}, "Other")
    assert told(repo) == []
    repo.commit({"clusters/prod/x.yaml": "a: 2\n"}, "Another file")
    assert told(repo) == []


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Merge pull request #9 from org/revert-8-fewer\n\nBack to three", 1),
        ('Merge pull request #9 from org/back\n\nRevert "Fewer"', 1),
        ("Merge branch 'back'\n\nThis reverts merge request !8", 1),
        ("Merge pull request #9 from org/back\n\nBack to three", 0),
    ],
)
def test_merges_tell_by_their_message(repo: GitRepo, message: str, found: int) -> None:
    repo.branch("back")
    undo(repo)
    repo.checkout("main")
    repo.commit({"clusters/prod/x.yaml": "a: 2\n"})
    repo.merge("back", message)
    assert len(again(repo)) == found


def test_a_revert_inside_of_a_merge_never_landed(repo: GitRepo) -> None:
    repo.branch("x")
    repo.commit({FILE: web(1)}, "One")
    undo(repo)
    repo.commit({"clusters/prod/x.yaml": "a: 2\n"}, "Rest")
    repo.checkout("main")
    repo.merge("x", "Merge branch 'x'")
    assert again(repo, 1) == []


def test_a_revert_of_a_revert_is_told_and_its_own_revert_restores(repo: GitRepo) -> None:
    undo(repo)
    repo.git("revert", "--no-edit", "HEAD", environ=repo._dates(repo.clock + DAY))
    assert len(told(repo)) == 1
    repo.git("revert", "--no-edit", "HEAD", environ=repo._dates(repo.clock + DAY))
    assert told(repo) == []


def test_renamed_since_and_deleted(repo: GitRepo) -> None:
    undo(repo)
    repo.git("mv", FILE, "clusters/prod/site.yaml")
    repo.commit()
    assert again(repo, path="clusters/prod/site.yaml") == [], "not followed over renames"
    repo.commit({"clusters/prod/new.yaml": "a: 1\n"}, "New")
    undo(repo)
    repo.commit({"clusters/prod/new.yaml": "a: 1\n"}, "New")
    (message,) = told(repo)
    assert "clusters/prod/new.yaml as a whole" in message


def test_a_list_item_that_is_a_secret_is_not_told(repo: GitRepo) -> None:
    path = "clusters/prod/x.yaml"
    repo.commit({path: "args: [a]\n"})
    repo.commit({path: "args: [a, --password=hunter2]\n"}, "Add")
    undo(repo)
    repo.commit({path: "args: [a, --password=hunter2]\n"}, "Add")
    (message,) = told(repo)
    assert message.startswith("args[] gets the very value")
    assert "hunter2" not in message


def test_in_a_shallow_clone(repo: GitRepo) -> None:
    undo(repo)
    assert len(again(repo)) == 1
    for depth, found in ((4, 1), (2, 0)):
        assert len(told(repo.clone(repo.path.parent / f"clone{depth}", f"--depth={depth}"))) == found


def test_from_a_folder_and_of_odd_names(repo: GitRepo) -> None:
    odd = "clusters/prod/:(top)*[x].yaml"
    repo.commit({odd: "a: 1\n"})
    repo.commit({odd: "a: 2\n"}, "Two")
    undo(repo)
    repo.commit({odd: "a: 2\n"}, "Two")
    history = compare(repo, "HEAD~1..HEAD", root=repo.path / "clusters").history
    assert history is not None
    (found,) = history.taken_back(1_600_000_000, [odd])
    assert [one.path for one in found.changes] == [odd]
    assert list(history.taken_back(1_600_000_000, ["clusters/prod/a.yaml"])) == []


def test_thousands_of_reverts_are_looked_at_in_part(repo: GitRepo) -> None:
    stream = ["reset refs/heads/main", f"from {repo.id('HEAD')}", ""]
    for number in range(10_000):
        text = f'Revert "{number}"'
        content = f"a: {number}\n"
        stream += [
            "commit refs/heads/main",
            f"committer T <t@example.com> {repo.clock + number} +0000",
            f"data {len(text)}",
            text,
            f"M 644 inline {FILE}",
            f"data {len(content)}",
            content,
        ]
    repo.git("fast-import", "--quiet", "--force", stdin=("\n".join(stream) + "\n").encode())
    repo.git("reset", "-q", "--hard")
    repo.clock += 10_001
    history = compare(repo, "HEAD~1..HEAD").history
    assert history is not None
    assert len(list(history.taken_back(repo.clock - 30 * DAY, [FILE]))) == 100
    assert len(again(repo, 2, days=0)) <= 1


def test_what_it_costs(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"clusters/prod/x.yaml": "a: 2\n"})
    history = compare(repo, "HEAD~1..HEAD").history
    assert history is not None
    ran: list[str] = []
    git = history._repository.git  # type: ignore[attr-defined]
    spawn = git.spawn

    def noted(_: object, given: tuple[str, ...], **more: object) -> object:
        ran.append(given[0])
        return spawn(given, **more)

    monkeypatch.setattr(type(git), "spawn", noted)
    assert list(history.taken_back(1_600_000_000, ["clusters/prod/x.yaml"])) == []
    assert ran == ["rev-list"], "no tree is read where nothing was reverted"
