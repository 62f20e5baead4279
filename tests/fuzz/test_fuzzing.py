"""What the fuzzers themselves do with a target that has defects."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from fuzz.__main__ import main
from fuzz.archive import packed, sides, unpacked
from fuzz.bounds import TooLarge, TooSlow, Unsteady, checked
from fuzz.findings import keep
from fuzz.model import Target
from fuzz.mutating import mutated
from fuzz.shrinking import shrunk
from fuzz.shuffled import run


def _target(read: object) -> Target:
    assert callable(read)
    return Target("planted", "a planted defect", read, lambda: [b"a: 1\nb: 2\nc: 3\n"], ("boom",))


def _booms(data: bytes) -> None:
    if b"boom" in data:
        raise KeyError("planted")


def test_a_planted_defect_is_found_kept_and_made_short(tmp_path: Path) -> None:
    said: list[str] = []
    assert run(_target(_booms), 3, 1, tmp_path, said.append) > 10
    (path,) = (one for one in (tmp_path / "found" / "planted").iterdir() if one.suffix != ".txt")
    assert b"boom" in path.read_bytes()
    assert "KeyError" in path.with_name(path.name + ".txt").read_text("utf-8")
    assert len(said) == 1
    assert shrunk(_target(_booms), path.read_bytes()) == b"boom"


def test_of_one_place_the_shortest_input_is_kept_and_told_once(tmp_path: Path) -> None:
    told = []
    for data in (b"x boom", b"boom", b"boom and more"):
        try:
            _booms(data)
        except KeyError as error:
            told.append(keep("planted", data, error, tmp_path))
    assert [one.new for one in told] == [True, False, False]
    assert told[0].path.read_bytes() == b"boom"


def test_time_memory_and_answers_that_change_are_findings() -> None:
    def endless(data: bytes) -> None:
        while True:
            pass

    begun = time.process_time()
    with pytest.raises(TooSlow):
        checked(_target(endless), b"", seconds=0.2)
    assert time.process_time() - begun < 5
    with pytest.raises(TooLarge):
        checked(_target(lambda data: len(bytearray(b"x") * (1 << 30))), b"")
    steps = iter(range(1_000))
    with pytest.raises(Unsteady):
        for number in range(100):
            checked(_target(lambda data: next(steps)), b"%d" % number)


def test_trees_are_packed_and_unpacked() -> None:
    files = {"base/a.yaml": b"a: 1\n", "head/b/\udcff.yaml": b"", "plan/prod": b"{}\n"}
    assert unpacked(packed(files)) == files
    assert sides(packed(files)) == ({"a.yaml": b"a: 1\n"}, {"b/\udcff.yaml": b""}, {"prod": b"{}\n"})


def test_paths_that_git_cannot_hold_are_left_out() -> None:
    names = ("head/../x", "head//x", "head/.git/config", "head/a", "head/a/b", "other/x", "head/", "x")
    assert sides(packed(dict.fromkeys(names, b"")))[1] == {"a/b": b""}


def test_edits_are_told_by_their_number() -> None:
    data = b"a: 1\nb: [2, \xff]\n"
    once = [mutated(data, random.Random(number), ("w",), b"z: 9\n") for number in range(200)]
    assert once == [mutated(data, random.Random(number), ("w",), b"z: 9\n") for number in range(200)]
    assert len(set(once)) > 150


def test_the_command_says_what_was_found_and_ends_with_1_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["--seconds", "1", "--engine", "hypothesis", "--seed", "1", "--target", "strict-json"]
    assert main(asked) == 0
    assert "0 new finding(s)" in capsys.readouterr().out
    monkeypatch.setattr("fuzz.targets.values.strict", _booming)
    assert main(asked) == 1
    told = capsys.readouterr().out
    assert "1 new finding(s)" in told
    assert "ZeroDivisionError" in told
    (found,) = (one for one in (tmp_path / "build/fuzz/found/strict-json").iterdir() if one.suffix != ".txt")
    with pytest.raises(ZeroDivisionError):
        main(["--replay", str(found)])
    assert main(["--target", "nothing"]) == 2


def _booming(text: str) -> object:
    return 1 // 0
