"""CI definitions as runs: every variant of every job, called definitions followed, with what each deploys."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.gate.ci import Definition, Job, Step, at, entries, items, mapping_at, scalars, text
from riskcheck.platforms.gate.deploys import Scripts, resolved
from riskcheck.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.environments import EnvironmentModel
    from riskcheck.nodes import Mapping, Node
    from riskcheck.platforms.gate.deploys import Deploy, Read

MAX_RUNS: Final = 300
"""Runs of one definition, the variants of all its jobs together."""
MAX_STEPS: Final = 10_000
"""Steps of one definition, those of the actions it calls included."""
MAX_DEPTH: Final = 4
"""Definitions that are followed into each other; GitHub itself allows ten."""
_REGARDLESS: Final = ("always()", "failure()", "cancelled()", "succeededOrFailed()", "failed()", "canceled()")
"""Conditions that let a job run although one it needs has failed."""


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """One deployment to one environment. unit: path prefix of what is deployed, "" where it cannot be told."""

    name: str
    unit: str
    node: Node
    condition: str | None = None
    may_fail: bool = False


class Run:
    """One variant of one job. needs: runs that come before it. waits: it starts only when they succeeded, or when
    somebody approves."""

    __slots__ = ("loose", "may_fail", "needs", "stops", "waits")

    def __init__(self, stops: tuple[Stop, ...], *, waits: bool, may_fail: bool, loose: bool) -> None:
        self.stops = stops
        self.needs: list[Run] = []
        self.waits = waits
        self.may_fail = may_fail
        self.loose = loose


class Expansion:
    """The runs of one definition. find: path to the definition there, for local calls."""

    def __init__(
        self, find: Callable[[str], Definition | None], read: Read, environments: EnvironmentModel
    ) -> None:
        self._find = find
        self._scripts = Scripts(read)
        self._environments = environments
        self._made = 0
        self._steps_seen = 0

    def runs(self, definition: Definition, path: str, values: dict[str, str], depth: int = 0) -> list[Run]:
        """All runs of `definition`; `Run.needs` is the order in which they happen."""
        known = {**values, **_environment(definition.env, values)}
        of_job: dict[str, list[Run]] = {}
        everything: list[Run] = []
        jobs = {job.name: job for job in definition.jobs}
        for job in definition.jobs:
            of_job[job.name] = self._runs_of(job, path, known, depth)
            everything.extend(of_job[job.name])
        for name, made in of_job.items():
            before = [run for need in jobs[name].needs for run in of_job.get(need.raw, ())]
            for run in made:
                if not run.needs:
                    run.needs = before
        return everything

    def _runs_of(self, job: Job, path: str, values: dict[str, str], depth: int) -> list[Run]:
        made: list[Run] = []
        strategy = job.matrix
        in_turn = _scalar(at(strategy, "max-parallel")) == "1"
        fail_fast = _scalar(at(strategy, "fail-fast")) != "false"
        for variant in _variants(strategy):
            if self._made >= MAX_RUNS:
                return made
            self._made += 1
            known = {**values, **variant}
            known.update(_environment(job.env, known))
            called = self._called(job, path, known, depth)
            if called is not None:
                made.extend(called)
                continue
            run = Run(
                tuple(self._stops(job, path, known, depth)),
                waits=_waits(job) or job.approval is not None,
                may_fail=_truthy(job.may_fail),
                loose=job.loose,
            )
            if in_turn and made:
                run.needs = [made[-1]]
                run.waits = run.waits and fail_fast
            made.append(run)
        return made

    def _called(self, job: Job, path: str, values: dict[str, str], depth: int) -> list[Run] | None:
        """The runs of the definition that stands in for `job`; None where it runs its own steps."""
        if job.calls is None or depth >= MAX_DEPTH:
            return None
        definition = self._find(_called_path(job.calls.raw, path))
        if definition is None:
            return None
        inputs = self._inputs(definition, job.inputs, values)
        return self.runs(definition, _called_path(job.calls.raw, path), inputs, depth + 1) or None

    def _inputs(
        self, definition: Definition, given: Mapping | None, values: dict[str, str]
    ) -> dict[str, str]:
        """What a call hands over, the defaults of the called definition below it."""
        found: dict[str, str] = {}
        declared = at(definition.triggers, "workflow_call", "inputs") or definition.root.get("inputs")
        for key, node in entries(declared):
            default = _scalar(at(node, "default"))
            if default is not None:
                found[f"inputs.{key.raw}"] = default
        for node in items(definition.root.get("parameters")):
            name, default = _scalar(at(node, "name")), _scalar(at(node, "default"))
            if name is not None and default is not None:
                found[f"parameters.{name}"] = default
        for key, node in entries(given):
            value = resolved(_scalar(node) or "", values) if _scalar(node) is not None else None
            for kind in ("inputs", "parameters"):
                found.pop(f"{kind}.{key.raw}", None)
                if value is not None:
                    found[f"{kind}.{key.raw}"] = value
        return found

    def _stops(self, job: Job, path: str, values: dict[str, str], depth: int) -> Iterator[Stop]:
        """The deployments of a job in order; one that only names an environment deploys there."""
        named = resolved(job.environment.raw, values) if job.environment is not None else None
        if named:
            values = {**values, "env.CI_ENVIRONMENT_NAME": named}
        found = False
        for step, known in self._steps(job.steps, path, values, depth):
            directory = resolved(step.directory.raw, known) if step.directory is not None else ""
            if step.run is None or directory is None:
                continue
            where = normpath(directory) if directory else ""
            for deploy in self._scripts.deploys(step.run.raw, where, known):
                name, unit = self._place(deploy)
                if name:
                    found = True
                    yield Stop(name, unit, step.run, _condition(step.condition), _truthy(step.may_fail))
        if named and not found:
            assert job.environment is not None
            yield Stop(named, "", job.environment)

    def _steps(
        self, steps: tuple[Step, ...], path: str, values: dict[str, str], depth: int
    ) -> Iterator[tuple[Step, dict[str, str]]]:
        """Each step with the values it sees; those of local composite actions and templates in their place."""
        for step in steps:
            self._steps_seen += 1
            if self._steps_seen > MAX_STEPS:
                return
            known = {**values, **_environment(step.env, values)}
            definition = None
            if step.uses is not None and depth < MAX_DEPTH:
                definition = self._find(_called_path(step.uses.raw, path))
            if definition is None:
                yield step, known
                continue
            inputs = {**known, **self._inputs(definition, step.inputs, known)}
            for job in definition.jobs:
                yield from self._steps(
                    job.steps, _called_path(step.uses.raw if step.uses else "", path), inputs, depth + 1
                )

    def _place(self, deploy: Deploy) -> tuple[str, str]:
        """The environment that a deployment reaches, and what it deploys."""
        if deploy.target:
            return deploy.target, deploy.directory
        environment = self._environments.of_path(f"{deploy.path}/kustomization.yaml")
        if environment is None:
            return "", ""
        steps = deploy.path.split("/")
        for number in range(len(steps)):
            if self._environments.of_path("/".join([*steps[: number + 1], "kustomization.yaml"])) is not None:
                return environment.name, "/".join(steps[:number])
        return environment.name, ""


def _called_path(uses: str, path: str) -> str:
    """Path of a local definition: ``./.github/actions/x`` from the root, an Azure template from its own folder."""
    if uses.startswith("./"):
        local = normpath(uses)
        return local if local.endswith((".yml", ".yaml")) else f"{local}/action.yml"
    if uses.startswith("/"):
        return normpath(uses.lstrip("/"))
    return normpath(join(dirname(path), uses)) if uses.endswith((".yml", ".yaml")) else ""


def _variants(strategy: Mapping | None) -> list[dict[str, str]]:
    """The combinations of a matrix as ``matrix.x`` values, in the order in which they are started."""
    matrix = mapping_at(strategy, "matrix")
    if matrix is None:
        return [{}]
    variants: list[dict[str, str]] = [{}]
    for key, node in matrix.entries:
        if key.raw in ("include", "exclude"):
            continue
        choices = [_choice(f"matrix.{key.raw}", item) for item in items(node)]
        if choices:
            variants = [{**one, **other} for one in variants for other in choices][:MAX_RUNS]
    extra = [_choice("matrix", item) for item in items(matrix.get("include"))]
    if variants == [{}] and extra:
        return extra[:MAX_RUNS]
    for more in extra:
        fitting = [
            one for one in variants if all(one.get(name, value) == value for name, value in more.items())
        ]
        for one in fitting:
            one.update(more)
        if not fitting:
            variants.append(more)
    excluded = [_choice("matrix", item) for item in items(matrix.get("exclude"))]
    return [one for one in variants if not any(other.items() <= one.items() for other in excluded)][:MAX_RUNS]


def _choice(name: str, item: Node) -> dict[str, str]:
    """One value of a matrix key; of a mapping each of its keys."""
    value = _scalar(item)
    if value is not None:
        return {name: value}
    return {f"{name}.{key.raw}": text_ for key, node in entries(item) if (text_ := _scalar(node)) is not None}


def _environment(env: Mapping | None, values: dict[str, str]) -> dict[str, str]:
    """Variables that a definition, job or step sets, as ``env.X``."""
    found: dict[str, str] = {}
    for key, node in entries(env):
        raw = _scalar(node) or _scalar(at(node, "value"))
        value = resolved(raw, values) if raw is not None else None
        if value is not None:
            found[f"env.{key.raw}"] = value
    return found


def _waits(job: Job) -> bool:
    """Whether a job runs only if what it needs succeeded."""
    stated = (_condition(job.condition) or "").replace(" ", "")
    if stated and not job.success_implied and "succeeded(" not in stated:
        return False
    return not any(word in stated for word in _REGARDLESS)


def _condition(node: Node | None) -> str | None:
    """A condition as text, however it is written."""
    if node is None:
        return None
    return _scalar(node) or " ".join(scalar.raw for scalar in scalars(node)) or "stated"


def _truthy(node: Node | None) -> bool:
    return node is not None and (_scalar(node) or "true").lower() not in ("false", "no", "null", "~")


def _scalar(node: Node | None) -> str | None:
    found = text(node)
    return None if found is None else found.raw
