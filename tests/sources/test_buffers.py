"""Unsaved text on top of the working tree, held against the same text saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.sources import open_comparison
from riskcheck.sources.buffers import with_buffers
from riskcheck.sources.spec import RangeSpec
from riskcheck.trees import Comparison
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {"a.yaml": "a: 1\n", "crlf.yaml": "c: 1\r\n", "mark.yaml": b"\xef\xbb\xbfm: 1\n", ".gitignore": "x\n"}
    )
    return made


def compared(repo: GitRepo, texts: dict[str, str] | None = None) -> Comparison:
    return with_buffers(open_comparison(RangeSpec(repo.path, environ=repo.environ)), texts or {})


def said(comparison: Comparison) -> list[tuple[str, str, str, bytes | None]]:
    return [
        (one.path, one.status, one.old_path, comparison.head.read(one.path) if one.head else None)
        for one in comparison.changes
    ]


@pytest.mark.parametrize(
    ("before", "texts"),
    [
        ({}, {"a.yaml": "a: 2\n"}),
        ({"a.yaml": "a: 2\n"}, {"a.yaml": "a: 1\n"}),
        ({"a.yaml": "a: 2\n"}, {"a.yaml": "a: 3\n"}),
        ({"new.yaml": "n: 1\n"}, {"new.yaml": "n: 2\n", "a.yaml": "a: 1\n"}),
        ({}, {"crlf.yaml": "c: 2\r\n"}),
    ],
)
def test_text_in_an_editor_counts_as_if_it_were_saved(
    repo: GitRepo, before: dict[str, str], texts: dict[str, str]
) -> None:
    repo.write(before)
    unsaved = said(compared(repo, texts))
    repo.write({name: text.encode() for name, text in texts.items()})
    assert unsaved == said(compared(repo))


def test_the_mark_and_the_line_ends_of_the_file_on_disk_are_kept(repo: GitRepo) -> None:
    assert said(compared(repo, {"mark.yaml": "m: 1\n", "a.yaml": "a: 1\r\n"})) == []
    assert said(compared(repo, {"mark.yaml": "m: 2\n"})) == [
        ("mark.yaml", "modified", "mark.yaml", b"\xef\xbb\xbfm: 2\n")
    ]


def test_a_moved_file_stays_moved(repo: GitRepo) -> None:
    repo.git("mv", "a.yaml", "b.yaml")
    assert said(compared(repo, {"b.yaml": "a: 2\n"})) == [("b.yaml", "renamed", "a.yaml", b"a: 2\n")]


def test_ignored_and_unsaved_files_are_left_alone(repo: GitRepo) -> None:
    repo.write({"x": "old\n"})
    assert said(compared(repo, {"x": "new\n", "nowhere.yaml": "n: 1\n"})) == []
