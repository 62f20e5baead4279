"""GitLab CI: local includes, ``extends``, ``!reference``, and the stages that order jobs without ``needs``.

https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.platforms.gate.ci import (
    Definition,
    Job,
    Step,
    at,
    items,
    mapping,
    mapping_at,
    scalars,
    text,
)
from riskcheck.records import replace

ROOT = ".gitlab-ci.yml"
COMPONENT = "riskcheck"
"""The name of riskcheck's component and of the job that it brings."""
DEFAULT_STAGES = (".pre", "build", "test", "deploy", ".post")
MAX_EXTENDS = 11
"""Levels of ``extends`` that GitLab itself follows."""
MAX_INCLUDES = 100
MAX_WAITS = 200
"""Jobs of earlier stages that a job without ``needs`` is said to wait for."""
MAX_LINES = 5_000
"""Nodes that are looked at for the script of one job, ``!reference`` followed."""
_KEYWORDS = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "types"}
)

Fetch = Callable[[str], Mapping | None]
"""Path to the mapping that a file of the same tree holds; None where it holds none."""


def read(root: Mapping, fetch: Fetch, paths: Callable[[], list[str]]) -> Definition:
    """The pipeline with its local includes. paths: every path of the tree, for includes with wildcards."""
    taken = taken_in(root, fetch, paths)
    whole = root
    for included in reversed(list(taken.values())):
        merged = _merged(included, whole) if included is not None else whole
        whole = merged if isinstance(merged, Mapping) else whole
    jobs = [
        (key, node) for key, node in whole.entries if key.raw not in _KEYWORDS and isinstance(node, Mapping)
    ]
    extended = _Extended(whole)
    visible = [(key, extended.of(key.raw, node)) for key, node in jobs if not key.raw.startswith(".")]
    before = _stages_before(whole, visible)
    found = tuple(_job(key, node, whole, _needs(node, before)) for key, node in visible)
    found = _with_component(whole, found)
    return Definition(
        root, found, triggers=_triggers(whole), env=mapping_at(whole, "variables"), read=frozenset(taken)
    )


def _with_component(whole: Mapping, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """`jobs` with the one that riskcheck's component brings. A job of its name states what is otherwise in it."""
    taken = next(_components(whole), None)
    if taken is None:
        return jobs
    source, inputs = taken
    step = Step(source, uses=source, inputs=inputs)
    own = next((job for job in jobs if job.key.raw == COMPONENT), None)
    if own is None:
        return (*jobs, Job(made(COMPONENT, source), source, steps=(step,)))
    if isinstance(own.node, Mapping) and own.node.get("script") is not None:
        return jobs
    return tuple(replace(job, steps=(step,)) if job is own else job for job in jobs)


def _components(root: Mapping) -> Iterator[tuple[Scalar, Mapping | None]]:
    """Where riskcheck is included from, a component or a file of another project, and the inputs given."""
    include = root.get("include")
    for item in items(include) or ([] if include is None else [include]):
        source = text(at(item, "component")) or text(at(item, "project"))
        if source is not None and COMPONENT in source.raw.partition("@")[0].rpartition("/")[2]:
            yield source, mapping_at(item, "inputs")


def includes(root: Mapping) -> Iterator[str]:
    """Paths, or globs of paths, that `root` includes from its own repository."""
    include = root.get("include")
    for item in items(include) or ([] if include is None else [include]):
        local = text(item) or text(at(item, "local"))
        if local is not None and "://" not in local.raw:
            yield local.raw.lstrip("/")


def taken_in(
    root: Mapping, fetch: Fetch, paths: Callable[[], list[str]], seen: frozenset[str] = frozenset()
) -> dict[str, Mapping | None]:
    """Every file that `root` includes, directly or not, in the order in which they are merged: a file comes after
    those it includes itself. None where there is no mapping."""
    taken: dict[str, Mapping | None] = {}
    for pattern in includes(root):
        for path in _matching(pattern, paths) if "*" in pattern else [pattern]:
            if path in taken or path in seen or len(seen) + len(taken) >= MAX_INCLUDES:
                continue
            included = fetch(path)
            if included is not None:
                taken.update(taken_in(included, fetch, paths, seen | taken.keys() | {path}))
            taken[path] = included
    return taken


def _matching(pattern: str, paths: Callable[[], list[str]]) -> list[str]:
    try:
        glob = Glob(pattern)
    except GlobError:
        return []
    return sorted(path for path in paths() if glob.matches(path))


class _Extended:
    """Jobs over what they extend, each worked out once. One that extends itself is an error to GitLab."""

    def __init__(self, whole: Mapping) -> None:
        self._whole = whole
        self._done: dict[str, Mapping] = {}

    def of(self, name: str, node: Mapping, depth: int = 0) -> Mapping:
        """`node`, the job `name`, over what it extends; of several the later wins."""
        known = self._done.get(name)
        if known is not None:
            return known
        self._done[name] = node
        merged: Node = mapping(node, [])
        for parent in scalars(node.get("extends")) if depth < MAX_EXTENDS else ():
            template = self._whole.get(parent.raw)
            if isinstance(template, Mapping):
                merged = _merged(merged, self.of(parent.raw, template, depth + 1))
        merged = _merged(merged, node)
        if isinstance(merged, Mapping):
            self._done[name] = merged
        return self._done[name]


def _merged(under: Node, over: Node) -> Node:
    """Mappings merge key by key, everything else is replaced."""
    if not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return over
    held = {key.raw: (key, node) for key, node in under.entries}
    for key, node in over.entries:
        known = held.get(key.raw)
        held[key.raw] = (key, node if known is None else _merged(known[1], node))
    return over.with_entries(list(held.values()))


def _stage(node: Mapping) -> str:
    stage = text(node.get("stage"))
    return "test" if stage is None else stage.raw


def _stages_before(whole: Mapping, visible: list[tuple[Scalar, Mapping]]) -> dict[str, tuple[Scalar, ...]]:
    """Stage to the jobs of all stages before it, the nearest `MAX_WAITS` of them."""
    stages = [scalar.raw for scalar in scalars(whole.get("stages"))] or list(DEFAULT_STAGES)
    before: dict[str, tuple[Scalar, ...]] = {}
    earlier: list[Scalar] = []
    for stage in stages:
        if stage not in before:
            before[stage] = tuple(earlier[-MAX_WAITS:])
            within = (key for key, node in visible if _stage(node) == stage)
            earlier.extend(sorted(within, key=lambda key: key.raw))  # in whatever order they are written
    return before


def _needs(node: Mapping, before: dict[str, tuple[Scalar, ...]]) -> tuple[Scalar, ...]:
    """The jobs that ``needs`` names, else all of the stages before."""
    needs = node.get("needs")
    if isinstance(needs, SequenceNode):
        named = (text(item) or text(at(item, "job")) for item in needs.items)
        return tuple(name for name in named if name is not None)
    place = node.get("stage") or node
    return tuple(made(key.raw, place) for key in before.get(_stage(node), ()))


def _job(key: Scalar, node: Mapping, whole: Mapping, needs: tuple[Scalar, ...]) -> Job:
    environment = node.get("environment")
    stops = text(at(environment, "action"))
    allowed = node.get("allow_failure")
    approval = _manual(node)
    return Job(
        key,
        node,
        environment=None if stops is not None else text(environment) or text(at(environment, "name")),
        needs=needs,
        steps=tuple(_steps(node, whole)),
        approval=approval,
        may_fail=allowed,
        condition=node.get("rules") or node.get("only") or node.get("except"),
        env=mapping_at(node, "variables"),
        calls=text(at(node, "trigger", "include")) or text(at(node, "trigger", "include", "local")),
        matrix=mapping_at(node, "parallel"),
        # A manual job outside of `rules` is optional unless it says otherwise.
        loose=approval is not None and node.get("rules") is None and allowed is None,
    )


def _manual(node: Mapping) -> Node | None:
    """What makes the job wait for a person: its own ``when``, or that of every rule that lets it run."""
    when = text(node.get("when"))
    rules = [rule for rule in items(node.get("rules")) if isinstance(rule, Mapping)]
    if not rules:
        return when if when is not None and when.raw == "manual" else None
    whens = [text(rule.get("when")) or when for rule in rules]
    running = [one for one in whens if one is None or one.raw != "never"]
    manual = [one for one in running if one is not None and one.raw == "manual"]
    return manual[0] if manual and len(manual) == len(running) else None


def _steps(node: Mapping, whole: Mapping) -> Iterator[Step]:
    budget = iter(range(MAX_LINES))
    for name in ("before_script", "script"):
        script = node.get(name)
        if script is None and name == "before_script":
            script = at(whole, "default", name) or whole.get(name)
        for line in _lines(script, whole, budget):
            yield Step(line, run=line)


def _lines(script: Node | None, whole: Mapping, budget: Iterator[int], depth: int = 0) -> Iterator[Scalar]:
    """The lines of a script, nested lists and ``!reference`` followed."""
    if next(budget, None) is None or depth > MAX_EXTENDS:
        return
    if isinstance(script, Scalar):
        yield script
    elif isinstance(script, SequenceNode):
        if script.tag == "!reference":
            path = (part.raw for part in scalars(script))
            yield from _lines(at(whole, *path), whole, budget, depth + 1)
            return
        for item in script.items:
            yield from _lines(item, whole, budget, depth + 1)


def _triggers(whole: Mapping) -> Mapping | None:
    """``workflow: rules`` decide whether there is a pipeline at all."""
    rules = at(whole, "workflow", "rules")
    return None if rules is None else mapping(rules, [("pipeline", rules)])
