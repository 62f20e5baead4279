"""GitHub workflows and composite actions.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.platforms.gate.ci import (
    Definition,
    Job,
    Step,
    at,
    entries,
    items,
    mapping,
    mapping_at,
    scalars,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(root: Mapping) -> Definition:
    """A workflow, or a composite action, which reads as one job called ``action``."""
    if root.get("jobs") is None and mapping_at(root, "runs") is not None:
        key = root.key("runs") or made("action", root)
        steps = tuple(_steps(at(root, "runs", "steps"), None))
        return Definition(root, (Job(made("action", key), root, steps=steps),))
    directory = text(at(root, "defaults", "run", "working-directory"))
    jobs = tuple(
        _job(key, node, directory) for key, node in entries(root.get("jobs")) if isinstance(node, Mapping)
    )
    return Definition(
        root, jobs, triggers=_triggers(root), permissions=root.get("permissions"), env=mapping_at(root, "env")
    )


def _triggers(root: Mapping) -> Mapping | None:
    """Event to filters. ``on: push``, ``on: [push]`` and ``on: {push: {}}`` are the same."""
    on = root.get("on")
    if on is None or isinstance(on, Mapping):
        return on
    return mapping(on, ((event, made(None, event)) for event in scalars(on)))


def _job(key: Scalar, node: Mapping, directory: Scalar | None) -> Job:
    environment = node.get("environment")
    own = text(at(node, "defaults", "run", "working-directory")) or directory
    return Job(
        key,
        node,
        environment=text(environment) or text(at(environment, "name")),
        needs=scalars(node.get("needs")),
        steps=tuple(_steps(node.get("steps"), own)),
        may_fail=node.get("continue-on-error"),
        condition=node.get("if"),
        permissions=node.get("permissions"),
        env=mapping_at(node, "env"),
        calls=text(node.get("uses")),
        inputs=mapping_at(node, "with"),
        matrix=mapping_at(node, "strategy"),
        directory=own,
    )


def _steps(node: Node | None, directory: Scalar | None) -> Iterator[Step]:
    for item in items(node):
        if isinstance(item, Mapping):
            yield Step(
                item,
                name=text(item.get("name")) or text(item.get("id")),
                run=text(item.get("run")),
                uses=text(item.get("uses")),
                inputs=mapping_at(item, "with"),
                may_fail=item.get("continue-on-error"),
                condition=item.get("if"),
                env=mapping_at(item, "env"),
                directory=text(item.get("working-directory")) or directory,
            )
