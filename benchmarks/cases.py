"""The runs that `benchmarks.targets` has goals for, measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import programs
from benchmarks.estates.bundles import bundle_estate
from benchmarks.estates.large import large_commit_estate
from benchmarks.estates.manifests import overlay_estate
from benchmarks.estates.trees import tree_estate
from benchmarks.processes import FAILURES, RISKCHECK, Measured, alternating, cold, warm
from benchmarks.tables import Table
from benchmarks.targets import Number

COMMIT: Final = "f5518bcd7"
"""Of redhat-appstudio/infra-deployments: five files of 312 KB."""
EVENTS: Final = (sys.executable, "-m", "benchmarks.reading", "--events")
GRAPH: Final = (*RISKCHECK, "graph")
HEADER: Final = ("", "median ms", "spread", "ratio", "CPU ms", "CPU ratio", "peak MiB")


class Cases:
    """Measures one case after another. rows: of the table; numbers: by the keys of the targets."""

    def __init__(self, room: Path, runs: int) -> None:
        self._room, self._runs = room, runs
        self._rows: list[tuple[str, ...]] = []
        self.numbers: dict[str, Number] = {}

    def table(self) -> Table:
        return Table("runs", "Runs", HEADER, tuple(self._rows))

    def run(self) -> None:
        """All that needs nothing but this checkout."""
        bundles = bundle_estate(self._room / "bundles")
        self._warm("version", "`riskcheck --version`", ("--version",), bundles)
        self._warm("unchanged", "no change, two revisions", ("diff", "HEAD..HEAD"), bundles)
        self._warm("unchanged-tree", "no change, working tree", ("diff",), bundles)
        self._last_commit("bundles", "five small files, bundles", bundles)
        self._last_commit("overlays", "five small files, overlays", overlay_estate(self._room / "overlays"))
        self._last_commit(
            "large", "five large files, 312 KB", large_commit_estate(self._room / "large-commit")
        )
        self._against_small("large")
        self._facts("facts", "facts of 4,069 files", tree_estate(self._room / "tree"))

    def clone(self, directory: Path | None) -> None:
        """What needs a clone of infra-deployments; that it was not measured is said where there is none."""
        if directory is None or not _has(directory, COMMIT):
            why = "no clone was given" if directory is None else f"{directory.name} has no {COMMIT}"
            for key in ("commit", "commit-small", "clone-cold", "clone-warm", "clone-peak"):
                self.numbers[key] = Number(None, f"{why} (`--clone`)")
            return
        self.change("commit", f"infra-deployments `{COMMIT}`", directory, f"{COMMIT}^..{COMMIT}")
        self._against_small("commit")
        self._facts("clone", "facts of infra-deployments", directory)

    def change(self, key: str, words: str, directory: Path, revisions: str) -> None:
        """One change, warm."""
        self._warm(key, words, ("diff", revisions), directory)

    def _last_commit(self, key: str, words: str, directory: Path) -> None:
        self.change(key, words, directory, "HEAD~1..HEAD")

    def _warm(self, key: str, words: str, arguments: tuple[str, ...], directory: Path) -> None:
        try:
            own = warm((*RISKCHECK, *arguments), directory, runs=self._runs, room=self._room)
        except FAILURES as error:
            self.numbers[key] = Number(None, str(error))
            return
        self.add(words, own)
        self.numbers[key] = Number(own.ratio, f"{own.spread:.0%}", own.computed_ratio)
        self.numbers[f"{key}-peak"] = Number(own.peak)

    def _against_small(self, key: str) -> None:
        own, small = self.numbers[key], self.numbers["overlays"]
        if not (own.value and own.computed and small.value and small.computed):
            self.numbers[f"{key}-small"] = Number(None, own.remark)
            return
        self.numbers[f"{key}-small"] = Number(
            own.value / small.value, own.remark, own.computed / small.computed
        )

    def _facts(self, key: str, words: str, directory: Path) -> None:
        """What a whole tree states, against the fastest reader that there is."""
        runs = max(1, self._runs // 3)
        reader = self._reader(directory, runs)
        for temper, measure in _TEMPERS.items():
            try:
                own = measure(GRAPH, directory, runs=runs, room=self._room)
            except FAILURES as error:
                self.numbers[f"{key}-{temper}"] = Number(None, str(error))
                continue
            self.add(f"{words}, {temper}", own)
            self.numbers[f"{key}-{temper}"] = (
                Number(own.median / reader.median, f"{own.spread:.0%}", own.computed / reader.computed)
                if reader is not None
                else Number(None, f"kubeconform is not there; {own.ratio:.0f} times a bare start")
            )
            if temper == "cold":
                self.numbers[f"{key}-peak"] = Number(own.peak)

    def _reader(self, directory: Path, runs: int) -> Measured | None:
        """kubeconform without schemas, which parses and no more; None where it is not there. The events of the C
        parser stand beside it in any case."""
        self.add(
            f"{directory.name}: C parser's events alone",
            alternating(EVENTS, directory, runs=runs),
        )
        program = programs.found("kubeconform")
        if program is None:
            return None
        command = (program, "-n", "1", "-ignore-missing-schemas", "-schema-location", f"{self._room}/none")
        reader = alternating((*command, "."), directory, runs=runs)
        self.add(f"{directory.name}: kubeconform -n 1, no schemas", reader)
        return reader

    def add(self, words: str, found: Measured) -> None:
        """A row of the table."""
        self._rows.append(row(words, found))


_TEMPERS: Final[dict[str, Callable[..., Measured]]] = {"cold": cold, "warm": warm}


def row(words: str, found: Measured) -> tuple[str, ...]:
    """Cells under `HEADER`."""
    return (
        words,
        f"{found.median * 1000:.1f}",
        f"{found.spread:.0%}",
        f"{found.ratio:.2f}",
        f"{found.computed * 1000:.1f}",
        f"{found.computed_ratio:.2f}",
        f"{found.peak:.1f}",
    )


def _has(directory: Path, commit: str) -> bool:
    asked = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=directory, capture_output=True, check=False
    )
    return asked.returncode == 0
