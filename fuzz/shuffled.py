"""Targets under Hypothesis: seeds of the target, edited. For the test suite, and where atheris has no wheel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from fuzz.bounds import checked
from fuzz.findings import keep
from fuzz.model import Target
from fuzz.mutating import mutated


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Seeds of `target` after a few edits; now and then bytes of any kind."""
    seeds = [*target.seeds()] or [b""]
    numbers = st.integers(0, len(seeds) - 1)
    edited = st.builds(
        lambda one, other, number: mutated(seeds[one], Random(number), target.words, seeds[other]),
        numbers,
        numbers,
        st.integers(0, 2**48),
    )
    return st.one_of(edited, edited, edited, st.binary(max_size=200))


def run(target: Target, seconds: float, seed: int, folder: Path, say: Callable[[str], None]) -> int:
    """Runs `target` on edited seeds for `seconds`, keeps what breaks it, and gives the number of runs."""
    runs = 0
    until = monotonic() + seconds

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target))
    def one_round(data: bytes) -> None:
        nonlocal runs
        if monotonic() > until:
            return
        runs += 1
        try:
            checked(target, data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            found = keep(target.name, data, error, folder / "found")
            if found.new:
                say(f"{target.name}: {found.place}\n  {found.path}")

    while monotonic() < until:
        seed += 1
        seeded(seed)(one_round)()
    return runs
