"""Which part of a blocked change can go ahead: the fewest paths to hold back, proven by judging the rest.

Nothing is inferred from the findings but where to begin. What is held back is put back as base has it, the rest is
judged like any change, and only a rest that is not blocked is named. Imported when something is blocked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.causes import Clusters, written_in
from riskcheck.engine import judged_run
from riskcheck.judged import PRIOR_EXPOSURE
from riskcheck.records import NamedTuple
from riskcheck.results import Recommendation
from riskcheck.trees import OverlayTree

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from riskcheck.engine import JudgedRun, Options
    from riskcheck.judged import Finding
    from riskcheck.models import Change, Rule
    from riskcheck.results import Report
    from riskcheck.trees import Comparison

MOST_RUNS: Final = 12
"""Judgements of a rest. A blocked change that needs more is told to wait as a whole, or is not made minimal."""


class Scope(NamedTuple):
    """What the change comes to without the paths `held`: it is not blocked. minimal: none can be given back."""

    held: frozenset[str]
    report: Report
    minimal: bool


def with_proven_scope(run: JudgedRun, rules: Sequence[Rule], rules_digest: str, options: Options) -> Report:
    """The report of `run`; where it is blocked and part of it need not be, with the paths that can go ahead."""
    report = run.report
    if report.assessment.verdict != "block" or len(run.comparison.changes) < 2:
        return report
    parsed: dict[object, object] = {}
    changed = frozenset(path for one in run.comparison.changes for path in (one.path, one.old_path))

    def again(rest: Comparison) -> JudgedRun:
        return judged_run(rest, run.policy, rules, rules_digest, options, _Texts(parsed, changed))

    if options.observer is not None:
        options.observer.stage("proving what can go ahead")

    trials = Trials(run, again)
    scope = smallest(trials)
    recommendation = report.assessment.recommendation
    if scope is not None:
        safe = tuple(sorted(one.path for one in run.comparison.changes if one.path not in scope.held))
        proof = _proof(scope, len(safe), trials.runs)
        held = tuple(sorted(scope.held))
        recommendation = Recommendation("scope-down", recommendation.reasons, safe, held, proof)
    elif trials.spent:
        unknown = (
            f"whether part of it can be merged now was not found in {trials.runs} runs, the most allowed"
        )
        recommendation = recommendation._replace(proof=(unknown,))
    return report._replace(assessment=report.assessment._replace(recommendation=recommendation))


def smallest(trials: Trials) -> Scope | None:
    """The fewest paths to hold back, as far as giving them back one by one shows; None where none of the changed
    configuration can go ahead, or the runs allowed were not enough to find out."""
    found = _enough(trials)
    if found is None:
        return None
    held, minimal = _given_back(found, trials)
    left = {change.path for change in trials.run.comparison.changes} - held
    return Scope(held, trials.reports[held], minimal) if left & trials.run.resolved.read else None


class _Texts(dict[object, object]):
    """What one run parses. Files that do not change are parsed for all runs: they hold the same in each, at both
    sides; the others stand now at one side and now at both."""

    def __init__(self, common: dict[object, object], changed: frozenset[str]) -> None:
        super().__init__()
        self._common = common
        self._changed = changed

    def get(self, key: object, default: object = None) -> object:
        return super().get(key) or self._common.get(key, default)

    def __setitem__(self, key: object, value: object) -> None:
        if isinstance(key, tuple) and key[0] in self._changed:
            super().__setitem__(key, value)
        else:
            self._common[key] = value


class Trials:
    """Judgements of the change without some of its paths. reports: of those made so far, by the paths held."""

    def __init__(
        self, run: JudgedRun, again: Callable[[Comparison], JudgedRun], most: int = MOST_RUNS
    ) -> None:
        self.run = run
        self._again = again
        self._most = most
        self.reports: dict[frozenset[str], Report] = {frozenset(): run.report}
        self.runs = 0
        self.spent = False

    def of(self, held: frozenset[str]) -> JudgedRun | None:
        """What the change without `held` comes to; None where no further run is allowed."""
        if self.runs >= self._most:
            self.spent = True
            return None
        self.runs += 1
        rest = self._again(without(self.run.comparison, held))
        self.reports[held] = rest.report
        return rest

    @property
    def left(self) -> int:
        """Runs that may still be made."""
        return self._most - self.runs

    def passes(self, held: frozenset[str]) -> bool:
        """Whether the change without `held` is known not to be blocked."""
        if held not in self.reports and self.of(held) is None:
            return False
        return self.reports[held].assessment.verdict != "block"


def without(comparison: Comparison, held: Iterable[str]) -> Comparison:
    """`comparison` with the changes at the paths `held` (their names in head) not made. A rename is one change."""
    back = [change for change in comparison.changes if change.path in held]
    paths = {path for change in back for path in (change.path, change.old_path)}
    rest = tuple(change for change in comparison.changes if change.path not in held)
    return comparison._replace(head=OverlayTree(comparison.head, comparison.base, paths), changes=rest)


def units(comparison: Comparison) -> dict[str, frozenset[str]]:
    """Each changed path (its name in head) to those that can only be held or merged with it: where one side has
    a file and the other a folder, both cannot be."""
    clusters = Clusters()
    names = {name for change in comparison.changes for name in (change.path, change.old_path)}
    for change in comparison.changes:
        clusters.join(change.path, change.old_path)
        for name in (change.path, change.old_path):
            steps = name.split("/")
            for folder in ("/".join(steps[:number]) for number in range(1, len(steps))):
                if folder in names:
                    clusters.join(name, folder)
    found: dict[Hashable, set[str]] = {}
    for change in comparison.changes:
        found.setdefault(clusters.root(change.path), set()).add(change.path)
    return {path: frozenset(members) for members in found.values() for path in members}


def _enough(trials: Trials) -> frozenset[str] | None:
    """Paths whose absence keeps the rest from being blocked: those that block, then those that block without
    them, and so on. Where that ends with the whole change it is all of it, if there are runs left to give back what
    need not be held; None where there are not."""
    together = units(trials.run.comparison)
    held: frozenset[str] = frozenset()
    rest: JudgedRun | None = trials.run
    while rest is not None and rest.report.assessment.verdict == "block":
        more = _to_hold(rest)
        held = held.union(*(together[path] for path in more))
        if not more or len(held) == len(together):
            all_of_it = set(together.values())
            return frozenset(together) if 1 < len(all_of_it) <= trials.left else None
        rest = trials.of(held)
    return held if rest is not None else None


def _given_back(held: frozenset[str], trials: Trials) -> tuple[frozenset[str], bool]:
    """`held` without the paths that need not be held, and whether each of those left was tried last of all."""
    together = units(trials.run.comparison)
    again = True
    while again:
        again = False
        for unit in sorted({tuple(sorted(together[path])) for path in held}):
            if len(held) > len(unit) and trials.passes(held.difference(unit)):
                held = held.difference(unit)
                again = True
            elif trials.spent:
                return held, False
    return held, True


def _to_hold(run: JudgedRun) -> frozenset[str]:
    """Changed paths that hold `run` up, and nothing of which would be given up by `run` without them."""
    names = {
        name: change.path for change in run.comparison.changes for name in (change.old_path, change.path)
    }
    found: set[str] = set()
    for finding in run.report.findings:
        if finding.blocking and finding.waiver is None:
            found |= next(
                (paths for places in _places(finding, run) if (paths := _named(places, names))), set()
            )
    waiting = {
        (address, name)
        for hold in run.given.holds
        if hold.reason in run.report.assessment.reasons
        for address in hold.resources
        for name in hold.environments
    }
    for change in run.given.changes:
        if (change.resource.address, change.environment.name) in waiting:
            found |= _named(written_in(change), names)
    return frozenset(found)


def _named(paths: Iterable[str], names: dict[str, str]) -> set[str]:
    return {names[path] for path in paths if path in names}


def _places(finding: Finding, run: JudgedRun) -> Iterator[Iterable[str]]:
    """Files that may be why `finding` is there, the likeliest first."""
    bare = _uncovered(finding)
    yield [
        path
        for change in _changes(finding, run)
        if change.environment.name in bare
        for path in written_in(change)
    ]
    also = [one.location.path for one in finding.related if one.role == "also"]
    yield [finding.location.path, *also]
    yield [one.location.path for one in finding.related]
    changes = _changes(finding, run)
    yield [path for change in changes for path in written_in(change)]
    units = {change.resource.unit for change in changes}
    yield [
        path
        for one in run.comparison.changes
        for path in (one.path, one.old_path)
        if any(not unit or path == unit or path.startswith(unit + "/") for unit in units)
    ]
    yield run.resolved.read


def _uncovered(finding: Finding) -> frozenset[str]:
    """The production environments that have no canary, where others of the finding have one: without them it may
    not block. Empty where all are alike."""
    covered = {one.environment for one in finding.canary if one.found and one.kind in PRIOR_EXPOSURE}
    production = {one.name for one in finding.environments if one.stage == "prod"}
    return frozenset(production - covered) if covered & production else frozenset()


def _changes(finding: Finding, run: JudgedRun) -> list[Change]:
    names = {environment.name for environment in finding.environments}
    return [
        change
        for change in run.given.changes
        if change.resource.address in finding.resources and (not names or change.environment.name in names)
    ]


def _proof(scope: Scope, safe: int, runs: int) -> tuple[str, ...]:
    assessment = scope.report.assessment
    comes_to = "pass" if assessment.verdict == "pass" else f"warn, {assessment.level} at worst"
    one = "the file to merge now was judged on its own"
    proof = f"{one if safe == 1 else f'the {safe} files to merge now were judged on their own'}: {comes_to}"
    if scope.minimal:
        return (proof,)
    return (
        proof,
        f"perhaps fewer need to be held back: not tried to the end ({runs} runs, the most allowed)",
    )
