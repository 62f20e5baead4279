"""Records behave as those of the standard library, which the type checker takes them for."""

from __future__ import annotations

import dataclasses
import pickle
import re
import typing
from pathlib import Path

import pytest

from riskcheck.records import NamedTuple, dataclass, replace

ROOT = Path(__file__).parents[1] / "riskcheck"


class Place(NamedTuple):
    """A place."""

    path: str
    line: int = 1

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}"


class Named(NamedTuple):
    """Fields that are called as parameters of methods often are."""

    cls: int
    self: int
    first: int
    values: int = 4


class Empty(NamedTuple):
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    rule: str
    place: Place
    level: str = "P2"

    @property
    def loud(self) -> bool:
        return self.level == "P0"


@dataclass(frozen=True, slots=True)
class Waived:
    rule: str
    until: str = "2027-01-01"


def test_a_named_tuple_is_what_typing_makes() -> None:
    class Theirs(typing.NamedTuple):
        path: str
        line: int

    assert Place.__mro__ == (Place, tuple, object)
    assert {type(made).__name__ for made in (Place, Theirs)} == {"type"}
    assert {name for name in dir(Theirs) if name != "__annotations__"} <= set(dir(Place))
    assert Place._fields == ("path", "line")
    assert Place._field_defaults == {"line": 1}
    assert repr(Place("a")) == "Place(path='a', line=1)"
    assert Place(line=2, path="a") == ("a", 2)
    assert Place("a")._replace(line=3).shown == "a:3"
    assert Place("a")._asdict() == {"path": "a", "line": 1}
    assert Place._make(["a", 4]).line == 4
    assert Place.__doc__ == "A place."
    assert Empty() == ()
    assert Named(1, 2, 3) == Named(first=3, self=2, cls=1) == (1, 2, 3, 4)
    path, line = Place("b", 5)
    assert (path, line) == ("b", 5)


def test_a_record_is_one_from_the_first_instance_on() -> None:
    class Late(NamedTuple):
        one: int
        two: int = 2

    assert [Late(1), Late(one=1), Late(1, 2)] == [(1, 2)] * 3
    match Late(7):
        case Late(one, two):
            assert (one, two) == (7, 2)


@pytest.mark.parametrize("arguments", [(), ("a", 1, 2)])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="Place"):
        Place(*arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Found"):
        Found(*arguments[:1])  # type: ignore[arg-type]


def test_wrong_names_are_refused() -> None:
    with pytest.raises(ValueError, match="column"):
        Place("a")._replace(column=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="column"):
        replace(Found("r", Place("a")), column=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Expected 2"):
        Place._make(["a"])


def test_defaults_come_last() -> None:
    with pytest.raises(TypeError, match="without a default"):
        exec(
            "from __future__ import annotations\nclass Wrong(NamedTuple):\n    a: int = 1\n    b: int",
            {"NamedTuple": NamedTuple, "__name__": __name__},
        )


def test_a_frozen_record_is_what_dataclasses_make() -> None:
    found = Found("r", Place("a"))
    assert (found.rule, found.place, found.level, found.loud) == ("r", ("a", 1), "P2", False)
    assert repr(found) == "Found(rule='r', place=Place(path='a', line=1), level='P2')"
    assert replace(found, level="P0").loud
    assert not hasattr(found, "__dict__")
    with pytest.raises(AttributeError, match="rule"):
        found.rule = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="rule"):
        del found.rule
    with pytest.raises(AttributeError):
        found.unknown = 1  # type: ignore[attr-defined]


def test_records_are_equal_by_fields_only_where_they_say_so() -> None:
    assert Found("r", Place("a")) != Found("r", Place("a"))
    assert len({Found("r", Place("a")), Found("r", Place("a"))}) == 2
    assert Waived("r") == Waived("r") != Waived("q")
    assert len({Waived("r"), Waived("r")}) == 1
    same: object = ("r", "2027-01-01")
    assert Waived("r") != same


def test_records_travel_between_processes() -> None:
    for record in (Place("a", 3), Waived("r", "2026-01-01")):
        assert pickle.loads(pickle.dumps(record)) == record
    assert pickle.loads(pickle.dumps(Found("r", Place("a")))).place == Place("a")


def test_what_the_standard_library_would_make_is_not_wanted_here() -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)  # type: ignore[call-overload, unused-ignore]
    assert not dataclasses.is_dataclass(Found)


def test_no_module_defines_a_record_of_typing() -> None:
    slow = re.compile(r"^from typing import .*\bNamedTuple\b", re.M)
    assert [path.name for path in ROOT.rglob("*.py") if slow.search(path.read_text())] == []
