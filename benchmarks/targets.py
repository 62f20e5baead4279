"""What a run may cost: the goals, in one place, and whether a measured number meets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from benchmarks.tables import Table

BARE, SMALL, READER, MEMORY, DOUBLING = (
    "bare starts",
    "times five small",
    "times kubeconform -n 1",
    "MiB",
    "times for twice as many",
)
"""Units. Ratios are medians of whole processes by the clock, but those of growth, which are of CPU time."""


class Target(NamedTuple):
    """key: of the number that is measured. most: the largest number that meets the goal, in `unit`."""

    key: str
    words: str
    most: float
    unit: str


class Number(NamedTuple):
    """What was measured. value: None where it could not be. remark: spread, or why there is no number.
    computed: the same of CPU time, which tells more where other work shares the machine."""

    value: float | None
    remark: str = ""
    computed: float | None = None


TARGETS: Final = (
    Target("version", "`riskcheck --version`", 4.2, BARE),
    Target("unchanged", "no change, two revisions", 5, BARE),
    Target("unchanged-tree", "no change, working tree", 5, BARE),
    Target("bundles", "five small files, bundles", 6, BARE),
    Target("overlays", "five small files, overlays", 6, BARE),
    Target("large", "five large files, 312 KB", 8, BARE),
    Target("large-small", "five large files, 312 KB", 1.3, SMALL),
    Target("commit", "infra-deployments `f5518bcd7`, 312 KB", 8, BARE),
    Target("commit-small", "infra-deployments `f5518bcd7`, 312 KB", 1.3, SMALL),
    Target("facts-cold", "facts of 4,069 files, cold", 1.2, READER),
    Target("facts-warm", "facts of 4,069 files, warm", 0.2, READER),
    Target("clone-cold", "facts of infra-deployments, cold", 1.2, READER),
    Target("clone-warm", "facts of infra-deployments, warm", 0.2, READER),
    Target("bundles-peak", "memory: five small files, bundles", 40, MEMORY),
    Target("overlays-peak", "memory: five small files, overlays", 40, MEMORY),
    Target("large-peak", "memory: five large files", 40, MEMORY),
    Target("facts-peak", "memory: facts of 4,069 files, cold", 200, MEMORY),
    Target("clone-peak", "memory: facts of infra-deployments, cold", 200, MEMORY),
    Target("change-growth", "growth: files in the change", 2.1, DOUBLING),
    Target("repository-growth", "growth: files in the repository, warm", 1.05, DOUBLING),
)
"""Linear is 2 for twice as many, flat is 1; a twentieth is left for noise."""


def verdict(target: Target, number: Number | None) -> str:
    """``met``, ``missed by …`` or ``not measured``."""
    if number is None or number.value is None:
        return "not measured"
    if number.value <= target.most:
        return "met"
    return f"missed by {number.value / target.most - 1:.0%}"


def table(numbers: Mapping[str, Number]) -> Table:
    """Every goal with its number. What was not measured stands there, too, and a note says why."""
    rows, notes = [], []
    for target in TARGETS:
        number = numbers.get(target.key)
        value = "" if number is None or number.value is None else f"{number.value:.2f}"
        if target.unit == MEMORY and value:
            value = f"{float(value):.0f}"
        computed = "" if number is None or number.computed is None else f"{number.computed:.2f}"
        told = number.remark if number is not None and number.value is not None else ""
        rows.append(
            (target.words, value, told, computed, f"≤ {target.most:g}", target.unit, verdict(target, number))
        )
        if not value and number is not None:
            notes.append(f"{target.words}: {number.remark}")
    header = ("", "measured", "spread", "by CPU", "goal", "unit", "")
    return Table("targets", "Goals", header, tuple(rows), tuple(dict.fromkeys(notes)))
