"""How often what moved together before moves together again, and what follows where it does not.

    python -m benchmarks.cochange REPO …            one table
    python -m benchmarks.cochange REPO --store DIR  keep the history stores there between runs
    python -m benchmarks.cochange REPO --missed     and each partner that did not come, most often first

Every change is foretold from what landed strictly before it (`riskcheck.history.cochange.replay`). precision: share
of foretold partners that the change did edit, with the 90 % Wilson interval; alarms: share of the changes of people
with a partner missing. followed: share of missing partners that were edited within two days after; placebo: the
same from day 30 to 32, which nothing but habit explains. files: the partner of a file; keys: of an edit of a key.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from riskcheck.durations import DAY
from riskcheck.history.cochange import Foretold, JudgedChange, replay
from riskcheck.history.cochange_model import USUAL
from riskcheck.history.model import History
from riskcheck.recording import recorded

GROUPS = (
    ("files", "advisory"),
    ("files", "warn"),
    ("keys", "advisory"),
    ("keys", "warn"),
    ("all", "advisory"),
    ("all", "warn"),
)
_SOON = 2 * DAY
_LATER = 30 * DAY
_Z = 1.645


class Row(NamedTuple):
    """One line of the table. changes: of people; waited: missing partners with 32 days of history after them."""

    changes: int
    foretold: int
    came: int
    alarms: int
    waited: int
    followed: int
    placebo: int


def rows(history: History) -> dict[tuple[str, str], Row]:
    """The numbers of one repository, by what is foretold and how sure at least."""
    edits = _edits(history)
    end = history.changes[-1].time if history.changes else 0
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for judged in replay(history, USUAL):
        for group in GROUPS:
            counts[group]["changes"] += 1
            found = [one for one in judged.foretold if group in _groups(one)]
            counts[group]["alarms"] += any(not one.came for one in found)
            for one in found:
                counts[group].update(_outcome(one, judged, edits, end))
    return {
        group: Row(
            *(
                counts[group][name]
                for name in ("changes", "foretold", "came", "alarms", "waited", "followed", "placebo")
            )
        )
        for group in GROUPS
    }


def _groups(one: Foretold) -> Iterator[tuple[str, str]]:
    kinds = ("all", "keys" if one.rule.when[0].key else "files")
    strengths = ("advisory", "warn") if one.strength == "warn" else ("advisory",)
    return ((kind, strength) for kind in kinds for strength in strengths)


def _outcome(
    one: Foretold, judged: JudgedChange, edits: Mapping[str, Sequence[int]], end: int
) -> Iterator[str]:
    yield "foretold"
    if one.came:
        yield "came"
        return
    time, times = judged.change.time, edits.get(one.rule.partner.path, ())
    if time + _LATER + _SOON > end:
        return
    yield "waited"
    if bisect_right(times, time + _SOON) > bisect_right(times, time):
        yield "followed"
    if bisect_right(times, time + _LATER + _SOON) > bisect_right(times, time + _LATER):
        yield "placebo"


def _edits(history: History) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for change in history.changes:
        for one in change.paths:
            found[one.path].append(change.time)
    return found


def missed(history: History) -> Counter[str]:
    """Each rule to how often its partner did not come."""
    found: Counter[str] = Counter()
    for judged in replay(history, USUAL):
        for one in judged.violations:
            when = " + ".join(f"{item.path} {item.key}".strip() for item in one.rule.when)
            found[f"{when} -> {one.rule.partner.path} {one.rule.partner.key}".strip()] += 1
    return found


def line(name: str, group: tuple[str, str], row: Row) -> str:
    return (
        f"| {name} | {' '.join(group)} | {row.changes:,} | {row.foretold:,} | {share(row.came, row.foretold)} "
        f"| {_of(row.alarms, row.changes):.1%} | {_of(row.followed, row.waited):.2f} "
        f"| {_of(row.placebo, row.waited):.2f} |"
    )


def share(hits: int, trials: int) -> str:
    """A share with its interval."""
    if not trials:
        return "-"
    middle = hits / trials + _Z**2 / trials / 2
    margin = _Z * sqrt(hits / trials * (1 - hits / trials) / trials + (_Z / trials) ** 2 / 4)
    low, high = ((middle + sign * margin) / (1 + _Z**2 / trials) for sign in (-1, 1))
    return f"{hits / trials:.2f} [{low:.2f}, {high:.2f}]"


def _of(hits: int, trials: int) -> float:
    return hits / trials if trials else 0.0


def together(tables: Sequence[Mapping[tuple[str, str], Row]], group: tuple[str, str]) -> Row:
    return Row(*(sum(numbers) for numbers in zip(*(table[group] for table in tables), strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    tables = []
    print("| repository | foretold | changes | partners | precision | alarms | followed | placebo |")
    print("|---|---|---|---|---|---|---|---|")
    for root in asked.repositories:
        file = None if asked.store is None else str(asked.store / f"{root.name}.sqlite")
        history = recorded(str(root), file=file, jobs=1)
        table = rows(history)
        tables.append(table)
        for group in GROUPS:
            print(line(root.name, group, table[group]), flush=True)
        if asked.missed:
            for rule, times in missed(history).most_common(40):
                print(f"{times:5} {rule}")
    if len(tables) > 1:
        for group in GROUPS:
            print(line("together", group, together(tables, group)))


if __name__ == "__main__":
    main()
