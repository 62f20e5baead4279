"""Azure Pipelines: stages, jobs, deployment jobs, local templates of stages.

https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, made
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

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WAITS = 200
"""Jobs of the stage before that a job is said to wait for."""
_STRATEGIES = ("runOnce", "rolling", "canary")
_SCRIPTS = ("script", "bash", "pwsh", "powershell")


def read(root: Mapping) -> Definition:
    """A pipeline. Its jobs are called ``stage/job``; a stage waits for the one before unless it says otherwise."""
    stages = [node for node in items(root.get("stages")) if isinstance(node, Mapping)]
    jobs: list[Job] = []
    of_stage: dict[str, list[Scalar]] = {}
    previous: str | None = None
    for stage in stages or [root]:
        name = plain = _stage_name(stage)
        while name in of_stage:
            name = f"{plain} #{len(of_stage) + 1}"
        waits = _stage_needs(stage, previous, of_stage)
        found = list(_jobs(stage, name, waits))
        of_stage[name] = [job.key for job in found] or list(waits)
        jobs.extend(found)
        previous = name
    return Definition(root, tuple(jobs), triggers=_triggers(root), env=mapping_at(root, "variables"))


def _triggers(root: Mapping) -> Mapping | None:
    """``trigger: none`` and ``pr: none`` are no triggers."""
    found = [(key, root.get(key.raw)) for key, _ in root.entries if key.raw in ("trigger", "pr", "schedules")]
    live = [(key, node) for key, node in found if not (isinstance(node, Scalar) and node.raw == "none")]
    return mapping(root, live) if live else None


def _stage_name(stage: Mapping) -> str:
    named = text(stage.get("stage")) or text(stage.get("template"))
    return named.raw if named is not None else ""


def _stage_needs(
    stage: Mapping, previous: str | None, of_stage: dict[str, list[Scalar]]
) -> tuple[Scalar, ...]:
    stated = stage.get("dependsOn") if "stage" in stage.index or "template" in stage.index else None
    if stated is not None:
        waits = [made(key.raw, name) for name in scalars(stated) for key in of_stage.get(name.raw, ())]
    else:
        waits = [made(key.raw, stage) for key in of_stage.get(previous or "", ())]
    return tuple(waits[:MAX_WAITS])


def _jobs(stage: Mapping, name: str, waits: tuple[Scalar, ...]) -> Iterator[Job]:
    template = text(stage.get("template"))
    if template is not None and "jobs" not in stage.index:
        yield Job(
            made(name, template),
            stage,
            needs=waits,
            condition=stage.get("condition"),
            calls=template,
            inputs=mapping_at(stage, "parameters"),
            success_implied=False,
        )
        return
    declared = [node for node in items(stage.get("jobs")) if isinstance(node, Mapping)]
    if not declared and stage.get("steps") is not None:
        declared = [stage]
    for number, node in enumerate(declared):
        yield _job(stage, name, node, number, waits)


def _job(stage: Mapping, name: str, node: Mapping, number: int, waits: tuple[Scalar, ...]) -> Job:
    named = text(node.get("job")) or text(node.get("deployment")) or text(node.get("template"))
    label = named.raw if named is not None and named.raw else f"job {number + 1}"
    prefix = f"{name}/" if name else ""
    own = (
        tuple(made(prefix + one.raw, one) for one in scalars(node.get("dependsOn")))
        if node is not stage
        else ()
    )
    environment = node.get("environment")
    template = text(node.get("template"))
    return Job(
        made(prefix + label, named or node),
        node,
        environment=text(environment) or text(at(environment, "name")),
        needs=waits + own,
        steps=tuple(_steps(_steps_node(node))),
        may_fail=node.get("continueOnError"),
        condition=node.get("condition") or stage.get("condition"),
        env=mapping_at(node, "variables") or mapping_at(stage, "variables"),
        calls=template,
        inputs=mapping_at(node, "parameters"),
        success_implied=False,
    )


def _steps_node(node: Mapping) -> Node | None:
    if node.get("steps") is not None:
        return node.get("steps")
    for strategy in _STRATEGIES:
        found = at(node, "strategy", strategy, "deploy", "steps")
        if found is not None:
            return found
    return None


def _steps(node: Node | None) -> Iterator[Step]:
    for item in items(node):
        if not isinstance(item, Mapping):
            continue
        run = next((text(item.get(key)) for key in _SCRIPTS if item.get(key) is not None), None)
        inputs = mapping_at(item, "inputs")
        inline = (
            (text(at(inputs, "inlineScript")) or text(at(inputs, "script"))) if inputs is not None else None
        )
        yield Step(
            item,
            name=text(item.get("displayName")) or text(item.get("name")),
            run=run or inline,
            uses=text(item.get("task")) or text(item.get("template")),
            inputs=mapping_at(item, "parameters") or inputs,
            may_fail=item.get("continueOnError"),
            condition=item.get("condition") or _disabled(item),
            env=mapping_at(item, "env"),
            directory=text(item.get("workingDirectory")),
        )


def _disabled(item: Mapping) -> Node | None:
    enabled = text(item.get("enabled"))
    return enabled if enabled is not None and enabled.raw.lower() == "false" else None
