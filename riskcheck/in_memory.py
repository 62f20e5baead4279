"""The engine on trees held in memory: cases of rules, and whoever has files but no repository."""

from __future__ import annotations

from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from riskcheck.engine import JudgedRun, Options, analyze, judged_run
from riskcheck.linting import LintOptions, lint
from riskcheck.policy.load import load_policy
from riskcheck.trees import Comparison, Footprint, Landing, MemoryTree, PathChange, PathStatus, TakenBack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from riskcheck.models import Rule
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.results import Report

NOW: Final = 1_800_000_000
"""15 January 2027: a fixed clock, so that what is said about soak and dates does not depend on the day."""


class MemoryHistory:
    """`riskcheck.trees.History` made of states: (seconds since the epoch, all files), oldest first."""

    def __init__(self, states: Sequence[tuple[int, Mapping[str, bytes]]]) -> None:
        self._states = list(reversed(states))

    def latest(self, footprint: Footprint, start: int, oldest: int) -> Landing | None:
        for number in range(start, len(self._states)):
            files, before = self._files(number), self._files(number + 1)
            if any(_stirs(path, files, before, footprint) for path in {*files, *before}):
                time = max(time for time, _ in self._states[number:])
                return Landing(str(number), time, number) if time >= oldest else None
        return None

    def begins_after(self, oldest: int) -> bool:
        return all(time >= oldest for time, _ in self._states)

    def tree(self, number: int) -> MemoryTree:
        return MemoryTree(self._files(number), "base", f"dir:{number}")

    def old_names(self, number: int) -> Mapping[str, str]:
        files, before = self._files(number), self._files(number + 1)
        gone = {before[path]: path for path in before if path not in files}
        return {path: gone[data] for path, data in files.items() if path not in before and data in gone}

    def taken_back(self, oldest: int, paths: Collection[str]) -> Iterator[TakenBack]:
        """States have no messages: one that is the same as that before the last took that one back."""
        for number, (time, files) in enumerate(self._states):
            if time >= oldest and number + 2 < len(self._states) and files == self._files(number + 2):
                base, head = self.tree(number + 1), self.tree(number)
                before = self._files(number + 1)
                differing = sorted(path for path in paths if files.get(path) != before.get(path))
                found = tuple(_path_change(one, base, head) for one in differing)
                if found:
                    yield TakenBack(str(number), time, base, head, found)

    def _files(self, number: int) -> Mapping[str, bytes]:
        return self._states[number][1] if number < len(self._states) else {}


def _stirs(path: str, files: Mapping[str, bytes], before: Mapping[str, bytes], footprint: Footprint) -> bool:
    if files.get(path) == before.get(path):
        return False
    if path in footprint.paths:
        return True
    return (path in files) != (path in before) and any(
        not folder or path.startswith(folder + "/") for folder in footprint.folders
    )


def analyze_trees(
    base: Mapping[str, bytes],
    head: Mapping[str, bytes],
    rules: Sequence[Rule],
    *,
    history: Sequence[tuple[int, Mapping[str, bytes]]] = (),
    now: int = NOW,
    state: bool = False,
    plans: Mapping[str, bytes] = MappingProxyType({}),
    rules_digest: str = "sha256:" + "0" * 64,
) -> Report:
    """The report on two whole trees. The policy is `riskcheck.yaml` of `base`, as everywhere.

    history: earlier states of base, oldest first, each with its time; the last one must equal base in what it
    is asked about. state: judge `head` as it is, as `riskcheck lint` does. plans: what
    `databricks bundle plan` or `terraform show -json` wrote, by target or environment. Raises `RunError`.
    """
    comparison = _comparison(base, head, history, now)
    if state:
        return lint(comparison, load_policy(comparison.head, None), rules, rules_digest, LintOptions())
    read = tuple(_plan(f"{name}.plan.json", text, name) for name, text in plans.items())
    return analyze(comparison, load_policy(comparison.base, None), rules, rules_digest, Options(plans=read))


def _plan(source: str, text: bytes, name: str) -> DeploymentPlan:
    if b'"format_version"' in text:
        from riskcheck.planfiles.terraform import read_plan as read_terraform_plan

        return read_terraform_plan(source, BytesIO(text), name)
    from riskcheck.planfiles.databricks import read_plan

    return read_plan(source, text, name)


def judge_trees(
    base: Mapping[str, bytes],
    head: Mapping[str, bytes],
    rules: Sequence[Rule],
    *,
    history: Sequence[tuple[int, Mapping[str, bytes]]] = (),
    now: int = NOW,
    rules_digest: str = "sha256:" + "0" * 64,
) -> JudgedRun:
    """The same as `analyze_trees`, with what the report was made of."""
    comparison = _comparison(base, head, history, now)
    return judged_run(comparison, load_policy(comparison.base, None), rules, rules_digest, Options())


def _comparison(
    base: Mapping[str, bytes],
    head: Mapping[str, bytes],
    history: Sequence[tuple[int, Mapping[str, bytes]]],
    now: int,
) -> Comparison:
    trees = MemoryTree(base, "base", "dir:base"), MemoryTree(head, "head", "dir:head")
    paths = sorted({*base, *head})
    return Comparison(
        base=trees[0],
        head=trees[1],
        deciding=trees[0],
        changes=tuple(_path_change(path, *trees) for path in paths if base.get(path) != head.get(path)),
        now=now,
        history=MemoryHistory(history) if history else None,
    )


def _path_change(path: str, base: MemoryTree, head: MemoryTree) -> PathChange:
    before, after = base.entry(path), head.entry(path)
    status: PathStatus = "modified" if before and after else "added" if after else "deleted"
    return PathChange(path, status, path, before, after)
