"""Which landed changes count, and what is known of them without judging."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskcheck.errors import RunError
from riskcheck.history.model import History, LandedChange, Revert, TouchedPath
from riskcheck.replaying.labels import GivenLabel, read_labels
from riskcheck.replaying.selection import Wanted, selected

DAY = 86_400


def landed(number: int, **other: object) -> LandedChange:
    """One a day."""
    path = TouchedPath(f"prod/{number % 3}.yaml", "M", f"prod/{number % 3}.yaml", True)
    change = LandedChange(
        number, f"{number:040x}", number * DAY, False, False, "", None, 1, 2, 1, (path,), (), (), 0
    )
    return change._replace(**other)  # type: ignore[arg-type]


def history(count: int, *reverts: Revert, cut: bool = False, **other: dict[str, object]) -> History:
    changed = {int(name.removeprefix("c")): fields for name, fields in other.items()}
    return History([landed(number, **changed.get(number, {})) for number in range(count)], reverts, cut=cut)


def test_the_newest_that_were_followed_are_judged() -> None:
    found = selected(history(100), Wanted(last=5, follow_days=60), "shop")
    assert [found.rows[at].number for at in found.judged] == [35, 36, 37, 38, 39]
    assert [row.number for row in found.rows] == list(range(35, 100))
    assert [one.base for one in found.asked()] == [f"{number:040x}" for number in range(34, 39)]
    assert {row.repository for row in found.rows} == {"shop"}
    assert found.rows[0].followed == 64


def test_bots_reverts_planned_ones_and_mere_code_are_told_and_not_judged() -> None:
    code = TouchedPath("main.py", "M", "main.py", False)
    known = history(
        8,
        Revert(1, 3, "commit", False),
        Revert(4, 6, "commit", True),
        c2={"bot": True},
        c3={"signals": ("revert",)},
        c5={"paths": (code,)},
        c6={"signals": ("revert",)},
    )
    found = selected(known, Wanted(follow_days=0), "shop")
    assert [found.rows[at].number for at in found.judged] == [0, 1, 7]
    assert [(row.label, row.lag) for row in found.rows[:5]] == [
        *(("ordinary", None), ("reverted", 48.0), ("ordinary", None), ("ordinary", None), ("planned", 48.0)),
    ]
    assert [row.human for row in found.rows] == [True, True, False, False, True, False, False, True]


def test_the_oldest_is_compared_with_nothing_or_in_a_shallow_clone_with_what_git_has() -> None:
    wanted = Wanted(follow_days=0)
    assert selected(history(2), wanted, "").asked()[0][:2] == (f"{0:040x}", "")
    assert selected(history(2, cut=True), wanted, "").asked()[0][:2] == (f"{0:040x}", f"{0:040x}^1")


def test_a_range_and_a_date() -> None:
    known = history(10)
    some = frozenset(f"{number:040x}" for number in (2, 3, 4))
    assert [row.number for row in selected(known, Wanted(commits=some), "").rows] == [2, 3, 4]
    assert [row.number for row in selected(known, Wanted(since=8 * DAY), "").rows] == [8, 9]
    assert selected(History((), ()), Wanted(), "").rows == ()


def test_labels_that_are_given_take_the_place_of_what_the_log_tells(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    lines = [
        {"unit": f"{2:040x}", "label": "B", "hours": 9.15, "repo": "shop"},
        {"unit": f"{3:040x}", "label": "P"},
        {"unit": "f" * 40, "label": "A"},
    ]
    file.write_text("".join(json.dumps(line) + "\n\n" for line in lines))
    labels = read_labels(str(file))
    assert labels[f"{2:040x}"] == GivenLabel("reverted", 9.15)
    known = history(5, Revert(1, 4, "title", False))
    found = selected(known, Wanted(follow_days=0, labels=labels), "")
    assert [(row.label, row.lag) for row in found.rows] == [
        *(("ordinary", None), ("ordinary", None), ("reverted", 9.15), ("planned", None), ("ordinary", None)),
    ]
    assert found.unknown == 1


@pytest.mark.parametrize(
    "line", ["x", "[]", '{"unit": "abc", "label": "A"}', '{"unit": "' + "a" * 40 + '", "label": "Z"}']
)
def test_a_line_that_is_no_label_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(f"\n{line}\n")
    with pytest.raises(RunError, match=r"labels\.jsonl:2: write"):
        read_labels(str(file))
    with pytest.raises(RunError, match="cannot be read"):
        read_labels(str(tmp_path / "absent"))
