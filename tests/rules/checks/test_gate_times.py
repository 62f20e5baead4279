"""What hooks and runners are called by may be as long as a stranger likes."""

from __future__ import annotations

from time import perf_counter

import pytest

from riskcheck.nodes import Value
from riskcheck.rules.checks.gate_hooks import _origin
from riskcheck.rules.checks.gate_sources import runner

LONG = 100_000


@pytest.mark.parametrize("piece", ["1", "1.", ".", "a", "0.0", "v1", "9" * 5000 + "."])
def test_versions_are_held_against_each_other_in_linear_time(piece: str) -> None:
    long = (piece * LONG)[:LONG]
    started = perf_counter()
    for old, new in ((long, f"{long}x"), ("v1.0.0", long), (long, "main"), (f"v{long}", f"v{long}1")):
        before: dict[str, Value] = {"repo": f"https://h/{long}", "rev": old}
        list(_origin(before, {"repo": f"git@h:{long}", "rev": new}))
    assert perf_counter() - started < 2


@pytest.mark.parametrize("piece", [":", "/", ":/", "@", "a:", "a/"])
def test_images_are_read_in_linear_time(piece: str) -> None:
    started = perf_counter()
    runner({"image": f"{piece * LONG}/"})
    assert perf_counter() - started < 1


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("registry:5000/a/b:1.2@sha256:ab", "registry:5000/a/b"),
        ("registry:5000/a", "registry:5000/a"),
        ("a:1", "a"),
        ("a", "a"),
    ],
)
def test_tag_and_digest_are_not_part_of_the_name(image: str, shown: str) -> None:
    assert runner({"image": image}) == {"image": shown}
