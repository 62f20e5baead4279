"""Where inputs start from: the cases of the rules, which are small configurations of every kind that is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fuzz.archive import packed
from riskcheck.rules.cases import Case
from riskcheck.rules.load import builtin_folder, files_below
from riskcheck.rules.testing import cases_of


@cache
def cases() -> tuple[Case, ...]:
    """The cases of all built-in rules."""
    return tuple(case for file in files_below(builtin_folder()) for case in cases_of(file).cases)


@cache
def changes() -> tuple[bytes, ...]:
    """Each case as one text: its base, its head, its plans."""
    return tuple(dict.fromkeys(packed(_sides(case)) for case in cases()))


def _sides(case: Case) -> dict[str, bytes]:
    files = {f"base/{path}": data for path, data in case.base.items()}
    files |= {f"head/{path}": data for path, data in case.head.items()}
    return files | {f"plan/{name}": data for name, data in case.plans.items()}


def files(*endings: str) -> Iterator[bytes]:
    """The files of all cases whose path ends so, each text once."""
    seen: set[bytes] = set()
    for case in cases():
        for tree in (case.base, case.head):
            for path, data in tree.items():
                if path.endswith(endings) and data not in seen:
                    seen.add(data)
                    yield data


def plans() -> Iterator[bytes]:
    """The plan files of all cases."""
    for case in cases():
        yield from case.plans.values()


def containing(word: bytes) -> tuple[bytes, ...]:
    """The changes in which `word` occurs."""
    return tuple(change for change in changes() if word in change)
