"""Every target of `make fuzz`, on a few inputs that are the same each time, and on all that ever broke it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fuzz.bounds import checked
from fuzz.shuffled import inputs
from fuzz.targets.table import targets

FOUND = Path(__file__).parent / "found"
QUICK = settings(
    max_examples=20,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", targets())
def test_edited_inputs_break_nothing(name: str) -> None:
    target = targets()[name]

    @QUICK
    @given(inputs(target))
    def run(data: bytes) -> None:
        checked(target, data, seconds=20)

    run()


@pytest.mark.parametrize(
    "path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_was_found_once_breaks_nothing(path: Path) -> None:
    checked(targets()[path.parent.name], path.read_bytes(), seconds=20)


def test_every_target_has_seeds() -> None:
    assert [name for name, target in targets().items() if not any(target.seeds())] == []
