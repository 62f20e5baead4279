"""The file of what was judged already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck.errors import RunError
from riskcheck.history.model import FiredRule
from riskcheck.replaying.model import Asked, JudgedChange
from riskcheck.replaying.rows import RowsFile
from riskcheck.replaying.stamp import stamp

A, B, C = ("a" * 40, "b" * 40, "c" * 40)
FIRST = JudgedChange(A, "", "block", "P1", 21.5, (FiredRule("K8S-001", "P1"),))
SECOND = JudgedChange(B, A, "pass", None, 0.0)
FAILED = JudgedChange(C, B, None, None, None, (), "out of memory")
STAMP = "1.0+sql sha256:00 own"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def filled(path: Path, *rows: JudgedChange, stamp: str = STAMP) -> None:
    file = RowsFile(str(path), stamp)
    for row in rows:
        file.add(row)
    file.close(whole=True)


def test_rows_come_back_as_they_were(path: Path) -> None:
    filled(path, SECOND, FIRST)
    found = RowsFile(str(path), STAMP)
    assert (found.get(Asked(A, "")), found.get(Asked(B, A)), found.dropped) == (FIRST, SECOND, 0)
    assert found.get(Asked(B, C)) is None
    assert path.stat().st_mode & 0o077 == 0


def test_what_failed_is_written_and_tried_again(path: Path) -> None:
    filled(path, FAILED)
    assert json.loads(path.read_bytes().splitlines()[1])["error"] == "out of memory"
    found = RowsFile(str(path), STAMP)
    assert (found.get(Asked(C, B)), found.dropped) == (None, 0)


@pytest.mark.parametrize("end", range(1, 60, 7))
def test_a_last_line_that_was_cut_short_is_missing(path: Path, end: int) -> None:
    filled(path, FIRST, SECOND)
    path.write_bytes(path.read_bytes()[:-end])
    found = RowsFile(str(path), STAMP)
    assert (found.get(Asked(A, "")), found.get(Asked(B, A)), found.dropped) == (FIRST, None, 1)
    found.add(SECOND)
    found.close()
    again = RowsFile(str(path), STAMP)
    assert (again.get(Asked(A, "")), again.get(Asked(B, A)), again.dropped) == (FIRST, SECOND, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"null\n",
        b'{"commit": 1}\n',
        b'{"commit":"a","base":"","verdict":"pass","level":null,"score":"x","rules":[],"error":null}\n',
        b'{"commit":"a","base":"","verdict":"pass","level":null,"score":0,"rules":[[1,2]],"error":null}\n',
        b'{"commit":"a","base":"","verdict":null,"level":null,"score":null,"rules":[],"error":null}\n',
        b"x" * 2_000_000 + b"\n",
    ],
)
def test_damage_costs_the_lines_that_are_damaged(path: Path, line: bytes) -> None:
    filled(path, FIRST, SECOND)
    head, *rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join((head, rows[0], line, rows[1])))
    found = RowsFile(str(path), STAMP)
    assert (found.get(Asked(A, "")), found.get(Asked(B, A))) == (FIRST, SECOND)
    assert found.dropped > 0


@pytest.mark.parametrize("other", ["2.0+sql sha256:00 own", "1.0 sha256:00 own", "1.0+sql sha256:01 own"])
def test_rows_of_another_version_or_of_other_rules_are_not_taken(path: Path, other: str) -> None:
    filled(path, FIRST, stamp=other)
    found = RowsFile(str(path), STAMP)
    assert (found.get(Asked(A, "")), found.dropped) == (None, 1)


def test_rows_by_several_policies_stand_side_by_side(path: Path) -> None:
    other = "1.0+sql sha256:00 sha256:ff"
    filled(path, FIRST)
    filled(path, FIRST._replace(verdict="pass"), stamp=other)
    assert RowsFile(str(path), STAMP).get(Asked(A, "")) == FIRST
    assert RowsFile(str(path), other).get(Asked(A, "")) == FIRST._replace(verdict="pass")


@pytest.mark.parametrize("content", [b"my notes\n", b"{}\n", b'{"riskcheck":"judged changes","format":2}\n'])
def test_a_file_that_holds_something_else_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(RunError, match="holds something else"):
        RowsFile(str(path), STAMP)
    assert path.read_bytes() == content
    own = RowsFile(str(path), STAMP, ours=True)
    own.add(FIRST)
    own.close()
    assert RowsFile(str(path), STAMP).get(Asked(A, "")) == FIRST


def test_a_head_that_was_cut_short_is_an_empty_file(path: Path) -> None:
    path.write_bytes(b'{"riskcheck":"jud')
    filled(path, FIRST)
    assert RowsFile(str(path), STAMP).get(Asked(A, "")) == FIRST


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        RowsFile(str(tmp_path), STAMP)


def test_the_stamp_tells_policies_apart() -> None:
    assert len({stamp("sha256:0", None), stamp("sha256:0", b"a"), stamp("sha256:0", b"b")}) == 3
