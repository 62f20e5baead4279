"""Shares with their intervals, and which rules speak, over judged changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from statistics import quantiles
from typing import Any, Final

Row = Mapping[str, Any]
"""One judged change, as `benchmarks.evaluate` writes it."""

GROUPS: Final = (
    ("ordinary", ("ordinary",)),
    ("reverted A", ("A",)),
    ("reverted B", ("B",)),
    ("reverted C", ("C",)),
    ("reverted A+B", ("A", "B")),
)
RISKY: Final = ("P0", "P1", "P2")
NORMAL_95: Final = 1.959964
"""Quantile of the standard normal distribution for an interval of 95 %."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The Wilson score interval of 95 % for a share of `hits` out of `total`; (0, 1) where there are none.

    https://doi.org/10.1080/01621459.1927.10502953
    """
    if not total:
        return (0.0, 1.0)
    share, square = hits / total, NORMAL_95**2
    middle = share + square / (2 * total)
    spread = NORMAL_95 * sqrt(share * (1 - share) / total + square / (4 * total**2))
    scale = 1 + square / total
    return (max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def table(rows: Sequence[Row]) -> str:
    """Shares blocked, warned, and with any finding of P2 or worse: for ordinary and for reverted changes."""
    lines = [f"{'':14}{'n':>5}  {'blocked':27}{'warned':27}{'any P2 or worse':27}"]
    for name, labels in GROUPS:
        chosen = [row for row in rows if row["label"] in labels and row["error"] is None]
        if not chosen:
            continue
        cells = (
            _share(chosen, lambda row: row["verdict"] == "block"),
            _share(chosen, lambda row: row["verdict"] == "warn"),
            _share(chosen, lambda row: bool(rules_of(row, RISKY))),
        )
        lines.append(f"{name:14}{len(chosen):5}  " + "".join(f"{cell:27}" for cell in cells))
    return "\n".join(line.rstrip() for line in lines)


def _share(rows: Sequence[Row], holds: Callable[[Row], bool]) -> str:
    hits = sum(map(holds, rows))
    low, high = wilson(hits, len(rows))
    return f"{hits:4} {hits / len(rows):6.1%} ({low:.1%} to {high:.1%})"


def rules_of(row: Row, levels: Iterable[str]) -> frozenset[str]:
    """Codes of the rules that have a finding of one of `levels` on a change."""
    return frozenset(one["code"] for one in row["findings"] if one["level"] in levels)


def loudest(rows: Sequence[Row], levels: Iterable[str], count: int = 10) -> str:
    """The rules that speak on most changes: on how many ordinary and how many reverted (A and B) ones."""
    levels = tuple(levels)
    ordinary = _fired([row for row in rows if row["label"] == "ordinary"], levels)
    reverted = _fired([row for row in rows if row["label"] in ("A", "B")], levels)
    names = {one["code"]: one["rule"] for row in rows for one in row["findings"]}
    order = sorted(names, key=lambda code: (-(ordinary[code] + reverted[code]), code))
    lines = [f"{'':48}{'ordinary':>10}{'reverted':>10}"]
    lines += [
        f"{code:9} {names[code]:38}{ordinary[code]:10}{reverted[code]:10}"
        for code in order[:count]
        if ordinary[code] + reverted[code]
    ]
    return "\n".join(lines)


def _fired(rows: Iterable[Row], levels: tuple[str, ...]) -> Counter[str]:
    return Counter(code for row in rows for code in rules_of(row, levels))


def cost(rows: Sequence[Row]) -> str:
    """Seconds and peak memory of the processes, and how many ended in an error."""
    seconds = sorted(row["seconds"] for row in rows)
    if len(seconds) < 2:
        return ""
    cuts = quantiles(seconds, n=20)
    peak = max(row["peak_mib"] for row in rows)
    failed = [row for row in rows if row["error"] is not None]
    lines = [
        f"seconds per change: median {cuts[9]:.3f}, 95th percentile {cuts[18]:.3f}, worst {seconds[-1]:.3f}",
        f"peak memory: {peak:.0f} MiB; ended in an error: {len(failed)}",
    ]
    lines += [f"  {row['commit'][:12]} {row['error'].splitlines()[-1]}" for row in failed]
    return "\n".join(lines)
