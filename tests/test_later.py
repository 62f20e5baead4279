from __future__ import annotations

from collections.abc import Iterator

from riskcheck.later import Later


def test_items_are_made_once_and_only_when_somebody_looks() -> None:
    made: list[str] = []

    def make() -> Iterator[str]:
        made.append("asked")
        yield from ("a", "b")

    later = Later(make)
    assert made == []
    assert [*later, len(later), later[0], later[1:]] == ["a", "b", 2, "a", ("b",)]
    assert made == ["asked"]


def test_is_equal_to_what_holds_the_same() -> None:
    assert Later(lambda: [1, 2]) == (1, 2)
    held: tuple[int, ...] = (1, 2)
    assert held == Later(lambda: [1, 2])
    assert Later(lambda: [1]) == Later(lambda: (1,))
    assert Later(lambda: [1]) != (2,)
    assert Later(lambda: [1]) != [1]
