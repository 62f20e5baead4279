"""Deployment pipelines: which environments CI deploys one commit to, one after the other, behind gates."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from riskcheck.models import Pipeline, location_of
from riskcheck.platforms.gate.paths import system_of
from riskcheck.platforms.gate.resolve import definition_of
from riskcheck.platforms.gate.runs import Expansion, Run, Stop
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.gate.ci import Definition

MAX_CHAINS: Final = 64
"""Pipelines of one definition: the ways from a first environment to a last one."""
MAX_STOPS: Final = 200
"""Deployments of one unit that one definition makes."""
MAX_FILES: Final = 300
"""CI definitions of a repository that are read."""


def deploy_pipelines(workspace: Workspace) -> tuple[Pipeline, ...]:
    """Every deployment in order that the CI definitions of the tree state, sorted by place.

    A stage counts as gated where it waits for the one before to succeed, or for an approval. What cannot be
    resolved (a target that a person types in, a script of one's own) is left out: it is evidence for nothing.
    """
    found: dict[Pipeline, None] = {}
    paths = sorted(path for path in workspace.tree.entries() if _runs_by_itself(path))[:MAX_FILES]
    workspace.documents.prefetch(paths)
    for path in paths:
        definition = definition_of(workspace, path)
        if definition is not None and not _only_called(definition):
            found.update(dict.fromkeys(_pipelines(workspace, definition, path)))
    return tuple(sorted(found, key=lambda one: (one.location.path, one.location.line, one.unit, one.stages)))


def _runs_by_itself(path: str) -> bool:
    system = system_of(path)
    if system == "gitlab":
        return path == ".gitlab-ci.yml"
    return system in ("azure", "circleci") or (system == "github" and path.startswith(".github/workflows/"))


def _only_called(definition: Definition) -> bool:
    """A reusable workflow runs where it is called, with what it is called with."""
    triggers = definition.triggers
    return triggers is not None and [key.raw for key, _ in triggers.entries] == ["workflow_call"]


def _pipelines(workspace: Workspace, definition: Definition, path: str) -> Iterator[Pipeline]:
    system = system_of(path)

    def find(called: str) -> Definition | None:
        return definition_of(workspace, called, system) if called else None

    def read(path: str) -> str:
        return workspace.documents.get(path).text if workspace.tree.entry(path) is not None else ""

    runs = Expansion(find, read, workspace.environments).runs(definition, path, {})
    for unit in sorted({stop.unit for run in runs for stop in run.stops}):
        order = _Order(runs, unit)
        for chain in islice(order.chains(), MAX_CHAINS):
            pipeline = order.pipeline(chain)
            if len(pipeline.stages) > 1:
                yield pipeline


class _Way(NamedTuple):
    """One stop of a chain and the rest of it."""

    stop: int
    rest: _Way | None

    def steps(self) -> Iterator[int]:
        way: _Way | None = self
        while way is not None:
            yield way.stop
            way = way.rest


class _Order:
    """The stops of one unit, and which comes right before which.

    before: for each stop the stops right before it, each with whether it is waited for: True where a failure
    there keeps this one from running, or where somebody has to approve in between.
    """

    def __init__(self, runs: list[Run], unit: str) -> None:
        self.unit = unit
        self.stops: list[Stop] = []
        self.before: list[dict[int, bool]] = []
        self._of_run: dict[int, list[int]] = {}
        for run in runs:
            own = [stop for stop in run.stops if stop.unit == unit]
            own = own[: MAX_STOPS - len(self.stops)]
            self._of_run[id(run)] = list(range(len(self.stops), len(self.stops) + len(own)))
            self.stops.extend(own)
        for run in runs:
            earlier: list[int] = []
            for number in self._of_run[id(run)]:
                self.before.append(self._inside(number, earlier) or self._outside(run))
                earlier.append(number)
        self._cut_circles()

    def _cut_circles(self) -> None:
        """Jobs that wait for each other never run: they come before and after nothing."""
        left = {number: set(before) for number, before in enumerate(self.before)}
        after: dict[int, list[int]] = {}
        for number, before in left.items():
            for one in before:
                after.setdefault(one, []).append(number)
        free = [number for number, before in left.items() if not before]
        while free:
            one = free.pop()
            del left[one]
            for number in after.get(one, ()):
                left[number].discard(one)
                if not left[number]:
                    free.append(number)
        for number in left:
            self.before[number] = {}

    def _inside(self, number: int, earlier: list[int]) -> dict[int, bool]:
        """The step before in the same job, if it runs whenever this one does."""
        condition = self.stops[number].condition
        sure = [one for one in earlier if self.stops[one].condition in (None, condition)]
        return {sure[-1]: not self.stops[sure[-1]].may_fail} if sure else {}

    def _outside(self, run: Run) -> dict[int, bool]:
        """The nearest stops of the runs before. Those of a run that may be left out do not count."""
        found: dict[int, bool] = {}
        seen = {id(run)}
        waiting = [(need, run.waits) for need in run.needs if not need.loose]
        while waiting:
            one, waits = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            waits = waits and not one.may_fail
            own = self._of_run[id(one)]
            if own:
                sure = [number for number in own if self.stops[number].condition is None]
                last = (sure or own)[-1]
                found[last] = waits and bool(sure) and not self.stops[last].may_fail
            else:
                waiting.extend((need, waits and one.waits) for need in one.needs if not need.loose)
        return found

    def chains(self) -> Iterator[list[int]]:
        """Every way from a first stop to a last one."""
        followed = {number for before in self.before for number in before}
        waiting: list[_Way] = [
            _Way(number, None) for number in range(len(self.stops)) if number not in followed
        ]
        while waiting:
            way = waiting.pop()
            if not self.before[way.stop]:
                yield list(way.steps())
            waiting.extend(_Way(number, way) for number in self.before[way.stop])

    def pipeline(self, chain: list[int]) -> Pipeline:
        """The chain by the names of its environments; of several stops in one environment the first counts."""
        stages: list[str] = []
        gated: set[str] = set()
        waits = True
        previous: int | None = None
        for number in chain:
            waits = previous is None or (waits and self.before[number][previous])
            name = self.stops[number].name
            if name not in stages:
                if previous is not None and waits:
                    gated.add(name)
                stages.append(name)
                waits = True
            previous = number
        last = self.stops[chain[-1]]
        return Pipeline(location_of(last.node), tuple(stages), frozenset(gated), self.unit)
