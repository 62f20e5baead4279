from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.dependencies import Edge
from riskcheck.rollout.reversing import rollback_order, together


def edges(*pairs: str) -> list[Edge]:
    """``a>b``: a needs b."""
    found = []
    for pair in pairs:
        dependant, _, dependency = pair.partition(">")
        found.append(Edge(dependant, dependency, "hard", "dependsOn"))
    return found


def test_readers_go_back_before_writers() -> None:
    assert rollback_order(["writer", "reader"], edges("reader>writer")) == (("reader",), ("writer",))


def test_what_does_not_depend_on_each_other_goes_back_together() -> None:
    assert rollback_order(["b", "a", "base"], edges("a>base", "b>base")) == (("a", "b"), ("base",))


def test_unchanged_things_on_the_way_keep_the_order() -> None:
    assert rollback_order(["a", "c"], edges("a>b", "b>c")) == (("a",), ("c",))


def test_what_needs_each_other_goes_back_at_once() -> None:
    cycle = edges("a>b", "b>a", "reader>a", "b>store")
    waves = rollback_order(["a", "b", "reader", "store"], cycle)
    assert waves == (("reader",), ("a", "b"), ("store",))
    assert [together(wave, cycle) for wave in waves] == [(), (("a", "b"),), ()]


def test_nothing_changed_needs_no_order() -> None:
    assert rollback_order([], edges("a>b")) == ()


NAMES = st.sampled_from("abcdefg")
GRAPHS = st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=14)


@given(st.sets(NAMES), GRAPHS)
def test_every_changed_thing_goes_back_once_and_never_before_a_reader_of_its_own(
    changed: set[str], pairs: list[tuple[str, str]]
) -> None:
    graph = [Edge(one, other, "hard", "dependsOn") for one, other in pairs]
    waves = rollback_order(changed, graph)
    assert sorted(name for wave in waves for name in wave) == sorted(changed)
    at = {name: number for number, wave in enumerate(waves) for name in wave}
    mutual = {frozenset(group) for wave in waves for group in together(wave, graph)}
    for one, other in pairs:
        if one in at and other in at:
            assert at[one] < at[other] or any({one, other} <= group for group in mutual)
    assert rollback_order(sorted(changed, reverse=True), list(reversed(graph))) == waves
