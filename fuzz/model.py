"""What is fuzzed: a target takes bytes, and anything that it raises is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Target(NamedTuple):
    """One way into riskcheck.

    run: reads the bytes and checks what comes of them; gives an outcome that must be the same the second time.
    seeds: inputs to start from. words: what the inputs are made of, to be put into them.
    """

    name: str
    about: str
    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...] = ()
