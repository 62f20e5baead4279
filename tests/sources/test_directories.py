from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from riskcheck.sources import RangeSpec, SourceError, open_comparison
from riskcheck.trees import Comparison, UnreadableError
from tests.sources.support import CLOCK, differing


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name, value in (("old", 1), ("new", 2)):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "a.yaml").write_text(f"a: {value}\n")
        (tmp_path / name / "sub/same.yaml").write_text("s: 1\n")
    (tmp_path / "old/gone.yaml").write_text("g: 1\n")
    (tmp_path / "new/sub/fresh.yaml").write_text("f: 1\n")
    return tmp_path


def compare(folders: Path, **options: Any) -> Comparison:
    defaults: dict[str, Any] = {
        "root": folders,
        "from_dir": "old",
        "to_dir": "new",
        "clock": CLOCK,
        "environ": {},
    }
    return open_comparison(RangeSpec(**{**defaults, **options}))


def test_two_folders_are_compared_without_git(folders: Path) -> None:
    comparison = compare(folders)
    assert differing(comparison) == ["modified a.yaml", "deleted gone.yaml", "added sub/fresh.yaml"]
    assert (comparison.base.label, comparison.head.label) == ("dir:old", "dir:new")
    assert comparison.deciding is comparison.base
    assert comparison.history is None
    assert comparison.now == CLOCK
    assert comparison.base.read("a.yaml") == b"a: 1\n"
    assert comparison.head.read("a.yaml") == b"a: 2\n"
    assert set(comparison.head.entries()) == {"a.yaml", "sub/fresh.yaml", "sub/same.yaml"}


def test_absolute_folders_are_taken_as_they_are(folders: Path) -> None:
    comparison = compare(folders, from_dir=folders / "old", to_dir=folders / "new", root=folders / "old")
    assert len(comparison.changes) == 3


def test_filters_count_from_the_folders(folders: Path) -> None:
    assert differing(compare(folders, paths=("sub",))) == ["added sub/fresh.yaml"]


def test_same_size_and_time_do_not_hide_a_difference(folders: Path) -> None:
    for name in ("old", "new"):
        os.utime(folders / name / "a.yaml", (1, 1))
    assert "modified a.yaml" in differing(compare(folders))


def test_large_files_are_compared_but_not_read(folders: Path) -> None:
    (folders / "old/big.yaml").write_text("x" * 5000)
    (folders / "new/big.yaml").write_text("x" * 5000)
    assert "modified big.yaml" not in differing(compare(folders, max_file_bytes=100))
    (folders / "new/big.yaml").write_text("x" * 4999 + "y")
    comparison = compare(folders, max_file_bytes=100)
    assert "modified big.yaml" in differing(comparison)
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("big.yaml")
    assert refused.value.kind == "too-large"


def test_links_are_compared_by_target_and_followed_only_within(folders: Path) -> None:
    (folders / "outside.yaml").write_text("secret: 1\n")
    for name in ("old", "new"):
        (folders / name / "same-link").symlink_to("a.yaml")
        (folders / name / "out").symlink_to("../outside.yaml")
        (folders / name / "dir-link").symlink_to("sub")
    (folders / "old/moved").symlink_to("a.yaml")
    (folders / "new/moved").symlink_to("sub/same.yaml")
    comparison = compare(folders)
    assert [change.path for change in comparison.changes] == [
        "a.yaml",
        "gone.yaml",
        "moved",
        "sub/fresh.yaml",
    ]
    assert comparison.head.read("same-link") == b"a: 2\n"
    assert comparison.head.read("moved") == b"s: 1\n"
    for path in ("out", "dir-link"):
        with pytest.raises(UnreadableError) as refused:
            comparison.head.read(path)
        assert refused.value.kind == "symlink"
    assert "dir-link/same.yaml" not in comparison.head.entries()


def test_a_file_in_place_of_a_link_or_folder(folders: Path) -> None:
    (folders / "old/kind").symlink_to("a.yaml")
    (folders / "new/kind").write_text("a.yaml")
    (folders / "old/node").mkdir()
    (folders / "old/node/x.yaml").write_text("x: 1\n")
    (folders / "new/node").write_text("n: 1\n")
    found = differing(compare(folders))
    assert "typechanged kind" in found
    assert {"added node", "deleted node/x.yaml"} <= set(found)


def test_stores_of_version_control_are_left_out(folders: Path) -> None:
    (folders / "new/.git").mkdir()
    (folders / "new/.git/config").write_text("x")
    (folders / "new/sub/.git").write_text("gitdir: elsewhere")
    (folders / "new/.gitignore").write_text("*\n")
    assert [path for path in compare(folders).head.entries() if ".git" in path] == [".gitignore"]


def test_a_named_pipe_is_unreadable_and_not_waited_for(folders: Path) -> None:
    for name in ("old", "new"):
        os.mkfifo(folders / name / "pipe")
    comparison = compare(folders)
    assert "modified pipe" in differing(comparison)
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("pipe")
    assert refused.value.kind == "not-a-file"


def test_names_that_are_not_utf8_are_read_back(folders: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n.yaml")
    (folders / "new" / name).write_text("n: 1\n")
    comparison = compare(folders)
    assert f"added {name}" in differing(comparison)
    assert comparison.head.read(name) == b"n: 1\n"


def test_a_folder_with_itself_differs_in_nothing(folders: Path) -> None:
    assert compare(folders, to_dir="old").changes == ()


def test_an_empty_folder_is_a_state(folders: Path) -> None:
    (folders / "empty").mkdir()
    assert {change.status for change in compare(folders, from_dir="empty").changes} == {"added"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"from_dir": "nowhere"}, "nowhere does not exist: name a folder"),
        ({"to_dir": "new/a.yaml"}, "new/a.yaml is a file, not a folder: name a folder"),
        ({"paths": ("../x",)}, "../x is outside"),
    ],
)
def test_what_cannot_be_compared_is_refused(folders: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceError) as refused:
        compare(folders, **options)
    assert words in str(refused.value)
