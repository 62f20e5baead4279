"""What counts as one change: one edit, the same edit again, and all that happens to one component."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from riskcheck.models import Category, Location
from riskcheck.rules.checks.merge_scope import independent
from riskcheck.runfacts import RiskyChange

if TYPE_CHECKING:
    from riskcheck.rules.context import CheckContext


class Bare:
    options: dict[str, int] = {"most": 3}  # noqa: RUF012  # a stand-in that nothing writes to


CONTEXT = cast("CheckContext", Bare())


def risky(
    component: str, cause: str, *, category: Category = "platform", edit: tuple[str, ...] = ()
) -> RiskyChange:
    place = Location("a.yaml", "head", 1, 1, 1, 1)
    return RiskyChange("K8S-001", category, cause, component, f"x:{component}", edit or (cause,), place)


def count(*changes: RiskyChange) -> int | None:
    """How many independent changes are told; None where nothing is."""
    found = [match.values["count"] for match in independent(changes, CONTEXT) if match.values]
    return cast("int", found[0]) if found else None


def test_three_components_with_an_edit_each_are_three() -> None:
    assert count(risky("a", "1"), risky("b", "2"), risky("c", "3")) == 3
    assert count(risky("a", "1"), risky("b", "2")) is None


def test_one_edit_is_one_change_however_many_it_reaches() -> None:
    assert count(*(risky(name, "1") for name in "abcde")) is None


def test_the_same_edit_made_again_is_one_change() -> None:
    assert count(*(risky(name, name, edit=("image",)) for name in "abcde")) is None


def test_all_that_happens_to_one_component_is_one_change() -> None:
    assert count(*(risky("a", str(number)) for number in range(5))) is None


def test_what_hangs_together_over_two_steps_is_one_change() -> None:
    chain = (
        risky("a", "1"),
        risky("b", "1"),
        risky("b", "2"),
        risky("c", "2"),
        risky("c", "3"),
        risky("d", "3"),
    )
    assert count(*chain) is None


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (("network", "data"), 2),
        (("security", "network"), 2),
        (("data", "model"), None),
        (("data", "data"), None),
        (("data", "platform"), None),
        (("cost", "platform"), None),
    ],
)
def test_two_of_different_families_are_enough(
    categories: tuple[Category, Category], expected: int | None
) -> None:
    one, other = categories
    assert count(risky("a", "1", category=one), risky("b", "2", category=other)) == expected


def test_families_within_one_change_are_no_mixture() -> None:
    assert (
        count(risky("a", "1", category="network"), risky("a", "1", category="data"), risky("b", "2")) is None
    )
